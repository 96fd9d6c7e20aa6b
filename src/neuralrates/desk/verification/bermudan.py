"""Rights on bonds priced by QuantLib's Gaussian1d engine on its Gsr model."""

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.flows import Flows
from neuralrates.pricers.quantlib.days import evaluation_date, quantlib_day
from neuralrates.pricers.quantlib.nonstandard import nonstandard_swaption
from neuralrates.products.swap import Side

_DEVIATIONS = 7.0
_ZERO_REVERSION = 1e-4
_FINEST = 4
_INDEX = 2.0
"""Years after the last exercise that the engine may look at: those of an index that pays nothing here."""


def bermudan_value(
    flows: Flows,
    volatilities: np.ndarray,
    reversion: float,
    side: Side,
    points: int,
    tolerance: float,
) -> tuple[float, float]:
    """Value of the right, and how far it is from that of half the grid.

    Args:
        flows: of the rights
        volatilities: of the short rate up to each exercise
        reversion: per year
        side: entered on exercise
        points: of the first grid on each side of the mean; up to four times as many while the error exceeds the tolerance
        tolerance: per unit notional

    Raises:
        RefusalError: where QuantLib's engine would price another contract

    Source: QuantLib, `ql/pricingengines/swaption/gaussian1dnonstandardswaptionengine.cpp`.
    """
    if 0.0 < abs(reversion) < _ZERO_REVERSION:
        raise RefusalError(f"QuantLib's Gsr takes a mean reversion of {reversion} for zero")
    with evaluation_date():
        curve = _curve(flows)
        option = nonstandard_swaption(flows.swaption(side), curve)
        model = _gsr(flows, volatilities, reversion, curve)
        coarse = _on_grid(option, model, points // 2)
        value = _on_grid(option, model, points)
        finest = _FINEST * points
        while abs(value - coarse) > tolerance and points < finest:
            points *= 2
            coarse, value = value, _on_grid(option, model, points)
    return value, abs(value - coarse)


def _on_grid(option: ql.NonstandardSwaption, model: ql.Gsr, points: int) -> float:
    option.setPricingEngine(ql.Gaussian1dNonstandardSwaptionEngine(model, points, _DEVIATIONS))
    return option.NPV()


def _gsr(
    flows: Flows, volatilities: np.ndarray, reversion: float, curve: ql.YieldTermStructureHandle
) -> ql.Gsr:
    steps = [quantlib_day(day) for day in _days(flows.expiries[:-1])]
    quotes = [ql.QuoteHandle(ql.SimpleQuote(float(one))) for one in volatilities]
    speed = [ql.QuoteHandle(ql.SimpleQuote(reversion))]
    horizon = max(flows.times[-1], flows.expiries[-1] + _INDEX)
    return ql.Gsr(curve, steps, quotes, speed, float(horizon))


def _curve(flows: Flows) -> ql.YieldTermStructureHandle:
    """Through the discount factors of the flows and starts: the engine reads no others."""
    days = [0, *_days(flows.times)]
    factors = [1.0, *flows.factors.tolist()]
    nodes = dict(zip(days, factors, strict=True))
    dates = [quantlib_day(day) for day in nodes]
    curve = ql.DiscountCurve(dates, list(nodes.values()), ql.Actual365Fixed())
    curve.enableExtrapolation()
    return ql.YieldTermStructureHandle(curve)


def _days(times: np.ndarray) -> list[int]:
    return [round(time * 365.0) for time in times.tolist()]
