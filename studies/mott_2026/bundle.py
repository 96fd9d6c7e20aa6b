"""`python -m studies.mott_2026.bundle`: our networks for caplets and swaptions, certified and bundled."""

from pathlib import Path

import jax
import numpy as np

import neuralrates as nr
from neuralrates.problems.forward_curve import Kind
from neuralrates.problems.labels import Labels
from neuralrates.surrogates import Corrected
from studies.mott_2026.corrections import KINDS, PROBLEMS, TRAINING_NODES, Learned, trained
from studies.mott_2026.judge import relative
from studies.mott_2026.our_greeks import buckets
from studies.mott_2026.settings import FULL

ROOT = Path(__file__).resolve().parents[2]
BUNDLES = ROOT / "src" / "neuralrates" / "bundles" / "shipped"
WORK = ROOT / "build" / "mott_2026" / "bundle"
FRESH, KEY = 1_024, 20_261_123


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
        nr.bundles.save(BUNDLES / f"forward_{kind}", surrogate, problem, certificate)
        print(certificate.summary())
        fresh = nr.learning.exact_labels(
            problem, jax.random.key(KEY), FRESH, folder=WORK / f"fresh-{kind}"
        )
        print(f"deltas at these points: {_deltas(kind, surrogate, fresh)}")


def _deltas(kind: Kind, surrogate: Corrected, fresh: Labels) -> str:
    """Mean error of deltas over their mean size, by bucket of tenors and to a parallel move."""
    ours = np.asarray(jax.jit(jax.vmap(jax.grad(lambda x: surrogate(x)[0])))(fresh.x))
    theirs = np.asarray(fresh.gradient)[:, 0]
    found = {}
    for name, inside in (buckets(kind) | {"parallel": np.ones(TRAINING_NODES, bool)}).items():
        one, other = (
            slopes[:, :TRAINING_NODES][:, inside].sum(axis=1) for slopes in (ours, theirs)
        )
        found[name] = relative(one - other, other)
    return ", ".join(f"{name} {value:.2%}" for name, value in found.items())


if __name__ == "__main__":
    main()
