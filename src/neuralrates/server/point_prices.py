"""Prices of points as arrays: the one place where a server asks a bundle."""

from dataclasses import dataclass

import numpy as np

from neuralrates.bundles.bundle import Bundle
from neuralrates.bundles.guard import serve
from neuralrates.core.requests import EngineName


@dataclass(frozen=True)
class PointPrices:
    """What a bundle says of points.

    Args:
        value: per unit notional, one a point
        error_band: per unit notional
        learned: whether the surrogate answered
        in_domain: whether the certificate speaks of the point
        derivatives: an input a row
        status: `ok`, or which numbers are none
    """

    value: np.ndarray
    error_band: np.ndarray
    learned: np.ndarray
    in_domain: np.ndarray
    derivatives: np.ndarray
    status: list[str]


def price_points(bundle: Bundle, x: np.ndarray, engine: EngineName) -> PointPrices:
    """Values, bands and derivatives of a bundle's problem.

    Args:
        bundle: surrogate, problem and certificate
        x: points, one a row
        engine: which to ask
    """
    table = serve(bundle, x, engine)
    slopes = table[[f"d {name}" for name in bundle.domain.names]].to_numpy(np.float64)
    return PointPrices(
        table["value"].to_numpy(),
        table["error_band"].to_numpy(),
        (table["engine"] == "learned").to_numpy(),
        table["in_domain"].to_numpy(),
        np.ascontiguousarray(slopes.T),
        table["status"].tolist(),
    )
