"""Slips in a market's rates: what was probably meant otherwise, and why it looks so."""

import re
from collections.abc import Sequence

import numpy as np

from neuralrates.market.bootstrapping.quotes import Quote, tenor_years
from neuralrates.market.curves.curve_system import CurveSystem

_HIGH = 0.2
_ZERO = re.compile(r"\bzero[- ](coupon )?(rate|curve|yield)", re.IGNORECASE)


def rate_slips(curves: CurveSystem, description: str = "") -> tuple[str, ...]:
    """Rates that look like percent, and par quotes that look like zero rates.

    Args:
        curves: curves with their quotes, or nodes
        description: of the file

    Returns:
        A line each, with the evidence.
    """
    quotes = (*curves.quotes, *curves.unused)
    high = [(quote.name, _rate(quote)) for quote in quotes] or list(_nodes(curves))
    lines = [
        f"{name} is {100.0 * rate:.4g} percent a year; rates are decimals, {rate:g} percent would be {rate / 100.0:g}"
        for name, rate in high
        if abs(rate) > _HIGH
    ]
    return (*lines, *_zero_rates(curves, description))


def _rate(quote: Quote) -> float:
    return 1.0 - quote.value / 100.0 if quote.kind == "future" else quote.value


def _nodes(curves: CurveSystem) -> Sequence[tuple[str, float]]:
    rates = np.concatenate([np.asarray(curve.zero_rates) for curve in curves.curves])
    return list(zip(curves.node_labels, rates.tolist(), strict=True))


def _zero_rates(curves: CurveSystem, description: str) -> tuple[str, ...]:
    """Par quotes in a file that calls itself one of zero rates, with what the difference is worth."""
    swaps = [quote for quote in curves.quotes if quote.kind in ("ois", "swap")]
    found = _ZERO.search(description)
    if not swaps or not found:
        return ()
    longest = max(swaps, key=lambda quote: tenor_years(quote.tenor))
    zero = float(curves.curve(longest.index).zero_rate(tenor_years(longest.tenor)))
    return (
        f"the description speaks of a {found[0]!r}, but quotes are par rates: {longest.name} at {longest.value:.4%} "
        f"gives a zero rate of {zero:.4%}; zero rates go into `times` and `zero_rates`",
    )
