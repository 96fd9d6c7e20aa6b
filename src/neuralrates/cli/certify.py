"""The command `certify`."""

from pathlib import Path

import jax

from neuralrates.bundles.bundle import load
from neuralrates.bundles.graph_check import graph_complaint
from neuralrates.certificates.repetition import repeat
from neuralrates.cli.outcome import Outcome, complain, note
from neuralrates.cli.progress import progress
from neuralrates.core.files import atomic_write
from neuralrates.desk.writers import check_can_write


def run(bundle: str, samples: int, seed: int, out: Path | None) -> Outcome:
    """Certify again, say what does not hold, and write the fresh certificate where a file is named."""
    if out is not None:
        check_can_write(out, (".json",), (bundle,))
    chosen = load(bundle)
    with progress("certifying") as step:
        found = repeat(
            chosen.surrogate,
            chosen.problem,
            chosen.certificate,
            chosen.local,
            key=jax.random.key(seed),
            num_samples=samples,
            progress=step,
        )
    print(found.certificate.summary())
    if out is not None:
        atomic_write(out, found.certificate.to_json())
        print(f"Written to {out}")
    note(*found.notes)
    of_graph = graph_complaint(chosen, seed)
    complaints = (*found.complaints, *([of_graph] if of_graph else []))
    complain(*complaints)
    if complaints:
        print("What the certificate states does not hold.")
        return Outcome.FAILURES
    print("What the certificate states holds.")
    return Outcome.DONE
