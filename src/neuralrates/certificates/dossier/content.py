"""What the dossier shows, worked out of the certificate and of fresh points."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from neuralrates.certificates.bounds import proportion_interval
from neuralrates.certificates.dossier.measurement import Column, Measurement

LEVEL, ALARM = 0.99, 1e-3
"""Share of prices that a band is to hold, and how rarely a sound one raises an alarm."""
WORST = 100
_RECHECKS = (100, 1_000, 10_000)


@dataclass(frozen=True)
class Coverage:
    """How many fresh points lie within the band, and whether that agrees with what the band claims.

    Args:
        within: points whose error is at most the half-width of the band
        points: all of them
        low: lower end of the exact interval of the share within
        high: its upper end
        chance: probability of so many points beyond a band that holds its share
    """

    within: int
    points: int
    low: float
    high: float
    chance: float

    @property
    def share(self) -> float:
        """Share of the points within the band."""
        return self.within / self.points

    @property
    def agrees(self) -> bool:
        """Whether the points are no evidence against the band."""
        return self.chance >= ALARM


def coverage(found: Measurement, band: Column, confidence: float) -> Coverage:
    """Coverage of a band at fresh points.

    Args:
        found: the points
        band: half-width at every point, per unit notional
        confidence: of the interval

    Source: Clopper and Pearson (1934).
    """
    points = len(found)
    beyond = int(np.sum(found.error > band))
    low, high = proportion_interval(points - beyond, points, confidence)
    return Coverage(
        within=points - beyond,
        points=points,
        low=low,
        high=high,
        chance=float(binom.sf(beyond - 1, points, 1.0 - LEVEL)),
    )


def alarms() -> list[tuple[int, int]]:
    """Of so many rechecked prices, the fewest beyond their band that a sound band shows less often than once in a thousand.

    Example:
        >>> from neuralrates.certificates.dossier.content import alarms
        >>> alarms()[0]
        (100, 6)
    """
    return [(size, int(binom.isf(ALARM, size, 1.0 - LEVEL)) + 1) for size in _RECHECKS]


def flattened(record: Mapping[str, Any], stem: str = "") -> list[tuple[str, str]]:
    """A record's plain values by path, for readers.

    Example:
        >>> from neuralrates.certificates.dossier.content import flattened
        >>> flattened({"network": {"sizes": [2, 8, 1]}, "side": "payer"})
        [('network.sizes', '2, 8, 1'), ('side', 'payer')]
    """
    rows: list[tuple[str, str]] = []
    for name, value in record.items():
        path = f"{stem}.{name}" if stem else str(name)
        match value:
            case Mapping():
                rows += flattened(value, path)
            case [low, high] if "range" in path:
                rows.append((path, _worded([low, high])))
            case [*parts]:
                rows.append((path, ", ".join(_worded(part) for part in parts)))
            case _:
                rows.append((path, _worded(value)))
    return rows


def _worded(value: Any) -> str:
    match value:
        case float():
            return f"{value:g}".replace("-", "\u2212")
        case [low, high]:
            return f"{_worded(low)} to {_worded(high)}"
    return " ".join(str(value).split())
