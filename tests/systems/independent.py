"""Values and gradients of European and two-date Bermudan swaptions by code that shares nothing with the package.

One-factor Gaussian model on a Nelson-Siegel curve, written in the martingale state x of Hagan (2002): a bond in
units of the numeraire is $D(T) e^{-H(T) x - H(T)^2 \\zeta(t) / 2}$ with x normal of variance $\\zeta(t)$. The expectation
is an adaptive quadrature (`scipy.integrate.quad_vec`, 1e-13) split at the exercise boundary; the continuation value inside
it is a sum of normal distribution functions. Gradients are by complex step (Squire and Trapp, 1998) through the same
quadrature. The boundary stays where it is, because the integrand is continuous there and its first-order move adds nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad_vec
from scipy.optimize import brentq
from scipy.special import ndtr

PARAMETERS = (
    "mean_reversion",
    "volatility_1",
    "volatility_2",
    "strike",
    "beta0",
    "beta1",
    "beta2",
    "tau",
)
VOLATILITY_TIME = 1.5
STEP = 1e-30
TOLERANCE = 1e-13
WIDTH = 9.0

Vector = np.ndarray


@dataclass(frozen=True)
class Schedule:
    """Exercise times, the starts of the swaps they enter, and the periods of the fixed leg."""

    exercise_times: tuple[float, ...]
    start_times: tuple[float, ...]
    payment_times: tuple[float, ...]
    accruals: tuple[float, ...]
    side: str


@dataclass(frozen=True)
class Exact:
    """Value, its gradient in `PARAMETERS`, and a bound on the error of both."""

    value: float
    gradient: Vector
    error: float


def discount(theta: Vector, time: float) -> complex:
    """Discount factor, integrated from the forward rate of Nelson and Siegel (1987)."""
    beta0, beta1, beta2, tau = theta[4:8]
    decay = np.exp(-time / tau)
    slope = tau * (1.0 - decay)
    return np.exp(-(beta0 * time + beta1 * slope + beta2 * (slope - time * decay)))


def loading(theta: Vector, time: float) -> complex:
    """$H(t)$."""
    return (1.0 - np.exp(-theta[0] * time)) / theta[0]


def variance(theta: Vector, time: float) -> complex:
    """$\\zeta(t)$ of a volatility with one step."""
    kappa, first, second = theta[0], theta[1], theta[2]
    early, late = min(time, VOLATILITY_TIME), max(time, VOLATILITY_TIME)
    total = first**2 * (np.exp(2.0 * kappa * early) - 1.0)
    total += second**2 * (np.exp(2.0 * kappa * late) - np.exp(2.0 * kappa * VOLATILITY_TIME))
    return total / (2.0 * kappa)


def flows(theta: Vector, schedule: Schedule, exercise: int) -> tuple[list[float], list[complex]]:
    """Times and amounts received on one exercise."""
    start, ends = schedule.start_times[exercise], schedule.payment_times
    starts = (schedule.start_times[0], *ends[:-1])
    entered = [k for k in range(len(ends)) if starts[k] >= start - 1e-9]
    times = [starts[entered[0]], *(ends[k] for k in entered), ends[-1]]
    amounts = [-1.0, *(theta[3] * schedule.accruals[k] for k in entered), 1.0]
    sign = 1.0 if schedule.side == "receiver" else -1.0
    return times, [sign * amount for amount in amounts]


def exercise_value(theta: Vector, schedule: Schedule, exercise: int, x: complex) -> complex:
    """Value on exercise in units of the numeraire, in state x."""
    zeta = variance(theta, schedule.exercise_times[exercise])
    total = 0.0
    for time, amount in zip(*flows(theta, schedule, exercise), strict=True):
        h = loading(theta, time)
        total = total + amount * discount(theta, time) * np.exp(-h * x - 0.5 * h * h * zeta)
    return total


def held(theta: Vector, schedule: Schedule, last_boundary: float, x: complex) -> complex:
    """Value at the first exercise, in state x and units of the numeraire, of the right to the second."""
    now, then = (variance(theta, time) for time in schedule.exercise_times)
    total = 0.0
    for time, amount in zip(*flows(theta, schedule, 1), strict=True):
        h = loading(theta, time)
        distance = (x - h * (then - now) - last_boundary) / np.sqrt(then - now)
        bond = discount(theta, time) * np.exp(-h * x - 0.5 * h * h * now)
        total = total + amount * bond * _distribution(_direction(schedule) * distance)
    return total


def exact(theta: Vector, schedule: Schedule) -> Exact:
    """Price of a swaption with one or two exercise times."""
    theta = np.asarray(theta, dtype=np.float64)
    last = len(schedule.exercise_times) - 1
    width = 20.0 * np.sqrt(variance(theta, schedule.exercise_times[last]))
    final = _root(lambda x: exercise_value(theta, schedule, last, x), width)

    def gain(point: Vector, x: complex) -> complex:
        return exercise_value(point, schedule, 0, x)

    def alternative(point: Vector, x: complex) -> complex:
        return held(point, schedule, final, x) if last == 1 else 0.0 * gain(point, x)

    first = _root(lambda x: gain(theta, x) - np.real(alternative(theta, x)), width)
    # One column per parameter, each with its own imaginary step.
    columns = theta[:, None] + 1j * STEP * np.eye(theta.size)
    deviation = np.sqrt(variance(columns, schedule.exercise_times[0]))
    kink = first / np.real(deviation[0])

    def integrand(z: float, value: Callable[[Vector, complex], Vector]) -> Vector:
        density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
        column = value(columns, deviation * z) * density
        return np.concatenate([[np.real(column[0])], np.imag(column) / STEP])

    above, below = (gain, alternative) if _direction(schedule) > 0.0 else (alternative, gain)
    sides = [(above, kink, WIDTH), (below, -WIDTH, kink)]
    parts = [
        quad_vec(lambda z, f=f: integrand(z, f), a, b, epsabs=TOLERANCE, epsrel=0.0, norm="max")
        for f, a, b in sides
    ]
    total = sum(value for value, _ in parts)
    return Exact(float(total[0]), total[1:], float(sum(error for _, error in parts)))


def without_volatility(theta: Vector, schedule: Schedule) -> Exact:
    """Price where nothing moves: the best of the discounted exercise values, or nothing.

    The gradient is that of the exercise chosen, in curve and strike; the price does not depend on the mean reversion and its
    derivative in the volatility does not exist at zero, so that both are given as NaN.
    """
    columns = np.asarray(theta)[:, None] + 1j * STEP * np.eye(len(theta))
    values = [
        sum(
            amount * discount(columns, time)
            for time, amount in zip(*flows(columns, schedule, exercise), strict=True)
        )
        for exercise in range(len(schedule.exercise_times))
    ]
    best = max([np.zeros(len(theta), complex), *values], key=lambda value: np.real(value[0]))
    gradient = np.imag(best) / STEP
    gradient[:3] = np.nan
    return Exact(float(np.real(best[0])), gradient, 1e-15)


def _direction(schedule: Schedule) -> float:
    """+1 where the right is exercised in high states (of high rates), -1 in low ones."""
    return 1.0 if schedule.side == "payer" else -1.0


def _root(function: Callable[[float], float], width: float) -> float:
    return brentq(function, -width, width, xtol=1e-15, rtol=1e-14)


def _distribution(z: Vector) -> Vector:
    """Normal distribution function; its derivative is carried in the tiny imaginary part."""
    real = np.real(z)
    density = np.exp(-0.5 * real * real) / np.sqrt(2.0 * np.pi)
    return ndtr(real) + 1j * np.imag(z) * density
