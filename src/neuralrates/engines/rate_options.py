"""Caps, floors, collars and forward rate agreements in closed form, rate by rate."""

from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.core.types import Periods, Scalar
from neuralrates.engines.batches import Batch
from neuralrates.engines.coterminal_numbers import compiled
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import first_of
from neuralrates.engines.one_factor_fit import after
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.gaussian.bachelier import bachelier
from neuralrates.trades.padded_rates import PaddedRates
from neuralrates.trades.resolved import ResolvedTrade

Quotes = Literal["no", "cap", "swaption"]


class RateEngine(AbstractEngine):
    """Each rate normal around its forward, with the volatility that is quoted for it.

    Of cap quotes one volatility prices a whole cap, as it is quoted, by its term and strike. Where a market quotes none for the
    rate, each caplet is the European swaption of its one period that a model calibrated to the swaption quotes reprices:
    the volatility of its expiry and length, at its strike. An overnight rate goes on moving while it compounds, less and less:
    the variance of a period from s to e is that of a rate known at $s + (e - s) / 3$.

    Args:
        quotes: whose volatilities: `cap` or `swaption`; `no` for trades without options

    Source: Bachelier (1900); Lyashenko and Mercurio (2019), "Looking forward to backward-looking rates", section 6, for the
        linear decay of the volatility within the period.
    """

    quotes: Quotes = eqx.field(static=True, default="cap")

    @property
    def name(self) -> str:
        return "closed form" if self.quotes == "no" else f"closed form, {self.quotes} quotes"

    @property
    def is_learned(self) -> bool:
        return False

    @property
    def certified_error(self) -> float:
        return 0.0

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.rates is None:
            return NotMineError(f"a {trade.kind} is no trade on single rates")
        if trade.rates.has_options is (self.quotes == "no"):
            return NotMineError("it is for another engine in closed form")
        quoted = market.cap_volatility is not None
        quoted = quoted and trade.index == market.curves.projection_index
        if self.quotes == "cap" and not quoted:
            return NotMineError(
                f"the {trade.currency} market has no cap volatilities of {trade.index}"
            )
        if self.quotes == "swaption" and market.swaption_volatility is None:
            return RefusalError(
                f"expected cap volatilities of {trade.index}, or swaption volatilities, in the {trade.currency} market, found "
                "neither"
            )
        return None

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Any = None,
    ) -> Assessment:
        count = len(batch.members)
        found, gradient = _values(shape, batch.trades, inputs, with_gradient, self.quotes)
        nothing = np.zeros((count, 0))
        checks = Checks(nothing, np.ones(count, dtype=bool), None)
        return Assessment(
            np.asarray(found)[:count], np.zeros(count), checks, first_of(gradient, count)
        )

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return None


@compiled
def _values(
    shape: MarketShape,
    trades: PaddedRates,
    inputs: MarketInputs,
    with_gradient: bool,
    quotes: Quotes,
) -> tuple[Float[Array, "batch"], MarketInputs | None]:
    """Values of stacked trades, and their derivatives to the market's numbers."""

    def one(trade: PaddedRates) -> tuple[Scalar, MarketInputs | None]:
        def worth(at: MarketInputs) -> Scalar:
            return rate_value(shape, trade, at, quotes)

        return jax.value_and_grad(worth)(inputs) if with_gradient else (worth(inputs), None)

    return jax.vmap(one)(trades)


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
    return shape.cap(inputs, term, expiry, forward, strike)
