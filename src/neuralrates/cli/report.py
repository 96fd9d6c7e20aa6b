"""The command `report`: a bundle's dossier as HTML, and as PDF where a browser can print it."""

from dataclasses import dataclass
from pathlib import Path

from neuralrates.bundles.dossier import write_dossier
from neuralrates.cli.outcome import Outcome, complain
from neuralrates.cli.printing import find_browser, print_to_pdf
from neuralrates.cli.progress import progress
from neuralrates.core.errors import InputError
from neuralrates.core.files import check_ordinary, is_same
from neuralrates.problems.narrative import read_narrative

_HTML, _PDF = (".html", ".htm"), ".pdf"


@dataclass(frozen=True)
class Request:
    """What to write, of what.

    Args:
        bundle: name or folder
        out: HTML file; named after the bundle when None
        pdf: whether to print it too
        points: fresh points
        key: number that draws them
        words: TOML file of one's own
    """

    bundle: str
    out: Path | None
    pdf: bool
    points: int
    key: int
    words: Path | None


def run(request: Request) -> Outcome:
    """Measure, write, print, and say where it is."""
    out = request.out or Path(f"{Path(request.bundle).name}-dossier.html")
    _check(out, request)
    words = None if request.words is None else read_narrative(request.words)
    with progress("fresh reference prices") as step:
        made = write_dossier(
            request.bundle,
            out,
            num_points=request.points,
            key=request.key,
            words=words,
            progress=step,
        )
    print(f"Written {out}")
    if request.pdf:
        printed = out.with_suffix(_PDF)
        print_to_pdf(out, printed)
        print(f"Written {printed}")
    cover = made.coverage
    print(
        f"{cover.within:,} of {cover.points:,} fresh points within their band ({cover.share:.2%})"
    )
    if cover.agrees:
        return Outcome.DONE
    complain(f"the fresh points contradict the certificate of {request.bundle}")
    return Outcome.FAILURES


def _check(out: Path, request: Request) -> None:
    """Raise for what cannot be written, before anything is measured."""
    if out.suffix.lower() not in _HTML:
        raise InputError(f"expected a name that ends in .html, found {out}", column="--out")
    if not out.parent.is_dir():
        raise InputError("expected a folder that exists", file=out.parent)
    check_ordinary(out)
    if request.words is not None and is_same(request.words, out):
        raise InputError("expected another file than the one that is read", file=out)
    if request.pdf:
        check_ordinary(out.with_suffix(_PDF))
        find_browser()
