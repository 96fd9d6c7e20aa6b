"""The market file, version 1: what its keys are and what they may hold."""

import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from neuralrates.core.checks import check_decimal, check_increasing
from neuralrates.market.bootstrapping.quotes import Quote, QuoteKind, check_tenor, tenor_years
from neuralrates.market.bootstrapping.rate_helpers import known_curve_indices
from neuralrates.market.bootstrapping.selection import FUTURES_UNTIL
from neuralrates.market.curves.compounding import Compounding
from neuralrates.market.curves.zero_curve import Interpolation, check_nodes_apart
from neuralrates.market.files.cells import check_cells
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
_FEW = 5


class _Entry(BaseModel):
    """Base of all entries: strict types, finite numbers, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                raise ValueError(f"unknown key {key!r}, expected {', '.join(known)}")
        return data


class QuoteEntry(_Entry):
    """One quote; decimals per year, a future as its price per 100. See `Quote`."""

    kind: QuoteKind
    tenor: str
    value: float
    start: str = ""
    convexity: float | None = None

    @model_validator(mode="after")
    def _is_a_quote(self) -> "QuoteEntry":
        if self.convexity is not None and self.kind != "future":
            raise ValueError(f"expected no convexity for a quote of kind {self.kind!r}")
        self.quote("XXX")
        return self

    def quote(self, index: str) -> Quote:
        """The quote of this entry, in a curve of this index."""
        return Quote(self.kind, index, self.tenor, self.value, self.start, self.convexity or 0.0)


class CurveEntry(_Entry):
    """A curve of one index: `quotes` to bootstrap, or nodes as `times` (years) and `zero_rates` with their `compounding`."""

    index: str
    quotes: list[QuoteEntry] = []
    times: list[float] = []
    zero_rates: list[float] = []
    compounding: Compounding | None = None

    @model_validator(mode="after")
    def _is_a_curve(self) -> "CurveEntry":
        if self.index not in known_curve_indices():
            known = ", ".join(known_curve_indices())
            raise ValueError(f"expected an index among {known}, found {self.index!r}")
        if bool(self.quotes) == bool(self.times):
            raise ValueError("expected either quotes, or times and zero_rates")
        if self.compounding and self.quotes:
            raise ValueError("expected compounding only beside times and zero_rates")
        _check_distinct([entry.quote(self.index).name for entry in self.quotes])
        _check_nodes(self.times, self.zero_rates)
        return self


class SabrEntry(_Entry):
    """By which SABR model a smile goes on between and beyond its quotes."""

    beta: float = Field(0.5, ge=0.0, le=1.0)
    shift: float = Field(0.03, ge=0.0, le=0.1)


class SmileEntry(_Entry):
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


class SwaptionVolatilityEntry(_Entry):
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


class CapVolatilityEntry(_Entry):
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


class TwoFactorEntry(_Entry):
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


class ForwardCurveEntry(_Entry):
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


class CurrencyEntry(_Entry):
    """Curves and volatilities of one currency; without `projection` the discount curve plays both parts.

    Futures are used that end within `futures_until` of the valuation date.
    """

    discount: CurveEntry
    projection: CurveEntry | None = None
    interpolation: Interpolation = "log_linear"
    futures_until: str = FUTURES_UNTIL
    swaption_volatility: SwaptionVolatilityEntry | None = None
    cap_volatility: CapVolatilityEntry | None = None
    two_factor: TwoFactorEntry | None = None
    forward_curve: ForwardCurveEntry | None = None

    @model_validator(mode="after")
    def _curves_are_alike(self) -> "CurrencyEntry":
        check_tenor("futures_until", self.futures_until)
        if self.projection and self.projection.index == self.discount.index:
            raise ValueError(f"expected one curve of {self.discount.index}, found two")
        if self.projection and bool(self.projection.quotes) != bool(self.discount.quotes):
            raise ValueError("expected both curves as quotes, or both as zero rates")
        return self


def _date(value: Any) -> datetime.date:
    try:
        date = datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("expected a date such as 2024-03-19") from None
    if not _FIRST_YEAR <= date.year <= _LAST_YEAR:
        raise ValueError(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return date


class MarketFile(_Entry):
    """A whole market file."""

    version: Literal["neuralrates.market/1"] = Field(alias="schema")
    valuation_date: Annotated[datetime.date, BeforeValidator(_date)]
    currencies: dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], CurrencyEntry] = Field(
        min_length=1
    )
    description: str = ""
    model: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")] = "one_factor"


def _check_distinct(names: list[str]) -> None:
    if repeats := repeated(names):
        raise ValueError(f"expected each quote once, found {repeats} again")


def repeated(names: Iterable[str]) -> str:
    """Names that occur more than once, between commas; the first few of many."""
    found = sorted(name for name, count in Counter(names).items() if count > 1)
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return ", ".join(found[:_FEW]) + more


def _check_nodes(times: list[float], zero_rates: list[float]) -> None:
    if len(times) != len(zero_rates):
        raise ValueError(f"expected one zero rate per time, found {len(zero_rates)}, {len(times)}")
    check_increasing("times", times)
    check_decimal("zero_rates", zero_rates)
    if times and times[0] <= 0.0:
        raise ValueError("Argument `times` must be positive.")
    check_nodes_apart(times)


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
