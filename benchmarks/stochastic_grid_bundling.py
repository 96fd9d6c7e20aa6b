"""Stochastic grid bundling against the exact reference, on the ten-year Bermudan of `nr.problems.ten_year_bermudan`.

    python -m benchmarks.stochastic_grid_bundling [--points 200]

Errors are in basis points of notional, over random points of the domain, each with its own random key. Greeks are to the ten
inputs; the error of each is stated over the mean size of its exact value. Costs are processor time of one price on one core.
"""

import argparse

import jax
import numpy as np
from benchmarks.support.clock import processor_seconds, use_one_core
from benchmarks.support.results import save

from neuralrates.core.units import basis_point
from neuralrates.pricers.simulation.least_squares import LongstaffSchwartz
from neuralrates.pricers.simulation.stochastic_grid_bundling import (
    Estimates,
    StochasticGridBundling,
)
from neuralrates.problems.bermudan import ten_year_bermudan
from neuralrates.problems.problem import Problem

POINTS_KEY, PATHS_KEY = 11, 12
LONGSTAFF_SCHWARTZ_PATHS = 65536
GREEKS = 50


def measure(num_points: int) -> dict[str, object]:
    """Errors of the three estimators and of the Greeks, and what a price costs."""
    problem = ten_year_bermudan("receiver")
    x = problem.domain.sample(jax.random.key(POINTS_KEY), num_points)
    keys = jax.random.split(jax.random.key(PATHS_KEY), num_points)
    exact = jax.jit(lambda points: jax.lax.map(lambda point: problem(point).value, points))(x)
    estimates = jax.jit(lambda point, key: _estimates(problem, point, key))
    found = [estimates(point, key) for point, key in zip(x, keys, strict=True)]
    errors = {
        name: _summary(np.array([getattr(one, name).value for one in found]) - exact)
        for name in ("direct", "path", "dual")
    }
    stated = np.array([one.direct.error for one in found])
    return {
        "points": num_points,
        "settings": _settings(),
        "errors_bp": errors,
        "direct_standard_error_mean_bp": float(np.mean(stated) / basis_point),
        "greeks_mean_error_over_mean_size": _greeks(problem, x[:GREEKS], keys[:GREEKS]),
        "longstaff_schwartz_bp": _longstaff_schwartz(problem, x, keys, exact),
        "processor_seconds": _costs(problem, x[0], keys[0]),
    }


def _estimates(problem: Problem, point: jax.Array, key: jax.Array) -> Estimates:
    return StochasticGridBundling(key).estimates(*problem.build(point))


def _settings() -> dict[str, int]:
    default = StochasticGridBundling(jax.random.key(0))
    names = ("num_paths", "num_bundles", "degree", "num_repetitions")
    return {name: getattr(default, name) for name in names}


def _summary(misses: np.ndarray) -> dict[str, float]:
    size = np.abs(np.asarray(misses)) / basis_point
    return {
        "mean": float(np.mean(size)),
        "99_percent": float(np.quantile(size, 0.99)),
        "worst": float(np.max(size)),
        "bias": float(np.mean(misses) / basis_point),
    }


def _greeks(problem: Problem, x: jax.Array, keys: jax.Array) -> dict[str, float]:
    """Per input, the mean error of the derivative over the mean size of the exact one."""

    def value(point: jax.Array, key: jax.Array) -> jax.Array:
        return StochasticGridBundling(key)(*problem.build(point)).value

    slope, exact = jax.jit(jax.grad(value)), jax.jit(jax.grad(lambda point: problem(point).value))
    ours = np.array([slope(point, key) for point, key in zip(x, keys, strict=True)])
    theirs = np.array([exact(point) for point in x])
    ratios = np.mean(np.abs(ours - theirs), axis=0) / np.mean(np.abs(theirs), axis=0)
    return dict(zip(problem.domain.names, ratios.tolist(), strict=True))


def _longstaff_schwartz(
    problem: Problem, x: jax.Array, keys: jax.Array, exact: jax.Array
) -> dict[str, float]:
    def value(point: jax.Array, key: jax.Array) -> jax.Array:
        return LongstaffSchwartz(LONGSTAFF_SCHWARTZ_PATHS, key)(*problem.build(point)).value

    price, count = jax.jit(value), min(len(x), GREEKS)
    found = [price(point, key) for point, key in zip(x[:count], keys[:count], strict=True)]
    return {"paths": 2 * LONGSTAFF_SCHWARTZ_PATHS, **_summary(np.array(found) - exact[:count])}


def _costs(problem: Problem, point: jax.Array, key: jax.Array) -> dict[str, float]:
    simulated = StochasticGridBundling(key)
    least_squares = LongstaffSchwartz(LONGSTAFF_SCHWARTZ_PATHS, key)

    def by(pricer: object) -> object:
        return jax.jit(lambda x: pricer(*problem.build(x)).value)

    direct, exact, lsm = by(simulated), by(problem.pricer), by(least_squares)
    both = jax.jit(jax.value_and_grad(lambda x: simulated(*problem.build(x)).value))
    three = jax.jit(lambda x: simulated.estimates(*problem.build(x)))
    return {
        "exact_price": processor_seconds(lambda: exact(point), 200),
        "direct": processor_seconds(lambda: direct(point), 50),
        "direct_and_ten_greeks": processor_seconds(lambda: both(point), 20),
        "direct_path_and_dual": processor_seconds(lambda: three(point), 30),
        "longstaff_schwartz": processor_seconds(lambda: lsm(point), 5),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    points = parser.parse_args().points
    use_one_core()
    results = measure(points)
    print(*(f"{name}: {value}" for name, value in results.items()), sep="\n")
    print(save("stochastic_grid_bundling", results))


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    main()
