"""Curves from quotes: QuantLib's rate helpers and piecewise curves do the work."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
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
    Handle,
    basis_rates,
    convention,
    other_rate,
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
        projection: deposits, FRAs, swaps and basis swaps of other floating rates, a curve each; that of the first is the one
            that volatilities are quoted on; without any the discount curve plays both parts
        interpolation: how the curves read between their nodes
        futures_until: tenor from the valuation date by which a future must end to be used

    Returns:
        The curve system, times in years (Act/365F) from the valuation date.

    Raises:
        CalibrationError: naming the first quote that no curve reprices, or the curves that are each built from the other

    Source: Ametrano and Bianchetti (2013), Everything You Always Wanted to Know About Multiple Interest Rate Curve
    Bootstrapping but Were Afraid to Ask, section 4.

    Example:
        >>> import datetime, neuralrates as nr
        >>> quotes = [nr.market.Quote("ois", "USD-SOFR", t, r) for t, r in (("1Y", 0.05), ("5Y", 0.04))]
        >>> system = nr.market.bootstrap(datetime.date(2024, 3, 19), quotes)
        >>> print(f"{system.discount.zero_rate(5.0):.6f}")
        0.039569
    """
    first = _common_index(discount)
    given = {first: tuple(discount)} | _by_index(projection)
    if len(projection) and first in _by_index(projection):
        raise CalibrationError(f"expected one curve of {first}, found quotes of it on two")
    _check_basis(given)
    built: dict[str, _Bootstrapped] = {}
    with evaluation_date(valuation_date):
        today = quantlib_date(valuation_date)
        for index in solving_order(given):
            built[index] = _bootstrap_one(today, given[index], futures_until, built)
        parts = [built[index] for index in given]
        curves = tuple(part.zero_curve(interpolation) for part in parts)
    positions = {index: number for number, index in enumerate(given)}
    par_rates = ParRates([item for part in parts for item in part.instruments], positions)
    quotes = tuple(quote for part in parts for quote in part.quotes)
    if interpolation != "log_linear" or any(quote.kind == "basis" for quote in quotes):
        curves = refine(par_rates, curves, quotes)
    found = dict(zip(given, curves, strict=True))
    main = list(given)[1] if projection else first
    return CurveSystem(
        discount=found[first],
        projection=found[main],
        discount_index=first,
        projection_index=main,
        quotes=quotes,
        unused=tuple(quote for part in parts for quote in part.unused),
        par_rates=par_rates,
        futures_until=futures_until,
        further={name: curve for name, curve in found.items() if name not in (first, main)},
    )


def solving_order(given: Mapping[str, Sequence[Quote]]) -> list[str]:
    """Floating rates in an order in which each one's basis swaps are against curves that are there already.

    The discount curve is the first whatever it is quoted against: it starts from outright rates, and Newton's method ends it.

    Args:
        given: quotes by floating rate, those of the discount curve first

    Raises:
        CalibrationError: naming rates of which each is quoted against the next
    """
    discount, *waiting = given
    needs = {
        index: {other_rate(quote) for quote in given[index] if quote.kind == "basis"}
        for index in waiting
    }
    found = [discount]
    while waiting:
        ready = [index for index in waiting if needs[index] <= set(found)]
        if not ready:
            names = " and ".join(waiting)
            raise CalibrationError(
                f"expected basis swaps that do not go in a circle, found those of {names} to need each other's curves"
            )
        found += ready
        waiting = [index for index in waiting if index not in ready]
    return found


@dataclass(frozen=True)
class _Bootstrapped:
    """One log-linear curve of QuantLib's, with its quotes resolved to flows."""

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
    built: Mapping[str, _Bootstrapped],
) -> _Bootstrapped:
    """A curve beside those that are there already, the discount curve first."""
    curves = {index: Handle(part.curve) for index, part in built.items()}
    discount = next(iter(curves.values()), None)

    def helper(quote: Quote) -> ql.RateHelper:
        against = curves.get(other_rate(quote)) if quote.kind == "basis" else None
        return rate_helper(quote, discount, against)

    used, unused = select(today, quotes, futures_until)
    instruments = [resolve(quote, helper(quote), today) for quote in used]
    stand_ins = used if built else _without_basis(used)
    curve = _piecewise_curve(today, stand_ins, [helper(quote) for quote in stand_ins])
    return _Bootstrapped(used, unused, instruments, curve)


def _by_index(quotes: Sequence[Quote]) -> dict[str, tuple[Quote, ...]]:
    names = dict.fromkeys(quote.index for quote in quotes)
    return {name: tuple(q for q in quotes if q.index == name) for name in names}


def _check_basis(given: Mapping[str, Sequence[Quote]]) -> None:
    """Basis swaps need the curve of their other rate."""
    for quote in (quote for quotes in given.values() for quote in quotes if quote.kind == "basis"):
        paid, received = basis_rates(quote)
        other = received if paid == quote.index else paid
        if other not in given:
            raise CalibrationError(
                f"quote {quote.name}: expected a curve of {other} beside it, found those of {', '.join(given)}"
            )


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
