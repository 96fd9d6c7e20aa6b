"""Relations that hold without arbitrage, checked point by point."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.certificates.bounds import proportion_bound
from neuralrates.certificates.certificate import ArbitrageCheck
from neuralrates.core.types import Inputs, Scalar
from neuralrates.problems.problem import Problem

Samples = Float[Array, "samples inputs"]
Prices = Callable[[Samples], Float[Array, "samples"]]
_SHIFT = 0.02  # share of an axis by which monotonicity is probed


def check_arbitrage(
    prices: Prices, problem: Problem, x: Samples, *, confidence: float, tolerance: float
) -> tuple[ArbitrageCheck, ...]:
    """Check a price function at many points: its lower bound, and where it must rise or fall.

    Args:
        prices: points to prices of the target
        problem: states the relations
        x: points
        confidence: of the bounds of the share of breaches
        tolerance: breach that is let pass, per unit notional

    Returns:
        One entry per relation.

    Source: a Bermudan is worth at least its best European; its value is monotone in the strike.
    """
    at = np.asarray(prices(x))
    control_prices = problem.control_prices
    if control_prices is None or control_prices.beside is None:
        breaches = {"price at least zero": -at}
    else:
        held = _everywhere(problem.held_beside, x)
        breaches = {"price at least what is held beside the right": np.asarray(held) - at}
    if control_prices is not None and control_prices.are_lower_bounds:
        bounds = _everywhere(problem.lower_bound, x)
        breaches["price at least every control price"] = np.asarray(bounds) - at
    between = problem.bounds
    if between is not None:
        most = np.asarray(_everywhere(lambda point: between(point).high, x))
        if np.isfinite(most).any():
            breaches["price at most its upper bound"] = at - most
    for names, sign in ((problem.increasing, 1.0), (problem.decreasing, -1.0)):
        for name in names:
            rise = np.asarray(prices(_shifted(problem, x, name))) - at
            word = "rises" if sign > 0.0 else "falls"
            breaches[f"price {word} with {name}"] = -sign * rise
    return tuple(_check(name, depth, confidence, tolerance) for name, depth in breaches.items())


@eqx.filter_jit
def _everywhere(function: Callable[[Inputs], Scalar], x: Samples) -> Array:
    return jax.lax.map(function, x, batch_size=64)


def _shifted(problem: Problem, x: Samples, name: str) -> Samples:
    """The points moved up one axis a little, as far as the domain goes."""
    index = problem.domain.index(name)
    low, high = problem.domain.low[index], problem.domain.high[index]
    return x.at[:, index].set(jnp.minimum(x[:, index] + _SHIFT * (high - low), high))


def _check(relation: str, depth: np.ndarray, confidence: float, tolerance: float) -> ArbitrageCheck:
    failures = int(np.sum(depth > tolerance))
    return ArbitrageCheck(
        relation=relation,
        fraction=failures / depth.size,
        bound=proportion_bound(failures, depth.size, confidence),
        deepest=float(max(np.max(depth), 0.0)),
        tolerance=tolerance,
    )
