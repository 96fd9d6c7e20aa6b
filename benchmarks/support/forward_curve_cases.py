"""Random Bermudans on the forward curve, with quotes that the model meets."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.calibration.curve_coterminals import CurveMoves
from neuralrates.engines.coterminal_numbers import Facts, Numbers
from neuralrates.engines.forward_curve_correction import (
    correction_of,
    deviation_of_value,
    features_of,
    outside,
    shipped,
)
from neuralrates.engines.forward_curve_numbers import numbers_from
from neuralrates.engines.forward_curve_rates import Rates
from neuralrates.engines.one_factor import TOLERANCE, OptionBatch, priced_options
from neuralrates.market.forward_curve import LONGEST_TENOR, ForwardCurveParameters
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.primal_dual.curve_paths import CurveLaw
from neuralrates.pricers.primal_dual.pricer import Simulation, of_curve
from neuralrates.pricers.primal_dual.right import Right
from neuralrates.products.swaption import Swaption

MOST_DATES, MOST_FLOWS = 20, 48
PARAMETERS = ForwardCurveParameters()
_LEAST_FORWARD = 0.008
_RATE_TIMES = np.linspace(0.0, 30.0, 61)


class Case(NamedTuple):
    """A right, the curve it is on, and what is quoted for its Europeans.

    Args:
        right: what is exercised
        forwards: level, slope and hump of the instantaneous forwards, and its time in years
        quotes: normal volatilities at the strike
    """

    right: Right
    forwards: tuple[float, float, float, float]
    quotes: np.ndarray

    def forward(self, times: np.ndarray) -> np.ndarray:
        """Instantaneous forward rates, by Nelson and Siegel."""
        level, slope, hump, decay = self.forwards
        share = np.asarray(times) / decay
        found: np.ndarray = level + (slope + hump * share) * np.exp(-share)
        return found

    def discount_factor(self, times: np.ndarray) -> np.ndarray:
        """Discount factors."""
        level, slope, hump, decay = self.forwards
        share = np.asarray(times) / decay
        gone = 1.0 - np.exp(-share)
        integral = decay * (slope * gone + hump * (gone - share * np.exp(-share)))
        found: np.ndarray = np.exp(-level * np.asarray(times) - integral)
        return found


def random_right(random: np.random.Generator) -> Right:
    """Two to twenty dates, yearly or half-yearly, the first in three months to five years; at most 29 years in all."""
    while True:
        count = int(random.integers(2, MOST_DATES + 1))
        every = 1.0 if random.random() < 0.7 else 0.5
        period = every if random.random() < 0.6 else 0.5
        first = float(np.exp(random.uniform(np.log(0.25), np.log(5.0))))
        tail = every * int(random.integers(1, 4))
        length = every * (count - 1) + tail
        if first + length <= 29.0 and length / period < MOST_FLOWS - 1:
            break
    exercises = first + every * np.arange(count)
    flows = first + period * np.arange(round(length / period) + 1)
    annuities = period * (flows[None, :] > exercises[:, None] + 1e-9)
    floating = 1.0 * (np.abs(flows[None, :] - exercises[:, None]) < 1e-9)
    floating[:, -1] -= 1.0
    sign = 1.0 if random.random() < 0.5 else -1.0
    return Right(exercises, flows, annuities * 1.0, floating, 0.0, sign)


def random_case(random: np.random.Generator) -> Case:
    """A right, a curve with forwards above 0.8 percent, volatilities of 25 to 140 basis points, a strike near the rates."""
    right = random_right(random)
    while True:
        decay = float(random.uniform(1.5, 6.0))
        shape = random.uniform([0.02, -0.03, -0.03], [0.065, 0.02, 0.03])
        case = Case(right, (*map(float, shape), decay), np.zeros(0))
        if case.forward(_RATE_TIMES).min() > _LEAST_FORWARD:
            break
    discounts = case.discount_factor(right.flow_times)
    annuities = right.annuity_weights @ discounts
    rates = right.floating_weights @ discounts / annuities
    times = right.exercise_times
    relative = random.uniform(0.10, 0.32) * np.sqrt(0.04)
    level = relative * np.sqrt(rates)
    bump = 1.0 + random.uniform(-0.15, 0.25) * np.exp(-times / 3.0)
    tilt = 1.0 - random.uniform(0.0, 0.2) * times / 20.0
    quotes = np.clip(level * bump * tilt, 0.0020, 0.0150)
    chosen = int(random.integers(0, len(times)))
    away = random.normal() * 0.8 * quotes[chosen] * np.sqrt(min(times[chosen], 5.0))
    strike = float(max(rates[chosen] + away, 0.004))
    return Case(right._replace(strike=strike), case.forwards, quotes)


class Known(NamedTuple):
    """Numbers of cases, with a leading axis."""

    numbers: Numbers
    facts: Facts
    moves: CurveMoves
    alive: np.ndarray
    signs: np.ndarray


def padded(case: Case) -> Rates:
    """Rates of a case brought to the agreed lengths."""
    right, count = case.right, len(case.right.exercise_times)
    more, flows = MOST_DATES - count, MOST_FLOWS - len(right.flow_times)
    times = np.append(right.flow_times, np.full(flows, right.flow_times[-1]))
    rows = np.append(np.arange(count), np.full(more, count - 1)).astype(int)
    annuities, floating = (
        np.pad(part[rows], ((0, 0), (0, flows)))
        for part in (right.annuity_weights, right.floating_weights)
    )
    later = right.exercise_times[-1] + 0.5 * np.arange(1, more + 1)
    exercises = np.append(right.exercise_times, later)
    starts = np.append(right.exercise_times, np.full(more, right.exercise_times[-1]))
    product = Swaption.from_weights(
        exercises, times, annuities, floating, right.strike, "receiver", starts
    )
    discounts = jnp.asarray(case.discount_factor(times))
    alive = (np.arange(MOST_DATES) < count) * 1.0
    return Rates(
        Coterminals.of(product, discounts),
        discounts,
        jnp.asarray(times),
        jnp.asarray(starts),
        jnp.asarray(case.quotes[rows]),
        jnp.asarray(alive),
    )


@jax.jit
def _numbers(rates: Rates) -> tuple[Numbers, Facts, CurveMoves]:
    return jax.vmap(lambda one: numbers_from(PARAMETERS, one, jnp.zeros(())))(rates)


def stacked(cases: list[Case]) -> Rates:
    """Rates of some cases, with a leading axis."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *map(padded, cases))


def known(cases: list[Case]) -> Known:
    """Numbers of some cases."""
    return known_of(stacked(cases), _signs(cases))


def _signs(cases: list[Case]) -> np.ndarray:
    return np.array([case.right.sign for case in cases])


def known_of(rates: Rates, signs: np.ndarray) -> Known:
    """Numbers of stacked rates."""
    numbers, facts, moves = jax.tree.map(np.asarray, _numbers(rates))
    return Known(numbers, facts, moves, np.asarray(rates.alive) > 0.0, signs)


def simulation(case: Case, squares: np.ndarray, steps_per_year: int = 2) -> Simulation:
    """Simulation of a case, its volatility scaled by interval."""
    count = len(case.right.exercise_times)
    law = CurveLaw(
        np.array(PARAMETERS.factors),
        LONGEST_TENOR,
        PARAMETERS.cap,
        PARAMETERS.shift,
        np.sqrt(squares[:count]),
        case.right.exercise_times[:-1],
    )
    return of_curve(case.right, law, case.discount_factor, steps_per_year)


class Priced(NamedTuple):
    """Cases by one factor and by the correction beside it.

    Args:
        baseline: by the factor alone, per unit notional
        correction: learned
        deviation: its unit
        features: what it was given of each date
        outside: whether it did not learn from such a trade
        known: numbers of the cases
    """

    baseline: np.ndarray
    correction: np.ndarray
    deviation: np.ndarray
    features: np.ndarray
    outside: np.ndarray
    known: Known


@jax.jit
def _corrected(rates: Rates, signs: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    def one(own: Rates, sign: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        _, _, moves = numbers_from(PARAMETERS, own, jnp.zeros(()))
        correction = correction_of(shipped(), own, moves, PARAMETERS.shift, sign)
        features = features_of(own, moves, PARAMETERS.shift, sign)
        return correction, deviation_of_value(own), features

    return jax.vmap(one)(rates, signs)


def priced(cases: list[Case]) -> Priced:
    """Prices of some cases without simulation."""
    return priced_of(stacked(cases), _signs(cases))


def priced_of(rates: Rates, signs: np.ndarray) -> Priced:
    """Prices of stacked rates."""
    found = known_of(rates, signs)
    option = OptionBatch(found.numbers, found.facts, found.alive, found.signs)
    with np.errstate(all="ignore"):
        values = priced_options(BackwardInduction(TOLERANCE), option, False, None).options.values
    corrected = _corrected(rates, jnp.asarray(signs))
    correction, deviation, features = map(np.asarray, corrected)
    beyond = outside(shipped(), features, found.alive)
    return Priced(values, correction, deviation, features, beyond, found)
