"""Volatilities as quoted, read by the second code at an expiry, a tenor and a strike."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.market.swaption_volatility import SwaptionVolatility
from neuralrates.serving.quantlib_conventions import day, terms


@dataclass(frozen=True)
class QuotedVolatility:
    """Swaption volatilities as the market states them; bilinear, flat outside.

    Args:
        kind: `normal` or `lognormal`
        shift: added to forward and strike of a lognormal quote
        expiries: years
        tenors: years
        at_the_money: by expiry and tenor
        offsets: strikes minus forward at which a smile is quoted; none without one
        smile_expiries: years
        smile_tenors: years
        spreads: over the volatility at the money, by offset, expiry and tenor
    """

    kind: str
    shift: float
    expiries: np.ndarray
    tenors: np.ndarray
    at_the_money: np.ndarray
    offsets: np.ndarray
    smile_expiries: np.ndarray
    smile_tenors: np.ndarray
    spreads: np.ndarray

    def __call__(self, expiry: float, tenor: float, offset: float) -> float:
        """Volatility per square root of year, in the kind that is quoted."""
        level = _bilinear(self.expiries, self.tenors, self.at_the_money, expiry, tenor)
        if not len(self.offsets):
            return level
        nodes = (self.smile_expiries, self.smile_tenors)
        spreads = [_bilinear(*nodes, table, expiry, tenor) for table in self.spreads]
        return level + float(np.interp(offset, self.offsets, spreads))

    def price(
        self, side: int, strike: float, forward: float, annuity: float, expiry: float, tenor: float
    ) -> float:
        """European's value by the formula that its quote is for.

        Args:
            side: QuantLib's `Option.Call` for a payer, `Option.Put` for a receiver
            strike: decimal
            forward: swap rate, decimal
            annuity: years
            expiry: years
            tenor: years

        Source: Bachelier (1900); Black (1976), equation 16.
        """
        deviation = self(expiry, tenor, strike - forward) * np.sqrt(expiry)
        if self.kind == "normal":
            return ql.bachelierBlackFormula(side, strike, forward, deviation, annuity)
        if forward + self.shift <= 0.0:
            raise RefusalError(f"a lognormal volatility has no meaning at a forward of {forward}")
        if strike + self.shift <= 0.0:
            sign = 1.0 if side == ql.Option.Call else -1.0
            return annuity * max(sign * (forward - strike), 0.0)
        return ql.blackFormula(side, strike, forward, deviation, annuity, self.shift)

    def normal(
        self, strike: float, forward: float, annuity: float, expiry: float, tenor: float
    ) -> float:
        """Normal volatility of the European, to first order: where its price is too small to tell."""
        volatility = self(expiry, tenor, strike - forward)
        if self.kind == "normal":
            return volatility
        between = np.sqrt(max(strike + self.shift, 1e-6) * (forward + self.shift))
        return float(volatility * between)


def quoted_volatility(
    market: SwaptionVolatility, index: str, today: datetime.date, *, from_file: bool
) -> QuotedVolatility:
    """Volatilities of a market, of whatever kind they are quoted in.

    Args:
        market: as read
        index: floating rate of the underlying swaps
        today: valuation date
        from_file: whether the labels are what was stated; else the times are
    """
    smile = market.smile
    expiries = np.asarray(market.expiries)
    if from_file:
        expiries = _expiries(market.expiry_labels, index, today)
    return QuotedVolatility(
        "normal",
        0.0,
        expiries,
        np.asarray(market.tenors),
        np.asarray(market.normal_volatility),
        np.zeros(0) if smile is None else np.asarray(smile.offsets),
        np.zeros(0) if smile is None else np.asarray(smile.expiries),
        np.zeros(0) if smile is None else np.asarray(smile.tenors),
        np.zeros(0) if smile is None else np.asarray(smile.spreads),
    )


def _expiries(labels: Sequence[str], index: str, today: datetime.date) -> np.ndarray:
    calendar, start = terms(index).calendar, day(today)
    dates = [calendar.advance(start, ql.Period(one), ql.ModifiedFollowing) for one in labels]
    return np.array([date - start for date in dates]) / 365.0


def _bilinear(
    rows: np.ndarray, columns: np.ndarray, table: np.ndarray, row: float, column: float
) -> float:
    along = [float(np.interp(column, columns, line)) for line in table]
    return float(np.interp(row, rows, along))
