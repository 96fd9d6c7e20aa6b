"""What a hedge meets: paths of spot and variance, and the options' rows along them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

OPTION = "index_option"
EXPIRY, HEDGE_EXPIRY = 0.5, 0.75
HORIZON, REBALANCES, SUBSTEPS = 0.25, 25, 10
_LEAST_VARIANCE = 1e-4

Law = Mapping[str, float] | Mapping[str, np.ndarray]


class Path(NamedTuple):
    """Spot and variance at each rebalancing date, spot starting from one."""

    spot: Float[np.ndarray, "paths times"]
    variance: Float[np.ndarray, "paths times"]


def simulate(at: Law, num_paths: int, random: np.random.Generator) -> Path:
    """Paths of spot and variance under the pricing measure, full truncation, small steps.

    Args:
        at: features by name, the same for all paths or one of each
        num_paths: how many
        random: source of the normals

    Source: Lord, Koekkoek and Van Dijk (2010), full truncation scheme.
    """
    step = HORIZON / (REBALANCES * SUBSTEPS)
    spot, variance = np.zeros(num_paths), np.full(num_paths, at["variance"])
    kept = [(spot, variance)]
    for number in range(1, REBALANCES * SUBSTEPS + 1):
        first, second = random.normal(size=(2, num_paths))
        correlation = at["correlation"]
        mixed = correlation * first + np.sqrt(1.0 - correlation**2) * second
        positive = np.maximum(variance, 0.0)
        spot = spot + (growth(at) - 0.5 * positive) * step + np.sqrt(positive * step) * first
        pull = at["variance_reversion"] * (at["long_variance"] - positive) * step
        variance = variance + pull + at["variance_volatility"] * np.sqrt(positive * step) * mixed
        if number % SUBSTEPS == 0:
            kept.append((spot, np.maximum(variance, _LEAST_VARIANCE)))
    spots, variances = (np.stack(part, axis=1) for part in zip(*kept, strict=True))
    return Path(np.exp(spots), variances)


def growth(at: Law) -> float | np.ndarray:
    """Growth of spot: the three-month rate less what it pays."""
    return at["zero_0.25"] - at["carry"]


def option_rows(
    market: Float[np.ndarray, "... inputs"],
    features: tuple[str, ...],
    spot: Float[np.ndarray, "..."],
    variance: Float[np.ndarray, "..."],
    left: Float[np.ndarray, "..."] | float,
) -> Float[np.ndarray, "... inputs"]:
    """Rows of an option struck at the first spot, one.

    Args:
        market: rows whose other columns stay
        features: names of the columns
        spot: now
        variance: now
        left: years to expiry
    """
    x = np.broadcast_to(market, (*spot.shape, len(features))).copy()
    x[..., features.index("expiry")] = left
    x[..., features.index("log_moneyness")] = -np.log(spot)
    x[..., features.index("variance")] = variance
    return x
