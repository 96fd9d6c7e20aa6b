"""Labels of random Bermudans on the whole forward curve, and the correction learned from them.

    python -m benchmarks.forward_curve_training labels --rows FILE [--count 2000]
    python -m benchmarks.forward_curve_training fit --rows FILE [--held-out 150]
    python -m benchmarks.forward_curve_training limits

A label is the middle of two bounds by 4,096 paths, on which rule and martingale were fitted themselves: the martingale is
the control, so that a label is known to a few tenths of a basis point. `fit` writes the correction that the package ships.
"""

import argparse
import json
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from benchmarks.support.forward_curve_cases import (
    MOST_DATES,
    Case,
    known,
    priced,
    random_case,
    simulation,
)
from benchmarks.support.traced_recurrence import in_units

from neuralrates.core.units import basis_point
from neuralrates.engines.forward_curve_correction import FILE, NAMES
from neuralrates.engines.recurrence import Recurrence
from neuralrates.pricers.primal_dual.policy import fit
from neuralrates.pricers.primal_dual.pricer import of_paths

_SEED, _PATHS = 1, 4096
_MEMBERS, _HIDDEN, _STEPS, _PART = 4, 12, 4000, 256
_RATE, _DECAY = 6e-3, 1e-4
_LARGEST_RELATIVE = 0.9
"""Deviation of a swap rate over itself, beyond which absorption at zero decides and labels are few."""
_LEAST_LOG_STRIKE = -1.5
"""Of strike over rate: below, where a first certificate found its worst three trades, strikes are at a floor of their own."""

_TOGETHER, _BLOCK = 16, 256


def _block(number: int) -> tuple[np.random.Generator, list[Case]]:
    """Trades to learn from, and the random numbers that go on after them."""
    random = np.random.default_rng([_SEED, number])
    return random, [random_case(random) for _ in range(_TOGETHER)]


def case_of(number: int) -> Case:
    """A trade to learn from."""
    return _block(number // _TOGETHER)[1][number % _TOGETHER]


def label(count: int, rows: Path) -> None:
    """Bound trades that have no row yet."""
    done = len(rows.read_text().splitlines()) if rows.exists() else 0
    for block in range(done // _TOGETHER, count // _TOGETHER):
        random, cases = _block(block)
        lines = []
        for case, squares in zip(cases, known(cases).moves.squares, strict=True):
            row: dict[str, float] = {}
            if np.all(squares[: len(case.right.exercise_times)] > 0.0):
                found = of_paths(fit(simulation(case, squares)(random, _PATHS))[1])
                row = {"middle": found.middle, "error": found.error}
            lines.append(json.dumps(row) + "\n")
        with rows.open("a", encoding="utf-8") as file:
            file.writelines(lines)


class Examples(NamedTuple):
    """Trades to learn from.

    Args:
        features: of each date
        alive: one where a date is real
        wanted: correction in units of the deviation of value
        deviation: that unit, basis points
        error: of the label, basis points
    """

    features: np.ndarray
    alive: np.ndarray
    wanted: np.ndarray
    deviation: np.ndarray
    error: np.ndarray

    def take(self, chosen: np.ndarray) -> "Examples":
        """Some of them."""
        return Examples(*(part[chosen] for part in self))


def examples(rows: Path) -> Examples:
    """All labelled trades whose quotes the model meets."""
    labels = [json.loads(line) for line in rows.read_text().splitlines()]
    kept = [number for number, row in enumerate(labels) if row]
    parts = []
    for start in range(0, len(kept), _BLOCK):
        chosen = kept[start : start + _BLOCK]
        found = priced([case_of(number) for number in chosen])
        middle, error = (
            np.array([labels[number][name] for number in chosen]) for name in ("middle", "error")
        )
        wanted = (middle - found.baseline) / found.deviation
        part = Examples(
            found.features,
            1.0 * found.known.rates.alive,
            wanted,
            found.deviation / basis_point,
            error / basis_point,
        )
        parts.append(part.take(np.isfinite(wanted)))
    return Examples(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _scaling(known_trades: Examples) -> tuple[np.ndarray, ...]:
    """Centre, spread, least and most of each feature."""
    real = known_trades.features[known_trades.alive > 0.0]
    return real.mean(axis=0), real.std(axis=0) + 1e-6, real.min(axis=0), real.max(axis=0)


def _started(centre: np.ndarray, spread: np.ndarray, seed: int) -> Recurrence:
    count = centre.shape[0]
    random = np.random.default_rng(seed)
    return Recurrence(
        centre,
        spread,
        random.standard_normal((_MEMBERS, count + 1, 3 * _HIDDEN)) / np.sqrt(count),
        random.standard_normal((_MEMBERS, _HIDDEN, 3 * _HIDDEN)) / np.sqrt(_HIDDEN),
        random.standard_normal((_MEMBERS, _HIDDEN)) * 0.02,
    )


def _corrections(weights: Recurrence, given: Examples) -> jax.Array:
    """By member, then trade."""

    def member(inputs: jax.Array, states: jax.Array, output: jax.Array) -> jax.Array:
        own = Recurrence(weights.centre, weights.spread, inputs[None], states[None], output[None])
        return jax.vmap(lambda f, a: in_units(own, f, a))(given.features, given.alive)

    return jax.vmap(member)(weights.inputs, weights.states, weights.output)


def _loss(moving: tuple[Any, ...], start: Recurrence, given: Examples) -> jax.Array:
    weights = Recurrence(start.centre, start.spread, *moving)
    missed = (_corrections(weights, given) - given.wanted[None, :]) * given.deviation[None, :]
    scaled = missed / jnp.sqrt(1.0 + given.error**2)[None, :]
    size = jnp.mean(weights.inputs**2) + jnp.mean(weights.states**2)
    return jnp.mean(jnp.sqrt(1.0 + scaled**2) - 1.0) + _DECAY * size


def learned(given: Examples, seed: int = 0) -> Recurrence:
    """Weights after training: absolute errors in basis points beyond one, squared ones below, labels by their noise."""
    centre, spread, _, _ = _scaling(given)
    start = _started(centre, spread, seed)
    optimiser = optax.adam(optax.cosine_decay_schedule(_RATE, _STEPS))
    moving = tuple(map(jnp.asarray, start[2:]))
    state = optimiser.init(moving)

    @jax.jit
    def step(moving: Any, state: Any, part: Examples) -> tuple[Any, Any]:
        gradient = jax.grad(_loss)(moving, start, part)
        change, state = optimiser.update(gradient, state)
        return optax.apply_updates(moving, change), state

    random = np.random.default_rng(seed)
    for _ in range(_STEPS):
        chosen = random.integers(0, given.wanted.shape[0], _PART)
        moving, state = step(moving, state, jax.tree.map(jnp.asarray, given.take(chosen)))
    return Recurrence(centre, spread, *map(np.asarray, moving))


def shares(weights: Recurrence, given: Examples) -> np.ndarray:
    """Errors in units of the deviation of value."""
    found = np.mean(np.asarray(_corrections(weights, jax.tree.map(jnp.asarray, given))), axis=0)
    return np.abs(found - given.wanted)


def write(rows: Path, held_out: int) -> dict[str, Any]:
    """Learn from all trades but some, state the errors of those, and write the file that is shipped."""
    every = examples(rows)
    order = np.random.default_rng(0).permutation(every.wanted.shape[0])
    apart, given = every.take(order[:held_out]), every.take(order[held_out:])
    return state(learned(given), given, apart)


def state(weights: Recurrence, given: Examples, apart: Examples) -> dict[str, Any]:
    """State the errors of trades held out, of those within the domain, and write weights and statement."""
    _, _, low, high = _scaling(given)
    low, high = low - 1e-6 * (1.0 + np.abs(low)), high + 1e-6 * (1.0 + np.abs(high))
    low, high = limited(low, high)
    beyond = np.any((apart.features < low) | (apart.features > high), axis=2)
    apart = apart.take(~np.any(beyond & (apart.alive > 0.0), axis=1))
    count, missed = apart.wanted.shape[0], shares(weights, apart)
    in_points = missed * apart.deviation
    statement = {
        "trades_learned_from": int(given.wanted.shape[0]),
        "trades_held_out_within_domain": count,
        "mean_error_basis_points": float(in_points.mean()),
        "error_of_99_percent_basis_points": float(np.quantile(in_points, 0.99)),
        "error_of_the_labels_basis_points": float(apart.error.mean()),
    }
    entries = {
        "schema": "neuralrates.forward_curve_correction/1",
        "weights": {name: _digits(part) for name, part in weights._asdict().items()},
        "low": _digits(low),
        "high": _digits(high),
        "most_dates": MOST_DATES,
        "statement": statement,
    }
    _save(entries)
    return statement


def limited(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the features, within those that are set beside what was learned from."""
    low, high = low.copy(), high.copy()
    deviation, strike = NAMES.index("relative deviation"), NAMES.index("log strike over rate")
    high[deviation] = min(high[deviation], _LARGEST_RELATIVE)
    low[strike] = max(low[strike], _LEAST_LOG_STRIKE)
    return low, high


def limits() -> dict[str, Any]:
    """Set the limits of the correction that is shipped; a certificate for others then counts for nothing."""
    entries = json.loads((_folder() / FILE).read_text(encoding="utf-8"))
    low, high = limited(np.array(entries["low"]), np.array(entries["high"]))
    _save(entries | {"low": low.tolist(), "high": high.tolist()})
    return {"low": low.tolist(), "high": high.tolist()}


def _folder() -> Path:
    return Path(str(resources.files("neuralrates").joinpath("engines")))


def _save(entries: dict[str, Any]) -> None:
    temporary = _folder() / f"{FILE}.tmp"
    temporary.write_text(json.dumps(entries) + "\n", encoding="utf-8")
    temporary.replace(_folder() / FILE)


def _digits(values: np.ndarray) -> Any:
    return np.vectorize(lambda value: float(f"{value:.8g}"))(values).tolist()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("labels", "fit", "limits"))
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--held-out", type=int, default=150)
    given = parser.parse_args()
    if given.what == "labels":
        label(given.count, given.rows)
    elif given.what == "limits":
        print(json.dumps(limits(), indent=2))
    else:
        print(json.dumps(write(given.rows, given.held_out), indent=2))


if __name__ == "__main__":
    main()
