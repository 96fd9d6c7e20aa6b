"""Caps, floors, collars and forward rate agreements of a batch, rate by rate, with derivatives to the market's numbers."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from neuralrates.engines.closed_forms.bonds import CurveGradient
from neuralrates.engines.closed_forms.coterminals import of_curves
from neuralrates.engines.closed_forms.volatilities import (
    CapVolatilities,
    Volatilities,
    cap_volatilities,
    swaption_volatilities,
)
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.trades.padded_rates import PaddedRates

_LEAST_WIDTH = 1e-12

Periods = Float[np.ndarray, "trades periods"]
ByTrade = Float[np.ndarray, "trades"]


class _Options(NamedTuple):
    """Options on all rates of a batch at one strike each, and their derivatives.

    Args:
        value: undiscounted
        rate: derivative to the forward rate
        expiry: to the expiry
        term: to the length of the cap
        volatility: to the volatility as quoted
        read: how that reads the quotes
    """

    value: Periods
    rate: Periods
    expiry: Periods
    term: Periods
    volatility: Periods
    read: Volatilities | CapVolatilities


class RateOptions:
    """Trades on single rates of one size, at a market's numbers.

    Args:
        trades: stacked
        shape: curves and matrices that the numbers go into
        inputs: the numbers
        quotes: whose volatilities: `cap` or `swaption`; `no` for trades without options

    Attributes:
        values: per unit notional, less the premiums still to be paid
    """

    def __init__(
        self, trades: PaddedRates, shape: MarketShape, inputs: MarketInputs, quotes: str
    ) -> None:
        self._trades, self._shape, self._inputs, self._quotes = trades, shape, inputs, quotes
        schedule, periods = trades.schedule, trades.schedule.floating
        self._elapsed = float(inputs.elapsed)
        self._discount = CurveReader(shape.discount, np.asarray(inputs.discount_rates))
        self._projection = shape.projection_readers(inputs)[0] or self._discount
        paid = (periods.payment_times, periods.start_times, trades.premium_time[:, None])
        self._paid = self._discount(np.concatenate(paid, axis=1) - self._elapsed)
        edges = np.concatenate([periods.start_times, periods.end_times], axis=1)
        self._edges = self._projection(edges - self._elapsed)
        start, end = np.split(self._edges.value, 2, axis=1)
        self._growth = np.exp(end - start)
        self._rates = (
            periods.index_weights * (self._growth - 1.0) / periods.accruals + periods.margins
        )
        self._discounts = np.exp(-self._paid.value)
        at_payment, at_start = self._of_columns(self._discounts)
        self._at_start = schedule.paid_at_start[:, None] > 0.0
        self._simple = 1.0 / (1.0 + self._rates * periods.accruals)
        self._factors = np.where(self._at_start, at_start * self._simple, at_payment)
        self._expiries, self._passing = self._moving_times()
        self._payoffs = schedule.forward[:, None] * (self._rates - trades.strike[:, None])
        self._held: list[tuple[Periods, _Options]] = []
        if quotes != "no":
            for held, strikes, sign in (
                (schedule.cap, trades.strike, 1.0),
                (schedule.floor, schedule.floor_strike, -1.0),
            ):
                options = self._options(strikes[:, None], sign)
                self._held.append((held[:, None], options))
                self._payoffs = self._payoffs + held[:, None] * options.value
        self._amounts = periods.notionals * periods.accruals
        due = np.asarray(trades.premium) * self._discounts[:, -1]
        self.values: ByTrade = np.sum(self._amounts * self._factors * self._payoffs, axis=1) - due

    def _of_columns(self, values: Float[np.ndarray, "trades columns"]) -> tuple[Periods, Periods]:
        """At payments and at starts."""
        size = self._growth.shape[1]
        return values[:, :size], values[:, size:-1]

    def _moving_times(self) -> tuple[Periods, Periods]:
        """Times for which each rate moves as a whole that stand for its variance, zero where it is known, and their slopes.

        Slopes are to the time that has passed.
        """
        schedule = self._trades.schedule
        first, last = schedule.first_times - self._elapsed, schedule.last_times - self._elapsed
        is_ahead, length = first > 0.0, last - first
        begun = np.where(is_ahead, first, 0.0)
        left = np.maximum(last - begun, 0.0)
        square = np.where(length > 0.0, 3.0 * length**2, 1.0)
        passing = np.where(is_ahead, -1.0, -3.0 * left**2 / square)
        return begun + left**3 / square, passing

    def _options(self, strikes: Float[np.ndarray, "trades 1"], sign: float) -> _Options:
        schedule, size = self._trades.schedule, self._growth.shape
        spread = schedule.spread[:, None]
        levels, forwards = np.broadcast_to(strikes - spread, size), self._rates - spread
        moving = self._expiries > 0.0
        times = np.where(moving, self._expiries, 1.0)
        read = self._read(times, np.where(moving, forwards, levels), levels)
        value, to_expiry, to_forward, to_term, scale = (
            part.reshape(size) for part in _of_volatility(read)
        )
        roots = np.sqrt(times)
        widths = np.where(moving, np.maximum(value * roots, _LEAST_WIDTH), _LEAST_WIDTH)
        distances = sign * (forwards - levels) / widths
        chances = ndtr(distances)
        density = np.exp(-0.5 * distances * distances) / np.sqrt(2.0 * np.pi)
        per_volatility = np.where(moving & (value * roots > _LEAST_WIDTH), density * roots, 0.0)

        def through(slope: Periods) -> Periods:
            return np.where(per_volatility == 0.0, 0.0, per_volatility * slope)

        return _Options(
            np.where(np.isnan(value) & moving, np.nan, widths * (distances * chances + density)),
            sign * chances + through(to_forward),
            through(to_expiry + 0.5 * value / times),
            through(to_term),
            through(scale),
            read,
        )

    def _read(
        self, times: Periods, forwards: Periods, levels: Periods
    ) -> Volatilities | CapVolatilities:
        periods = self._trades.schedule.floating
        points = (times.ravel(), forwards.ravel(), levels.ravel())
        if self._quotes == "swaption":
            lengths = (periods.end_times - periods.start_times).ravel()
            return swaption_volatilities(self._shape, self._inputs, points[0], lengths, *points[1:])
        terms = np.repeat(self._trades.schedule.term - self._elapsed, times.shape[1])
        return cap_volatilities(self._shape, self._inputs, terms, *points)

    def gradient(self) -> MarketInputs:
        """Derivatives of the values to the market's numbers."""
        count, size = self._growth.shape
        periods = self._trades.schedule.floating
        payoffs, factors = self._amounts * self._factors, self._amounts * self._payoffs
        rates = payoffs * self._trades.schedule.forward[:, None]
        elapsed, found = np.zeros(count), of_curves(self._nothing(count), self._inputs)
        trade = np.repeat(np.arange(count), size)
        for held, options in self._held:
            weights = payoffs * held
            rates = rates + weights * options.rate
            elapsed += np.sum(weights * (options.expiry * self._passing - options.term), axis=1)
            quotes = (weights * options.volatility).ravel()
            match options.read:
                case CapVolatilities(quoted=table):
                    caps = found.cap_volatility + table.pulled_back(quotes, trade, count)
                    found = found._replace(cap_volatility=caps)
                case Volatilities(quoted=matrix):
                    money, smile = matrix.pulled_back(quotes, trade, count)
                    found = found._replace(
                        volatility=found.volatility + money, smile=found.smile + smile
                    )
        simple = np.where(self._at_start, factors * self._factors * self._simple, 0.0)
        rates = rates - simple * periods.accruals
        growth = rates * periods.index_weights / periods.accruals * self._growth
        return self._through_curves(found, factors * self._factors, growth, elapsed)

    def _through_curves(
        self, found: MarketInputs, paid: Periods, growth: Periods, elapsed: ByTrade
    ) -> MarketInputs:
        """Derivatives of which those to logarithms of discounting and of growth are known."""
        due = np.asarray(self._trades.premium)[:, None] * self._discounts[:, -1:]
        at_start = np.where(self._at_start, paid, 0.0)
        read = np.concatenate([at_start - paid, -at_start, due], axis=1)
        edges = np.concatenate([-growth, growth], axis=1)
        discount = self._discount.pulled_back(self._paid, read)
        projection = self._projection.pulled_back(self._edges, edges)
        elapsed = elapsed - np.sum(read * self._paid.forward_rate, axis=1)
        elapsed = elapsed - np.sum(edges * self._edges.forward_rate, axis=1)
        if self._shape.projection is None:
            return found._replace(discount_rates=discount + projection, elapsed=elapsed)
        return found._replace(discount_rates=discount, projection_rates=projection, elapsed=elapsed)

    def _nothing(self, count: int) -> CurveGradient:
        rates, others = self._inputs.discount_rates, self._inputs.projection_rates
        return CurveGradient(
            np.zeros((count, *rates.shape)), np.zeros((count, *others.shape)), np.zeros(count)
        )


def _of_volatility(read: Volatilities | CapVolatilities) -> tuple[np.ndarray, ...]:
    """A reading's value, and its derivatives to expiry, forward rate, length of the cap and volatility as quoted."""
    term = read.term if isinstance(read, CapVolatilities) else np.zeros(read.value.shape)
    return read.value, read.expiry, read.forward, term, read.scale
