"""The command `models`: a line for each shipped surrogate, or all about one of them; and corrections without a certificate.

The list is read from the certificates as they lie in the package: nothing that computes is imported.
"""

import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from neuralrates.cli.outcome import Outcome

_BASIS_POINT = 1e-4
_CERTIFICATE = "certificate.json"
_CORRECTION = "forward_curve_correction"
_WIDTHS = (24, 32, 7, 14, 9, 9)
_HEADINGS = ("name", "problem", "inputs", "mean error, bp", "99%, bp", "band, bp")


def run(name: str, *, as_json: bool) -> Outcome:
    """List the shipped bundles, or show the certificate of one, a name or a folder."""
    if name:
        return _details(name, as_json=as_json)
    entries = [_entry(folder) for folder in _folders()]
    if as_json:
        print(json.dumps(entries, indent=1))
        return Outcome.DONE
    if not entries:
        print("No surrogate is shipped; every trade is priced by the reference.")
        return Outcome.DONE
    _print(_HEADINGS)
    for entry in entries:
        _print(_cells(entry))
    print(f"\n{_correction()}\n\nAll about one: neuralrates models NAME")
    return Outcome.DONE


def _correction() -> str:
    """What is known of the correction of `--model forward_curve`, which has no certificate."""
    file = Path(str(resources.files("neuralrates"))) / "engines" / f"{_CORRECTION}.json"
    said = json.loads(file.read_text(encoding="utf-8"))["statement"]
    mean, most = said["mean_error_basis_points"], said["error_of_99_percent_basis_points"]
    learned, others = said["trades_learned_from"], said["trades_held_out_within_domain"]
    known = said["error_of_the_labels_basis_points"]
    return (
        f"{_CORRECTION}, of rights by --model forward_curve, has no certificate: learned from {learned:,} trades,\nwrong by "
        f"{mean:.2f} bp on average and {most:.1f} bp at 99% of {others} others, whose prices are known to {known:.1f} bp."
    )


def _folders() -> list[Path]:
    shipped = Path(str(resources.files("neuralrates.bundles"))) / "shipped"
    return sorted(path.parent for path in shipped.glob(f"*/{_CERTIFICATE}"))


def _entry(folder: Path) -> dict[str, Any]:
    file = folder / _CERTIFICATE
    try:
        entry = {"name": folder.name, "certificate": json.loads(file.read_text(encoding="utf-8"))}
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
    from neuralrates.bundles.bundle import load
    from neuralrates.problems.families import families

    bundle = load(name)
    if as_json:
        certificate = json.loads(bundle.certificate.to_json())
        print(json.dumps({"name": bundle.name, "certificate": certificate}, indent=1))
        return Outcome.DONE
    print(bundle.certificate.summary())
    print("domain:")
    for line, axis in families(bundle.certificate.problem["domain"]):
        print(f"  {line}: {axis['low']:g} to {axis['high']:g} {axis['unit']}")
    return Outcome.DONE
