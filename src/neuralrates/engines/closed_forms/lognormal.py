"""Lognormal volatilities in normal terms, for many options at once with their derivatives.

The equations are those of `neuralrates.market.volatility.lognormal`, with which the tests compare.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import erfcx

_STEPS = 4
_SMALLEST_DEVIATION = 1e-8
_FAR, _SMALL, _NEAR = 50.0, 1.0, 0.1
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)

Points = Float[np.ndarray, "..."]


class Converted(NamedTuple):
    """Normal volatilities and their derivatives to the forward rate, the strike, the lognormal volatility and the expiry."""

    value: Points
    forward: Points
    strike: Points
    volatility: Points
    expiry: Points


def normal_from_lognormal(
    forward: Points, strike: Points, volatility: Points, expiry: Points
) -> Converted:
    """Normal volatilities with the prices of lognormal ones, as `neuralrates.market.volatility.lognormal` finds them."""
    defined = (forward > 0.0) & (strike > 0.0)
    level, other = np.where(defined, forward, 1.0), np.where(defined, strike, 1.0)
    log_moneyness = np.log1p((other - level) / level)
    distance = np.abs(log_moneyness)
    root = np.sqrt(np.maximum(expiry, _SMALLEST_DEVIATION**2))
    deviation = np.maximum(volatility * root, _SMALLEST_DEVIATION)
    moving = volatility * root > _SMALLEST_DEVIATION
    ratio, to_distance, to_deviation = _log_ratio(distance, deviation)
    size = np.sqrt(level * other) * np.exp(ratio + _log_sinhc(distance))
    value = volatility * size
    to_deviation = np.where(moving, to_deviation, 0.0)
    along = np.sign(log_moneyness) * (to_distance + _log_sinhc_slope(distance))
    elsewhere = np.where((strike <= 0.0) & (forward > 0.0), 0.0, np.nan)
    later = np.where(expiry > _SMALLEST_DEVIATION**2, 0.5 * volatility / root, 0.0)
    return Converted(
        np.where(defined, value, elsewhere),
        np.where(defined, value * (0.5 - along) / level, elsewhere),
        np.where(defined, value * (0.5 + along) / other, elsewhere),
        np.where(defined, size + value * to_deviation * root, elsewhere),
        np.where(defined, value * to_deviation * later, elsewhere),
    )


def _log_ratio(distance: Points, deviation: Points) -> tuple[Points, Points, Points]:
    """Logarithm of z / v and its derivatives to distance and deviation, by Halley's method."""
    h, excess = distance / deviation, _log_sinhc(distance)
    black = _black(h, deviation)
    target = excess - np.log(black)
    found = -0.5 * np.log1p(deviation**2 / 12.0)
    for _ in range(_STEPS):
        y = h * np.exp(-found)
        value, mills = _bachelier(y), _mills(y)
        slope = (y * value - mills) * y / value
        step = value * (target + found - 0.5 * h * h * np.expm1(-2.0 * found) + np.log(value))
        found = found - step / np.maximum(1.0 - 0.5 * step * slope, 0.5)
    y = h * np.exp(-found)
    value, damping = _bachelier(y), np.exp(-(deviation**2) / 8.0) / black
    both = _mills(h - 0.5 * deviation) + _mills(h + 0.5 * deviation)
    to_deviation = (value * damping - 1.0) / deviation
    to_distance = (_mills(y) * np.exp(-found) - 0.5 * value * damping * both) / deviation
    return found, to_distance - value * _log_sinhc_slope(distance), to_deviation


def _log_sinhc(x: Points) -> Points:
    """Logarithm of sinh(x / 2) / (x / 2)."""
    near = x < _NEAR
    safe = np.where(near, 1.0, x)
    half = (0.5 * np.where(near, x, 0.0)) ** 2
    series = half / 6.0 * (1.0 + half / 20.0 * (1.0 + half / 42.0 * (1.0 + half / 72.0)))
    found: Points = np.where(near, np.log1p(series), 0.5 * safe + np.log(-np.expm1(-safe) / safe))
    return found


def _log_sinhc_slope(x: Points) -> Points:
    """Its derivative, coth(x / 2) / 2 - 1 / x."""
    near = x < _NEAR
    safe, square = np.where(near, 1.0, x), np.where(near, x, 0.0) ** 2
    series = 1.0 / 12.0 - square * (1.0 / 720.0 - square * (1.0 / 30240.0 - square / 1209600.0))
    found: Points = np.where(near, x * series, 0.5 / np.tanh(0.5 * safe) - 1.0 / safe)
    return found


def _mills(y: Points) -> Points:
    """Mills' ratio, of the upper tail of the normal law to its density."""
    found: Points = np.sqrt(0.5 * np.pi) * erfcx(y / np.sqrt(2.0))
    return found


def _bachelier(y: Points) -> Points:
    """Value of a normal option over deviation and density, y deviations out of the money: 1 - y times Mills' ratio."""
    far = y > _FAR
    near = np.where(far, 0.0, y)
    u = 1.0 / np.where(far, y, _FAR) ** 2
    series = u * (1.0 - 3.0 * u * (1.0 - 5.0 * u * (1.0 - 7.0 * u * (1.0 - 9.0 * u))))
    found: Points = np.where(far, series, 1.0 - near * _mills(near))
    return found


def _black(h: Points, deviation: Points) -> Points:
    """Value of Black's option over sqrt(F K), deviation and density at h: a mean of `_bachelier` over [h - v/2, h + v/2]."""
    small = deviation < _SMALL
    width = np.where(small, deviation, _SMALL)
    mean = np.zeros(h.shape)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        mean = mean + 0.5 * weight * _bachelier(h + 0.5 * node * width)
    wide = np.where(small, _SMALL, deviation)
    difference = (_mills(h - 0.5 * wide) - _mills(h + 0.5 * wide)) / wide
    found: Points = np.exp(-(deviation**2) / 8.0) * np.where(small, mean, difference)
    return found
