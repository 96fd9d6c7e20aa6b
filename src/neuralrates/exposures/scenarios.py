"""Scenarios: states of every currency and exchange rates, by exact transitions."""

import functools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri
from scipy.stats import qmc

from neuralrates.core.errors import InputError
from neuralrates.core.processors import num_processors
from neuralrates.exposures.currency_model import CurrencyModel

Paths = Float[np.ndarray, "times paths"]
Normals = Float[np.ndarray, "steps paths"]
AtDates = Float[np.ndarray, "dates paths"]
REPLICATES = 8
"""Independently scrambled sequences, from whose spread standard errors come."""


def check_paths(paths: int) -> None:
    """Raise where paths are too few for standard errors."""
    if paths < 2 * REPLICATES:
        raise InputError(f"expected {2 * REPLICATES} paths at least, found {paths}")


@dataclass(frozen=True, eq=False)
class CurrencyPaths:
    """States of one currency on all paths.

    Args:
        model: of the currency
        times: years, increasing, the exposure dates among them
        dates: places of the exposure dates among the times
        states: x, under the measure of the base currency's numeraire
        bank: logarithm of the bank account of the currency
        exchange: $X(t) N_f(t) / N(t)$ at the exposure dates: turns units of the own numeraire into those of the base
            currency's
        variances: $\\zeta$ at the times
    """

    model: CurrencyModel
    times: Float[np.ndarray, "times"]
    dates: np.ndarray
    states: Paths
    bank: Paths
    exchange: np.ndarray
    variances: Float[np.ndarray, "times"]

    @functools.cached_property
    def extents(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest state at each time."""
        return self.states.min(axis=1), self.states.max(axis=1)

    def at(self, time: float) -> int:
        """Place of a time among the times."""
        place = int(np.searchsorted(self.times, time - 1e-9))
        if place >= self.times.size or abs(self.times[place] - time) > 1e-8:
            raise ValueError(f"Argument `time` must be a simulated time, but is {time}.")
        return place


@dataclass(frozen=True)
class ExchangeRate:
    """Price of one unit of a currency in the base currency, lognormal.

    Args:
        spot: today
        volatility: decimal per square root of year, of the rate without those of interest rates
    """

    spot: float
    volatility: float


def simulate(
    models: Mapping[str, CurrencyModel],
    base: str,
    rates: Mapping[str, ExchangeRate],
    dates: Float[np.ndarray, "dates"],
    more_times: Mapping[str, Float[np.ndarray, "some"]],
    paths: int,
    seed: int,
) -> dict[str, CurrencyPaths]:
    """States and exchange rates on all paths.

    The measure is that of the base currency's LGM numeraire. Rates of different currencies and exchange rates move
    independently. States at the exposure dates come from a scrambled Sobol sequence by a Brownian bridge in their variance;
    between them, where a rate is fixed or a right exercised, from pseudo-random bridges; all transitions are exact, so there is
    no order in time. With $I = \\int H dx$, the bank account is
    $\\log B = -\\log D + H x - I + (H^2 \\zeta - \\int H^2 d\\zeta) / 2$, and a foreign state has the drift $-H d\\zeta$.

    Args:
        models: by currency
        base: currency of the measure
        rates: of the other currencies
        dates: exposure times, years, increasing, the first zero
        more_times: other times at which states are needed, by currency
        paths: number of paths
        seed: of the sequence and of the bridges

    Source: Hagan (2002), equations 2.1 to 2.6; Glasserman (2004), section 3.1 (Brownian bridge), section 5.4 (randomised
        quasi-Monte Carlo).
    """
    steps = dates.size - 1
    drawn = iter(_normals(paths, 2 * len(models) - 1, seed, steps))
    found: dict[str, CurrencyPaths] = {}
    base_log: AtDates | None = None
    for number, currency in enumerate([base, *(one for one in models if one != base)]):
        generator = np.random.default_rng((seed, number))
        one, log_martingale = _one_currency(
            models[currency],
            dates,
            more_times.get(currency, np.zeros(0)),
            next(drawn),
            generator,
            currency != base,
        )
        if base_log is None:
            base_log = log_martingale
            found[currency] = one
            continue
        rate = rates[currency]
        moves = bridge(rate.volatility**2 * dates, next(drawn))
        log_exchange = moves - 0.5 * rate.volatility**2 * dates[:, None]
        exchange = rate.spot * np.exp(log_exchange + log_martingale + base_log)
        found[currency] = CurrencyPaths(
            one.model, one.times, one.dates, one.states, one.bank, exchange, one.variances
        )
    return found


def _one_currency(
    model: CurrencyModel,
    dates: Float[np.ndarray, "dates"],
    more: Float[np.ndarray, "some"],
    normals: Normals,
    generator: np.random.Generator,
    foreign: bool,
) -> tuple[CurrencyPaths, AtDates]:
    """Paths of one currency; and at the dates $\\int H dy - Q / 2$ of a foreign one, $-\\int H dx - Q / 2$ of the base."""
    inside = more[(more > 0.0) & (more < dates[-1])]
    near = np.min(np.abs(inside[:, None] - dates), axis=1, initial=np.inf) < 1e-9
    times = np.unique(np.concatenate([dates, inside[~near]]))
    times = times[np.concatenate([[True], np.diff(times) > 1e-9])]
    places = np.searchsorted(times, dates - 1e-9)
    zeta, first, second = model.moments(times)
    states = np.zeros((times.size, normals.shape[1]))
    states[places] = bridge(zeta[places], normals)
    _refine(states, places, zeta, generator)
    integral = _integral(states, zeta, first, second, generator)
    loading = model.loadings(times)
    log_martingale = (integral if foreign else -integral)[places] - 0.5 * second[places, None]
    if foreign:  # the drift of the state under the measure of the base currency
        states -= first[:, None]
        integral -= second[:, None]
    constants = 0.5 * (loading**2 * zeta - second) - np.log(model.discount_factors(times))
    bank = integral  # in its place: the largest arrays of a run
    for row, constant in enumerate(constants):
        np.subtract(loading[row] * states[row] + constant, integral[row], out=bank[row])
    ones = np.ones((dates.size, 1))
    return CurrencyPaths(model, times, places, states, bank, ones, zeta), log_martingale


def bridge(variances: Float[np.ndarray, "dates"], normals: Normals) -> AtDates:
    """Gaussian martingale with these variances, the first zero, from independent normals: the last date first."""
    count = variances.size
    found = np.zeros((count, normals.shape[1]))
    if count == 1:
        return found
    drawn = iter(normals)
    found[-1] = np.sqrt(variances[-1]) * next(drawn)
    for left, middle, right in bridge_order(count):
        found[middle] = _between(
            found[left], found[right], variances[[left, middle, right]], next(drawn)
        )
    return found


def bridge_order(count: int) -> list[tuple[int, int, int]]:
    """Places of a bridge in the order they are drawn, the last known: each in the middle of the two known beside it."""
    spans, found = [(0, count - 1)], []
    while spans:
        left, right = spans.pop(0)
        if right - left < 2:
            continue
        middle = (left + right) // 2
        found.append((left, middle, right))
        spans += [(left, middle), (middle, right)]
    return found


def _between(
    left: np.ndarray, right: np.ndarray, variances: np.ndarray, normal: np.ndarray
) -> np.ndarray:
    """The martingale between two known values, from its variances at the first, at the place asked for and at the last."""
    start, at, end = map(float, variances)
    whole = end - start
    share = (at - start) / whole if whole > 0.0 else 0.0
    deviation = np.sqrt(max((at - start) * (1.0 - share), 0.0))
    return left + share * (right - left) + deviation * normal


def _refine(
    states: Paths, places: np.ndarray, variances: np.ndarray, generator: np.random.Generator
) -> None:
    """Fill states between the dates."""
    for left, right in zip(places[:-1], places[1:], strict=True):
        for place in range(left + 1, right):
            spans = variances[[place - 1, place, right]]
            normal = np.asarray(generator.standard_normal(states.shape[1]))
            states[place] = _between(states[place - 1], states[right], spans, normal)


def _integral(
    states: Paths,
    zeta: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    generator: np.random.Generator,
) -> Paths:
    """$\\int H dx$ given the states: Gaussian step by step."""
    found = np.empty_like(states)
    found[0] = 0.0
    for place in range(1, zeta.size):
        step, mixed, square = (
            np.diff(part[place - 1 : place + 1])[0] for part in (zeta, first, second)
        )
        share = mixed / step if step > 0.0 else 0.0
        deviation = np.sqrt(max(square - share * mixed, 0.0))
        found[place] = found[place - 1] + share * (states[place] - states[place - 1])
        found[place] += deviation * generator.standard_normal(states.shape[1])
    return found


def _normals(paths: int, blocks: int, seed: int, steps: int) -> list[Normals]:
    """Sobol normals in blocks of so many steps, paths last; the paths are some independently scrambled sequences."""
    if steps == 0:
        return [np.zeros((0, paths))] * blocks
    dimensions = blocks * steps
    each = -(-paths // REPLICATES)
    exponent = int(np.ceil(np.log2(max(each, 2))))
    found = np.empty((dimensions, REPLICATES * each))

    def draw(number: int) -> None:
        generator = np.random.default_rng((seed, 1000 + number))
        points = qmc.Sobol(dimensions, rng=generator).random_base2(exponent)[:each]
        found[:, number::REPLICATES] = ndtri(np.clip(points, 1e-12, 1.0 - 1e-12)).T

    with ThreadPoolExecutor(num_processors()) as pool:
        list(pool.map(draw, range(REPLICATES)))
    return [found[start : start + steps, :paths] for start in range(0, dimensions, steps)]
