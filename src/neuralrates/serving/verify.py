"""A book priced a second time, by QuantLib from the dates on, and the difference trade by trade."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from neuralrates.core.errors import NeuralratesError
from neuralrates.core.units import basis_point
from neuralrates.market.curve_system import CurveSystem
from neuralrates.market.market import Market
from neuralrates.products.book import Book
from neuralrates.products.trade import AbstractTrade
from neuralrates.serving.calibrated import Calibrated, calibrated_models
from neuralrates.serving.quantlib_price import SecondCode
from neuralrates.serving.quantlib_swap import QuantLibCurves
from neuralrates.serving.requests import mean_reversion_of
from neuralrates.serving.writers import records

TOLERANCE = 0.02
"""Difference allowed, in basis points of notional."""

POINTS = 256
"""Points of QuantLib's first grid on each side of the mean; refined where its own error exceeds the tolerance."""

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


def verify(
    book: Book,
    market: Market,
    table: pd.DataFrame,
    *,
    mean_reversion: MeanReversion = 0.03,
    tolerance: float = TOLERANCE,
    points: int = POINTS,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compare the prices of a book with QuantLib's.

    QuantLib builds the legs of every trade from its dates and conventions, on curves through our discount factors. Swaps are
    discounted; Europeans take QuantLib's Bachelier formula at the quoted volatility; other rights are priced by
    `Gaussian1dNonstandardSwaptionEngine` on `Gsr`, with the volatilities of our calibrated model.

    Args:
        book: dated trades
        market: curves and volatilities
        table: the book's prices, as `neuralrates.price` returned them
        mean_reversion: per year, as it was priced with
        tolerance: difference allowed, in basis points of notional
        points: of QuantLib's first grid on each side of the mean, even; up to four times as many where half of them give a
            price further away than the tolerance
        progress: called with the number of trades done and in all

    Returns:
        One row per row of the table; `status` is `agrees`, `differs`, or why there is no comparison.
    """
    dated = {trade.trade_id: trade for trade in book.trades}
    rows: dict[str, dict[str, Any]] = {}
    rates = [dated[name].index for name in table["trade_id"]]
    for (currency, index), same in table.groupby([table["currency"], rates], sort=False):
        priced = [dated[name] for name in same["trade_id"][same["status"] == "ok"]]
        if not priced:
            rows |= {ours["trade_id"]: _unpriced(ours) for ours in records(same)}
            continue
        settings = (points, tolerance * basis_point)
        curves = market[currency].curves.for_index(index)
        compare = _compared(priced, market, curves, mean_reversion, settings)
        for ours in records(same):
            rows[ours["trade_id"]] = _row(ours, dated[ours["trade_id"]], compare, tolerance)
            if progress is not None:
                progress(len(rows), len(table))
    check = pd.DataFrame([rows[name] for name in table["trade_id"]], columns=list(_COLUMNS))
    check.attrs |= {"tolerance": tolerance, "units": _UNITS}
    return check


class _Comparison:
    """QuantLib and the calibrated models of one currency."""

    def __init__(self, code: SecondCode, calibrated: dict[str, Calibrated | None]) -> None:
        self.code, self.calibrated = code, calibrated

    def __call__(self, ours: dict[str, Any], trade: AbstractTrade) -> dict[str, Any]:
        theirs = self.code.price(trade, self.calibrated[trade.trade_id])
        return {
            "method": theirs.method,
            "quantlib": theirs.value * trade.notional,
            "difference": (ours["value"] / trade.notional - theirs.value) / basis_point,
            "quantlib_error": theirs.error / basis_point,
        }


def _compared(
    trades: list[AbstractTrade],
    market: Market,
    curves: CurveSystem,
    mean_reversion: MeanReversion,
    settings: tuple[int, float],
) -> _Comparison:
    today, currency = market.valuation_date, trades[0].currency
    last = max(trade.maturity_date for trade in trades) + _AFTER_THE_END
    code = SecondCode(QuantLibCurves.of(curves, today, last), today, *settings)
    reversion = mean_reversion_of(mean_reversion, currency)
    models = calibrated_models(
        [trade.resolve(today) for trade in trades], market[currency], reversion
    )
    names = [trade.trade_id for trade in trades]
    return _Comparison(code, dict(zip(names, models, strict=True)))


def _row(
    ours: dict[str, Any], trade: AbstractTrade, compare: _Comparison, tolerance: float
) -> dict[str, Any]:
    row = {name: ours[name] for name in _NAMED}
    if ours["status"] != "ok":
        return _unpriced(ours)
    try:
        row |= compare(ours, trade)
    except NeuralratesError as error:
        return row | {"status": f"not compared: {error}"}
    return row | {"status": "agrees" if abs(row["difference"]) <= tolerance else "differs"}


def _unpriced(ours: dict[str, Any]) -> dict[str, Any]:
    """Row of a trade that has no value to compare."""
    return {name: ours[name] for name in _NAMED} | {"status": f"not priced: {ours['status']}"}
