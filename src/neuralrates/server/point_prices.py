"""Prices of points as arrays: the one place where a server asks a bundle."""

from dataclasses import dataclass

import numpy as np

from neuralrates.bundles.bundle import Bundle
from neuralrates.bundles.prices import Priced, fill_from_reference, judge_rows
from neuralrates.core.finite import fault_of_numbers
from neuralrates.core.requests import EngineName


@dataclass(frozen=True)
class PointPrices:
    """What a bundle says of points.

    Args:
        x: the points, one a row
        value: per unit notional, one a point
        error_band: per unit notional
        learned: whether the surrogate answered
        in_domain: whether the certificate speaks of the point
        derivatives: an input a row
        status: `ok`, or which numbers are none
    """

    x: np.ndarray
    value: np.ndarray
    error_band: np.ndarray
    learned: np.ndarray
    in_domain: np.ndarray
    derivatives: np.ndarray
    status: list[str]


def price_points(
    bundle: Bundle, x: np.ndarray, engine: EngineName, *, at_once: bool = False
) -> PointPrices | None:
    """Values, bands and derivatives of a bundle's problem.

    Args:
        bundle: surrogate, problem and certificate
        x: points, one a row
        engine: which to ask
        at_once: whether there must be no waiting for a reference

    Returns:
        The prices; none where only a reference has them, and none is to be waited for.
    """
    if at_once and (bundle.graph is None or engine == "reference"):
        return None
    prices, inside = judge_rows(bundle, x)
    learned = prices.in_domain & (engine != "reference")
    if at_once and not learned.all():
        return None
    bundle.counters.add(inside, prices.in_domain)
    if not learned.all():
        fill_from_reference(bundle, x, prices, ~learned)
    return PointPrices(
        x,
        prices.value,
        prices.error_band,
        learned,
        prices.in_domain,
        np.ascontiguousarray(prices.derivatives.T),
        _status(bundle, prices),
    )


def _status(bundle: Bundle, prices: Priced) -> list[str]:
    """`ok` at once for what is finite; in words which numbers of the others are none."""
    found = ["ok"] * len(prices.value)
    if all(np.isfinite(numbers).all() for numbers in prices[:3]):
        return found
    columns = np.column_stack([prices.value, prices.error_band, prices.derivatives])
    names = ["value", "error_band", *(f"d {name}" for name in bundle.names)]
    for row in np.flatnonzero(~np.isfinite(columns).all(axis=1)):
        found[row] = fault_of_numbers(dict(zip(names, columns[row].tolist(), strict=True)))
    return found
