"""Gaussian variances that give each European its quoted price, found by bisection on exact values."""

from collections.abc import Callable

import numpy as np
import QuantLib as ql  # noqa: N813
from scipy.special import ndtr

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.flows import Flows

_WIDTH = 10.0
_SCAN = 81
_NOTHING = 1e-24
"""Value per unit notional that the price of a European is not met below, as the tails lose their digits."""
_LARGEST = 8.0
_ACCURACY = 1e-14


def european_value(amounts: np.ndarray, loadings: np.ndarray, deviation: float) -> float:
    """Value of the right to bonds under one Gaussian factor.

    With x standard normal and D the deviation of the state, the bonds are worth
    $f(x) = \\sum_k a_k \\exp(-H_k D x - H_k^2 D^2 / 2)$ at expiry; the expectation of its positive part is exact between its
    roots.

    Args:
        amounts: value today of each bond
        loadings: $H(T_k)$, years
        deviation: of the state at expiry

    Source: Jamshidian (1989), An Exact Bond Option Formula, Journal of Finance 44, 205-209.
    """
    paid = amounts != 0.0  # the loadings of others may be large beside those of what is paid
    amounts, slopes = amounts[paid], loadings[paid] * deviation
    weights = amounts * np.exp(-0.5 * slopes**2)

    def worth(x: float) -> float:
        return float(np.exp(-x * slopes) @ weights)

    grid = np.linspace(-_WIDTH, _WIDTH, _SCAN)
    signs = np.sign(np.exp(-np.outer(grid, slopes)) @ weights)
    turns = np.flatnonzero(signs[1:] * signs[:-1] < 0.0)
    roots = [root(worth, grid[n], grid[n + 1]) for n in turns]
    edges = np.array([-np.inf, *roots, np.inf])
    inside = np.concatenate([[signs[0]], signs[turns + 1]]) > 0.0
    reached = np.add.outer(edges, slopes)
    between = _between(reached[:-1], reached[1:]) @ amounts
    return float(np.sum(between[inside]))


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that changes its sign between two places is zero, to the last digits."""
    ends = float(low), float(high)
    for end in ends:
        if function(end) == 0.0:
            return end
    return float(ql.Brent().solve(function, _ACCURACY, 0.5 * sum(ends), *ends))


def _between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Probability of a standard normal number to lie between, to its own digits in either tail."""
    above = low > 0.0
    return ndtr(np.where(above, -low, high)) - ndtr(np.where(above, -high, low))


def variances(
    flows: Flows, reversion: float, targets: np.ndarray, normal: np.ndarray
) -> np.ndarray:
    """Variance of the state at each exercise.

    Args:
        flows: of the rights
        reversion: per year
        targets: quoted value of each European that is out of the money, per unit notional
        normal: normal volatility of that price, roughly, where it is too small to be met

    Raises:
        RefusalError: a quote that no variance meets
    """
    loadings = decays(reversion, flows.times)
    rows = zip(flows.receiver_values, flows.annuity, flows.expiries, targets, normal, strict=True)
    found = []
    for values, annuity, expiry, target, volatility in rows:
        paid = annuity * flows.factors
        centred = loadings - (paid @ loadings) / paid.sum()
        slope = max(abs(values @ centred) / paid.sum(), 1e-8)
        guess = volatility * np.sqrt(expiry) / slope
        found.append(_deviation(values, centred, target, guess) ** 2)
    return np.array(found)


def _deviation(values: np.ndarray, loadings: np.ndarray, target: float, guess: float) -> float:
    option = -values if values.sum() > 0.0 else values
    if target < _NOTHING:
        return guess

    def miss(logarithm: float) -> float:
        value = european_value(option, loadings, float(np.exp(logarithm)))
        return float(np.log(max(value, 1e-300) / target))

    low, high = np.log(guess) - 0.5, np.log(guess) + 0.5
    while miss(low) > 0.0 and low > np.log(guess) - _LARGEST:
        low -= 0.5
    while miss(high) < 0.0 and high < np.log(guess) + _LARGEST:
        high += 0.5
    if miss(low) > 0.0 or miss(high) < 0.0:
        raise RefusalError("no Gaussian model meets the quote of a European")
    return float(np.exp(root(miss, float(low), float(high))))


def short_rate_volatilities(
    variances: np.ndarray, expiries: np.ndarray, reversion: float
) -> np.ndarray:
    """Volatility of the short rate up to each exercise, piecewise constant.

    The variance of the state is $\\int_0^t e^{2 a u} \\sigma(u)^2 du$.

    Raises:
        RefusalError: where the variance does not grow
    """
    clock = (
        expiries if reversion == 0.0 else np.expm1(2.0 * reversion * expiries) / (2.0 * reversion)
    )
    squares = np.diff(variances, prepend=0.0) / np.diff(clock, prepend=0.0)
    if np.any(squares <= 0.0):
        raise RefusalError("the quotes of later exercises leave no variance to the time between")
    return np.sqrt(squares)


def decays(reversion: float, times: np.ndarray) -> np.ndarray:
    """$H(T) - H(T_n)$ with $H(T) = (1 - e^{-a T}) / a$: prices do not depend on where loadings count from.

    From the last flow they keep their digits where a strong reversion leaves those from today nearly equal.
    """
    left = times[-1] - times
    if reversion == 0.0:
        return -left
    return np.exp(-reversion * times) * np.expm1(-reversion * left) / reversion
