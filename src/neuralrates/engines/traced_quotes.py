"""What a dated trade holds and what the market quotes for it, traced: for engines that learn, and differentiate by JAX."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.types import Bond, Exercises, Scalar
from neuralrates.engines.closed_forms.coterminals import SHORTEST_EXPIRY
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.schedule import SwaptionSchedule


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


def after(elapsed: Scalar, discount_factor: Bond) -> Bond:
    """Discount factors seen after some time has passed: a curve keeps its shape in time to maturity."""
    return lambda time: discount_factor(time - elapsed)


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
