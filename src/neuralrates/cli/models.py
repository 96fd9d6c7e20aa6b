"""The command `models`: a line for each shipped surrogate and the correction on the forward curve, or all about one of them.

The list is read from the certificates as they lie in the package: nothing that computes is imported.
"""

import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuralrates.cli.outcome import Outcome

if TYPE_CHECKING:
    from neuralrates.certificates.certificate import Certificate

_BASIS_POINT = 1e-4
_CERTIFICATE = "certificate.json"
_CORRECTION = "forward_curve_correction"
"""Of rights by `--model forward_curve`: no bundle, as a trade has as many inputs as it has exercises."""

_WIDTHS = (24, 32, 7, 14, 9, 9)
_HEADINGS = ("name", "problem", "inputs", "mean error, bp", "99%, bp", "band, bp")


def run(name: str, *, as_json: bool) -> Outcome:
    """List the shipped bundles, or show the certificate of one, a name or a folder."""
    if name:
        return _details(name, as_json=as_json)
    entries = [_entry(folder.name, folder / _CERTIFICATE) for folder in _folders()]
    entries.append(_entry(_CORRECTION, _correction_file()))
    if as_json:
        print(json.dumps(entries, indent=1))
        return Outcome.DONE
    _print(_HEADINGS)
    for entry in entries:
        _print(_cells(entry))
    print("\nAll about one: neuralrates models NAME")
    return Outcome.DONE


def _correction_file() -> Path:
    return Path(str(resources.files("neuralrates"))) / "engines" / "forward_curve_certificate.json"


def _folders() -> list[Path]:
    shipped = Path(str(resources.files("neuralrates.bundles"))) / "shipped"
    return sorted(path.parent for path in shipped.glob(f"*/{_CERTIFICATE}"))


def _entry(name: str, file: Path) -> dict[str, Any]:
    try:
        entry = {"name": name, "certificate": json.loads(file.read_text(encoding="utf-8"))}
        _cells(entry)
    except (ValueError, KeyError, IndexError, TypeError):
        from neuralrates.core.errors import InputError

        raise InputError("expected a certificate, found a damaged file", file=file) from None
    return entry


def _cells(entry: dict[str, Any]) -> tuple[str, ...]:
    """Its line of the list."""
    problem, errors = entry["certificate"]["problem"], entry["certificate"]["outputs"][0]
    sizes = (errors["mean"], errors["quantile_99"], errors["bound_99"])
    bp = [f"{size / _BASIS_POINT:.4f}" for size in sizes]
    return (entry["name"], problem["name"], str(len(problem["domain"])), *bp)


def _print(cells: Iterable[str]) -> None:
    first = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS[:2], strict=False))
    rest = (cell.rjust(width) for cell, width in zip(list(cells)[2:], _WIDTHS[2:], strict=True))
    print("  ".join([*first, *rest]).rstrip())


def _details(name: str, *, as_json: bool) -> Outcome:
    from neuralrates.problems.families import families

    certificate, known_as = _certificate(name)
    if as_json:
        entry = {"name": known_as, "certificate": json.loads(certificate.to_json())}
        print(json.dumps(entry, indent=1))
        return Outcome.DONE
    print(certificate.summary())
    print("domain:")
    for line, axis in families(certificate.problem["domain"]):
        print(f"  {line}: {axis['low']:g} to {axis['high']:g} {axis['unit']}")
    return Outcome.DONE


def _certificate(name: str) -> "tuple[Certificate, str]":
    """The certificate of a bundle or of the correction, and its name."""
    if name == _CORRECTION:
        from neuralrates.engines.forward_curve_certificate import certificate_of
        from neuralrates.engines.forward_curve_correction import shipped

        return certificate_of(shipped()), name
    from neuralrates.bundles.bundle import load

    bundle = load(name)
    return bundle.certificate, bundle.name
