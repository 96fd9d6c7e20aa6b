"""Volatilities as quoted, read by the second code at an expiry, a tenor and a strike."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import day, period, terms, years
from neuralrates.desk.verification.stated import restated_spreads
from neuralrates.market.files.schema import SwaptionVolatilityEntry
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile


@dataclass(frozen=True)
class QuotedSmile:
    """Spreads over the volatility at the money, in the terms of the quotes.

    Args:
        offsets: strike minus forward, decimals
        expiries: years
        tenors: years
        spreads: by offset, expiry and tenor
    """

    offsets: np.ndarray
    expiries: np.ndarray
    tenors: np.ndarray
    spreads: np.ndarray


@dataclass(frozen=True)
class QuotedVolatility:
    """Swaption volatilities as the market states them: bilinear, flat outside.

    Args:
        quote_type: `normal`, or a lognormal one
        shifts: added to forward and strike of lognormal quotes, by tenor
        expiries: years
        tenors: years
        at_the_money: by expiry and tenor
        smile: where one is quoted
    """

    quote_type: str
    shifts: np.ndarray
    expiries: np.ndarray
    tenors: np.ndarray
    at_the_money: np.ndarray
    smile: QuotedSmile | None = None

    def __call__(self, expiry: float, tenor: float, offset: float) -> float:
        """Volatility per square root of year, in the terms that are quoted.

        Beyond the expiries and tenors of the smile its spreads keep their proportion to the volatility at the money.
        """
        level = bilinear(self.expiries, self.tenors, self.at_the_money, expiry, tenor)
        smile = self.smile
        if smile is None:
            return level
        nearest = (
            float(np.clip(expiry, smile.expiries[0], smile.expiries[-1])),
            float(np.clip(tenor, smile.tenors[0], smile.tenors[-1])),
        )
        there = bilinear(self.expiries, self.tenors, self.at_the_money, *nearest)
        nodes = (smile.expiries, smile.tenors)
        spreads = [bilinear(*nodes, table, *nearest) for table in smile.spreads]
        spread = float(np.interp(offset, smile.offsets, spreads))
        return level + spread * (level / there if there > 0.0 else 1.0)

    def shift(self, tenor: float) -> float:
        """Decimal added to forward and strike of lognormal quotes."""
        return float(np.interp(tenor, self.tenors, self.shifts))

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
        if self.quote_type == "normal":
            return ql.bachelierBlackFormula(side, strike, forward, deviation, annuity)
        shift = self.shift(tenor)
        if forward + shift <= 0.0:
            raise RefusalError(f"a lognormal volatility has no meaning at a forward of {forward}")
        if strike + shift <= 0.0:
            sign = 1.0 if side == ql.Option.Call else -1.0
            return annuity * max(sign * (forward - strike), 0.0)
        return ql.blackFormula(side, strike, forward, deviation, annuity, shift)

    def normal(self, strike: float, forward: float, expiry: float, tenor: float) -> float:
        """Normal volatility of the European, to first order: for where its price is too small to tell."""
        volatility = self(expiry, tenor, strike - forward)
        if self.quote_type == "normal":
            return volatility
        shift = self.shift(tenor)
        return float(volatility * np.sqrt(max(strike + shift, 0.0) * (forward + shift)))

    def implied(
        self,
        value: float,
        is_payer: bool,
        forward: float,
        strike: float,
        annuity: float,
        expiry: float,
        tenor: float,
    ) -> float:
        """Normal volatility of a European that is out of the money, from its value."""
        if self.quote_type == "normal":
            return self(expiry, tenor, strike - forward)
        side = ql.Option.Call if is_payer else ql.Option.Put
        return ql.bachelierBlackFormulaImpliedVol(side, strike, forward, expiry, value, annuity)


def quoted_volatility(
    market: SwaptionVolatility,
    index: str,
    today: datetime.date,
    stated: SwaptionVolatilityEntry | None = None,
) -> QuotedVolatility:
    """Volatilities of a market, of whatever kind they are quoted in.

    Args:
        market: as read
        index: floating rate of the underlying swaps
        today: valuation date
        stated: what a file states, where that is what was read; else times and spreads are taken as they are
    """
    expiries, tenors = np.asarray(market.expiries), np.asarray(market.tenors)
    if stated is not None:
        expiries, tenors = _expiries(stated.expiries, index, today), _lengths(stated.tenors)
    return QuotedVolatility(
        market.quote_type,
        np.asarray(market.shift),
        expiries,
        tenors,
        np.asarray(market.volatilities),
        _stated_smile(market, stated, index, today),
    )


def _smile(smile: VolatilitySmile | None) -> QuotedSmile | None:
    if smile is None:
        return None
    parts = (smile.offsets, smile.expiries, smile.tenors, smile.spreads)
    return QuotedSmile(*map(np.asarray, parts))


def _stated_smile(
    market: SwaptionVolatility,
    stated: SwaptionVolatilityEntry | None,
    index: str,
    today: datetime.date,
) -> QuotedSmile | None:
    """The smile of the file where it states one; as it was read where it does not, or where SABR was fitted to it."""
    if stated is None or (stated.smile is not None and stated.smile.sabr is not None):
        return _smile(market.smile)
    smile = stated.smile
    if smile is None:
        return None
    return QuotedSmile(
        np.array(sorted({0.0, *smile.offsets})),
        _expiries(smile.expiries, index, today),
        _lengths(smile.tenors),
        restated_spreads(stated, smile),
    )


def _lengths(labels: Sequence[str]) -> np.ndarray:
    return np.array([years(label) for label in labels])


def _expiries(labels: Sequence[str], index: str, today: datetime.date) -> np.ndarray:
    calendar, start = terms(index).calendar, day(today)
    dates = [calendar.advance(start, period(one), ql.ModifiedFollowing) for one in labels]
    return np.array([date - start for date in dates]) / 365.0


def bilinear(
    rows: np.ndarray, columns: np.ndarray, table: np.ndarray, row: float, column: float
) -> float:
    """Value of a table between its nodes, and that of the nearest beyond them."""
    along = [float(np.interp(column, columns, line)) for line in table]
    return float(np.interp(row, rows, along))
