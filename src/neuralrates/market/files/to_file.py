"""From the market back to entries that a file can hold."""

import dataclasses

import numpy as np

from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.files.schema import VERSION
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

Entries = dict[str, object]


def market_entries(market: Market, description: str = "") -> Entries:
    """The market file of a market, as nested dictionaries.

    Args:
        market: the market
        description: free text for the reader of the file

    Returns:
        Entries of schema version 1.
    """
    model = {"model": market.model} if market.model != "one_factor" else {}
    return {
        "schema": VERSION,
        "description": description,
        "valuation_date": market.valuation_date.isoformat(),
        **model,
        "currencies": {code: _currency(item) for code, item in market.currencies.items()},
    }


def _currency(market: CurrencyMarket) -> Entries:
    entry: Entries = _curves(market.curves)
    if market.swaption_volatility is not None:
        entry["swaption_volatility"] = _swaptions(market.swaption_volatility)
    if market.cap_volatility is not None:
        entry["cap_volatility"] = _caps(market.cap_volatility)
    if market.two_factor is not None:
        stated = dataclasses.asdict(market.two_factor)
        entry["two_factor"] = {name: value for name, value in stated.items() if value is not None}
    if market.forward_curve is not None:
        known = market.forward_curve
        factors = [list(row) for row in known.factors]
        entry["forward_curve"] = {"factors": factors, "shift": known.shift, "cap": known.cap}
    return entry


def _curves(curves: CurveSystem) -> Entries:
    entry: Entries = {"interpolation": curves.discount.interpolation}
    if any(quote.kind == "future" for quote in curves.quotes + curves.unused):
        entry["futures_until"] = curves.futures_until
    entry["discount"] = _curve(curves, curves.discount, curves.discount_index)
    others = [
        _curve(curves, curves.curve(index), index)
        for index, position in curves.positions.items()
        if position
    ]
    if others:
        entry["projection"] = others if others[1:] else others[0]
    return entry


def _curve(curves: CurveSystem, curve: ZeroCurve, index: str) -> Entries:
    if not curves.quotes:
        return {"index": index, "times": _list(curve.times), "zero_rates": _list(curve.zero_rates)}
    quotes = [quote for quote in (*curves.quotes, *curves.unused) if quote.index == index]
    return {"index": index, "quotes": [_quote(quote) for quote in quotes]}


def _quote(quote: Quote) -> Entries:
    entry: Entries = {"kind": quote.kind, "tenor": quote.tenor, "value": quote.value}
    if quote.kind == "future":
        entry["convexity"] = quote.convexity
    stated = {name: getattr(quote, name) for name in ("start", "against", "spread_on")}
    return entry | {name: value for name, value in stated.items() if value}


def _swaptions(volatility: SwaptionVolatility) -> Entries:
    entry: Entries = {
        "type": volatility.quote_type,
        "expiries": list(volatility.expiry_labels),
        "tenors": list(volatility.tenor_labels),
        "volatilities": _list(volatility.volatilities),
    }
    if volatility.quote_type == "shifted_lognormal":
        entry["shift"] = _list(volatility.shift)
    if volatility.smile is not None:
        entry["smile"] = _smile(volatility, volatility.smile)
    return entry


def _smile(volatility: SwaptionVolatility, smile: VolatilitySmile) -> Entries:
    rows = np.searchsorted(volatility.expiries, smile.expiries)
    columns = np.searchsorted(volatility.tenors, smile.tenors)
    at_the_money = np.asarray(volatility.volatilities)[np.ix_(rows, columns)]
    return {
        "offsets": _list(smile.offsets),
        "expiries": [volatility.expiry_labels[row] for row in rows],
        "tenors": [volatility.tenor_labels[column] for column in columns],
        "volatilities": _list(np.asarray(smile.spreads) + at_the_money),
    }


def _caps(volatility: CapVolatility) -> Entries:
    kind: Entries = {} if volatility.quote_type == "normal" else {"type": volatility.quote_type}
    shift = float(volatility.shift)
    return {
        **kind,
        **({"shift": shift} if shift else {}),
        "terms": list(volatility.term_labels),
        "strikes": _list(volatility.strikes),
        "volatilities": _list(volatility.volatilities),
    }


def _list(values: object) -> list:
    return np.asarray(values).tolist()
