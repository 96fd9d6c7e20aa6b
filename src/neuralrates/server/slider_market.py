"""A market and a trade of six numbers: what the sliders of the page stand for."""

import datetime
import functools
import math
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from neuralrates.conventions.swap import swap_convention
from neuralrates.core.checks import as_array
from neuralrates.core.requests import EngineName
from neuralrates.core.schema import Strict
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.trades.callable_trade import BermudanSwaptionTrade

CURRENCY, INDEX = "USD", "USD-SOFR"
NODES = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0)
"""Years to which the curve has a zero rate, and the ladder a delta."""
_SCALE, _SHORT, _LONG = 5.0, 2.0, 10.0
_EXPIRIES = (1.0, 10.0, 30.0)
_LABELS = ("1Y", "10Y", "30Y")
_LAST_DAY = 28
_KEPT = 256
"""Curves and volatilities that are kept."""
_FIRST, _LAST = datetime.date(2000, 1, 1), datetime.date(2080, 1, 1)
Greek = Literal["zero_delta", "vega", "gamma", "theta", "mean_reversion"]


def _date(value: object) -> object:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


class SliderTrade(Strict):
    """One Bermudan swaption on a market of three numbers.

    The zero rate to t years is $level - slope (e^{-t/5} - e^{-2}) / (e^{-2/5} - e^{-2})$: the level is that to ten years, the
    slope what it is more than that to two.

    Args:
        level: zero rate to ten years, decimal
        slope: zero rate to ten years less that to two, decimal
        volatility: normal volatility of every swaption, decimal per square root of year
        strike: fixed rate, decimal
        first_call: years from the start to the first period that can be entered
        tenor: years from the start to the end of the swap
        side: of the fixed rate
        notional: currency
        mean_reversion: per year
        engine: which to ask
        greeks: which Greeks
        valuation_date: today where it is not given
    """

    level: Annotated[float, Field(ge=-0.02, le=0.15)] = 0.035
    slope: Annotated[float, Field(ge=-0.05, le=0.05)] = 0.0
    volatility: Annotated[float, Field(ge=0.0005, le=0.05)] = 0.0085
    strike: Annotated[float, Field(ge=-0.05, le=0.2)] = 0.035
    first_call: Annotated[int, Field(ge=1, le=30)] = 1
    tenor: Annotated[int, Field(ge=2, le=40)] = 10
    side: Literal["payer", "receiver"] = "receiver"
    notional: Annotated[float, Field(ge=1.0, le=1e12)] = 1e6
    mean_reversion: Annotated[float, Field(ge=-0.1, le=1.0)] = 0.03
    engine: EngineName = "auto"
    greeks: Annotated[list[Greek], Field(max_length=5)] = []
    valuation_date: Annotated[datetime.date, BeforeValidator(_date), Field(ge=_FIRST, le=_LAST)] = (
        Field(default_factory=_today)
    )

    @model_validator(mode="after")
    def _can_be_called(self) -> "SliderTrade":
        if self.first_call >= self.tenor:
            raise ValueError(f"expected a first_call before the tenor of {self.tenor} years")
        return self

    def zero_rates(self) -> np.ndarray:
        """Zero rates at the nodes."""
        return _zero_rates(self.level, self.slope)

    def market(self) -> Market:
        """The curve and the volatilities."""
        curves, quoted = _curves(self.level, self.slope), _quoted(self.volatility)
        return Market(self.valuation_date, {CURRENCY: CurrencyMarket(CURRENCY, curves, quoted)})

    def trade(self) -> BermudanSwaptionTrade:
        """The swaption: its swap starts at spot, or on the day after it that every month has."""
        return BermudanSwaptionTrade(
            trade_id="page",
            currency=CURRENCY,
            index=INDEX,
            side=self.side,
            notional=self.notional,
            strike=self.strike,
            start_date=self._start(0),
            maturity_date=self._start(self.tenor),
            first_exercise_date=self._start(self.first_call),
            exercise_frequency="1Y",
        )

    def _start(self, years: int) -> datetime.date:
        start = swap_convention(INDEX).spot_date(self.valuation_date)
        while start.day > _LAST_DAY:
            start += datetime.timedelta(1)
        return start.replace(year=start.year + years)


def _zero_rates(level: float, slope: float) -> np.ndarray:
    far = math.exp(-_LONG / _SCALE)
    shape = (np.exp(-np.array(NODES) / _SCALE) - far) / (math.exp(-_SHORT / _SCALE) - far)
    return level - slope * shape


@functools.lru_cache(_KEPT)
def _curves(level: float, slope: float) -> CurveSystem:
    """A slider moves one number and leaves the others where they were: what they stand for is kept."""
    curve = ZeroCurve(as_array(NODES), as_array(_zero_rates(level, slope)))
    return CurveSystem(curve, curve, INDEX, INDEX)


@functools.lru_cache(_KEPT)
def _quoted(volatility: float) -> SwaptionVolatility:
    flat = np.full((len(_EXPIRIES), len(_EXPIRIES)), volatility)
    return SwaptionVolatility(_EXPIRIES, _EXPIRIES, flat, None, _LABELS, _LABELS)
