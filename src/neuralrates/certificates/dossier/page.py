"""The dossier as one HTML page that needs nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neuralrates.certificates.certificate import Certificate
from neuralrates.certificates.dossier.content import (
    ALARM,
    LEVEL,
    WORST,
    alarms,
    coverage,
    flattened,
)
from neuralrates.certificates.dossier.curve_drawing import exceedance_drawing
from neuralrates.certificates.dossier.guidance import GUIDANCE
from neuralrates.certificates.dossier.map_drawing import heat_map_drawing
from neuralrates.certificates.dossier.measurement import Column, Measurement
from neuralrates.certificates.dossier.numerals import (
    in_basis_points,
    marked,
    percent,
    plain,
    rough_percent,
)
from neuralrates.certificates.dossier.regions import heat_map, telling_pairs, thirds
from neuralrates.certificates.dossier.sensitivity import sensitivities
from neuralrates.core.pages import page_environment
from neuralrates.problems.families import families
from neuralrates.problems.narrative import Narrative

SECTIONS = (
    ("purpose", "Purpose, materiality and use"),
    ("theory", "Theory"),
    ("lineage", "Data lineage"),
    ("development", "Development"),
    ("challengers", "Champion against challengers"),
    ("accuracy", "Accuracy by region"),
    ("worst", "Worst hundred points"),
    ("greeks", "Greeks"),
    ("bounds", "Bounds, invariants and attack"),
    ("explainability", "Explainability"),
    ("limits", "Limits and override rules"),
    ("monitoring", "Monitoring and re-review triggers"),
    ("replication", "Replication"),
    ("guidance", "Guidance in force"),
)
"""Sections in a reader's order: what links name them by, and their headings."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What a dossier is of, and how it is served.

    Args:
        name: of the bundle
        shipped: whether the package ships it
        files: name, bytes and SHA-256 of every file
        surrogate: record of the architecture
        size: numbers in its arrays
        bands: half-width of the served error band at the fresh points, per unit notional
        in_domain: share of the fresh points that are served as inside the domain
        served_difference: largest difference of a served price from the surrogate's, per unit notional
        findings_served: whether there is a served price at each point that a search found; elsewhere the guard refuses
        versions: of what computed
        made: when, in words
    """

    name: str
    shipped: bool
    files: tuple[tuple[str, int, str], ...]
    surrogate: Mapping[str, Any]
    size: int
    bands: Column
    in_domain: float
    served_difference: float
    findings_served: tuple[bool, ...]
    versions: Mapping[str, str]
    made: str


def render(
    subject: Subject, certificate: Certificate, narrative: Narrative, found: Measurement
) -> str:
    """The dossier of a surrogate.

    Args:
        subject: what it is of
        certificate: of the surrogate
        narrative: what people have to say of it
        found: fresh points, priced by the reference and by the surrogate

    Returns:
        HTML with its style and drawings inside.
    """
    known = sensitivities(found)
    environment = page_environment("neuralrates.certificates.dossier")
    environment.filters |= {"bp": in_basis_points, "plain": plain, "marked": marked}
    environment.filters |= {"percent": percent, "rough_percent": rough_percent}
    page = environment.get_template("dossier.html.jinja")
    return page.render(
        subject=subject,
        certificate=certificate,
        evidence=certificate.evidence,
        target=certificate.outputs[0],
        words=narrative,
        found=found,
        sections=SECTIONS,
        number={name: count for count, (name, _) in enumerate(SECTIONS, 1)},
        axes=families(certificate.problem["domain"]),
        density=flattened(certificate.problem.get("density") or {}),
        architecture=flattened(subject.surrogate),
        coverage=coverage(found, subject.bands, certificate.confidence),
        curve=exceedance_drawing(found.error, [_mark(subject.bands)]),
        thirds=thirds(found, subject.bands),
        maps=[heat_map_drawing(heat_map(found, *pair)) for pair in telling_pairs(found)],
        worst=found.worst(WORST),
        known=sorted(known, key=lambda one: -one.price_move),
        largest_move=max((one.price_move for one in known), default=0.0),
        guidance=GUIDANCE,
        alarms=alarms(),
        alarm=ALARM,
        level=LEVEL,
    )


def _mark(bands: Column) -> tuple[str, float]:
    """The band, or its mean where it varies."""
    varies = float(bands.max() - bands.min()) > 0.0
    return "mean band" if varies else "band", float(bands.mean())
