"""Market to price in one differentiable function: curves, coterminal calibration, backward induction."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.functions import decay_between, largest
from neuralrates.core.types import Bond, Exercises, Scalar
from neuralrates.engines.exercise import exercise_probabilities
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.pricers.gaussian.backward_induction import (
    BackwardInduction,
    Induction,
    induce,
    value_today,
)
from neuralrates.pricers.gaussian.jamshidian import european_value
from neuralrates.pricers.gaussian.resolution import survey
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.schedule import SwaptionSchedule

_PADDING_SHARE = 1e-3
"""Least step of variance between exercises that are only padding, of all before; a smaller one is lost to rounding."""

SHORTEST_EXPIRY = 1e-6
"""Years; an exercise that falls on the valuation date as time passes has no time value left, only its exercise value."""


class Fit(NamedTuple):
    """The one-factor model of one trade, calibrated, in the form its pricer wants.

    Args:
        variances: of the state at the exercise times
        loadings: $H(T_k) - H(T_n)$ of the flow times, years, from that of the last
        present_values: value today of each flow received on exercise
        misfit: model minus quoted normal volatility, per exercise
        expiries: exercise times, years
        end: time of the last flow, years
    """

    variances: Exercises
    loadings: Float[Array, "flows"]
    present_values: Float[Array, "exercises flows"]
    misfit: Exercises
    expiries: Exercises
    end: Scalar


class Checks(NamedTuple):
    """What comes with a value: its error, the model behind it, the probability of each exercise.

    Args:
        error: numerical error of the value
        misfit: of the calibration, in normal volatility, per exercise
        variances: calibrated variances of the state, per exercise
        probabilities: of exercise, risk-neutral, per exercise
    """

    error: Scalar
    misfit: Exercises
    variances: Exercises
    probabilities: Exercises


def value(
    pricer: BackwardInduction, shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> Scalar:
    """Value of a trade per unit notional, as a function of the market's numbers.

    Args:
        pricer: settings of the reference, settled; without effect on swaps and Europeans
        shape: curves and matrix that the numbers go into
        trade: padded trade
        inputs: the market's numbers

    Returns:
        Value; differentiate it in `inputs` for market Greeks, calibration included.
    """
    return evaluate(pricer, shape, trade, inputs)[0]


def evaluate(
    pricer: BackwardInduction, shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> tuple[Scalar, Checks]:
    """Value of a trade per unit notional, as in `value`, and what comes with it."""
    held = trade.swap_sign * _swap_value(shape, trade, inputs)
    if trade.exercise_times.shape[0] == 0:
        nothing = jnp.zeros(0)
        return held, Checks(jnp.zeros(()), nothing, nothing, nothing)
    fitted = fit(shape, trade, inputs)
    run = induce(pricer, fitted.variances, fitted.loadings, fitted.present_values)
    fine, coarse = _option_values(pricer, fitted, run)
    probabilities = exercise_probabilities(
        pricer, run, fitted.expiries, inputs.mean_reversion, fitted.end
    )
    error = pricer.band(fine, coarse) if fitted.variances.shape[0] > 1 else jnp.zeros(())
    return held + fine, Checks(error, fitted.misfit, fitted.variances, probabilities)


def _option_values(pricer: BackwardInduction, fitted: Fit, run: Induction) -> tuple[Scalar, Scalar]:
    """Value of the option, and a coarser one to measure it against; one exercise has a closed form."""
    flows, loadings, variances = fitted.present_values, fitted.loadings, fitted.variances
    if variances.shape[0] == 1:
        exact = european_value(flows[0], loadings, variances[0])
        return exact, exact
    return value_today(run), value_today(induce(pricer.coarser(), variances, loadings, flows))


@eqx.filter_jit
def surveys(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, half_width: float
) -> tuple[Float[Array, "batch"], Int[Array, "batch"]]:
    """What a quadrature for each of some stacked trades has to resolve once they are calibrated; see `survey`."""

    def one(trade: PaddedTrade) -> tuple[Scalar, Int[Array, ""]]:
        fitted = fit(shape, trade, inputs)
        return survey(fitted.variances, fitted.loadings, fitted.present_values, half_width)

    return jax.vmap(one)(trades)


def fit(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Fit:
    """Calibrate the model of one trade to the European swaptions of its exercise times."""
    discount, projection = shape.with_inputs(inputs)
    schedule = SwaptionSchedule(trade.exercise_times, trade.start_times, trade.swap)
    product = schedule.resolve(
        _after(inputs.elapsed, discount.discount_factor),
        _after(inputs.elapsed, projection.discount_factor),
        trade.strike,
        "receiver",
    )
    expiries = jnp.maximum(trade.exercise_times - inputs.elapsed, SHORTEST_EXPIRY)
    flow_times = product.flow_times - inputs.elapsed
    discount_factors = jax.vmap(discount.discount_factor)(flow_times)
    end = largest(flow_times)
    loadings = -jax.vmap(lambda t: decay_between(inputs.mean_reversion, t, end))(flow_times)
    coterminals = dataclasses.replace(Coterminals.of(product, discount_factors), expiries=expiries)
    tenors = trade.maturity - trade.start_times
    spreads = schedule.spread_rates(_after(inputs.elapsed, discount.discount_factor))
    quotes = jax.vmap(lambda e, t, f, s: shape.volatility(inputs, e, t, f - s, trade.strike - s))(
        expiries, tenors, coterminals.forwards, spreads
    )
    variances = coterminals.variances(loadings, quotes)
    misfit = coterminals.misfits(loadings, variances, quotes)
    present_values = trade.option_sign * trade.alive[:, None] * coterminals.present_values
    return Fit(
        _beyond_the_last(variances, trade.alive),
        loadings,
        present_values,
        trade.alive * misfit,
        expiries,
        end,
    )


def _after(elapsed: Scalar, discount_factor: Bond) -> Bond:
    """Discount factors seen after some time has passed: a curve keeps its shape in time to maturity."""
    return lambda time: discount_factor(time - elapsed)


def _beyond_the_last(variances: Exercises, alive: Exercises) -> Exercises:
    """Variances that go on growing evenly through exercises that are only padding."""
    steps = jnp.diff(jnp.concatenate([jnp.zeros(1), variances]))
    last = jnp.max(jnp.where(alive > 0.0, variances, 0.0))
    padding = jnp.maximum(variances[0], _PADDING_SHARE * last)
    steps = jnp.where(alive > 0.0, steps, jax.lax.stop_gradient(padding))
    return jnp.cumsum(steps)


def _swap_value(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Scalar:
    discount, projection = shape.with_inputs(inputs)
    bond = _after(inputs.elapsed, discount.discount_factor)
    forward = _after(inputs.elapsed, projection.discount_factor)
    swap = trade.swap.resolve(bond, forward, trade.strike, "receiver")
    return swap.value(bond)
