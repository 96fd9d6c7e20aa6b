"""For the record: a network for the two-factor price of one contract family, beside the exact induction at what each costs.

    python -m benchmarks.two_factor_network [--labels 100000] [--steps 60000]

The family: payers on ten years after one, nine yearly exercises; random curves, strikes within two deviations, mean reversions
of 0.01 to 1, correlations of -0.95 to 0.7, normal volatilities of 20 to 200 basis points. Labels are exact; the fresh trades
are of another seed. Costs are processor time on one core in batches, networks in single precision.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from benchmarks.support.clock import processor_seconds, use_one_core
from benchmarks.support.results import save
from benchmarks.support.two_factor_cases import Case, rights_of, swaption

from neuralrates.core.units import basis_point
from neuralrates.pricers.gaussian.two_factor.options import Wanted, valued

_SEED = 20261207
_EXERCISES, _DECAY = 9, 2.5
_FRESH, _CHUNK, _BATCH = 2000, 500, 4096
_LABELS, _EXACT = 1e-7, 1e-10
_TOLERANCES = (1e-7, 1e-5, 1e-4, 1e-3)
_WIDTHS = (32, 64, 128)
_RATE, _PART = 3e-3, 1024
_BARE = Wanted(False, errors=False)

Weights = list[tuple[jax.Array, jax.Array]]


def _case(random: np.random.Generator) -> tuple[np.ndarray, float, Case]:
    """Inputs of a network, the unit of its prices (deviation after a year times annuity), and the trade with its model."""
    level, slope, hump = random.uniform([0.01, -0.03, -0.02], [0.06, 0.01, 0.02])
    curve = level, slope, hump, _DECAY
    reversions = np.exp(random.uniform(np.log(0.01), 0.0, 2))
    ratio = np.exp(random.uniform(-np.log(3.0), np.log(3.0)))
    correlation = float(random.uniform(-0.95, 0.7))
    normal = float(np.exp(random.uniform(np.log(0.002), np.log(0.02))))
    money = swaption(curve, 1.0, _EXERCISES, 1.0, _EXERCISES, True)
    unit = np.tile([ratio, 1.0], (_EXERCISES, 1))
    case = Case(*money, reversions, unit, correlation)
    annuity = np.sum(money[2][1:])
    moves = case.present_values[0] @ case.loadings / annuity
    scale = normal / np.sqrt(moves @ case.covariances[0] @ moves)
    away = float(random.uniform(-2.0, 2.0))
    strike = (money[2][0] - money[2][-1]) / annuity + away * normal
    right = swaption(curve, 1.0, _EXERCISES, 1.0, _EXERCISES, True, strike)
    inputs = (level, slope, hump, *np.log(reversions), np.log(ratio), correlation, normal, away)
    return (
        np.array(inputs),
        normal * float(annuity),
        Case(*right, reversions, scale * unit, correlation),
    )


def _drawn(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, list[Case]]:
    random = np.random.default_rng([_SEED, seed])
    inputs, units, cases = zip(*(_case(random) for _ in range(count)), strict=True)
    return np.stack(inputs), np.array(units) / basis_point, list(cases)


def _prices(cases: list[Case], tolerance: float, wanted: Wanted = _BARE) -> np.ndarray:
    parts = (cases[start : start + _CHUNK] for start in range(0, len(cases), _CHUNK))
    return np.concatenate([valued(tolerance, rights_of(part), wanted)[0].values for part in parts])


def _network(weights: Weights, x: jax.Array) -> jax.Array:
    *hidden, (last, bias) = weights
    for matrix, shift in hidden:
        x = jnp.tanh(x @ matrix + shift[None, :])
    return (x @ last + bias[None, :])[:, 0]


def trained(x: np.ndarray, units: np.ndarray, y: np.ndarray, width: int, steps: int) -> Weights:
    """Two hidden layers, absolute errors beyond a tenth of a basis point and squared ones below."""
    random, sizes = np.random.default_rng(width), (x.shape[1], width, width, 1)
    weights = [
        (
            jnp.asarray(random.normal(size=(m, n)) / np.sqrt(m), jnp.float32),
            jnp.zeros(n, jnp.float32),
        )
        for m, n in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    optimiser = optax.adam(optax.cosine_decay_schedule(_RATE, steps))
    given, unit, wanted = (jnp.asarray(part, jnp.float32) for part in (x, units, y))

    def loss(weights: Weights, chosen: jax.Array) -> jax.Array:
        missed = (unit[chosen] * _network(weights, given[chosen]) - wanted[chosen]) * 10.0
        return jnp.mean(jnp.sqrt(1.0 + missed**2) - 1.0)

    def step(state: tuple[Any, Any], key: jax.Array) -> tuple[tuple[Any, Any], None]:
        weights, memory = state
        chosen = jax.random.randint(key, (_PART,), 0, len(y))
        with jax.numpy_dtype_promotion("standard"):  # optax mixes integers and floats
            change, memory = optimiser.update(jax.grad(loss)(weights, chosen), memory)
        return (optax.apply_updates(weights, change), memory), None

    keys = jax.random.split(jax.random.key(width), steps)
    run = jax.jit(lambda state, keys: jax.lax.scan(step, state, keys)[0])
    found: Weights = run((weights, optimiser.init(weights)), keys)[0]
    return found


def _served(weights: Weights) -> Callable[[np.ndarray], np.ndarray]:
    """The network in NumPy, as one would serve it."""
    layers = [(np.asarray(matrix), np.asarray(shift)) for matrix, shift in weights]

    def price(x: np.ndarray) -> np.ndarray:
        for matrix, shift in layers[:-1]:
            x = np.tanh(x @ matrix + shift)
        found: np.ndarray = (x @ layers[-1][0] + layers[-1][1])[:, 0]
        return found

    return price


def _spread(errors: np.ndarray) -> dict[str, float]:
    return {
        "mean_basis_points": float(errors.mean()),
        "99_percent_basis_points": float(np.quantile(errors, 0.99)),
        "worst_basis_points": float(errors.max()),
    }


def measured(labels: int, steps: int) -> dict[str, object]:
    """Error and microseconds a price, of networks and of the induction at several tolerances."""
    inputs, units, cases = _drawn(1, labels)
    start = time.process_time()
    prices = _prices(cases, _LABELS) / basis_point
    label_seconds = time.process_time() - start
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0)
    fresh, fresh_units, others = _drawn(2, _FRESH)
    exact = _prices(others, _EXACT, Wanted(False)) / basis_point
    batch = np.asarray((inputs[:_BATCH] - centre) / spread, np.float32)
    networks: dict[str, object] = {}
    for width in _WIDTHS:
        start = time.process_time()
        weights = trained((inputs - centre) / spread, units, prices, width, steps)
        jax.block_until_ready(weights)
        seconds, price = time.process_time() - start, _served(weights)
        given = np.asarray((fresh - centre) / spread, np.float32)
        errors = np.abs(fresh_units * price(given) - exact)
        each = processor_seconds(lambda p=price: p(batch), 15) / _BATCH
        networks[str(width)] = {
            "microseconds": 1e6 * each,
            "training_seconds": seconds,
            **_spread(errors),
        }
        print(width, json.dumps(networks[str(width)]), flush=True)
    inductions: dict[str, object] = {}
    some, rights = exact[:_CHUNK], rights_of(others[:_CHUNK])
    for tolerance in _TOLERANCES:
        errors = np.abs(valued(tolerance, rights, _BARE)[0].values / basis_point - some)
        each = processor_seconds(lambda t=tolerance: valued(t, rights, _BARE)[0].values, 3) / _CHUNK
        inductions[f"{tolerance:g}"] = {"microseconds": 1e6 * each, **_spread(errors)}
    return {
        "labels": labels,
        "steps": steps,
        "label_seconds": label_seconds,
        "fresh_trades": _FRESH,
        "mean_price_basis_points": float(exact.mean()),
        "networks_by_width": networks,
        "inductions_by_tolerance": inductions,
    }


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=60_000)
    given = parser.parse_args()
    use_one_core()
    found = measured(given.labels, given.steps)
    print(json.dumps(found, indent=1))
    print(save("two_factor_network", found))


if __name__ == "__main__":
    main()
