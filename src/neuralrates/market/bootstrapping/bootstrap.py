"""Curves from quotes: QuantLib's rate helpers and piecewise curves do the work."""

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions import evaluation_date, quantlib_date
from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.errors import CalibrationError
from neuralrates.market.bootstrapping.instruments import Instrument, resolve
from neuralrates.market.bootstrapping.par_rates import ParRates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.bootstrapping.rate_helpers import (
    TERM_INDEX,
    Handle,
    convention,
    rate_helper,
)
from neuralrates.market.bootstrapping.refinement import refine
from neuralrates.market.bootstrapping.selection import FUTURES_UNTIL, select
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import Interpolation, ZeroCurve

_ACCURACY = 1e-14


@door
def bootstrap(
    valuation_date: datetime.date,
    discount: Sequence[Quote],
    projection: Sequence[Quote] = (),
    interpolation: Interpolation = "log_linear",
    futures_until: str = FUTURES_UNTIL,
) -> CurveSystem:
    """Curves of one currency that reprice their quotes.

    `selection.select` says which of several overlapping quotes are used. QuantLib bootstraps log-linear curves node by node;
    where a node moves quotes before it (a spline, basis swaps) Newton's method on all nodes follows.

    Args:
        valuation_date: day on which time zero falls
        discount: deposits, futures, OIS and basis swaps of one overnight rate
        projection: deposits, FRAs and swaps of one term rate; without any the discount curve plays both parts
        interpolation: how both curves read between their nodes
        futures_until: tenor from the valuation date by which a future must end to be used

    Returns:
        The curve system, times in years (Act/365F) from the valuation date.

    Raises:
        CalibrationError: naming the first quote that no curve reprices

    Source: Ametrano and Bianchetti (2013), Everything You Always Wanted to Know About Multiple Interest Rate Curve
    Bootstrapping but Were Afraid to Ask, section 4.

    Example:
        >>> import datetime, neuralrates as nr
        >>> quotes = [nr.market.Quote("ois", "USD-SOFR", t, r) for t, r in (("1Y", 0.05), ("5Y", 0.04))]
        >>> system = nr.market.bootstrap(datetime.date(2024, 3, 19), quotes)
        >>> print(f"{system.discount.zero_rate(5.0):.6f}")
        0.039569
    """
    _check_basis(discount, projection)
    with evaluation_date(valuation_date):
        today = quantlib_date(valuation_date)
        parts = [_bootstrap_one(today, discount, futures_until)]
        if projection:
            parts.append(_bootstrap_one(today, projection, futures_until, parts[0].curve))
        curves = tuple(part.zero_curve(interpolation) for part in parts)
    par_rates = ParRates([item for part in parts for item in part.instruments])
    quotes = tuple(quote for part in parts for quote in part.quotes)
    if interpolation != "log_linear" or any(quote.kind == "basis" for quote in quotes):
        curves = refine(par_rates, curves, quotes)
    return CurveSystem(
        discount=curves[0],
        projection=curves[-1],
        discount_index=parts[0].index,
        projection_index=parts[-1].index,
        quotes=quotes,
        unused=tuple(quote for part in parts for quote in part.unused),
        par_rates=par_rates,
        futures_until=futures_until,
    )


@dataclass(frozen=True)
class _Bootstrapped:
    """One log-linear curve of QuantLib's, with its quotes resolved to flows."""

    index: str
    quotes: tuple[Quote, ...]
    unused: tuple[Quote, ...]
    instruments: list[Instrument]
    curve: ql.YieldTermStructure

    def zero_curve(self, interpolation: Interpolation) -> ZeroCurve:
        """Our curve through the same nodes, without the one at time zero."""
        times = np.array(self.curve.times())[1:]
        factors = np.array([factor for _, factor in self.curve.nodes()])[1:]
        return ZeroCurve(as_array(times), as_array(-np.log(factors) / times), interpolation)


def _bootstrap_one(
    today: ql.Date,
    quotes: Sequence[Quote],
    futures_until: str,
    discount: ql.YieldTermStructure | None = None,
) -> _Bootstrapped:
    index = _common_index(quotes)
    handle = Handle() if discount is None else Handle(discount)
    used, unused = select(today, quotes, futures_until)
    helpers = [rate_helper(quote, handle) for quote in used]
    instruments = [resolve(q, h, today) for q, h in zip(used, helpers, strict=True)]
    stand_ins = _without_basis(used)
    solvable = [rate_helper(quote, handle) for quote in stand_ins]
    curve = _piecewise_curve(today, stand_ins, solvable)
    return _Bootstrapped(index, used, unused, instruments, curve)


def _check_basis(discount: Sequence[Quote], projection: Sequence[Quote]) -> None:
    """Basis swaps need the curve of their term rate."""
    rates = {quote.index for quote in discount if quote.kind == "basis"}
    if unknown := sorted(rates - set(TERM_INDEX)):
        known = ", ".join(TERM_INDEX)
        raise CalibrationError(f"expected basis swaps of {known}, found {', '.join(unknown)}")
    terms = {TERM_INDEX[rate] for rate in rates}
    if missing := ", ".join(sorted(terms - {quote.index for quote in projection})):
        raise CalibrationError(f"expected a projection curve of {missing} beside the basis swaps")


def _common_index(quotes: Sequence[Quote]) -> str:
    indices = {quote.index for quote in quotes}
    if len(indices) != 1:
        found = ", ".join(sorted(indices)) or "no quotes"
        raise CalibrationError(f"expected quotes of one index per curve, found {found}")
    return convention(indices.pop()).index


def _without_basis(quotes: Sequence[Quote]) -> list[Quote]:
    """Where to start: basis swaps replaced by OIS at the last outright rate."""
    outright = [quote for quote in quotes if quote.kind != "basis"]
    if not outright:
        raise CalibrationError(
            f"expected deposits or OIS beside the basis swaps of {quotes[0].index}"
        )
    rate = outright[-1].value
    return [
        dataclasses.replace(quote, kind="ois", value=rate) if quote.kind == "basis" else quote
        for quote in quotes
    ]


def _piecewise_curve(
    today: ql.Date, quotes: Sequence[Quote], helpers: list[ql.RateHelper]
) -> ql.YieldTermStructure:
    try:
        return _solve(today, helpers)
    except RuntimeError as problem:
        quote = _first_failure(today, quotes, helpers)
        raise CalibrationError(
            f"quote {quote.name} = {quote.value} cannot be repriced after those before it: {problem}"
        ) from None


def _solve(today: ql.Date, helpers: list[ql.RateHelper]) -> ql.YieldTermStructure:
    accuracy = ql.IterativeBootstrap(_ACCURACY)
    curve = ql.PiecewiseLogLinearDiscount(today, helpers, ql.Actual365Fixed(), accuracy)
    curve.enableExtrapolation()
    curve.nodes()
    return curve


def _first_failure(today: ql.Date, quotes: Sequence[Quote], helpers: list[ql.RateHelper]) -> Quote:
    """The quote at which a bootstrap of ever more quotes first fails."""
    for count, quote in enumerate(quotes, start=1):
        try:
            _solve(today, helpers[:count])
        except RuntimeError:
            return quote
    return quotes[-1]
