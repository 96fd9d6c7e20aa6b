"""Calibration compiled: what `_quotes.c` is called with."""

from typing import Any

import numpy as np
from jaxtyping import Bool

from neuralrates.core.native import kernel
from neuralrates.pricers.gaussian.two_factor.europeans import PlaneEuropeans
from neuralrates.pricers.gaussian.two_factor.lines import lines

_KERNEL = kernel("neuralrates.pricers.gaussian.two_factor._quotes")
_LINES = 8

Quotes = tuple[np.ndarray, ...]
"""Fields of `PlaneQuotes`, in their order."""


def runs(alive: Bool[np.ndarray, "trades exercises"]) -> bool:
    """Whether the kernel is there, and padding follows each trade's own exercises."""
    return _KERNEL is not None and alive.size > 0 and bool(np.all(alive[:, 1:] <= alive[:, :-1]))


def meet(
    quotes: Quotes,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, PlaneEuropeans]:
    """Fields of `PlaneQuotesMet`: every trade by itself, so that none waits for another."""
    assert _KERNEL is not None
    counts, given, sizes = _arguments(quotes)
    trades, exercises, flows = sizes
    rows = int(counts.sum())
    values = PlaneEuropeans(
        np.empty(rows), np.empty((rows, flows)), np.empty((rows, flows, 2)), np.empty((rows, 2, 2))
    )
    squares, residuals = np.zeros((trades, exercises)), np.zeros((trades, exercises))
    covariances = np.zeros((trades, exercises, 2, 2))
    rule = lines(_LINES)
    _KERNEL.meet(
        sizes,
        0,
        trades,
        counts,
        given,
        np.concatenate([rule.nodes, rule.weights]),
        (squares, covariances, residuals, *values),
    )
    return squares, covariances, residuals, values


def pull_back(quotes: Quotes, met: tuple[Any, ...], weights: np.ndarray) -> Quotes:
    """Fields of `PlaneQuotesAdjoint`."""
    assert _KERNEL is not None
    counts, given, sizes = _arguments(quotes)
    squares, covariances, residuals, values = met
    known = tuple(map(np.ascontiguousarray, (squares, covariances, residuals, *values)))
    found = tuple(np.zeros(np.shape(quotes[place])) for place in (1, 2, 3, 4))
    _KERNEL.pull_back(sizes, counts, given, known, np.ascontiguousarray(weights), found)
    return found


def _arguments(quotes: Quotes) -> tuple[np.ndarray, Quotes, tuple[int, ...]]:
    alive, *given = quotes
    counts = np.count_nonzero(alive, axis=1)
    numbers = tuple(np.ascontiguousarray(part, dtype=np.float64) for part in given)
    return counts, numbers, given[0].shape
