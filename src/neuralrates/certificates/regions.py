"""Errors by region: the same measures where one coordinate of the problem lies between two values."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.certificates.bounds import proportion_interval
from neuralrates.certificates.evidence import Region

Numbers = Float[np.ndarray, "samples"]
_FEWEST, _MOST = 500, 10
"""Points of a region, and regions of a coordinate."""
_DISTINCT = 12


def regions(
    coordinates: Mapping[str, Numbers], errors: Numbers, bands: Numbers, confidence: float
) -> tuple[Region, ...]:
    """Errors, and coverage by the band, along every coordinate in parts that are equally likely.

    A coordinate of few different values (a date, the number of an instrument) has a region for each.

    Args:
        coordinates: name to its value at every point
        errors: absolute errors
        bands: half-widths of the band
        confidence: of the interval of the coverage

    Returns:
        Regions in order, coordinate by coordinate.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.regions import regions
        >>> place = np.linspace(0.0, 1.0, 1000)
        >>> [(r.low, r.covered) for r in regions({"place": place}, place, np.full(1000, 0.75), 0.99)]
        [(0.0, 500), (0.5005005005005005, 250)]
    """
    found = []
    for name, values in coordinates.items():
        for inside in _parts(values):
            found.append(_region(name, values[inside], errors[inside], bands[inside], confidence))
    return tuple(found)


def _parts(values: Numbers) -> list[Bool[np.ndarray, "samples"]]:
    """Which points lie in each region."""
    distinct = np.unique(values)
    if len(distinct) <= _DISTINCT:
        return [values == one for one in distinct]
    count = int(np.clip(values.size // _FEWEST, 1, _MOST))
    edges = np.unique(np.quantile(values, np.linspace(0.0, 1.0, count + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="left")
    return [place == number for number in np.unique(place)]


def _region(
    name: str, values: Numbers, errors: Numbers, bands: Numbers, confidence: float
) -> Region:
    covered = int(np.sum(errors <= bands))
    low, high = proportion_interval(covered, errors.size, confidence)
    return Region(
        coordinate=name,
        low=float(np.min(values)),
        high=float(np.max(values)),
        samples=errors.size,
        mean=float(np.mean(errors)),
        quantile_99=float(np.quantile(errors, 0.99)),
        largest=float(np.max(errors)),
        covered=covered,
        coverage_low=low,
        coverage_high=high,
    )
