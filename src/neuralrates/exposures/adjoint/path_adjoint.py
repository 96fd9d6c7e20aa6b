"""Adjoint of the scenarios: from derivatives to states, bank accounts and exchange rates to those to moments of the models."""

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.adjoint.sensitivities import Sensitivities
from neuralrates.exposures.scenarios import CurrencyPaths, bridge_order

Moments = Float[np.ndarray, "figures times"]
ByDate = Float[np.ndarray, "figures dates paths"]


def add_paths(into: Sensitivities, foreign: bool, log_martingale: ByDate | None) -> None:
    """Pass derivatives to the paths of one currency on to its moments and its curve; the paths are as `simulate` draws them.

    What was drawn is read off the paths. The derivatives in `into` to states and bank accounts are used up.

    Args:
        into: derivatives so far
        foreign: whether the currency is not the base currency
        log_martingale: derivatives to what the currency adds to the logarithm of exchange rates, at the dates
    """
    paths = into.paths
    states, zeta = paths.states, paths.variances
    _, first, second = paths.model.moments(paths.times)
    loading = paths.model.loadings(paths.times)
    figures, count = into.figures, paths.times.size
    found = np.zeros((3, figures, count))
    to_bank = into.bank.sum(axis=2)
    into.add_discount(paths.times, -to_bank)
    found[0] += 0.5 * loading**2 * to_bank
    found[2] -= 0.5 * to_bank
    into.states += loading[:, None] * into.bank
    to_integral = np.negative(into.bank, out=into.bank)
    integral = loading[:, None] * states - paths.bank
    integral += (0.5 * (loading**2 * zeta - second))[:, None]
    integral -= np.log(paths.model.discount_factors(paths.times))[:, None]
    if foreign:
        found[1] -= into.states.sum(axis=2)
        found[2] -= to_integral.sum(axis=2)
        states = states + first[:, None]
        integral += second[:, None]
    if log_martingale is not None:
        to_integral[:, paths.dates] += log_martingale if foreign else -log_martingale
        found[2][:, paths.dates] -= 0.5 * log_martingale.sum(axis=2)
    _integral(found, into.states, to_integral, states, integral, np.stack([zeta, first, second]))
    _refined(found[0], into.states, states, paths)
    _bridged(found[0], into.states[:, paths.dates], states[paths.dates], paths)
    into.add_moments(paths.times, *found)


def _integral(
    found: np.ndarray,
    to_states: np.ndarray,
    to_integral: np.ndarray,
    states: np.ndarray,
    integral: np.ndarray,
    moments: np.ndarray,
) -> None:
    """Step by step from the last: each is a share of the move of the state, and a normal of its own."""
    for place in range(moments.shape[1] - 1, 0, -1):
        step, mixed, square = moments[:, place] - moments[:, place - 1]
        given, moved = to_integral[:, place], states[place] - states[place - 1]
        share = mixed / step if step > 0.0 else 0.0
        variance = square - share * mixed
        to_integral[:, place - 1] += given
        to_states[:, place] += share * given
        to_states[:, place - 1] -= share * given
        to_share, to_square = given @ moved, np.zeros(given.shape[0])
        if variance > 0.0:
            left = integral[place] - integral[place - 1] - share * moved
            to_square = 0.5 * (given @ left) / variance
            to_share = to_share - mixed * to_square
        to_mixed = -share * to_square
        to_step = np.zeros(given.shape[0])
        if step > 0.0:
            to_mixed = to_mixed + to_share / step
            to_step = -to_share * share / step
        change = np.stack([to_step, to_mixed, to_square])
        found[:, :, place] += change
        found[:, :, place - 1] -= change


def _refined(
    found: Moments, to_states: np.ndarray, states: np.ndarray, paths: CurrencyPaths
) -> None:
    """Times between the dates, each between the time before and the next date."""
    dates = paths.dates.tolist()
    for left, right in zip(dates[:-1], dates[1:], strict=True):
        for place in range(right - 1, left, -1):
            _between(found, to_states, states, paths.variances, (place - 1, place, right))


def _bridged(
    found: Moments, to_states: np.ndarray, states: np.ndarray, paths: CurrencyPaths
) -> None:
    """The dates, in the opposite order of the bridge."""
    variances, own = paths.variances[paths.dates], np.zeros((found.shape[0], paths.dates.size))
    if variances.size > 1:
        for places in reversed(bridge_order(variances.size)):
            _between(own, to_states, states, variances, places)
        if variances[-1] > 0.0:
            own[:, -1] += 0.5 * (to_states[:, -1] @ states[-1]) / variances[-1]
    found[:, paths.dates] += own


def _between(
    found: Moments,
    to_states: np.ndarray,
    states: np.ndarray,
    variances: np.ndarray,
    places: tuple[int, int, int],
) -> None:
    """Adjoint of one draw between two known values."""
    left, at, right = places
    start, middle, end = variances[left], variances[at], variances[right]
    whole, given = end - start, to_states[:, at]
    if not given.any():
        return
    share = (middle - start) / whole if whole > 0.0 else 0.0
    moved = states[right] - states[left]
    drawn = states[at] - states[left] - share * moved
    to_states[:, left] += (1.0 - share) * given
    to_states[:, right] += share * given
    variance = (middle - start) * (1.0 - share)
    to_variance = 0.5 * (given @ drawn) / variance if variance > 0.0 else 0.0
    to_share = given @ moved - to_variance * (middle - start)
    to_middle = to_variance * (1.0 - share)
    found[:, at] += to_middle
    found[:, left] -= to_middle
    if whole > 0.0:
        found[:, at] += to_share / whole
        found[:, left] -= to_share * (1.0 - share) / whole
        found[:, right] -= to_share * share / whole


def log_martingale(paths: CurrencyPaths, foreign: bool) -> Float[np.ndarray, "dates paths"]:
    """What a currency adds to the logarithm of exchange rates, read off its paths; see `simulate`."""
    times, states = paths.times[paths.dates], paths.states[paths.dates]
    _, _, second = paths.model.moments(times)
    loading, zeta = paths.model.loadings(times), paths.variances[paths.dates]
    integral = loading[:, None] * states - paths.bank[paths.dates]
    constant = 0.5 * (loading**2 * zeta - second) - np.log(paths.model.discount_factors(times))
    integral += constant[:, None]
    if foreign:
        integral += second[:, None]
    return np.asarray((integral if foreign else -integral) - 0.5 * second[:, None])
