"""The one-factor model of a dated trade, calibrated to the market's numbers."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.calibration.volatility import fit_gaussian
from neuralrates.core.types import Bond, Exercises, Scalar
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
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
        residual: model minus quoted normal volatility, per exercise
        expiries: exercise times, years
        end: time of the last flow, years
        forwards: forward swap rates of the European swaptions that it meets, decimals
        quotes: their normal volatilities
    """

    variances: Exercises
    loadings: Float[Array, "flows"]
    present_values: Float[Array, "exercises flows"]
    residual: Exercises
    expiries: Exercises
    end: Scalar
    forwards: Exercises
    quotes: Exercises


class Quoted(NamedTuple):
    """European swaptions of a trade's exercise times, as receivers, and what the market quotes for them.

    Args:
        coterminals: the swaptions
        flow_times: years from the valuation date, moved on by what has elapsed
        quotes: normal volatilities
    """

    coterminals: Coterminals
    flow_times: Float[Array, "flows"]
    quotes: Exercises


def quoted(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Quoted:
    """European swaptions of a trade's exercise times, each with its quote at the trade's strike."""
    discount, projection = shape.with_inputs(inputs)
    schedule = SwaptionSchedule(
        trade.exercise_times, trade.start_times, trade.swap, trade.fees, trade.fee_times
    )
    product = schedule.resolve(
        after(inputs.elapsed, discount.discount_factor),
        after(inputs.elapsed, projection.discount_factor),
        trade.strike,
        "receiver",
    )
    expiries = jnp.maximum(trade.exercise_times - inputs.elapsed, SHORTEST_EXPIRY)
    flow_times = product.flow_times - inputs.elapsed
    discount_factors = jax.vmap(discount.discount_factor)(flow_times)
    coterminals = dataclasses.replace(Coterminals.of(product, discount_factors), expiries=expiries)
    tenors = trade.maturity - trade.start_times
    spreads = schedule.spread_rates(after(inputs.elapsed, discount.discount_factor))
    quotes = jax.vmap(lambda e, t, f, s: shape.volatility(inputs, e, t, f - s, trade.strike - s))(
        expiries, tenors, coterminals.forwards, spreads
    )
    return Quoted(coterminals, flow_times, quotes)


def fit(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Fit:
    """Calibrate the model of one trade to the European swaptions of its exercise times."""
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    found = fit_gaussian(coterminals, flow_times, inputs.mean_reversion, quotes)
    return Fit(
        _beyond_the_last(found.variances, trade.alive),
        found.loadings,
        trade.option_sign * trade.alive[:, None] * coterminals.present_values,
        trade.alive * found.residuals,
        coterminals.expiries,
        found.end,
        coterminals.forwards,
        quotes,
    )


def after(elapsed: Scalar, discount_factor: Bond) -> Bond:
    """Discount factors seen after some time has passed: a curve keeps its shape in time to maturity."""
    return lambda time: discount_factor(time - elapsed)


def _beyond_the_last(variances: Exercises, alive: Exercises) -> Exercises:
    """Variances that go on growing evenly through exercises that are only padding."""
    steps = jnp.diff(jnp.concatenate([jnp.zeros(1), variances]))
    last = jnp.max(jnp.where(alive > 0.0, variances, 0.0))
    padding = jnp.maximum(variances[0], _PADDING_SHARE * last)
    steps = jnp.where(alive > 0.0, steps, jax.lax.stop_gradient(padding))
    return jnp.cumsum(steps)


def held_value(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Scalar:
    """Value of what a trade holds beside its right, per unit notional: its swap, if any, less the premium still to be paid."""
    discount, _ = shape.with_inputs(inputs)
    due = trade.premium * after(inputs.elapsed, discount.discount_factor)(trade.premium_time)
    return trade.swap_sign * swap_value(shape, trade, inputs) - due


def swap_value(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Scalar:
    """Value of the receiver swap of a trade per unit notional, as if it ran to maturity."""
    discount, projection = shape.with_inputs(inputs)
    bond = after(inputs.elapsed, discount.discount_factor)
    forward = after(inputs.elapsed, projection.discount_factor)
    swap = trade.swap.resolve(bond, forward, trade.strike, "receiver")
    return swap.value(bond)
