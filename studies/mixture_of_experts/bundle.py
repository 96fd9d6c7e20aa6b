"""`python -m studies.mixture_of_experts.bundle`: our network for nine instruments, certified and bundled.

It learns on points of the problem's own density, which holds the markets of 2020 to 2022 and more, so that its certificate
speaks of all of it. Points outside go to the reference.
"""

from pathlib import Path

import jax
import numpy as np

import neuralrates as nr
from neuralrates.learning import CorrectionRecipe
from neuralrates.problems.instrument_inputs import CODES, INPUTS, INSTRUMENTS
from neuralrates.surrogates import Corrected
from studies.mixture_of_experts.panel import evaluate
from studies.mixture_of_experts.study import slopes_of_baseline

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "src" / "neuralrates" / "bundles" / "shipped" / "nine_instruments"
WORK = ROOT / "build" / "mixture_of_experts" / "bundle"
SAMPLES, FRESH = 27_000, 2_000
LABEL_KEY, TRAIN_KEY, CERTIFICATE_KEY = 41, 42, 20_261_121
RECIPE = CorrectionRecipe(width=48, depth=4, batch=64, num_steps=3_000)


def main() -> None:
    """Price, learn, certify and write."""
    problem = nr.problems.nine_instruments()
    assert problem.baseline is not None
    x = np.asarray(problem.domain.sample(jax.random.key(LABEL_KEY), SAMPLES))
    kinds = tuple(INPUTS.index(code) for code in CODES)
    missed, slopes = _labels(x, np.argmax(x[:, list(kinds)], axis=1))
    network, _ = nr.learning.fit_corrections(
        x, missed, slopes, kinds, RECIPE, key=jax.random.key(TRAIN_KEY), checkpoint=WORK / "trained"
    )
    surrogate = Corrected(problem.baseline, network)
    certificate = nr.certificates.certify(
        surrogate,
        problem,
        key=jax.random.key(CERTIFICATE_KEY),
        num_samples=FRESH,
        folder=WORK / "fresh",
    )
    nr.bundles.save(BUNDLE, surrogate, problem, certificate)
    target, unit = certificate.outputs[0], nr.core.basis_point
    size = sum(file.stat().st_size for file in BUNDLE.iterdir()) / 1e6
    print(
        f"mean {target.mean / unit:.4f} bp, median {target.median / unit:.4f} bp, 99 percent within "
        f"{target.quantile_99 / unit:.3f} bp, worst {target.largest / unit:.2f} bp; {size:.1f} MB"
    )


def _labels(x: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the cheap prices miss, and its derivatives, instrument by instrument."""
    missed, slopes = np.zeros(len(x)), np.zeros(x.shape)
    for number, name in enumerate(INSTRUMENTS):
        rows = np.flatnonzero(kind == number)
        value, baseline, slope = evaluate(x[rows], name)
        missed[rows], slopes[rows] = value - baseline, slope - slopes_of_baseline(x[rows], name)
    return missed, slopes


if __name__ == "__main__":
    main()
