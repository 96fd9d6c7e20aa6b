"""What each price was made of, so that a reader can make it again."""

import dataclasses
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from neuralrates import __version__
from neuralrates.conventions import swap_convention
from neuralrates.core.doors import door
from neuralrates.core.requests import mean_reversion_of
from neuralrates.desk.calibrated import calibrations
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.trades.book import Book

SCHEMA = "neuralrates.engine_card/1"
_PACKAGES = ("numpy", "scipy", "jax", "QuantLib")
_FITTED = ("one_factor", "two_factor", "forward_curve")
_TARGET = (
    "exercise_date",
    "exercise_time",
    "forward",
    "quoted",
    "residual",
    "short_rate_volatility",
    "curve_scale",
    "correlation_with_next",
)


@door
def engine_card(
    book: Book,
    market: Market,
    table: pd.DataFrame,
    *,
    mean_reversion: float | Mapping[str, float] | None = None,
    fixings: IndexFixings | None = None,
) -> dict[str, Any]:
    """Model, calibration, quotes, conventions and versions behind the prices of a book, as plain values.

    Args:
        book: that was priced
        market: that it was priced on
        table: prices, as `price` returned them
        mean_reversion: that `price` was given
        fixings: that `price` was given

    Returns:
        Under `trades`, by name: value, status, engine, and the European swaptions that its model was fitted to, with the
        quoted volatility, what the model misses it by, and the volatility of the short rate, or the scale of the curve's, that
        was found. Under `currencies`: quotes of the curves with their residuals, quotes left out, nodes, volatilities as
        quoted, and the parameters of a model of two factors or of the whole curve. Under `conventions`: those of
        each floating rate. Beside them the model, its mean reversions, and versions.

    Raises:
        CalibrationError: a quote cannot be met, although there is a price

    Example:
        >>> import neuralrates as nr
        >>> files = nr.desk.example_files()
        >>> book, market = nr.trades.load(files[0]), nr.market.load(files[1])
        >>> book = nr.trades.Book(book.trades[:2])
        >>> card = nr.desk.engine_card(book, market, nr.price(book, market))
        >>> card["model"], list(card["conventions"])
        ('one_factor', ['USD-SOFR'])
    """
    model = table.attrs["model"]
    reversions = market.mean_reversion(model, mean_reversion)
    priced = table[table["status"] == "ok"]
    names, known = set(priced["trade_id"]), list(dict.fromkeys(priced["currency"]))
    trades = [trade for trade in book if trade.trade_id in names]
    indices = dict.fromkeys(trade.convention.index for trade in trades)
    return {
        "schema": SCHEMA,
        "valuation_date": market.valuation_date.isoformat(),
        "model": model,
        "mean_reversion": {code: mean_reversion_of(reversions, code) for code in known},
        "versions": _versions(),
        "trades": _trades(book, market, table, reversions, fixings),
        "currencies": {code: _currency(market[code], model) for code in known},
        "conventions": {name: dataclasses.asdict(swap_convention(name)) for name in indices},
    }


def _versions() -> dict[str, str]:
    own = {"neuralrates": __version__, "python": platform.python_version()}
    return own | {name: version(name) for name in _PACKAGES}


def _trades(
    book: Book,
    market: Market,
    table: pd.DataFrame,
    reversions: float | Mapping[str, float],
    fixings: IndexFixings | None,
) -> dict[str, Any]:
    """By name: the price, what made it, and what its model was fitted to."""
    day = market.valuation_date
    seen = book if fixings is None else book.with_fixings(fixings, day)
    priced = set(table.loc[table["status"] == "ok", "trade_id"])
    resolved = [one for one in seen.resolve(day, keep_going=True).trades if one.trade_id in priced]
    model = table.attrs["model"]
    targets: dict[str, list[dict[str, Any]]] = {}
    if model in _FITTED:
        fits = calibrations(resolved, market, reversions, model)
        for name, row in zip(fits["trade_id"], fits.to_dict("records"), strict=True):
            targets.setdefault(name, []).append({key: row[key] for key in _TARGET if key in row})
    return {
        row.trade_id: {
            "kind": row.kind,
            "currency": row.currency,
            "status": row.status,
            "engine": row.engine,
            "value": row.value if row.trade_id in priced else None,
            "calibrated_to": targets.get(row.trade_id, []),
        }
        for row in table.itertuples()
    }


def _law(market: CurrencyMarket, model: str) -> dict[str, Any]:
    """Parameters that the model takes beside its mean reversion, as the market states them or by default."""
    if model == "two_factor":
        return {model: dataclasses.asdict(market.two_factor or TwoFactorParameters())}
    if model == "forward_curve":
        return {model: dataclasses.asdict(market.forward_curve or ForwardCurveParameters())}
    return {}


def _currency(market: CurrencyMarket, model: str) -> dict[str, Any]:
    quoted, caps = market.swaption_volatility, market.cap_volatility
    smile = None if quoted is None else quoted.smile
    return {
        "file": market.source.file,
        "sha256": market.source.sha256,
        "notes": list(market.source.notes),
        "curves": _curves(market.curves),
        "volatilities_quoted_on": market.curves.projection_index,
        **_law(market, model),
        "swaption_volatility": quoted and _arrays(quoted, "expiries", "tenors", "volatilities"),
        "smile": smile and _arrays(smile, "offsets", "expiries", "tenors", "spreads"),
        "cap_volatility": caps and _arrays(caps, "terms", "strikes", "volatilities"),
    }


def _curves(curves: CurveSystem) -> dict[str, Any]:
    residuals = curves.residuals if curves.quotes else ()
    return {
        "quotes": [
            {"quote": quote.name, "value": float(quote.value), "residual": float(residual)}
            for quote, residual in zip(curves.quotes, residuals, strict=True)
        ],
        "left_out": [quote.name for quote in curves.unused],
        "nodes": {
            name: _arrays(curve, "times", "zero_rates") | {"interpolation": curve.interpolation}
            for name, curve in curves.by_index.items()
        },
    }


def _arrays(held: Any, *names: str) -> dict[str, Any]:
    """Numbers of a part of the market as lists, and the type of its quotes where it has one."""
    found: dict[str, Any] = {name: np.asarray(getattr(held, name)).tolist() for name in names}
    if hasattr(held, "quote_type"):
        found |= {"quote_type": held.quote_type, "shift": np.asarray(held.shift).tolist()}
    return found
