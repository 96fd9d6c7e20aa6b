"""Random Bermudans on the forward curve, with quotes that the model meets."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from neuralrates.calibration.curve_coterminals import CurveCoterminals, CurveMoves
from neuralrates.calibration.curve_swaps import CoterminalRates
from neuralrates.engines.coterminal_numbers import Facts, Numbers
from neuralrates.engines.forward_curve import best_european
from neuralrates.engines.forward_curve_correction import (
    BASELINE,
    CurveFeatures,
    outside,
    shipped,
)
from neuralrates.engines.forward_curve_numbers import mean_loadings
from neuralrates.engines.one_factor import OptionBatch, priced_options
from neuralrates.engines.recurrence import Corrections
from neuralrates.market.forward_curve import LONGEST_TENOR, ForwardCurveParameters
from neuralrates.pricers.primal_dual.curve_paths import CurveLaw
from neuralrates.pricers.primal_dual.pricer import Simulation, of_curve
from neuralrates.pricers.primal_dual.right import Right

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
    """What is known of cases, with a leading axis.

    Args:
        rates: coterminal swap rates and their quotes
        moves: how the curve moves them
        option: rights as the one factor prices them
    """

    rates: CoterminalRates
    moves: CurveMoves
    option: OptionBatch


def stacked(cases: list[Case]) -> CoterminalRates:
    """Rates of some cases, brought to the agreed lengths."""
    return CoterminalRates(*(np.stack(parts) for parts in zip(*map(_padded, cases), strict=True)))


def _padded(case: Case) -> tuple[np.ndarray, ...]:
    right, count = case.right, len(case.right.exercise_times)
    more, flows = MOST_DATES - count, MOST_FLOWS - len(right.flow_times)
    times = np.append(right.flow_times, np.full(flows, right.flow_times[-1]))
    discounts = case.discount_factor(times)
    annuities, floating = (
        np.pad(part, ((0, more), (0, flows))) * discounts
        for part in (right.annuity_weights, right.floating_weights)
    )
    annuity = np.sum(annuities, axis=1)
    padding = np.arange(MOST_DATES) >= count
    exercises = np.pad(right.exercise_times, (0, more))
    return (
        np.asarray(right.strike),
        exercises,
        np.sum(floating, axis=1) / np.where(padding, 1.0, annuity),
        annuity,
        annuities,
        right.strike * annuities - floating,
        discounts,
        times,
        exercises,
        np.pad(case.quotes, (0, more)),
        ~padding,
    )


def known(cases: list[Case]) -> Known:
    """What is known of some cases."""
    return known_of(stacked(cases), _signs(cases))


def _signs(cases: list[Case]) -> np.ndarray:
    return np.array([case.right.sign for case in cases])


def known_of(rates: CoterminalRates, signs: np.ndarray) -> Known:
    """What is known of stacked rates."""
    moves = CurveCoterminals(PARAMETERS, rates).moves
    alive, strike = rates.alive, rates.strike[:, None]
    annuities = np.where(alive, rates.annuities, 1.0)
    centres = np.sum(rates.annuity_values * moves.loadings[:, None, :], axis=2) / annuities
    moved = np.sum(rates.present_values * moves.loadings[:, None, :], axis=2)
    slopes = np.abs(moved - centres * np.sum(rates.present_values, axis=2)) / annuities
    slopes, roots = np.where(alive, slopes, 1.0), np.sqrt(rates.expiries)
    deviations = np.where(alive, rates.quotes * roots, 1.0)
    distances = np.abs(rates.forwards - strike) / deviations
    densities = np.exp(-0.5 * distances**2) / np.sqrt(2.0 * np.pi)
    targets = rates.annuities * deviations * (densities - distances * ndtr(-distances))
    facts = Facts(
        np.where(rates.forwards > strike, 1.0, -1.0),
        centres,
        slopes,
        deviations,
        rates.annuities * roots * densities,
        np.zeros_like(alive),
        mean_loadings(rates, moves.loadings),
        rates.forwards,
        rates.quotes,
    )
    starts = (deviations / slopes) ** 2
    nothing = np.zeros(signs.size)
    numbers = Numbers(nothing, rates.present_values, moves.loadings, targets, starts)
    return Known(rates, moves, OptionBatch(numbers, facts, alive, signs))


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
        outside: whether the engine leaves it to the bounds: nothing like it was learned, or its best European is worth more
        known: what is known of the cases
    """

    baseline: np.ndarray
    correction: np.ndarray
    deviation: np.ndarray
    features: np.ndarray
    outside: np.ndarray
    known: Known


def priced(cases: list[Case]) -> Priced:
    """Prices of some cases without simulation."""
    return priced_of(stacked(cases), _signs(cases))


def priced_of(rates: CoterminalRates, signs: np.ndarray) -> Priced:
    """Prices of stacked rates."""
    with np.errstate(all="ignore"):
        found = known_of(rates, signs)
        factor = priced_options(BASELINE, found.option, False, None)
        given = CurveFeatures(rates, found.moves, PARAMETERS.shift, signs)
        corrections = Corrections(shipped().weights, given.values, rates.alive).values
    correction = given.deviation * corrections
    values = factor.options.values
    beyond = outside(shipped(), given.values, rates.alive)
    beyond |= ~(values + correction >= best_european(found.option) - BASELINE.tolerance)
    return Priced(values, correction, given.deviation, given.values, beyond, found)
