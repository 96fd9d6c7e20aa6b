"""The market file, version 1: what its keys are and what they may hold."""

import datetime
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from neuralrates.core.checks import check_decimal, check_increasing
from neuralrates.market.bootstrapping.quotes import check_tenor, tenor_years
from neuralrates.market.bootstrapping.selection import FUTURES_UNTIL
from neuralrates.market.curves.zero_curve import Interpolation
from neuralrates.market.files.cells import check_cells
from neuralrates.market.files.curve_entries import CurveEntry, Entry, ProjectionEntries, repeated
from neuralrates.market.forward_curve import FACTORS, ROOT_CAP, ForwardCurveParameters
from neuralrates.market.two_factor import (
    CORRELATION,
    FAST_MEAN_REVERSION,
    VOLATILITY_RATIO,
    TwoFactorParameters,
)
from neuralrates.market.volatility.swaption_volatility import (
    QuoteType,
    check_shift,
)

VERSION = "neuralrates.market/1"
_FIRST_YEAR, _LAST_YEAR = 1970, 2099


class SabrEntry(Entry):
    """By which SABR model a smile goes on between and beyond its quotes."""

    beta: float = Field(0.5, ge=0.0, le=1.0)
    shift: float = Field(0.03, ge=0.0, le=0.1)


class SmileEntry(Entry):
    """Volatilities away from the money, by offset (strike minus forward), expiry and tenor; of the type of the matrix.

    Linear in offset, and flat beyond the offsets, unless `sabr` says by which model they go on.
    """

    sabr: SabrEntry | None = None
    offsets: list[float] = Field(min_length=1)
    expiries: list[str] = Field(min_length=1)
    tenors: list[str] = Field(min_length=1)
    volatilities: list[list[list[float]]]

    @model_validator(mode="after")
    def _is_a_smile(self) -> "SmileEntry":
        check_increasing("offsets", self.offsets)
        check_decimal("offsets", self.offsets)
        _check_tenors(expiries=self.expiries, tenors=self.tenors)
        shape = (len(self.offsets), len(self.expiries), len(self.tenors))
        _table(self.volatilities, shape)
        return self


class SwaptionVolatilityEntry(Entry):
    """Volatilities at the money by expiry (rows) and tenor (columns), as quoted.

    The `shift` of shifted lognormal ones is one decimal, or one per tenor.
    """

    type: QuoteType = "normal"
    shift: float | list[float] = 0.0
    expiries: list[str] = Field(min_length=1)
    tenors: list[str] = Field(min_length=1)
    volatilities: list[list[float]]
    smile: SmileEntry | None = None

    @model_validator(mode="after")
    def _is_a_matrix(self) -> "SwaptionVolatilityEntry":
        _check_tenors(expiries=self.expiries, tenors=self.tenors)
        table = _table(self.volatilities, (len(self.expiries), len(self.tenors)))
        check_cells("volatilities", table, (self.expiries, self.tenors), self.type)
        if self.smile is not None:
            axes = (self.smile.offsets, self.smile.expiries, self.smile.tenors)
            check_cells("smile.volatilities", np.array(self.smile.volatilities), axes, self.type)
            if self.smile.sabr is not None and self.type != "normal":
                raise ValueError(
                    f"expected no `sabr` beside {self.type} volatilities: it is fitted to normal ones"
                )
        check_shift(self.type, self.shift)
        if isinstance(self.shift, list) and len(self.shift) != len(self.tenors):
            raise ValueError(f"expected one shift, or {len(self.tenors)}: one per tenor")
        return self


class CapVolatilityEntry(Entry):
    """Volatilities of whole caps by term (rows) and strike (columns)."""

    type: QuoteType = "normal"
    shift: float = 0.0
    terms: list[str] = Field(min_length=1)
    strikes: list[float] = Field(min_length=1)
    volatilities: list[list[float]]

    @model_validator(mode="after")
    def _is_a_matrix(self) -> "CapVolatilityEntry":
        _check_tenors(terms=self.terms)
        check_increasing("strikes", self.strikes)
        check_decimal("strikes", self.strikes)
        shape = (len(self.terms), len(self.strikes))
        axes = (self.terms, self.strikes)
        check_cells("volatilities", _table(self.volatilities, shape), axes, self.type)
        check_shift(self.type, self.shift)
        return self


class TwoFactorEntry(Entry):
    """What the two-factor model is given, where it is not the defaults of `TwoFactorParameters`."""

    fast_mean_reversion: float = FAST_MEAN_REVERSION
    volatility_ratio: float = VOLATILITY_RATIO
    correlation: float = CORRELATION
    mean_reversion: float | None = None

    @model_validator(mode="after")
    def _are_parameters(self) -> "TwoFactorEntry":
        self.parameters()
        return self

    def parameters(self) -> TwoFactorParameters:
        """The parameters of this entry."""
        return TwoFactorParameters(
            self.fast_mean_reversion, self.volatility_ratio, self.correlation, self.mean_reversion
        )


class ForwardCurveEntry(Entry):
    """What the model of the whole forward curve is given, where it is not the defaults of `ForwardCurveParameters`."""

    factors: list[list[float]] = [list(row) for row in FACTORS]
    shift: float = 0.0
    cap: float = ROOT_CAP

    @model_validator(mode="after")
    def _are_parameters(self) -> "ForwardCurveEntry":
        self.parameters()
        return self

    def parameters(self) -> ForwardCurveParameters:
        """The parameters of this entry."""
        return ForwardCurveParameters(tuple(map(tuple, self.factors)), self.shift, self.cap)


class CurrencyEntry(Entry):
    """Curves and volatilities of one currency; without `projection` the discount curve plays both parts.

    `projection` is one curve, or a list of curves of different rates; volatilities are quoted on the rate of the first.
    Futures are used that end within `futures_until` of the valuation date.
    """

    discount: CurveEntry
    projection: ProjectionEntries = []
    interpolation: Interpolation = "log_linear"
    futures_until: str = FUTURES_UNTIL
    swaption_volatility: SwaptionVolatilityEntry | None = None
    cap_volatility: CapVolatilityEntry | None = None
    two_factor: TwoFactorEntry | None = None
    forward_curve: ForwardCurveEntry | None = None

    @model_validator(mode="after")
    def _curves_are_alike(self) -> "CurrencyEntry":
        check_tenor("futures_until", self.futures_until)
        if twice := repeated(curve.index for curve in self.curves):
            raise ValueError(f"expected one curve of {twice}, found two")
        if len({bool(curve.quotes) for curve in self.curves}) > 1:
            raise ValueError("expected both curves as quotes, or both as zero rates")
        return self

    @property
    def curves(self) -> tuple[CurveEntry, ...]:
        """The discount curve, then the projection curves."""
        return (self.discount, *self.projection)


def _date(value: Any) -> datetime.date:
    try:
        date = datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("expected a date such as 2024-03-19") from None
    if not _FIRST_YEAR <= date.year <= _LAST_YEAR:
        raise ValueError(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return date


class MarketFile(Entry):
    """A whole market file."""

    version: Literal["neuralrates.market/1"] = Field(alias="schema")
    valuation_date: Annotated[datetime.date, BeforeValidator(_date)]
    currencies: dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], CurrencyEntry] = Field(
        min_length=1
    )
    description: str = ""
    model: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")] = "one_factor"


def _check_tenors(**tenors: list[str]) -> None:
    for name, labels in tenors.items():
        check_increasing(name, [tenor_years(label) for label in labels])


def _table(rows: list, shape: tuple[int, ...]) -> np.ndarray:
    """The nested lists as an array of this shape; rows of unequal length are holes."""
    try:
        table = np.array(rows, dtype=float)
    except ValueError:
        raise ValueError(f"expected volatilities without holes, of shape {shape}") from None
    if table.shape != shape:
        raise ValueError(f"expected volatilities of shape {shape}, found {table.shape}")
    return table
