"""`python -m studies.mott_2026.bundle`: our networks for caplets and swaptions, certified and bundled."""

from pathlib import Path

import jax

import neuralrates as nr
from studies.mott_2026.corrections import KINDS, PROBLEMS, TRAINING_NODES, Learned, trained
from studies.mott_2026.settings import FULL

ROOT = Path(__file__).resolve().parents[2]
BUNDLES = ROOT / "src" / "neuralrates" / "serving" / "bundles"
WORK = ROOT / "build" / "mott_2026" / "bundle"
FRESH, KEY = 512, 20_261_123


def main() -> None:
    """Simulate, learn, certify and write, kind by kind; simulated prices are kept."""
    for kind in KINDS:
        problem = PROBLEMS[kind](TRAINING_NODES)
        network, _ = trained(FULL.corrections, kind, WORK)
        surrogate = Learned(kind, network).on(TRAINING_NODES)
        certificate = nr.certificates.certify(
            surrogate,
            problem,
            key=jax.random.key(KEY),
            num_samples=FRESH,
            folder=WORK / f"fresh-{kind}",
        )
        nr.serving.save(BUNDLES / f"forward_{kind}", surrogate, problem, certificate)
        print(certificate.summary())


if __name__ == "__main__":
    main()
