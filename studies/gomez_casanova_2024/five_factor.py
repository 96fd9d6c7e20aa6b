"""Five factors, one path per sample: a network with its Europeans beside it against differential polynomial regression.

    python -m studies.gomez_casanova_2024.five_factor --smoke | --quick | --full

Every method gets the same arrays: 8,192 states, one path from each, payoff and pathwise derivatives. Methods are judged on
fresh states of the same law, by the price itself (its standard error is stated). `joint` has the exact values of the two
Europeans as further outputs, `alone` the callable only; the polynomials are fitted
output by output, so that further outputs change nothing for them. `controlled` labels are less noisy: each payoff less what
its path made of the Europeans beyond their exact values; polynomial and network get the same.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from neuralrates.core.units import basis_point
from neuralrates.learning.from_arrays import learn
from neuralrates.learning.polynomial import fit_polynomial
from neuralrates.problems.labels import Labels
from studies.gomez_casanova_2024.five_factor_labels import one_path_labels, prices, sample_states

RESULTS = Path(__file__).parent / "results"
TEST_KEY = 99


@dataclass(frozen=True)
class Preset:
    """Sizes of a run; the seeds of `full` were not looked at while settings were chosen."""

    num_samples: int
    first_seed: int
    num_seeds: int
    num_steps: int
    num_states: int
    num_points: int


WIDTHS, WEIGHT, LEARNING_RATE = (64, 64), 0.3, 5e-3
PRESETS = {
    "smoke": Preset(512, 0, 1, 100, 8, 64),
    "quick": Preset(8192, 0, 2, 4000, 64, 1024),
    "full": Preset(8192, 100, 5, 4000, 256, 4096),
}
Fit = Callable[[dict[str, Labels], jax.Array, Preset], Callable]


def _polynomial(kind: str, degree: int, weight: float = 1.0) -> Fit:
    return lambda labels, key, preset: fit_polynomial(labels[kind], degree, weight)


def _network(kind: str) -> Fit:
    def train(labels: dict[str, Labels], key: jax.Array, preset: Preset) -> Callable:
        return learn(
            labels[kind],
            key=key,
            num_steps=preset.num_steps,
            widths=WIDTHS,
            weight=WEIGHT,
            learning_rate=LEARNING_RATE,
        )[0]

    return train


METHODS: dict[str, Fit] = {
    "polynomial of degree 5, values only": _polynomial("alone", 5, 0.0),
    "differential polynomial of degree 5": _polynomial("alone", 5),
    "differential polynomial of degree 5, controlled": _polynomial("controlled", 5),
    "differential network, alone": _network("alone"),
    "differential network, joint": _network("joint"),
    "differential network, joint and controlled": _network("controlled"),
}
PAIRS = [
    ("differential network, joint", "differential polynomial of degree 5"),
    (
        "differential network, joint and controlled",
        "differential polynomial of degree 5, controlled",
    ),
]


def run(preset: str) -> dict[str, object]:
    """Errors of every method against the price, over the seeds.

    Args:
        preset: `smoke`, `quick` or `full`

    Returns:
        Per method the mean and the 99 percent quantile of absolute errors in basis points: mean over the seeds and each seed.
    """
    sizes = PRESETS[preset]
    states = sample_states(jax.random.key(TEST_KEY), sizes.num_states)
    price, error = prices(states, sizes.num_points)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for seed in range(sizes.first_seed, sizes.first_seed + sizes.num_seeds):
        labels = one_path_labels(jax.random.key(seed), sizes.num_samples)
        for name, fit in METHODS.items():
            surrogate = fit(labels, jax.random.fold_in(jax.random.key(seed), 1), sizes)
            values = jax.vmap(surrogate)(states)[:, 0]
            misses = np.abs(np.asarray(values - price)) / basis_point
            found[name].append((float(np.mean(misses)), float(np.quantile(misses, 0.99))))
    return {
        "preset": preset,
        "truth_standard_error_mean_bp": float(np.mean(error) / basis_point),
        "truth_standard_error_worst_bp": float(np.max(error) / basis_point),
        "errors_bp": {name: _summary(pairs) for name, pairs in found.items()},
        "seeds_won": {
            f"{ours} over {theirs}": int(np.sum(_means(found, ours) < _means(found, theirs)))
            for ours, theirs in PAIRS
        },
        "seeds": sizes.num_seeds,
    }


def _means(found: dict[str, list[tuple[float, float]]], name: str) -> np.ndarray:
    return np.array([mean for mean, _ in found[name]])


def _summary(pairs: list[tuple[float, float]]) -> dict[str, object]:
    means, quantiles = zip(*pairs, strict=True)
    return {
        "mean": float(np.mean(means)),
        "mean_per_seed": list(means),
        "99_percent": float(np.mean(quantiles)),
        "99_percent_per_seed": list(quantiles),
    }


def main() -> None:
    """Run a preset, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    choice = parser.add_mutually_exclusive_group(required=True)
    for name in PRESETS:
        choice.add_argument(f"--{name}", action="store_const", const=name, dest="preset")
    results = run(parser.parse_args().preset)
    for name, value in results.items():
        print(f"{name}: {value}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"five_factor_{results['preset']}.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
    print(f"saved to {path.name}")


if __name__ == "__main__":
    main()
