"""Numbers of the forward-curve engines and their derivatives by hand, against the same traced by JAX."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from desk.pricing_setting import SETTINGS, padded, shape_and_inputs, trades
from engines.traced_curve import curve_numbers_of, in_units
from neuralrates.engines import recurrence
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.forward_curve_correction import NAMES, shipped
from neuralrates.engines.forward_curve_numbers import CurveNumbers, ForwardCurveNumbers
from neuralrates.engines.recurrence import Corrections
from neuralrates.market.forward_curve import ForwardCurveParameters

EXACT = 1e-12  # of the largest: sums in another order, and polynomials that are moved
NAME = "single curve, USD"
PARAMETERS = {
    "the defaults": ForwardCurveParameters(),
    "another degree, a shift and a cap that binds": ForwardCurveParameters(
        factors=((0.04, 0.01), (0.0, 0.02)), shift=0.005, cap=0.205
    ),
}


def setting(name):
    shape, inputs = shape_and_inputs(SETTINGS[NAME])
    shape = dataclasses.replace(shape, forward_curve=PARAMETERS[name])
    return shape, inputs._replace(elapsed=np.asarray(0.003))


def random_like(alive, one, rng):
    """Random derivatives, none to padding."""
    padding = alive.reshape(alive.shape + (1,) * (one.ndim - 2)) if one.ndim > 1 else 1.0
    if one.shape[:2] != alive.shape:
        padding = 1.0
    return rng.standard_normal(one.shape) * padding


def close(found, expected, name):
    largest = np.max(np.abs(expected), initial=1e-300)
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=EXACT * largest, err_msg=name)


@pytest.mark.traced
@pytest.mark.parametrize("name", PARAMETERS)
def test_numbers_and_derivatives_are_those_of_jax(name):
    """A day on, with random derivatives to every number at once: value held, flows, loadings, quotes and correction."""
    shape, inputs = setting(name)
    stacked = padded(trades(NAME))
    alive = stacked.alive > 0.0
    found = ForwardCurveNumbers(CashFlows(stacked), shape, inputs)
    rng = np.random.default_rng(5)
    factor = type(found.numbers.factor)(
        *(random_like(alive, one, rng) for one in found.numbers.factor)
    )
    weights = CurveNumbers(factor, rng.standard_normal(alive.shape[0]))

    @jax.jit
    def all_of_it(stacked, inputs):
        def one(trade, weight):
            numbers, back, facts = jax.vjp(
                lambda at: curve_numbers_of(shape, trade, at), inputs, has_aux=True
            )
            return numbers, facts, back(weight)[0]

        return jax.vmap(one)(stacked, weights)

    numbers, facts, gradient = jax.tree.map(np.asarray, all_of_it(stacked, inputs))
    close(found.numbers.correction, numbers.correction, "correction")
    parts = (
        (found.numbers.factor, numbers.factor),
        (found.facts.factor, facts.factor),
        (found.facts.moves, facts.moves),
    )
    for ours, theirs in parts:
        for field in ours._fields:
            first, second = getattr(ours, field), getattr(theirs, field)
            where = alive if first.shape[:2] == alive.shape else ...
            close(first[where], second[where], field)
    for place, feature in enumerate(NAMES):
        own, other = found.facts.features[..., place], facts.features[..., place]
        close(own[alive], other[alive], feature)
    close(found.facts.deviation, facts.deviation, "deviation")
    close(found.facts.least_level, facts.moves.least_level, "least level")
    back = found.pulled_back(weights)
    for field in back._fields:
        close(getattr(back, field), getattr(gradient, field), field)


def test_a_single_date_is_not_corrected_whatever_else_is_said_of_it() -> None:
    weights = shipped().weights
    features = np.random.default_rng(1).standard_normal((2, 3, weights.centre.shape[0]))
    alive = np.array([[True, False, False], [True, True, False]])
    found = Corrections(weights, features, alive).values
    assert found[0] == 0.0
    assert found[1] != 0.0


def test_padding_does_not_enter_a_correction() -> None:
    weights = shipped().weights
    features = np.random.default_rng(1).standard_normal((1, 4, weights.centre.shape[0]))
    alive = np.array([[True, True, False, False]])
    whole = Corrections(weights, features, alive).values
    np.testing.assert_array_equal(whole, Corrections(weights, features[:, :2], alive[:, :2]).values)
    features[:, 2:] = np.nan
    np.testing.assert_array_equal(whole, Corrections(weights, features, alive).values)


def test_the_kernel_and_numpy_agree_on_corrections(monkeypatch) -> None:
    weights = shipped().weights
    features = np.random.default_rng(3).standard_normal((50, 8, weights.centre.shape[0])) * 3.0
    alive = np.arange(8) < np.random.default_rng(4).integers(1, 9, (50, 1))
    found = Corrections(weights, features, alive).values
    monkeypatch.setattr(recurrence, "_KERNEL", None)
    close(found, Corrections(weights, features, alive).values, "values")


@pytest.mark.skipif(recurrence._KERNEL is None, reason="installed without a compiler")
def test_weights_of_other_sizes_are_refused() -> None:
    weights = shipped().weights
    features, alive = np.zeros((1, 4, weights.centre.shape[0])), np.ones((1, 4), dtype=bool)
    with pytest.raises(ValueError, match="Argument `states` must hold"):
        Corrections(weights._replace(states=weights.states[:1]), features, alive)
    with pytest.raises(ValueError, match="1 to 64 hidden numbers"):
        Corrections(weights._replace(output=np.zeros((1, 65))), features, alive)


def test_corrections_and_their_slopes_are_those_of_jax() -> None:
    weights, rng = shipped().weights, np.random.default_rng(2)
    features = rng.standard_normal((3, 5, weights.centre.shape[0]))
    alive = np.arange(5) < np.array([[5], [2], [3]])
    found, given = Corrections(weights, features, alive), rng.standard_normal(3)

    def total(features):
        each = jax.vmap(lambda one, real: in_units(weights, one, real))(features, 1.0 * alive)
        return jnp.sum(given * each), each

    slopes, values = jax.grad(total, has_aux=True)(jnp.asarray(features))
    close(found.values, np.asarray(values), "values")
    close(found.pulled_back(given), np.asarray(slopes), "slopes")
