"""Quotes that build no curve, in words: a note on each, and a warning where nothing takes their place."""

import datetime

import QuantLib as ql  # noqa: N813

from neuralrates.conventions import quantlib_date, year_fraction
from neuralrates.conventions.quantlib import python_date
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.bootstrapping.rate_helpers import future_period
from neuralrates.market.curves.curve_system import CurveSystem


def notes_on_left_out(valuation_date: datetime.date, curves: CurveSystem) -> tuple[str, ...]:
    """A note on every quote that builds no curve, and why.

    Args:
        valuation_date: day on which time zero falls
        curves: with the quotes left out

    Returns:
        A line each.
    """
    return tuple(_note(valuation_date, quote, curves.futures_until) for quote in curves.unused)


def cut_futures(valuation_date: datetime.date, curves: CurveSystem) -> tuple[str, ...]:
    """Futures beyond the last that is used, after whose end no other quote goes on: the curve ends before its quotes do.

    Args:
        valuation_date: day on which time zero falls
        curves: with the quotes used and left out

    Returns:
        One line for each curve that is cut short.
    """
    lines = []
    for index in dict.fromkeys(quote.index for quote in curves.unused):
        curve = curves.curve(index)
        reach = float(curve.times[-1])
        ends = {
            quote: _end(quote)
            for quote in curves.unused
            if (quote.kind, quote.index) == ("future", index)
            and year_fraction(valuation_date, _end(quote)) > reach
        }
        if ends:
            last = max(ends.values())
            lines.append(
                f"the curve of {index} ends after {reach:.2f} years: futures that end after {curves.futures_until} are left "
                f"out ({len(ends)}, to {last}), and no swap takes over from them; `futures_until` in the market file says how "
                "far futures go"
            )
    return tuple(lines)


def _end(future: Quote) -> datetime.date:
    return python_date(future_period(future)[1])


def _note(valuation_date: datetime.date, quote: Quote, futures_until: str) -> str:
    if quote.kind != "future":
        return f"not used, overlapped by others: {quote.name}"
    start, end = future_period(quote)
    today = quantlib_date(valuation_date)
    if start < today:
        return f"not used, its quarter has begun: {quote.name}"
    beyond = end > today + ql.Period(futures_until)
    reason = f"ends after {futures_until} (`futures_until`)" if beyond else "overlapped by others"
    return f"not used, {reason}: {quote.name}"
