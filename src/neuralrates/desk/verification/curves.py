"""Curves of the second code: bootstrapped by QuantLib from the quotes, or read through the nodes that the file states."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import day
from neuralrates.desk.verification.quotes import against, helper
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve

REPRICED = 1e-9
"""Largest miss of a quote, in its own unit of rate."""

Curve: TypeAlias = ql.YieldTermStructure
Handle: TypeAlias = ql.YieldTermStructureHandle

_NONE = Handle()
_ACCURACY = 1e-13
_TURNS = 60
_YEAR = ql.Actual365Fixed()
_PIECEWISE = {
    "log_linear": ql.PiecewiseLogLinearDiscount,
    "natural_spline": ql.PiecewiseNaturalLogCubicDiscount,
}
_THROUGH = {"log_linear": ql.DiscountCurve, "natural_spline": ql.NaturalLogCubicDiscountCurve}
_READERS = {"log_linear": ql.LinearInterpolation, "natural_spline": ql.CubicNaturalSpline}


@dataclass(frozen=True)
class QuantLibCurves:
    """Discount and projection curve of one floating rate; they depend on no evaluation date.

    Args:
        discount: handle on the curve to discount with
        projection: handle on the curve of the floating rate
        by_index: handles on the curves of all floating rates of the market, for basis swaps
    """

    discount: ql.YieldTermStructureHandle
    projection: ql.YieldTermStructureHandle
    by_index: Mapping[str, ql.YieldTermStructureHandle] = field(default_factory=dict)


def quantlib_curves(
    curves: CurveSystem, index: str, today: datetime.date, last: datetime.date
) -> QuantLibCurves:
    """Curves of one floating rate from what the market states: its quotes, or its nodes.

    Call it within `evaluation_date`.

    Args:
        curves: of its currency; only quotes, names and nodes that were given are read
        index: floating rate
        today: valuation date
        last: last date that will be asked for

    Returns:
        The curves.

    Raises:
        RefusalError: for an index without a curve, or where QuantLib misses a quote

    Source: Ametrano and Bianchetti (2013), section 4.
    """
    if index not in curves.by_index:
        raise RefusalError(f"the market has no curve of {index}")
    found = _bootstrapped(curves, day(today)) if curves.quotes else _stated(curves, today, last)
    handles = {name: _handle(curve) for name, curve in found.items()}
    return QuantLibCurves(handles[curves.discount_index], handles[index], handles)


def _stated(curves: CurveSystem, today: datetime.date, last: datetime.date) -> dict[str, Curve]:
    made = [_through_nodes(curve, day(today), (last - today).days) for curve in curves.curves]
    return {index: made[number] for index, number in curves.positions.items()}


def _through_nodes(curve: ZeroCurve, today: ql.Date, days: int) -> Curve:
    """QuantLib's interpolation of minus the logarithm, read on every date; a straight line beyond the last node."""
    times = np.concatenate([[0.0], np.asarray(curve.times)])
    exponents = times * np.concatenate([[0.0], np.asarray(curve.zero_rates)])
    straight = len(times) == 2
    read = _READERS["log_linear" if straight else curve.interpolation](
        times.tolist(), exponents.tolist()
    )
    end = times[-1]
    slope = exponents[-1] / end if straight else read.derivative(end)

    def exponent(time: float) -> float:
        return read(time) if time <= end else exponents[-1] + slope * (time - end)

    factors = [float(np.exp(-exponent(n / 365.0))) for n in range(days + 1)]
    return _extended(ql.DiscountCurve([today + n for n in range(days + 1)], factors, _YEAR))


def _bootstrapped(curves: CurveSystem, today: ql.Date) -> dict[str, Curve]:
    """All curves, each once those are there that its basis swaps need.

    Where the discount curve itself has basis swaps it starts without them, and all are solved in turn until none moves.
    """
    first = curves.discount_index
    quotes = {
        index: [one for one in curves.quotes if one.index == index] for index in curves.by_index
    }
    needed = {index: {against(one) for one in own} - {None} for index, own in quotes.items()}
    built: dict[str, Curve] = {}

    def solve(index: str, chosen: list[Quote]) -> None:
        handles = {name: _handle(curve) for name, curve in built.items()}
        discount = _NONE if index == first else handles[first]
        others = [handles.get(against(one) or "", _NONE) for one in chosen]
        helpers = [helper(*pair, discount) for pair in zip(chosen, others, strict=True)]
        built[index] = _solved(curves.discount.interpolation, today, chosen, helpers)

    solve(first, [one for one in quotes[first] if one.kind != "basis"])
    while waiting := [index for index in quotes if index not in built]:
        ready = [index for index in waiting if needed[index] <= set(built)]
        if not ready:
            raise RefusalError(f"basis swaps of {' and '.join(waiting)} go in a circle")
        for index in ready:
            solve(index, quotes[index])
    for _ in range(_TURNS if needed[first] else 0):
        before = _factors(built)
        for index in list(built):
            solve(index, quotes[index])
        after = _factors(built)
        if len(before) == len(after) and np.max(np.abs(np.subtract(before, after))) < _ACCURACY:
            break
    return built


def _solved(
    interpolation: str, today: ql.Date, quotes: list[Quote], helpers: list[ql.RateHelper]
) -> Curve:
    """QuantLib's bootstrap, copied to a curve that stays as it is whatever becomes of the evaluation date."""
    solved = _PIECEWISE[interpolation](today, helpers, _YEAR, ql.IterativeBootstrap(1e-14))
    dates, factors = zip(*solved.nodes(), strict=True)
    _check_repriced(quotes, helpers)
    make = _THROUGH[interpolation if len(dates) > 2 else "log_linear"]
    return _extended(make(list(dates), list(factors), _YEAR))


def _check_repriced(quotes: list[Quote], helpers: list[ql.RateHelper]) -> None:
    for quote, solved in zip(quotes, helpers, strict=True):
        miss = abs(solved.impliedQuote() - solved.quote().value())
        miss /= 100.0 if quote.kind == "future" else 1.0
        if not miss <= REPRICED:
            raise RefusalError(f"QuantLib misses the quote {quote.name} by {miss:.1e} in rate")


def _factors(curves: dict[str, Curve]) -> list[float]:
    return [factor for curve in curves.values() for _, factor in curve.nodes()]


def _handle(curve: Curve) -> Handle:
    return ql.YieldTermStructureHandle(curve)


def _extended(curve: Curve) -> Curve:
    curve.enableExtrapolation()
    return curve
