"""`python -m studies.gomez_casanova_2024.bundle`: the networks of a full run, certified and bundled.

Labels and checkpoints are those that `--full` left under `build`.
"""

import argparse
from pathlib import Path

import jax

import neuralrates as nr
from neuralrates.problems import Problem
from studies.gomez_casanova_2024 import learning
from studies.gomez_casanova_2024.settings import FULL, Learning

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "gomez_casanova_2024" / "full"
BUNDLES = ROOT / "src" / "neuralrates" / "bundles" / "shipped"
CERTIFICATE_KEY = 20_261_121
NUM_FRESH = 20_000


def bundle(name: str, mark: str, source: Problem, judged: Problem, num: int, how: Learning) -> None:
    """Read what a full run trained, certify it at fresh points, and write the bundle."""
    labels = nr.learning.exact_labels(
        source, jax.random.key(11), num, joint=True, batch=2048, folder=WORK / f"{mark}-labels"
    )
    place = WORK / f"{mark}-checkpoint"
    surrogate = learning.fit_corrected(source, labels, how, jax.random.key(12), place)
    certificate = nr.certificates.certify(
        surrogate,
        judged,
        key=jax.random.key(CERTIFICATE_KEY),
        num_samples=NUM_FRESH,
        folder=WORK / f"{mark}-fresh",
    )
    made = nr.bundles.save(BUNDLES / name, surrogate, judged, certificate)
    target = made.certificate.outputs[0]
    unit = nr.core.basis_point
    print(
        f"{name}: mean {target.mean / unit:.4f} bp, 99 percent within {target.quantile_99 / unit:.4f} bp, "
        f"bound {target.bound_99 / unit:.4f} bp, worst {target.largest / unit:.3f} bp"
    )


def main() -> None:
    """Bundle one of the two."""
    parser = argparse.ArgumentParser(prog="python -m studies.gomez_casanova_2024.bundle")
    parser.add_argument("which", choices=("today", "held"))
    side, s = learning.SIDE, FULL
    if parser.parse_args().which == "today":
        today = nr.problems.ten_year_cancellable
        source = today(side, induction=learning.LABEL_INDUCTION)
        bundle("cancellable_payer", "exact-joint", source, today(side), s.exact_samples, s.exact)
        return
    held = nr.problems.ten_year_cancellable_held
    source = held(side, induction=learning.HELD_LABEL_INDUCTION)
    bundle("cancellable_payer_held", "future-dates", source, held(side), s.held_samples, s.held)


if __name__ == "__main__":
    main()
