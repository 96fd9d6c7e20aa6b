"""The house's own engines as rivals: what each instrument costs without any network, and how far it is then off.

Caplets have a closed form, European swaptions Jamshidian's, options one Fourier integral: these are the references of the
panel, and so nothing off it. Bermudan swaptions are priced by backward induction with few points: point by point as JAX
traces it, and in batches by the compiled kernel, which skips exercises that a shorter swap does not have. Their errors are
against an induction with twice the points of the panel's reference. Everything starts from the input vector, as the network
does: the curve and its spline are in the time.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import (
    BackwardInduction,
    run_induction,
    value_today,
)
from neuralrates.pricers.gaussian.batched import compiled
from neuralrates.pricers.gaussian.batched.state_space import Rights
from neuralrates.pricers.gaussian.rule import Rule
from neuralrates.problems.instrument_inputs import INPUTS, named, rate_model
from neuralrates.problems.instrument_prices import BERMUDAN, PRICES, bermudan_product

POINTS = (8, 12, 16, 24)
"""Nodes on each side of the boundary at each exercise of a Bermudan; 24 is the panel's reference."""
FINE = BackwardInduction(tolerance=1e-8, num_points=48, num_boundaries=1)
CLOSED_FORMS = {
    "caplet": "closed form",
    "european_swaption": "Jamshidian",
    "index_option": "Fourier integral",
    "gold_option": "Fourier integral",
}
_TOGETHER = 64

Pricer = Callable[[np.ndarray], np.ndarray]
"""Rows of inputs to their prices."""


class Engine(NamedTuple):
    """An engine at one setting."""

    name: str
    price: Pricer


def engines(instrument: str) -> list[Engine]:
    """Every engine of an instrument, at every setting, coarsest first."""
    if instrument != "bermudan_swaption":
        return [Engine(CLOSED_FORMS[instrument], functools.partial(_closed, instrument))]
    rules = [(points, _rule(points)) for points in POINTS]
    found = [
        Engine(f"backward induction, {points} points", functools.partial(_induced, rule))
        for points, rule in rules
    ]
    if compiled.takes(BERMUDAN.rule):
        found += [
            Engine(f"compiled induction, {points} points", functools.partial(_compiled, rule.rule))
            for points, rule in rules
        ]
    return found


def exact(instrument: str, x: np.ndarray) -> np.ndarray:
    """Prices that errors are measured against."""
    if instrument == "bermudan_swaption":
        return _induced(FINE, x)
    return _closed(instrument, x)


def _rule(points: int) -> BackwardInduction:
    return BackwardInduction(BERMUDAN.tolerance, points, BERMUDAN.num_boundaries)


def _closed(instrument: str, x: np.ndarray) -> np.ndarray:
    return np.asarray(_closed_forms(x, instrument))


def _induced(rule: BackwardInduction, x: np.ndarray) -> np.ndarray:
    return np.asarray(_inductions(x, rule))


def _compiled(rule: Rule, x: np.ndarray) -> np.ndarray:
    variances, loadings, present_values, counts = map(np.asarray, _rights(x))
    rights = Rights(counts, variances, loadings, present_values)
    unused = np.zeros_like(variances)
    return compiled.induced(rule, None, rights, unused, with_adjoint=False).values


def by_row(price: Callable[[HullWhite, dict[str, Array]], Any], x: Array) -> Any:
    """Something of the model and the terms of every row, so many rows at once."""

    def one(point: Array) -> Any:
        acting = point[: len(INPUTS)]
        return price(rate_model(acting), named(acting))

    if x.shape[0] <= _TOGETHER:
        return jax.vmap(one)(x)
    return jax.lax.map(one, x, batch_size=_TOGETHER)


@functools.partial(jax.jit, static_argnums=1)
def _closed_forms(x: Array, instrument: str) -> Array:
    return by_row(lambda model, at: PRICES[instrument](model, at)[0], x)


@functools.partial(jax.jit, static_argnums=1)
def _inductions(x: Array, rule: BackwardInduction) -> Array:
    def price(model: HullWhite, at: dict[str, Array]) -> Array:
        return value_today(run_induction(rule, model, bermudan_product(model, at)))

    return by_row(price, x)


@jax.jit
def _rights(x: Array) -> tuple[Array, ...]:
    """Of every row: variances at the exercises, loadings and present values of the flows, and how many exercises there are."""

    def of(model: HullWhite, at: dict[str, Array]) -> tuple[Array, ...]:
        product = bermudan_product(model, at)
        discount = jax.vmap(model.curve.discount_factor)(product.flow_times)
        alive = jnp.any(product.floating_weights != 0.0, axis=1)
        return (
            jax.vmap(model.variance)(product.exercise_times),
            jax.vmap(model.loading)(product.flow_times),
            product.flows * discount[None, :],
            jnp.sum(alive),
        )

    return by_row(of, x)
