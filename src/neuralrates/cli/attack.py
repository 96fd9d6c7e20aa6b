"""The command `attack`."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np

from neuralrates.bundles.bundle import Bundle, load
from neuralrates.certificates.attacks import attack
from neuralrates.certificates.certificate import Certificate
from neuralrates.certificates.evidence import AttackEvidence
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.progress import progress
from neuralrates.cli.tables import console, new_table
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write
from neuralrates.core.units import basis_point
from neuralrates.desk.writers import check_can_write


def run(bundle: str, starts: int, steps: int, seed: int, out: Path | None) -> Outcome:
    """Search, show the worst points, and write the certificate with them where a file is named."""
    if out is not None:
        check_can_write(out, (".json",), (bundle,))
    chosen = load(bundle)
    if out is not None and chosen.certificate.evidence is None:
        raise InputError(
            "expected a certificate of the second schema to file findings in: certify the bundle again",
            file=bundle,
        )

    def bands(x: np.ndarray) -> np.ndarray:
        return chosen.local.bands(x, chosen.error_band)

    with progress("climbing") as step:
        found = attack(
            chosen.surrogate,
            chosen.problem,
            bands,
            key=jax.random.key(seed),
            starts=starts,
            steps=steps,
            progress=step,
        )
    _show(chosen, found)
    if out is not None:
        atomic_write(out, filed(chosen.certificate, found).to_json())
        print(f"Written to {out}")
    return Outcome.DONE


def filed(certificate: Certificate, found: AttackEvidence) -> Certificate:
    """The certificate with what a search found."""
    assert certificate.evidence is not None
    return replace(certificate, evidence=replace(certificate.evidence, attack=found))


def _show(bundle: Bundle, found: AttackEvidence) -> None:
    table = new_table("error, bp", "band, bp", "place", "served", "point")
    served = bundle.price([one.point for one in found.findings]).in_domain
    for one, is_served in zip(found.findings, served, strict=True):
        point = ", ".join(f"{value:.4g}" for value in one.point[:6])
        more = ", ..." if len(one.point) > 6 else ""
        table.add_row(
            f"{one.error / basis_point:.3f}",
            f"{one.band / basis_point:.3f}",
            one.place,
            "yes" if is_served else "no, too far from the distribution",
            point + more,
        )
    console().print(table)
    largest = bundle.certificate.outputs[0].largest
    worst = found.findings[0].error
    print(
        f"Worst of {found.starts} climbs of {found.steps} steps: {worst / basis_point:.3f} bp; the certificate's worst point: "
        f"{largest / basis_point:.3f} bp."
    )
