"""Rights on bonds under two Gaussian factors, calibrated and integrated apart from everything that the engine does."""

import numpy as np
from scipy.optimize import brentq

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.calibration import decays, european_value
from neuralrates.desk.verification.flows import Flows
from neuralrates.desk.verification.swap import SIGNS
from neuralrates.desk.verification.tensor import COARSE, USUAL, coordinates, tensor_value
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.products.swap import Side

_LINES = 16
_NOTHING = 1e-24
_SMALLEST, _LARGEST = 1e-10, 1e-2
"""Squares of a volatility that are looked among."""


def two_factor_value(
    flows: Flows,
    law: TwoFactorParameters,
    reversion: float,
    targets: np.ndarray,
    side: Side,
) -> tuple[float, float]:
    """Value of the right by tensor integration, and how far it is from that on a coarser grid.

    Args:
        flows: of the rights
        law: what is given of the second factor
        reversion: of the first, per year
        targets: quoted value of each European that is out of the money, per unit notional
        side: entered on exercise

    Raises:
        RefusalError: a quote that no volatility meets
    """
    reversions = np.array([law.fast_mean_reversion, reversion])
    loadings = np.stack([decays(one, flows.times) for one in reversions], axis=1)
    covariances = _covariances(flows, law, reversions, loadings, targets)
    values = SIGNS[side] * flows.receiver_values
    fine, coarse = (tensor_value(covariances, loadings, values, sizes) for sizes in (USUAL, COARSE))
    return fine, abs(fine - coarse)


def _covariances(
    flows: Flows,
    law: TwoFactorParameters,
    reversions: np.ndarray,
    loadings: np.ndarray,
    targets: np.ndarray,
) -> np.ndarray:
    """Covariance of the state at each exercise, one volatility after the other by bisection."""
    mixed = law.correlation * law.volatility_ratio
    scale = np.array([[law.volatility_ratio**2, mixed], [mixed, 1.0]])
    rates = reversions[:, None] + reversions
    found, before, start = [], np.zeros((2, 2)), 0.0
    for values, expiry, target in zip(flows.receiver_values, flows.expiries, targets, strict=True):
        growth = scale * np.exp(rates * start) * np.expm1(rates * (expiry - start)) / rates
        option = -values if values.sum() > 0.0 else values
        if target < _NOTHING:
            raise RefusalError("a European of no time value says nothing of its volatility")

        def miss(
            logarithm: float,
            option: np.ndarray = option,
            before: np.ndarray = before,
            growth: np.ndarray = growth,
            target: float = target,
        ) -> float:
            value = _european(option, loadings, before + np.exp(logarithm) * growth)
            return float(np.log(max(value, 1e-300) / target))

        low, high = np.log(_SMALLEST), np.log(_LARGEST)
        if miss(low) > 0.0 or miss(high) < 0.0:
            raise RefusalError("no two-factor model meets the quote of a European")
        before = before + np.exp(brentq(miss, low, high, xtol=1e-11)) * growth
        start = expiry
        found.append(before)
    return np.array(found)


def _european(values: np.ndarray, loadings: np.ndarray, covariance: np.ndarray) -> float:
    """Exact along the first axis, by a Gauss-Hermite rule along the second."""
    _, amounts, placed = coordinates(covariance, loadings, values)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_LINES)
    today = amounts * np.exp(0.5 * np.sum(placed**2, axis=1))
    along, across = placed.T
    lines = [
        european_value(today * np.exp(-across * (v + 0.5 * across)), along, 1.0) for v in nodes
    ]
    return float(np.array(lines) @ weights / np.sqrt(2.0 * np.pi))
