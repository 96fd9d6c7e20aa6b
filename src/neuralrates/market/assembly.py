"""From validated entries to the market."""

import datetime

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions import quantlib_date
from neuralrates.core.checks import as_array
from neuralrates.market.bootstrapping import bootstrap
from neuralrates.market.cap_volatility import CapVolatility
from neuralrates.market.compounding import continuous_rates
from neuralrates.market.convexity import with_convexity
from neuralrates.market.curve_system import CurveSystem
from neuralrates.market.lognormal import normal_from_lognormal
from neuralrates.market.market import CurrencyMarket, Source
from neuralrates.market.quotes import Quote, tenor_years
from neuralrates.market.rate_helpers import future_period
from neuralrates.market.schema import (
    CapVolatilityEntry,
    CurrencyEntry,
    CurveEntry,
    SmileEntry,
    SwaptionVolatilityEntry,
)
from neuralrates.market.slips import rate_slips
from neuralrates.market.swap_rates import expiry_times, forward_swap_rates
from neuralrates.market.swaption_volatility import SwaptionVolatility, VolatilitySmile
from neuralrates.market.zero_curve import Interpolation, ZeroCurve


def assemble(
    valuation_date: datetime.date,
    currency: str,
    entry: CurrencyEntry,
    source: Source,
    description: str = "",
) -> CurrencyMarket:
    """Curves and volatilities of one currency from its entry.

    Args:
        valuation_date: day on which time zero falls
        currency: ISO code
        entry: what the file says
        source: where it came from
        description: what the file says of itself

    Returns:
        The currency's market; notes on unused quotes and conversions are added to the source.

    Raises:
        CalibrationError: naming the first quote that no curve reprices
    """
    curves, notes = _curves(valuation_date, entry)
    notes += [_left_out(valuation_date, quote, entry.futures_until) for quote in curves.unused]
    swaptions = entry.swaption_volatility
    if swaptions is not None and swaptions.type == "lognormal":
        notes.append("swaption volatilities converted from lognormal to normal at the money")
    return CurrencyMarket(
        currency,
        curves,
        _swaption_volatility(valuation_date, curves, swaptions),
        _cap_volatility(entry.cap_volatility),
        Source(
            source.file,
            source.sha256,
            (*source.notes, *notes),
            (*source.warnings, *rate_slips(curves, description)),
        ),
    )


def _curves(valuation_date: datetime.date, entry: CurrencyEntry) -> tuple[CurveSystem, list[str]]:
    """Curves, and what was filled in for them."""
    entries = [item for item in (entry.discount, entry.projection) if item is not None]
    if not entry.discount.quotes:
        curves = [_nodes(item, entry.interpolation) for item in entries]
        return CurveSystem(curves[0], curves[-1], entries[0].index, entries[-1].index), []
    filled = [with_convexity(valuation_date, item, entry.swaption_volatility) for item in entries]
    quotes = [found for found, _ in filled]
    second = quotes[1] if quotes[1:] else ()
    system = bootstrap(valuation_date, quotes[0], second, entry.interpolation, entry.futures_until)
    return system, [note for _, notes in filled for note in notes]


def _left_out(valuation_date: datetime.date, quote: Quote, futures_until: str) -> str:
    """A note on a quote that builds no curve, and why."""
    if quote.kind != "future":
        return f"not used, overlapped by others: {quote.name}"
    start, end = future_period(quote)
    today = quantlib_date(valuation_date)
    if start < today:
        return f"not used, its quarter has begun: {quote.name}"
    beyond = end > today + ql.Period(futures_until)
    reason = (
        f"ends after {futures_until}, where swaps take over" if beyond else "overlapped by others"
    )
    return f"not used, {reason}: {quote.name}"


def _nodes(entry: CurveEntry, interpolation: Interpolation) -> ZeroCurve:
    times, rates = np.array(entry.times), np.array(entry.zero_rates)
    rates = continuous_rates(times, rates, entry.compounding or "continuous")
    return ZeroCurve(as_array(times), as_array(rates), interpolation)


def _swaption_volatility(
    valuation_date: datetime.date, curves: CurveSystem, entry: SwaptionVolatilityEntry | None
) -> SwaptionVolatility | None:
    if entry is None:
        return None
    index = curves.projection_index
    return SwaptionVolatility(
        expiry_times(valuation_date, entry.expiries, index),
        _years(entry.tenors),
        _normal(valuation_date, curves, entry),
        None if entry.smile is None else _smile(valuation_date, index, entry, entry.smile),
        tuple(entry.expiries),
        tuple(entry.tenors),
    )


def _normal(
    valuation_date: datetime.date, curves: CurveSystem, entry: SwaptionVolatilityEntry
) -> np.ndarray:
    quoted = np.array(entry.volatilities)
    if entry.type == "normal":
        return quoted
    times = expiry_times(valuation_date, entry.expiries, curves.projection_index)
    forwards = forward_swap_rates(valuation_date, curves, entry.expiries, entry.tenors)
    return normal_from_lognormal(forwards, times, quoted)


def _smile(
    valuation_date: datetime.date, index: str, entry: SwaptionVolatilityEntry, smile: SmileEntry
) -> VolatilitySmile:
    """Spreads over the matrix at the money; an offset of zero is added where it is not quoted."""
    missing = sorted(
        (set(smile.expiries) - set(entry.expiries)) | (set(smile.tenors) - set(entry.tenors))
    )
    if missing:
        raise ValueError(f"the smile is quoted where the matrix is not: {', '.join(missing)}")
    rows = [entry.expiries.index(expiry) for expiry in smile.expiries]
    columns = [entry.tenors.index(tenor) for tenor in smile.tenors]
    at_the_money = np.array(entry.volatilities)[np.ix_(rows, columns)]
    spreads = {
        offset: np.array(table) - at_the_money
        for offset, table in zip(smile.offsets, smile.volatilities, strict=True)
    }
    spreads.setdefault(0.0, np.zeros_like(at_the_money))
    offsets = sorted(spreads)
    return VolatilitySmile(
        as_array(offsets),
        as_array(expiry_times(valuation_date, smile.expiries, index)),
        as_array(_years(smile.tenors)),
        as_array(np.stack([spreads[offset] for offset in offsets])),
    )


def _cap_volatility(entry: CapVolatilityEntry | None) -> CapVolatility | None:
    if entry is None:
        return None
    table = np.array(entry.volatilities)
    return CapVolatility(_years(entry.terms), entry.strikes, table, tuple(entry.terms))


def _years(tenors: list[str]) -> list[float]:
    return [tenor_years(tenor) for tenor in tenors]
