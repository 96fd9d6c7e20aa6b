"""The market: everything quoted on one day, by currency."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.requests import check_currencies
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.files.schema import CurrencyEntry
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility

MEAN_REVERSION = 0.03
"""Per year, where nothing else is said."""


@dataclass(frozen=True)
class Source:
    """Where market data came from.

    Args:
        file: file name
        sha256: digest of the file, in hexadecimal
        notes: what the reader decided: duplicates, quotes left out, conversions
        warnings: what looks like a slip, with the evidence; the command line prints each
        unread: how many quotes of the file are none that we take; the notes name them
    """

    file: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unread: int = 0


@dataclass(frozen=True, eq=False)
class Stated:
    """What a file states of one currency, and what its reader made of that: to check the one against the other.

    Args:
        entry: as the file states it
        curves: made of it
        swaption_volatility: made of it
    """

    entry: CurrencyEntry
    curves: CurveSystem
    swaption_volatility: SwaptionVolatility | None


@door
@dataclass(frozen=True, eq=False)
class CurrencyMarket:
    """Curves and volatilities of one currency.

    Args:
        currency: ISO code
        curves: discount and projection curves with their quotes; volatilities are of the rate of the first projection curve
        swaption_volatility: volatilities of European swaptions as quoted, where they are
        cap_volatility: normal volatilities of caps and floors, where quoted
        source: where the data came from
        stated: what the file states, where there is one
        two_factor: parameters of the two-factor model, where they are not the default ones
        forward_curve: the same of the model of the whole forward curve
    """

    currency: str
    curves: CurveSystem
    swaption_volatility: SwaptionVolatility | None = None
    cap_volatility: CapVolatility | None = None
    source: Source = field(default_factory=Source)
    stated: Stated | None = None
    two_factor: TwoFactorParameters | None = None
    forward_curve: ForwardCurveParameters | None = None


@door
@dataclass(frozen=True, eq=False)
class Market:
    """All currencies of one valuation date; times everywhere are Act/365F years from it.

    Args:
        valuation_date: day on which time zero falls
        currencies: by ISO code
        source: the file as a whole, with notes and warnings that belong to no currency of it
        model: by which books are priced on it unless another is asked for

    Example:
        >>> import datetime, neuralrates as nr
        >>> market = nr.market.Market(datetime.date(2024, 3, 19), {})
        >>> market["USD"]
        Traceback (most recent call last):
        neuralrates.core.errors.InputError: expected a currency of the market (none), found 'USD'
    """

    valuation_date: datetime.date
    currencies: Mapping[str, CurrencyMarket]
    source: Source = field(default_factory=Source)
    model: str = "one_factor"

    def __post_init__(self) -> None:
        object.__setattr__(self, "currencies", MappingProxyType(dict(self.currencies)))

    def __reduce__(self) -> tuple[type["Market"], tuple[Any, ...]]:
        """What another process makes it of again: a read-only view of a dictionary cannot be sent."""
        return Market, (self.valuation_date, dict(self.currencies), self.source, self.model)

    def __getitem__(self, currency: str) -> CurrencyMarket:
        if currency not in self.currencies:
            known = ", ".join(self.currencies) or "none"
            raise InputError(f"expected a currency of the market ({known}), found {currency!r}")
        return self.currencies[currency]

    def mean_reversion(
        self, model: str, asked: float | Mapping[str, float] | None = None
    ) -> float | Mapping[str, float]:
        """Mean reversion per year that a price goes by.

        Args:
            model: by which it is priced
            asked: what the price asks for, for all currencies or by currency; None for nothing

        Returns:
            What is asked for; else 0.03, or by currency where the market states one with two factors.

        Raises:
            InputError: where a currency is named that the market does not have
        """
        if asked is not None:
            check_currencies(asked, self.currencies)
            return asked
        laws = {code: one.two_factor for code, one in self.currencies.items()}
        stated = {
            code: law.mean_reversion
            for code, law in laws.items()
            if law is not None and law.mean_reversion is not None
        }
        if model != "two_factor" or not stated:
            return MEAN_REVERSION
        return {code: stated.get(code, MEAN_REVERSION) for code in self.currencies}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided on reading: of the file as a whole, then by currency, such as `USD: ...`."""
        return (*self.source.notes, *self._by_currency("notes"))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looks like a slip: of the file as a whole, then by currency, such as `USD: ...`."""
        return (*self.source.warnings, *self._by_currency("warnings"))

    def _by_currency(self, kind: str) -> list[str]:
        return [
            f"{code}: {line}"
            for code, one in self.currencies.items()
            for line in getattr(one.source, kind)
        ]
