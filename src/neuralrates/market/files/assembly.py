"""From validated entries to the market."""

import datetime

import numpy as np

from neuralrates.core.checks import as_array
from neuralrates.market.bootstrapping.bootstrap import bootstrap
from neuralrates.market.bootstrapping.convexity import with_convexity
from neuralrates.market.bootstrapping.quotes import tenor_years
from neuralrates.market.bootstrapping.rate_helpers import convention
from neuralrates.market.bootstrapping.swap_rates import expiry_times, forward_swap_rates
from neuralrates.market.curves.compounding import continuous_rates
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import Interpolation, ZeroCurve
from neuralrates.market.files.left_out import cut_futures, notes_on_left_out
from neuralrates.market.files.sabr_smile import by_sabr, sabr_note
from neuralrates.market.files.schema import (
    CapVolatilityEntry,
    CurrencyEntry,
    CurveEntry,
    SmileEntry,
    SwaptionVolatilityEntry,
)
from neuralrates.market.files.slips import rate_slips
from neuralrates.market.files.volatility_notes import notes_on_quotes, smile_range
from neuralrates.market.market import CurrencyMarket, Source, Stated
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

_SAME = 1e-6


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
    _check_alike(entry)
    curves, notes = _curves(valuation_date, entry)
    notes += notes_on_left_out(valuation_date, curves)
    swaptions, said = _swaption_volatility(valuation_date, curves, entry.swaption_volatility)
    notes += said
    doubts = _volatility_notes(valuation_date, curves, swaptions, entry.swaption_volatility)
    return CurrencyMarket(
        currency,
        curves,
        swaptions,
        _cap_volatility(entry.cap_volatility),
        Source(
            source.file,
            source.sha256,
            (*source.notes, *notes),
            (
                *source.warnings,
                *rate_slips(curves, description),
                *cut_futures(valuation_date, curves),
                *doubts,
            ),
        ),
        Stated(entry, curves, swaptions),
        None if entry.two_factor is None else entry.two_factor.parameters(),
        None if entry.forward_curve is None else entry.forward_curve.parameters(),
    )


def _check_alike(entry: CurrencyEntry) -> None:
    """Raise for a projection curve of another currency's rate than the discount curve's."""
    currency = convention(entry.discount.index).currency
    for curve in entry.projection:
        if convention(curve.index).currency != currency:
            raise ValueError(f"expected curves of rates in {currency}, found {curve.index}")


def _curves(valuation_date: datetime.date, entry: CurrencyEntry) -> tuple[CurveSystem, list[str]]:
    """Curves, and what was filled in for them."""
    if not entry.discount.quotes:
        curves = [(item.index, _nodes(item, entry.interpolation)) for item in entry.curves]
        (first, discount), (main, projection) = curves[0], curves[min(1, len(curves) - 1)]
        return CurveSystem(discount, projection, first, main, further=dict(curves[2:])), []
    filled = [
        with_convexity(valuation_date, item, entry.swaption_volatility) for item in entry.curves
    ]
    quotes = [found for found, _ in filled]
    others = [quote for found in quotes[1:] for quote in found]
    system = bootstrap(valuation_date, quotes[0], others, entry.interpolation, entry.futures_until)
    return system, [note for _, notes in filled for note in notes]


def _nodes(entry: CurveEntry, interpolation: Interpolation) -> ZeroCurve:
    times, rates = np.array(entry.times), np.array(entry.zero_rates)
    rates = continuous_rates(times, rates, entry.compounding or "continuous")
    return ZeroCurve(as_array(times), as_array(rates), interpolation)


def _swaption_volatility(
    valuation_date: datetime.date, curves: CurveSystem, entry: SwaptionVolatilityEntry | None
) -> tuple[SwaptionVolatility | None, tuple[str, ...]]:
    """The matrix with its smile, and what was made of the smile."""
    if entry is None:
        return None, ()
    index, smile = curves.projection_index, None
    notes: tuple[str, ...] = ()
    if entry.smile is not None:
        smile = _smile(valuation_date, index, entry, entry.smile)
    if entry.smile is not None and entry.smile.sabr is not None:
        assert smile is not None
        labels = entry.smile.expiries, entry.smile.tenors
        forwards = forward_swap_rates(valuation_date, curves, *labels)
        middle = _middle(entry, entry.smile)
        smile, misses = by_sabr(smile, middle, np.asarray(forwards), entry.smile.sabr)
        notes = (sabr_note(misses, entry.smile.sabr),)
    found = SwaptionVolatility(
        expiry_times(valuation_date, entry.expiries, index),
        _years(entry.tenors),
        np.array(entry.volatilities),
        smile,
        tuple(entry.expiries),
        tuple(entry.tenors),
        entry.type,
        np.array(entry.shift),
    )
    return found, (*notes, *smile_range(found))


def _volatility_notes(
    valuation_date: datetime.date,
    curves: CurveSystem,
    volatility: SwaptionVolatility | None,
    entry: SwaptionVolatilityEntry | None,
) -> tuple[str, ...]:
    """What looks wrong in the quotes; forwards are wanted only where something depends on them."""
    if volatility is None or entry is None:
        return ()
    forwards = np.zeros(volatility.volatilities.shape)
    if volatility.smile is not None or volatility.quote_type != "normal":
        forwards = forward_swap_rates(valuation_date, curves, entry.expiries, entry.tenors)
    return (*_centre(entry), *notes_on_quotes(volatility, forwards))


def _centre(entry: SwaptionVolatilityEntry) -> tuple[str, ...]:
    """Says where a smile quotes the volatility at the money once more, and otherwise."""
    smile = entry.smile
    if smile is None or 0.0 not in smile.offsets:
        return ()
    gap = np.array(smile.volatilities[smile.offsets.index(0.0)]) - _at_the_money(entry, smile)
    worst = np.unravel_index(np.argmax(np.abs(gap)), gap.shape)
    if abs(gap[worst]) <= _SAME * np.max(entry.volatilities):
        return ()
    name = f"{smile.expiries[worst[0]]} x {smile.tenors[worst[1]]}"
    return (
        f"swaption smile at an offset of 0 differs from the matrix at the money, at {name} by {gap[worst]:g}: the matrix is "
        "used there, and the smile for its spreads over its own middle",
    )


def _at_the_money(entry: SwaptionVolatilityEntry, smile: SmileEntry) -> np.ndarray:
    rows = [entry.expiries.index(expiry) for expiry in smile.expiries]
    columns = [entry.tenors.index(tenor) for tenor in smile.tenors]
    return np.array(entry.volatilities)[np.ix_(rows, columns)]


def _middle(entry: SwaptionVolatilityEntry, smile: SmileEntry) -> np.ndarray:
    """Volatilities of a smile at an offset of zero: its own, or those of the matrix where it quotes none."""
    if 0.0 in smile.offsets:
        return np.array(smile.volatilities[smile.offsets.index(0.0)])
    return _at_the_money(entry, smile)


def _smile(
    valuation_date: datetime.date, index: str, entry: SwaptionVolatilityEntry, smile: SmileEntry
) -> VolatilitySmile:
    """Spreads over the middle of the smile, which is the matrix at the money where the smile does not quote it."""
    missing = sorted(
        (set(smile.expiries) - set(entry.expiries)) | (set(smile.tenors) - set(entry.tenors))
    )
    if missing:
        raise ValueError(f"the smile is quoted where the matrix is not: {', '.join(missing)}")
    quoted = dict(zip(smile.offsets, map(np.array, smile.volatilities), strict=True))
    middle = quoted.setdefault(0.0, _middle(entry, smile))
    spreads = {offset: table - middle for offset, table in quoted.items()}
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
    labels = tuple(entry.terms)
    return CapVolatility(_years(entry.terms), entry.strikes, table, labels, entry.type, entry.shift)


def _years(tenors: list[str]) -> list[float]:
    return [tenor_years(tenor) for tenor in tenors]
