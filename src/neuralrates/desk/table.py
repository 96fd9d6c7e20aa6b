"""The desk's table: one row a trade, a unit for every column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from neuralrates.core.errors import NeuralratesError
from neuralrates.core.requests import GREEKS
from neuralrates.core.units import ROUNDING, basis_point
from neuralrates.desk.greeks import Assessment, Results
from neuralrates.engines.engine import AbstractEngine
from neuralrates.engines.market_inputs import MarketInputs
from neuralrates.engines.rate_options import RateEngine
from neuralrates.market.market import CurrencyMarket
from neuralrates.market.volatility.swaption_volatility import QuoteType
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.trade import AbstractTrade

_CENT = _POINT = 0.01
_BY_CAPS = RateEngine("cap").name
DAYS_PER_YEAR = 365.0
_VEGA = {
    "normal": (basis_point, "currency per basis point of normal volatility"),
    "lognormal": (_POINT, "currency per 0.01 of lognormal volatility"),
    "shifted_lognormal": (_POINT, "currency per 0.01 of shifted lognormal volatility"),
}
"""Move of a quote that a vega is for, and what it is called, by the type of the quotes."""
_UNITS = {
    "notional": "currency",
    "value": "currency",
    "error_band": "currency",
    "exercise_probability": "risk-neutral probability, by exercise date",
    "zero_delta": "currency per basis point of zero rate",
    "par_delta": "currency per basis point of quoted rate, of a future 0.01 off its price",
    "gamma": "currency per squared basis point, all zero rates together",
    "cross_gamma": "currency per squared basis point of two zero rates",
    "theta": "currency per calendar day, curves and volatilities fixed in time to maturity",
    "mean_reversion": "currency per basis point of mean reversion",
}


@dataclass(frozen=True)
class Row:
    """One trade's line.

    Args:
        trade: resolved trade, or one that could not be resolved
        value: currency
        error_band: currency
        engine: what priced it
        in_domain: whether a certified surrogate priced it, within its domain
        probabilities: of exercise, by ISO date; none for a swap
        greeks: by column name, currency per unit of the column
        reason: why it could not be priced, if so
        quote_type: of the volatilities that its vegas are to
        passed_over: why engines that were asked first did not price it
        missing: why it lacks Greeks that were asked for, by name
        bundle: whose surrogate priced it; empty where none did
    """

    trade: ResolvedTrade | AbstractTrade
    value: float = np.nan
    error_band: float = np.nan
    engine: str = ""
    in_domain: bool = False
    probabilities: dict[str, float] | None = None
    greeks: dict[str, float] = field(default_factory=dict)
    reason: NeuralratesError | None = None
    quote_type: QuoteType | None = None
    passed_over: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    bundle: str = ""


def failed(trade: ResolvedTrade | AbstractTrade, reason: NeuralratesError) -> Row:
    """Row of a trade that could not be priced."""
    return Row(trade, reason=reason)


def priced(
    trade: ResolvedTrade,
    engine: AbstractEngine,
    market: CurrencyMarket,
    asked: frozenset[str],
    results: Results,
) -> Row:
    """Row of a trade that an engine priced.

    Args:
        trade: resolved trade
        engine: that priced it
        market: its currency's market, whose labels name the columns
        asked: Greeks requested
        results: of this trade, per unit notional

    Returns:
        The row, in currency.
    """
    result, second, crossed, theta, _ = results
    probabilities = {
        date.isoformat(): float(probability)
        for date, probability in zip(
            trade.exercise_dates, result.checks.probabilities, strict=False
        )
    }
    greeks: dict[str, float] = {}
    by_caps = engine.name == _BY_CAPS
    quoted = market.cap_volatility if by_caps else market.swaption_volatility
    if result.gradient is not None:
        greeks |= _first_order(market, trade.floating_rates, asked, result, by_caps=by_caps)
    if second is not None:
        greeks["gamma"] = float(np.sum(second)) * basis_point**2
    if crossed is not None:
        greeks |= _crossed(market, trade.floating_rates, crossed)
    if theta is not None:
        growth = math.expm1(trade.discount_spread / DAYS_PER_YEAR)
        greeks["theta"] = float(theta + growth * (result.value + theta))
    return Row(
        trade,
        float(result.value) * trade.signed_notional,
        (float(result.error) + ROUNDING) * trade.notional,
        engine.name,
        engine.is_learned,
        probabilities or None,
        {name: greek * trade.signed_notional for name, greek in greeks.items()},
        quote_type=None if quoted is None else quoted.quote_type,
        missing={name: why for name, why in _unknown(market, quoted).items() if name in asked},
        bundle=engine.bundle,
    )


def _unknown(market: CurrencyMarket, quoted: object) -> dict[str, str]:
    """Greeks to quotes that a market does not hold, and why."""
    without = {}
    if not market.curves.quotes:
        without["par_delta"] = f"the {market.currency} curves are zero rates, not made from quotes"
    if quoted is None:
        without["vega"] = f"the {market.currency} market has no swaption volatilities"
    return without


def _first_order(
    market: CurrencyMarket,
    rates: tuple[str, ...],
    asked: frozenset[str],
    result: Assessment,
    *,
    by_caps: bool,
) -> dict[str, float]:
    gradient = result.gradient
    assert gradient is not None
    labels = market.curves.node_labels
    zero = np.zeros(len(labels))
    own = np.concatenate([gradient.discount_rates, gradient.projection_rates])
    zero[market.curves.nodes(*rates)] = own * basis_point
    columns: dict[str, float] = {}
    if "zero_delta" in asked:
        columns |= _ladder("zero_delta", labels, zero)
    if "par_delta" in asked and market.curves.quotes:
        outright = np.array([quote.kind != "basis" for quote in market.curves.quotes])
        columns |= _ladder("par_delta", *_par_deltas(market, zero), outright)
    if "vega" in asked:
        columns |= _vegas(market, gradient, by_caps=by_caps)
    if "mean_reversion" in asked:
        columns["mean_reversion"] = float(gradient.mean_reversion) * basis_point
    return columns


def _vegas(market: CurrencyMarket, gradient: MarketInputs, *, by_caps: bool) -> dict[str, float]:
    """Vegas to the quotes that priced the trade: those of caps or of swaptions."""
    if by_caps and market.cap_volatility is not None:
        known = market.cap_volatility
        vega = np.ravel(gradient.cap_volatility) * _VEGA[known.quote_type][0]
        return _ladder("vega", [f"cap {label}" for label in known.labels], vega)
    if market.swaption_volatility is None:
        return {}
    quoted = market.swaption_volatility
    return _ladder(
        "vega", quoted.labels, np.ravel(gradient.volatility) * _VEGA[quoted.quote_type][0]
    )


def _par_deltas(market: CurrencyMarket, zero: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Deltas to the quotes, per basis point of rate: zero deltas through the derivatives of the bootstrap.

    A future's rate rises by a basis point where its price falls by a cent, so that the deltas to rates add up to a move of all
    of them, over which spreads stay.
    """
    quotes = market.curves.quotes
    points = np.array([-_CENT / basis_point if quote.kind == "future" else 1.0 for quote in quotes])
    return tuple(quote.name for quote in quotes), (market.curves.jacobian.T @ zero) * points


def _ladder(
    name: str, labels: Sequence[str], amounts: np.ndarray, counted: np.ndarray | None = None
) -> dict[str, float]:
    """Total, of those that are counted where not all are, then one column per label."""
    ladder = {f"{name} {label}": float(a) for label, a in zip(labels, amounts, strict=True)}
    total = amounts if counted is None else amounts[counted]
    return {name: float(np.sum(total)), **ladder}


def _crossed(
    market: CurrencyMarket, rates: tuple[str, ...], crossed: np.ndarray
) -> dict[str, float]:
    labels = [market.curves.node_labels[node] for node in market.curves.nodes(*rates)]
    return {
        f"cross_gamma {first} x {labels[j]}": float(crossed[i, j]) * basis_point**2
        for i, first in enumerate(labels)
        for j in range(i, len(labels))
    }


def tabulate(rows: Sequence[Row], asked: frozenset[str]) -> pd.DataFrame:
    """Table of the rows.

    Args:
        rows: one a trade
        asked: Greeks requested; each has its column, also where no trade has the number

    Returns:
        The table; `attrs["units"]` names the unit of every column, `attrs["missing"]` by trade why it lacks which Greek.
    """
    table = pd.DataFrame(
        {
            "trade_id": [row.trade.trade_id for row in rows],
            "kind": [row.trade.kind for row in rows],
            "currency": [row.trade.currency for row in rows],
            "side": [row.trade.stated_side for row in rows],
            "position": [row.trade.stated_position for row in rows],
            "notional": [row.trade.notional for row in rows],
            "value": [row.value for row in rows],
            "error_band": [row.error_band for row in rows],
            "engine": [row.engine for row in rows],
            "in_domain": [row.in_domain for row in rows],
            "exercise_probability": [row.probabilities for row in rows],
            "status": ["ok" if row.reason is None else str(row.reason) for row in rows],
        }
    )
    nothing = dict.fromkeys(sorted(asked - {"cross_gamma"}), np.nan)  # which has no total
    greeks = pd.DataFrame([nothing | row.greeks for row in rows], index=table.index)
    ordered = [c for name in GREEKS if name in asked for c in greeks if _group(c) == name]
    table = pd.concat([table, greeks[ordered]], axis=1)
    units = {**_UNITS, "vega": _vega_unit(rows)}
    table.attrs["units"] = {column: units.get(_group(column), "") for column in table}
    table.attrs["missing"] = {row.trade.trade_id: row.missing for row in rows if row.missing}
    return table


def _vega_unit(rows: Sequence[Row]) -> str:
    """Unit of the vegas; by currency where these are quoted in several ways."""
    by_currency = {row.trade.currency: _VEGA[row.quote_type][1] for row in rows if row.quote_type}
    if len(set(by_currency.values())) < 2:
        return next(iter(by_currency.values()), _VEGA["normal"][1])
    return "; ".join(f"{currency}: {unit}" for currency, unit in by_currency.items())


def _group(column: str) -> str:
    """Name of the Greek that a column belongs to."""
    return column.split(" ", 1)[0]
