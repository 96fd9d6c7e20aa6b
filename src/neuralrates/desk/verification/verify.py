"""A book priced a second time, by QuantLib from the fields on, and the difference trade by trade."""

import dataclasses
import datetime
import functools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.doors import door
from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.core.requests import mean_reversion_of
from neuralrates.core.units import basis_point
from neuralrates.desk.verification.conventions import day
from neuralrates.desk.verification.curves import quantlib_curves
from neuralrates.desk.verification.left_out import check_left_out
from neuralrates.desk.verification.price import SecondCode, SecondPrice
from neuralrates.desk.verification.stated import restated_curves
from neuralrates.desk.verification.volatility import quoted_volatility
from neuralrates.desk.writers import records
from neuralrates.market.files.schema import SwaptionVolatilityEntry
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.trades.book import Book
from neuralrates.trades.trade import AbstractTrade

TOLERANCE = 0.02
"""Difference allowed, in basis points of notional."""

EXACT = 0.001
"""The same for trades that QuantLib prices without a grid."""

POINTS = 256
"""Points of QuantLib's first grid on each side of the mean; refined where its own error exceeds the tolerance."""

ONE_FACTOR = "one_factor"

_FINER = 4
"""Times as many points before a trade is said to differ: the difference of two grids can understate the error of both."""

_AFTER_THE_END = datetime.timedelta(days=45)
_UNITS = {
    "value": "currency",
    "quantlib": "currency",
    "difference": "basis points of notional",
    "quantlib_error": "basis points of notional, QuantLib's whole grid against half of it",
}
_NAMED = ("trade_id", "kind", "currency", "value")
_COLUMNS = ("trade_id", "kind", "currency", "method", *_UNITS, "status")

Progress = Callable[[int, int], None]
MeanReversion = float | Mapping[str, float]
Found = SecondPrice | str
"""A price of the second code, or why there is none."""

Codes = Mapping[tuple[str, str], Callable[[], SecondCode | str]]
"""The second code by currency and floating rate, or why there is none."""


Ahead = Callable[[str], Found | None]
"""Name of a trade to a price that somebody else has found; None where nobody has."""


@door
def verify(
    book: Book,
    market: Market,
    table: pd.DataFrame,
    *,
    mean_reversion: MeanReversion | None = None,
    tolerance: float = TOLERANCE,
    points: int = POINTS,
    progress: Progress | None = None,
    ahead: Ahead | None = None,
    fixings: IndexFixings | None = None,
) -> pd.DataFrame:
    """Compare the prices of a book with QuantLib's.

    Shared with the desk are the trades, quotes and volatilities that the readers find in the files; what they make of them
    (continuous zero rates, the convexity of futures, a smile's spreads unless SABR is fitted to it) is made again. QuantLib
    bootstraps the curves from the quotes, builds the legs of every trade from its fields, rolls its exercises, and reads its
    fixings. Swaps are discounted; Europeans take the formula that their volatility is quoted for, Bachelier's or Black's;
    other rights are priced by `Gaussian1dNonstandardSwaptionEngine` on `Gsr`, calibrated apart to the same Europeans. QuantLib
    has no two-factor model whose volatilities change: with its flows such rights are calibrated apart and integrated on a grid
    over both factors. It has no rights on the whole forward curve either: there `quantlib` is the middle of our own bounds, on
    its flows and on paths of their own, and a price agrees within its band and half of their gap.

    Args:
        book: dated trades
        market: curves and volatilities
        table: the book's prices, as `neuralrates.price` returned them
        mean_reversion: per year, as it was priced with; as of `price` unless given
        tolerance: difference allowed, in basis points of notional; at most 0.001 where QuantLib needs no grid
        points: of QuantLib's first grid on each side of the mean, even; up to four times as many where half of them give a
            price further away than the tolerance
        progress: called with the number of trades done and in all
        ahead: prices of the second code that were asked for before
        fixings: published rates, as the book was priced with

    Returns:
        One row per row of the table; `status` is `agrees`, `differs`, or why there is no comparison.
    """
    book = book if fixings is None else book.with_fixings(fixings, market.valuation_date)
    dated = {trade.trade_id: trade for trade in book.trades}
    trades = [dated[name] for name in table["trade_id"]]
    model = table.attrs.get("model", ONE_FACTOR)
    reversion = market.mean_reversion(model, mean_reversion)
    codes = second_codes(trades, market, reversion, tolerance, points, model)
    rows = []
    for ours, trade in zip(records(table), trades, strict=True):
        found = None if ahead is None else ahead(trade.trade_id)
        rows.append(_row(ours, trade, codes, found, tolerance))
        if progress is not None:
            progress(len(rows), len(table))
    check = pd.DataFrame(rows, columns=list(_COLUMNS))
    check.attrs |= {"tolerance": tolerance, "units": _UNITS}
    return check


def second_codes(
    trades: Sequence[AbstractTrade],
    market: Market,
    mean_reversion: MeanReversion,
    tolerance: float,
    points: int,
    model: str = ONE_FACTOR,
) -> Codes:
    """The second code by currency and floating rate, each set up when it is first asked for; arguments as of `verify`."""
    alike: dict[tuple[str, str], list[AbstractTrade]] = defaultdict(list)
    for trade in trades:
        alike[trade.currency, trade.projected_index].append(trade)
    given = market, mean_reversion, tolerance, points, model
    return {
        rate: functools.cache(functools.partial(_code, same, *given))
        for rate, same in alike.items()
    }


def _code(
    trades: Sequence[AbstractTrade],
    market: Market,
    mean_reversion: MeanReversion,
    tolerance: float,
    points: int,
    model: str,
) -> SecondCode | str:
    """The second code, or why there is none."""
    try:
        return second_code(trades, market, mean_reversion, tolerance, points, model)
    except NeuralratesError as error:
        return str(error)
    except RuntimeError as error:
        return f"QuantLib: {' '.join(str(error).split())}"


def price_again(codes: Codes, trade: AbstractTrade, finer: int = 1) -> Found:
    """What the second code says of a trade, on so many times the points."""
    known = codes[trade.currency, trade.projected_index]()
    if isinstance(known, str):
        return known
    try:
        return dataclasses.replace(known, points=finer * known.points).price(trade)
    except NeuralratesError as error:
        return str(error)


def second_code(
    trades: Sequence[AbstractTrade],
    market: Market,
    mean_reversion: MeanReversion = 0.03,
    tolerance: float = TOLERANCE,
    points: int = POINTS,
    model: str = ONE_FACTOR,
) -> SecondCode:
    """QuantLib set up for trades of one floating rate: curves and volatilities from what the market states.

    Args:
        trades: of one index
        market: curves and volatilities
        mean_reversion: per year, for all currencies or by currency
        tolerance: as of `verify`
        points: as of `verify`
        model: that the book was priced by

    Returns:
        The second code; it prices any trade of the index that ends with these.

    Raises:
        RefusalError: where QuantLib misses a quote, or a quote is left out without a reason
    """
    today, first = market.valuation_date, trades[0]
    source = market[first.currency]
    last = max(today, *(trade.maturity_date for trade in trades)) + _AFTER_THE_END
    with evaluation_date(today):
        system = restated_curves(source, today)
        check_left_out(system, day(today))
        curves = quantlib_curves(system, first.projected_index, today, last)
    volatility = None
    if source.swaption_volatility is not None:
        volatility = quoted_volatility(
            source.swaption_volatility,
            source.curves.projection_index,
            today,
            _stated_volatility(source),
        )
    reversion = mean_reversion_of(mean_reversion, first.currency)
    allowed = tolerance * basis_point
    law = _law(model, source)
    caps = (
        source.cap_volatility if first.projected_index == source.curves.projection_index else None
    )
    return SecondCode(curves, volatility, today, reversion, points, allowed, law, caps)


def _law(model: str, market: CurrencyMarket) -> TwoFactorParameters | ForwardCurveParameters | None:
    """Parameters of the model beside its volatility; none where it has one factor."""
    match model:
        case "one_factor":
            return None
        case "two_factor":
            return market.two_factor or TwoFactorParameters()
        case "forward_curve":
            return market.forward_curve or ForwardCurveParameters()
    raise RefusalError(f"there is no second code for the model {model}")


def _stated_volatility(market: CurrencyMarket) -> SwaptionVolatilityEntry | None:
    """What the file states, where the market still holds what was made of it."""
    stated = market.stated
    same = stated is not None and stated.swaption_volatility is market.swaption_volatility
    return stated.entry.swaption_volatility if stated is not None and same else None


def _row(
    ours: dict[str, Any],
    trade: AbstractTrade,
    codes: Codes,
    found: Found | None,
    tolerance: float,
) -> dict[str, Any]:
    """The comparison of a trade, for which the second code is asked where nothing is found yet."""
    if ours["status"] != "ok":
        return _unpriced(ours)
    value = ours["value"] / trade.signed_notional
    theirs = price_again(codes, trade) if found is None else found
    if not isinstance(theirs, str) and theirs.error > 0.0 and not theirs.half_gap:
        apart = abs(value - theirs.value) > tolerance * basis_point
        theirs = price_again(codes, trade, _FINER) if apart else theirs
    row = {name: ours[name] for name in _NAMED}
    if isinstance(theirs, str):
        return row | {"status": f"not compared: {theirs}"}
    row |= {
        "method": theirs.method,
        "quantlib": theirs.value * trade.signed_notional,
        "difference": (value - theirs.value) / basis_point,
        "quantlib_error": theirs.error / basis_point,
    }
    allowed = tolerance if row["quantlib_error"] > 0.0 else min(tolerance, EXACT)
    if theirs.half_gap:
        band = ours["error_band"] / abs(trade.signed_notional)
        allowed = (band + theirs.half_gap) / basis_point
    return row | {"status": "agrees" if abs(row["difference"]) <= allowed else "differs"}


def _unpriced(ours: dict[str, Any]) -> dict[str, Any]:
    """Row of a trade that has no value to compare."""
    return {name: ours[name] for name in _NAMED} | {"status": f"not priced: {ours['status']}"}
