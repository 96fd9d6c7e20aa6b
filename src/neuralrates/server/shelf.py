"""The bundles that a server serves: by name alone, each loaded once."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neuralrates.bundles.bundle import Bundle, load, shipped
from neuralrates.certificates.certificate import Certificate
from neuralrates.core.errors import InputError
from neuralrates.server.faults import FaultError


class Shelf:
    """Bundles by name; a name is looked up and never a path.

    Args:
        bundles: names or folders; none stands for all that the package ships

    Raises:
        InputError: where two folders have one name
    """

    def __init__(self, bundles: Sequence[str] = ()) -> None:
        chosen = tuple(bundles) or shipped()
        self._origins = {Path(one).name: one for one in chosen}
        if len(self._origins) < len(chosen):
            raise InputError(f"expected bundles of different names, found {', '.join(chosen)}")
        self._loaded: dict[str, Bundle] = {}
        self._locks = {name: threading.Lock() for name in self._origins}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all bundles, in order."""
        return tuple(sorted(self._origins))

    def __getitem__(self, name: str) -> Bundle:
        if name not in self._origins:
            raise FaultError(404, f"expected a bundle among {', '.join(self.names)}", "bundle")
        with self._locks[name]:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def check(self, name: str) -> None:
        """Load a bundle, for whoever may see where it lies and what is wrong with it."""
        self._loaded[name] = load(self._origins[name])

    def holds_another(self, bundle: Bundle) -> bool:
        """Whether another surrogate than that of a bundle is served under its name."""
        if bundle.name not in self._origins:
            return False
        try:
            return self[bundle.name].headline.surrogate != bundle.headline.surrogate
        except FaultError:
            return True

    def _load(self, name: str) -> Bundle:
        try:
            return load(self._origins[name])
        except (InputError, OSError):
            raise _damaged() from None

    def _certificate(self, name: str) -> Certificate:
        """The certificate of a bundle, whose fields are checked now."""
        try:
            return self[name].certificate
        except InputError:
            raise _damaged() from None

    def certificate(self, name: str) -> dict[str, Any]:
        """A bundle's name, the units of its inputs, and all that its certificate states."""
        certificate = json.loads(self._certificate(name).to_json())
        inputs = certificate["problem"]["domain"]
        return {"name": name, "inputs": inputs, "certificate": certificate}

    def summary(self, name: str) -> dict[str, Any]:
        """What a list of bundles says of one."""
        try:
            certificate = self._certificate(name)
        except FaultError as fault:
            return {"name": name, "fault": fault.expected}
        return {
            "name": name,
            "problem": certificate.problem["name"],
            "inputs": list(self[name].names),
            "error_band": float(certificate.error_band),
            "unit": "per unit notional",
        }


def _damaged() -> FaultError:
    expected = "expected a bundle whose files are whole; this one is damaged"
    return FaultError(409, expected, "bundle")
