"""Prices at many points as arrays: the surrogate's inside its domain, nothing or the reference outside."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from neuralrates.core.requests import check_engine
from neuralrates.core.units import ROUNDING

if TYPE_CHECKING:
    from neuralrates.bundles.bundle import Bundle


class Priced(NamedTuple):
    """Prices of some points; NaN where there is none.

    Args:
        value: per unit notional
        error_band: 99 percent of the certificate's distribution lies within, see there; of a reference its own error
        derivatives: of the value to every input, one row a point
        in_domain: whether the certificate holds: inside the box and its constraints, and near the distribution
    """

    value: np.ndarray
    error_band: np.ndarray
    derivatives: np.ndarray
    in_domain: np.ndarray


def price_rows(bundle: "Bundle", x: Any, engine: str = "learned") -> Priced:
    """Prices at many points, as `Bundle.price` says."""
    points = rows(bundle, x)
    asked = check_engine(engine)
    prices, inside = judge_rows(bundle, points)
    near = prices.in_domain
    if bundle.counters.add(inside, near) == len(points) and asked != "reference":
        return prices
    without = np.ones(len(points), dtype=bool) if asked == "reference" else ~near
    for array in prices[:3]:
        array[without] = np.nan
    if asked != "learned":
        fill_from_reference(bundle, points, prices, without)
    return prices


def judge_rows(bundle: "Bundle", points: np.ndarray) -> tuple[Priced, np.ndarray]:
    """The surrogate's prices at points, outside the domain too, and which are inside its box; nothing is counted."""
    graph = bundle.served
    value, band, slopes, inside, near = (
        _compiled(bundle, points) if graph is None else graph.judged(points)
    )
    return Priced(value, band, slopes, near), inside


def rows(bundle: "Bundle", x: Any) -> np.ndarray:
    """Points as an array of doubles, one a row.

    Raises:
        ValueError: where x has another number of columns than there are inputs
    """
    points = np.ascontiguousarray(x, dtype=np.float64)
    if points.ndim == 1:
        points = points[None, :]
    if points.ndim != 2 or points.shape[1] != len(bundle.names):
        raise ValueError(
            f"Argument `x` must have one column per input, {bundle.names}, but has shape {points.shape}."
        )
    return points


def fill_from_reference(
    bundle: "Bundle", points: np.ndarray, prices: Priced, where: np.ndarray
) -> None:
    """Put the reference's prices, in place, where they are wanted; none where an input is beyond what its unit allows."""
    from neuralrates.bundles.limits import allowed_inputs
    from neuralrates.bundles.reference import reference_prices

    possible = where & np.all(allowed_inputs(bundle.domain.axes)(points), axis=1)
    for array in prices[:3]:
        array[where & ~possible] = np.nan
    if not possible.any():
        return
    value, slopes, error = reference_prices(bundle.problem, points[possible])
    prices.value[possible], prices.derivatives[possible] = value, slopes
    prices.error_band[possible] = error + ROUNDING


def _compiled(bundle: "Bundle", points: np.ndarray) -> tuple[np.ndarray, ...]:
    """By JAX, where there is no graph: value, band, slopes, whether inside and near; asked only inside the domain."""
    from neuralrates.bundles.runtimes.compiled_runtime import contained

    inside = contained(bundle.domain, points)
    value, slopes = np.full(len(points), np.nan), np.full(points.shape, np.nan)
    if inside.any():
        outputs, jacobian = bundle.runtime()(points[inside])
        value[inside], slopes[inside] = outputs[:, 0], jacobian[:, 0]
    band = bundle.local.bands(points, bundle.error_band)
    return value, band, slopes, inside, inside & bundle.local.near(points)
