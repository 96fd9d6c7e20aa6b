"""Smiles by the SABR model: fitted to quoted volatilities, exact at the money."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Strikes = Float[np.ndarray, "strikes"]
_SMALL = 1e-7
_LOWEST = 0.05
"""Of the shifted forward rate: below this strike, where the expansion loses its meaning, a smile is flat."""
_STARTS = ((-0.3, 0.3), (0.3, 0.3), (0.0, 0.8))
_LARGEST_CORRELATION, _LARGEST_VOLATILITY = 0.9999, 5.0
_STEPS = 60
_GOOD = 1e-5
"""Half the mean squared relative miss of a fit that no other start is tried for."""


class Sabr(NamedTuple):
    """Parameters of the model of a forward rate and its volatility.

    Args:
        alpha: volatility of the shifted rate today, in units of its power `beta`
        beta: power of the shifted rate, 0 to 1
        rho: correlation of the rate and its volatility
        nu: lognormal volatility of the volatility
        shift: added to rates, decimal
    """

    alpha: float
    beta: float
    rho: float
    nu: float
    shift: float

    def volatilities(self, forward: float, expiry: float, strikes: Strikes) -> Strikes:
        """Normal volatilities.

        Args:
            forward: forward rate, decimal, above minus the shift
            expiry: years
            strikes: decimals; those too near minus the shift, or below it, count as the lowest that is not

        Source: Hagan, Kumar, Lesniewski and Woodward (2002), equation A.59.

        Example:
            >>> import numpy as np
            >>> from neuralrates.market.volatility.sabr import Sabr
            >>> law = Sabr(0.035, 0.5, -0.2, 0.4, 0.03)
            >>> law.volatilities(0.03, 5.0, np.array([0.02, 0.03, 0.04])).round(6)
            array([0.009315, 0.009022, 0.00928 ])
        """
        return self.alpha * self._relative(forward, expiry, strikes)

    def _relative(self, forward: float, expiry: float, strikes: Strikes) -> Strikes:
        """Normal volatilities over alpha."""
        rate = forward + self.shift
        struck = np.maximum(np.asarray(strikes) + self.shift, _LOWEST * rate)
        left, alpha = 1.0 - self.beta, self.alpha
        logarithms, root = np.log(rate / struck), (rate * struck) ** (0.5 * left)
        ratio = self.nu / alpha * root * logarithms
        squares, damped = logarithms**2, (left * logarithms) ** 2
        series = (1.0 + squares / 24.0 + squares**2 / 1920.0) / (
            1.0 + damped / 24.0 + damped**2 / 1920.0
        )
        growth = (
            -self.beta * (2.0 - self.beta) * (alpha / root) ** 2 / 24.0
            + 0.25 * self.rho * self.beta * self.nu * alpha / root
            + (2.0 - 3.0 * self.rho**2) * self.nu**2 / 24.0
        )
        power = (rate * struck) ** (0.5 * self.beta)
        return power * series * _over_distance(ratio, self.rho) * (1.0 + growth * expiry)


def _over_distance(ratio: Strikes, rho: float) -> Strikes:
    """$z / x(z)$ with $x(z) = \\log((\\sqrt{1 - 2 \\rho z + z^2} + z - \\rho) / (1 - \\rho))$."""
    near = np.abs(ratio) < _SMALL
    z = np.where(near, 1.0, ratio)
    distance = np.log((np.sqrt(1.0 - 2.0 * rho * z + z**2) + z - rho) / (1.0 - rho))
    return np.where(near, 1.0 - 0.5 * rho * ratio, z / distance)


def sabr_at_the_money(
    at_the_money: float,
    forward: float,
    expiry: float,
    beta: float,
    rho: float,
    nu: float,
    shift: float,
) -> Sabr:
    """The model of these parameters that has a normal volatility at the money.

    Raises:
        ValueError: where none has it
    """
    left, rate = 1.0 - beta, forward + shift
    power, root = rate**beta, rate**left
    cubic = -beta * (2.0 - beta) * expiry / (24.0 * root**2)
    square = 0.25 * rho * beta * nu * expiry / root
    once = 1.0 + (2.0 - 3.0 * rho**2) * nu**2 / 24.0 * expiry
    target = at_the_money / power
    alpha = target / once if once > 0.0 else target
    for _ in range(_STEPS):
        miss = alpha * (once + alpha * (square + alpha * cubic)) - target
        slope = once + alpha * (2.0 * square + 3.0 * alpha * cubic)
        if abs(miss) <= 1e-15 * target or slope <= 0.0:
            break
        alpha = max(alpha - miss / slope, 0.1 * alpha)
    if not abs(miss) <= 1e-12 * target:
        raise ValueError(f"no SABR model has a volatility of {at_the_money:g} at the money")
    return Sabr(alpha, beta, rho, nu, shift)


def fitted(
    forward: float,
    expiry: float,
    offsets: Strikes,
    volatilities: Strikes,
    at_the_money: float,
    beta: float,
    shift: float,
) -> Sabr:
    """The SABR model nearest to quoted normal volatilities, by least squares, exact at the money.

    Args:
        forward: forward rate, decimal
        expiry: years
        offsets: strike minus forward rate, decimals
        volatilities: quoted at the offsets
        at_the_money: volatility at an offset of zero
        beta: power of the shifted rate
        shift: added to rates, decimal

    Returns:
        The model.

    Raises:
        ValueError: where the forward rate is not above minus the shift, or no model meets the volatility at the money
    """
    from scipy.optimize import least_squares  # slow to import, and few markets state it

    if forward + shift <= 0.0:
        raise ValueError(
            f"expected a forward rate above minus the shift {shift:g}, found {forward:g}"
        )
    if not at_the_money > 0.0:
        raise ValueError(f"expected a volatility above zero at the money, found {at_the_money:g}")
    strikes = forward + np.asarray(offsets)

    def law(free: np.ndarray) -> Sabr:
        return sabr_at_the_money(
            at_the_money, forward, expiry, beta, float(free[0]), float(free[1]), shift
        )

    def misses(free: np.ndarray) -> np.ndarray:
        try:
            found = law(free).volatilities(forward, expiry, strikes)
        except ValueError:
            return np.full(strikes.size, 10.0)
        return np.asarray(found / at_the_money - volatilities / at_the_money)

    bounds = (
        [-_LARGEST_CORRELATION, 1e-6],
        [_LARGEST_CORRELATION, _LARGEST_VOLATILITY],
    )
    best = None
    for start in _STARTS:
        run = least_squares(misses, start, bounds=bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        best = run if best is None or run.cost < best.cost else best
        if best.cost < _GOOD * strikes.size:
            break
    assert best is not None
    return law(best.x)
