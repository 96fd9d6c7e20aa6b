"""European swaptions under a two-factor model, many at once, with derivatives to all that the model is fitted by."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.two_factor.europeans import europeans

Rows = Float[np.ndarray, "rows"]
RowFlows = Float[np.ndarray, "rows flows"]
Squares = Float[np.ndarray, "intervals"]
Ends = Float[np.ndarray, "ends"]
Parameters = Float[np.ndarray, "4"]
"""Mean reversion of the fast factor and of the slow one, volatility ratio, correlation."""

_STEP = 1e-30
_SERIES = 1e-3


class EuropeanRows(NamedTuple):
    """Rights to receive bond portfolios.

    Args:
        expiries: years
        present_values: value today of each flow
        times: from expiry to each flow, years
    """

    expiries: Rows
    present_values: RowFlows
    times: RowFlows


class EuropeanValues(NamedTuple):
    """Values per unit notional, and their derivatives.

    Args:
        values: today
        parameters: derivatives to the four parameters
        squares: derivatives to the squares of the volatility of the slow factor, by interval
    """

    values: Rows
    parameters: Float[np.ndarray, "rows 4"]
    squares: Float[np.ndarray, "rows intervals"]


def european_values(
    rows: EuropeanRows, parameters: Parameters, ends: Ends, squares: Squares
) -> EuropeanValues:
    """Values and derivatives of European swaptions.

    Each row's state is counted from its expiry, $y_i = e^{-\\kappa_i T} x_i$, so that nothing overflows.

    Args:
        rows: the swaptions
        parameters: of the model
        ends: interior ends of the intervals of the volatility, years, one fewer than the squares; the last goes on
        squares: of the volatility of the slow factor, by interval
    """
    at = parameters.astype(complex)
    growths = _growths(at, rows.expiries, ends).real
    found = europeans(
        rows.present_values,
        _loadings(at, rows.times).real,
        np.einsum("j,rjab->rab", squares, growths),
    )
    by_squares = np.einsum("rab,rjab->rj", found.covariances, growths)
    by_parameters = np.empty((rows.expiries.size, parameters.size))
    for place in range(parameters.size):
        grown = _slope(lambda p: _growths(p, rows.expiries, ends), parameters, place)
        moved = _slope(lambda p: _loadings(p, rows.times), parameters, place)
        by_parameters[:, place] = np.einsum("rab,j,rjab->r", found.covariances, squares, grown)
        by_parameters[:, place] += np.einsum("rka,rka->r", found.loadings, moved)
    return EuropeanValues(found.value, by_parameters, by_squares)


def law_at(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean reversions, and the covariance of the short rates at unit volatility of the slow one."""
    fast, slow, ratio, correlation = parameters
    mixed = correlation * ratio
    return np.array([fast, slow]), np.array([[ratio * ratio, mixed], [mixed, np.ones_like(ratio)]])


def growths_between(
    parameters: Parameters, starts: Rows, ends: Rows
) -> Float[np.ndarray, "rows 2 2"]:
    """What each interval adds to the covariance of the driftless state, at unit volatility of the slow factor."""
    reversions, scale = law_at(parameters)
    rates = reversions[:, None] + reversions
    late, length = (part[:, None, None] for part in (ends, ends - starts))
    found: np.ndarray = scale * np.exp(rates * late) * _decay(rates, length)
    return found


def loadings_to(
    parameters: Parameters, times: Float[np.ndarray, "flows"]
) -> Float[np.ndarray, "flows 2"]:
    """$H(T_k) - H(T_n)$ of flow times by factor, years."""
    reversions, _ = law_at(parameters)
    found: np.ndarray = -np.exp(-reversions * times[:, None]) * _decay(
        reversions, (times[-1] - times)[:, None]
    )
    return found


def _growths(parameters: np.ndarray, expiries: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Covariance at each expiry that each interval adds, at unit volatility: by row, interval and factors."""
    reversions, scale = law_at(parameters)
    rates = reversions[:, None] + reversions
    until = np.minimum(np.append(ends, np.inf), expiries[:, None])
    since = np.minimum(np.insert(ends, 0, 0.0), expiries[:, None])
    left = (expiries[:, None] - until)[:, :, None, None]
    grown: np.ndarray = np.exp(-rates * left) * _decay(rates, (until - since)[:, :, None, None])
    return scale * grown


def _loadings(parameters: np.ndarray, times: np.ndarray) -> np.ndarray:
    reversions, _ = law_at(parameters)
    return _decay(reversions, times[:, :, None])


def _decay(rate: np.ndarray, time: np.ndarray) -> np.ndarray:
    """$(1 - e^{-a t}) / a$, for complex rates, exact for small ones."""
    z = rate * time
    small = np.abs(z) < _SERIES
    series = 1.0 - z / 2.0 * (1.0 - z / 3.0 * (1.0 - z / 4.0 * (1.0 - z / 5.0)))
    safe = np.where(small, 1.0, z)
    return time * np.where(small, series, -np.expm1(-safe) / safe)


def _slope(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray, place: int) -> np.ndarray:
    """Derivative to one parameter by a complex step, exact to rounding: Squire and Trapp (1998)."""
    moved = at.astype(complex)
    moved[place] += 1j * _STEP
    found: np.ndarray = function(moved).imag / _STEP
    return found
