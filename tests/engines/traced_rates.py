"""Caps, floors and collars traced and differentiated by JAX: what the engine's own values are compared with."""

import jax
import jax.numpy as jnp

from neuralrates.core.types import Periods, Scalar
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.rate_options import Quotes
from neuralrates.engines.traced_quotes import after
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.pricers.gaussian.bachelier import bachelier
from neuralrates.trades.padded_rates import PaddedRates


def rate_value(
    shape: MarketShape, trade: PaddedRates, inputs: MarketInputs, quotes: Quotes
) -> Scalar:
    """Value of one trade per unit notional, less the premium still to be paid."""
    schedule, periods = trade.schedule, trade.schedule.floating
    discount, projection = (
        jax.vmap(after(inputs.elapsed, curve.discount_factor))
        for curve in shape.with_inputs(inputs)
    )
    growth = projection(periods.start_times) / projection(periods.end_times)
    rates = periods.index_weights * (growth - 1.0) / periods.accruals + periods.margins
    expiries = _expiries(schedule.first_times, schedule.last_times, inputs.elapsed)
    lengths = periods.end_times - periods.start_times

    def options(strike: Scalar, sign: float) -> Periods:
        level = strike - schedule.spread
        volatility = jax.vmap(
            lambda expiry, length, rate: _volatility(
                shape, inputs, quotes, trade, expiry, length, rate, level
            )
        )
        forwards = rates - schedule.spread
        moving = expiries > 0.0
        safe = jnp.where(moving, forwards, level)
        times = jnp.where(moving, expiries, 1.0)
        deviations = jnp.where(moving, volatility(times, lengths, safe) * jnp.sqrt(times), 0.0)
        return jax.vmap(bachelier, in_axes=(0, None, 0, None, None))(
            forwards, level, deviations, jnp.ones(()), jnp.asarray(sign)
        )

    paid = schedule.forward * (rates - trade.strike)
    if quotes != "no":
        paid += schedule.cap * options(trade.strike, 1.0)
        paid += schedule.floor * options(schedule.floor_strike, -1.0)
    at_start = discount(periods.start_times) / (1.0 + rates * periods.accruals)
    factors = jnp.where(schedule.paid_at_start > 0.0, at_start, discount(periods.payment_times))
    due = trade.premium * discount(trade.premium_time[None])[0]
    return jnp.sum(periods.notionals * periods.accruals * factors * paid) - due


def _expiries(first: Periods, last: Periods, elapsed: Scalar) -> Periods:
    """Times for which each rate moves as a whole that stand for its variance; zero where it is known."""
    first, last = first - elapsed, last - elapsed
    begun, length = jnp.maximum(first, 0.0), last - first
    left = jnp.maximum(last - begun, 0.0)
    return begun + left**3 / jnp.where(length > 0.0, 3.0 * length**2, 1.0)


def _volatility(
    shape: MarketShape,
    inputs: MarketInputs,
    quotes: Quotes,
    trade: PaddedRates,
    expiry: Scalar,
    length: Scalar,
    forward: Scalar,
    strike: Scalar,
) -> Scalar:
    """Normal volatility of one option."""
    if quotes == "swaption":
        return shape.volatility(inputs, expiry, length, forward, strike)
    term = trade.schedule.term - inputs.elapsed
    return _cap(shape, inputs, term, expiry, forward, strike)


def _cap(
    shape: MarketShape,
    inputs: MarketInputs,
    term: Scalar,
    expiry: Scalar,
    forward: Scalar,
    strike: Scalar,
) -> Scalar:
    """Normal volatility of a caplet, read from these numbers."""
    known = shape.cap_volatility
    matrix = CapVolatility(
        known.terms,
        known.strikes,
        inputs.cap_volatility,
        known.term_labels,
        known.quote_type,
        known.shift,
    )
    return matrix.at_strike(term, expiry, forward, strike)
