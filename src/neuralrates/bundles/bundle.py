"""Bundles: a surrogate with its problem and its certificate, on disk and checked on the way back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from neuralrates.bundles.counters import Counters
from neuralrates.bundles.local import LOCAL, from_content
from neuralrates.bundles.module_name import ModuleName
from neuralrates.bundles.prices import Priced, price_rows
from neuralrates.certificates.headline import Headline
from neuralrates.certificates.served import Served
from neuralrates.core.archive import MANIFEST, read_contents
from neuralrates.core.digest import digest_of_arrays
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.extras import is_installed
from neuralrates.core.files import decoded
from neuralrates.core.schema import Strict, first_fault
from neuralrates.core.strict_json import parse_json

if TYPE_CHECKING:
    from neuralrates.bundles.runtimes.runtime import Runtime
    from neuralrates.bundles.runtimes.served_graph import ServedGraph
    from neuralrates.certificates.certificate import Certificate
    from neuralrates.problems.domain import Domain
    from neuralrates.problems.problem import Problem
    from neuralrates.surrogates.surrogate import AbstractSurrogate

KIND = "bundle"
CERTIFICATE = "certificate.json"
GRAPH = "surrogate.onnx"


class _Record(Strict):
    """What the manifest of a bundle says; `arrays` are their names in the order in which they were digested."""

    kind: Literal["bundle"]
    surrogate: dict[str, Any]
    problem: dict[str, Any]
    modules: list[ModuleName] = Field([], max_length=20)
    arrays: list[str] | None = None


@dataclass(frozen=True, eq=False)
class Bundle:
    """A surrogate that may be served: nothing without a certificate gets in.

    The certificate, the problem and the surrogate are built when they are asked for; prices come from the graph in the bundle
    and need none of them.

    Args:
        name: under which it is shown
        headline: what of the certificate goes with every price
        certified: gives the certificate
        parts: makes the surrogate, and the problem with its domain (the guard) and its reference (the fall-back)
        graph: the surrogate as an ONNX model; none where it has no graph
        local: band and distance from the distribution, point by point
        counters: of points asked for, outside and far from the distribution

    Example:
        >>> import neuralrates as nr
        >>> bundle = nr.bundles.load("bermudan")
        >>> bundle.names[-1], bundle.error_band < 1e-4
        ('strike_spread', True)
    """

    name: str
    headline: Headline = field(repr=False)
    certified: "Callable[[], Certificate]" = field(repr=False)
    parts: "Callable[[], tuple[AbstractSurrogate, Problem]]" = field(repr=False)
    graph: bytes | None = field(default=None, repr=False)
    local: Served = field(default=Served(), repr=False)
    counters: Counters = field(default_factory=Counters, repr=False)

    @cached_property
    def certificate(self) -> "Certificate":
        """How far it may be trusted."""
        return self.certified()

    @property
    def error_band(self) -> float:
        """Half-width of the constant band of the certificate, per unit notional."""
        return self.headline.error_band

    @cached_property
    def _made(self) -> "tuple[AbstractSurrogate, Problem]":
        return self.parts()

    @property
    def surrogate(self) -> "AbstractSurrogate":
        """Raw inputs to raw outputs."""
        return self._made[0]

    @property
    def problem(self) -> "Problem":
        """What the surrogate stands for."""
        return self._made[1]

    @property
    def domain(self) -> "Domain":
        """Where the certificate holds."""
        return self.problem.domain

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs in order."""
        return tuple(axis["name"] for axis in self.headline.problem["domain"])

    def price(self, x: Any, engine: Literal["learned", "auto", "reference"] = "learned") -> Priced:
        """Prices at many points, as arrays; where there is a graph, without JAX.

        Args:
            x: points, one a row, in the order and units of `names`; or a single one
            engine: outside the domain `learned` has no price, and `auto` the reference's; `reference` has its prices alone

        Returns:
            Value and error band (per unit notional), derivatives and whether the point lies in the domain; NaN where there is
            no price, as where an input is beyond what its unit allows (a negative volatility, a percent for a decimal).

        Raises:
            InputError: where there is no such engine
            ValueError: where x has another number of columns than there are inputs

        Example:
            >>> import neuralrates as nr
            >>> bundle = nr.bundles.load("bermudan")
            >>> point = [0.03, 0.008, 0.008, 0.008, 0.008, 0.03, 0.0, 0.0, 2.0, 0.0]
            >>> prices = bundle.price([point])
            >>> print(f"{prices.value[0]:.4f}", prices.derivatives.shape, prices.in_domain)
            0.0382 (1, 10) [ True]
        """
        return price_rows(self, x, engine)

    @cached_property
    def served(self) -> "ServedGraph | None":
        """The graph with band and guard; none without a graph."""
        if self.graph is None:
            return None
        from neuralrates.bundles.runtimes.served_graph import ServedGraph

        return ServedGraph(self.graph, self.local, self.error_band)

    def runtime(self, num_threads: int = 1) -> "Runtime":
        """All outputs of the surrogate: networks in ONNX Runtime, others compiled; all compiled without the extra `onnx`.

        Where the surrogate has no useful derivatives, the Jacobian is the reference's.
        """
        from neuralrates.bundles.runtimes.compiled_runtime import CompiledRuntime
        from neuralrates.surrogates.networks.network import Network

        match self.surrogate:
            case Network() if is_installed("onnx", "onnxruntime"):
                from neuralrates.bundles.runtimes.onnx_graph import OnnxRuntime

                return OnnxRuntime(self.surrogate, num_threads)
        return CompiledRuntime(self.surrogate, self.problem)


@door
def load(name: str | Path) -> Bundle:
    """A bundle that the package ships, by name, or one in a folder.

    Args:
        name: one of `shipped()`, or a folder that `save` wrote

    Returns:
        The bundle, every file checked against its digest and the certificate against the surrogate. Every field of the
        certificate, and whether the problem is what the code has under its name now, are checked too: at once for a folder,
        for a shipped bundle when they are asked for.

    Raises:
        InputError: in one line, where anything is missing, altered, cut or does not belong together
    """
    is_shipped, folder = str(name) in shipped(), folder_of(name)
    arrays, record, contents = read_contents(folder, KIND)
    manifest = _manifest(folder, record)
    text = _text(folder, contents)

    @cache
    def certified() -> "Certificate":
        return _certificate(folder, text)

    def parts() -> "tuple[AbstractSurrogate, Problem]":
        from neuralrates.bundles.assembly import assembled

        return assembled(folder, manifest, arrays, certified())

    stated = parse_json(text, folder / CERTIFICATE)
    headline = (Headline.of(stated) if is_shipped else None) or certified().headline
    local = from_content(contents.get(LOCAL), headline, folder)
    bundle = Bundle(folder.name, headline, certified, parts, contents.get(GRAPH), local)
    if not is_shipped or manifest.arrays is None:
        _ = bundle.problem
    if manifest.arrays is not None:
        _check_digest(folder, manifest, arrays, headline)
    if not is_shipped and bundle.graph is not None:
        from neuralrates.bundles.graph_check import check_graph

        check_graph(bundle, folder / GRAPH)
    return bundle


def folder_of(name: str | Path) -> Path:
    """Folder of a bundle: of a shipped one by its name, else the name itself.

    Raises:
        InputError: where there is none
    """
    known = shipped()
    folder = _shipped_folder() / str(name) if str(name) in known else Path(name)
    if not _is_folder(folder):
        names = ", ".join(known) or "none"
        raise InputError(
            f"expected a bundle's folder or the name of a shipped one ({names})", file=name
        )
    return folder


def _check_digest(
    folder: Path, manifest: _Record, arrays: Mapping[str, np.ndarray], headline: Headline
) -> None:
    """Raise where the certificate is of other arrays, another architecture or another problem than the files."""
    order = manifest.arrays or []
    words = json.dumps(manifest.surrogate, sort_keys=True)
    same = sorted(order) == sorted(arrays) and headline.surrogate == digest_of_arrays(
        words, {name: arrays[name] for name in order}
    )
    if not same:
        raise InputError("the certificate is of another surrogate", file=folder / CERTIFICATE)
    stated = {part: headline.problem.get(part) for part in manifest.problem}
    if json.dumps(stated, sort_keys=True) != json.dumps(manifest.problem, sort_keys=True):
        raise InputError("the certificate is of another problem", file=folder / CERTIFICATE)


def shipped() -> tuple[str, ...]:
    """Names of the bundles in the package."""
    folder = _shipped_folder()
    if not folder.is_dir():
        return ()
    return tuple(sorted(f.name for f in folder.iterdir() if (f / MANIFEST).is_file()))


def _shipped_folder() -> Path:
    return Path(__file__).parent / "shipped"


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except (OSError, ValueError):
        return False


def _manifest(folder: Path, record: Mapping[str, Any]) -> _Record:
    """What the manifest says, each field of the type it must have."""
    try:
        return _Record.model_validate(record)
    except ValidationError as error:
        fault = first_fault(error, "record")
        raise InputError(fault.expected, file=folder / MANIFEST, column=fault.column) from None


def _text(folder: Path, contents: Mapping[str, bytes]) -> str:
    """The certificate as its file has it."""
    file = folder / CERTIFICATE
    if CERTIFICATE not in contents:
        raise InputError("expected a certificate, found none", file=file)
    return decoded(contents[CERTIFICATE], file)


def _certificate(folder: Path, text: str) -> "Certificate":
    from neuralrates.certificates.certificate import Certificate

    try:
        return Certificate.from_json(text)
    except InputError as error:
        raise InputError(error.expected, file=folder / CERTIFICATE, column=error.column) from None
