"""The dossier of a bundle: its certificate, fresh reference prices, and the words that people have for it."""

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import numpy as np

from neuralrates.bundles.bundle import Bundle, folder_of, load, shipped
from neuralrates.bundles.development import with_development
from neuralrates.certificates.dossier.content import Coverage, coverage
from neuralrates.certificates.dossier.measurement import Measurement, measure
from neuralrates.certificates.dossier.page import Subject, render
from neuralrates.core.archive import MANIFEST
from neuralrates.core.doors import door
from neuralrates.core.files import atomic_write
from neuralrates.histories.publishers import cache_folder
from neuralrates.problems.narrative import Narrative, narrative_of
from neuralrates.surrogates.surrogate import named_leaves

POINTS, KEY = 2_000, 20_261_201
"""Fresh points unless said otherwise, and the number that their key is made from."""
_VERSIONED = ("jax", "jaxlib", "equinox", "numpy", "QuantLib", "onnxruntime")


@dataclass(frozen=True)
class Dossier:
    """A page, and the verdict of its fresh points.

    Args:
        html: the page
        coverage: of the served band at the fresh points
    """

    html: str
    coverage: Coverage


@door
def write_dossier(
    name: str | Path,
    out: str | Path,
    *,
    num_points: int = POINTS,
    key: int = KEY,
    words: Narrative | None = None,
    folder: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Dossier:
    """Write the dossier of a bundle as one HTML file, whole or not at all.

    Args:
        name: of a shipped bundle, or a folder
        out: file to write
        num_points: fresh points at which the reference is asked
        key: number that the key of the points is made from; one that neither training nor certificate has used
        words: what people have to say of it, over what the package has
        folder: where reference prices are kept, to go on from; in the cache of the library when None
        progress: called with the number of reference prices done and to do

    Returns:
        The page, and how many of its fresh points lie within their band.

    Raises:
        InputError: where there is no such bundle, or one that is damaged
    """
    bundle = load(name)
    found = measure(
        bundle.surrogate,
        bundle.problem,
        key=jax.random.key(key),
        num_points=num_points,
        folder=_kept(bundle, num_points, key) if folder is None else folder,
        progress=progress,
    )
    made = dossier(bundle, folder_of(name), found, words)
    atomic_write(out, made.html)
    return made


def dossier(
    bundle: Bundle, folder: Path, found: Measurement, words: Narrative | None = None
) -> Dossier:
    """The dossier of a bundle whose fresh points have been priced."""
    known = narrative_of(bundle.certificate.problem["name"])
    if bundle.name in shipped():
        known = with_development(known, bundle.name)
    whole = known if words is None else known.updated(words)
    subject, certificate = _subject(bundle, folder, found), bundle.certificate
    return Dossier(
        html=render(subject, certificate, whole, found),
        coverage=coverage(found, subject.bands, certificate.confidence),
    )


def _subject(bundle: Bundle, folder: Path, found: Measurement) -> Subject:
    """What the page says of the bundle itself; its bands are those that are served."""
    served = bundle.price(found.x)
    inside = served.in_domain
    apart = np.abs(served.value - found.predicted)[inside]
    surrogate: Any = bundle.surrogate
    arrays = named_leaves(surrogate)
    return Subject(
        name=bundle.name,
        shipped=bundle.name in shipped(),
        files=tuple(_file(one) for one in _files(folder)),
        surrogate=surrogate.record(),
        size=sum(np.size(array) for array in arrays.values()),
        bands=np.where(inside, served.error_band, bundle.certificate.error_band),
        in_domain=float(np.mean(inside)),
        served_difference=float(np.max(apart, initial=0.0)),
        findings_served=_served(bundle),
        versions=_versions(),
        made=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
    )


def _served(bundle: Bundle) -> tuple[bool, ...]:
    """Whether there is a served price at each point that a search found."""
    evidence = bundle.certificate.evidence
    if evidence is None or evidence.attack is None or not evidence.attack.findings:
        return ()
    return tuple(bundle.price([one.point for one in evidence.attack.findings]).in_domain.tolist())


def _files(folder: Path) -> list[Path]:
    """The manifest, and the files that it names."""
    named = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    return [folder / MANIFEST, *(folder / name for name in sorted(named))]


def _file(path: Path) -> tuple[str, int, str]:
    content = path.read_bytes()
    return path.name, len(content), hashlib.sha256(content).hexdigest()


def _versions() -> Mapping[str, str]:
    """Versions of the package and of what it computes with, where installed."""
    from neuralrates import __version__

    found = {"neuralrates": __version__}
    for name in _VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _kept(bundle: Bundle, num_points: int, key: int) -> Path:
    """Where the reference prices of this problem, number and key are kept."""
    asked = json.dumps([bundle.problem.record(), num_points, key], sort_keys=True)
    return cache_folder() / "dossiers" / hashlib.sha256(asked.encode()).hexdigest()[:16]
