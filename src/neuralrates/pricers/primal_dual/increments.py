"""Functions of a state and of the normals that move it next, whose means given the state are zero exactly."""

import itertools
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from neuralrates.pricers.primal_dual.right import Paths, Step

Columns = Float[np.ndarray, "_ paths"]
Features = Float[np.ndarray, "features"]

_DEGREE, _LOW_DEGREE = 4, 2
_REACH, _DISTANCE, _ROOT = 4.0, 8.0, 6.0
_SMALLEST_SPREAD = 1e-7
_SMALLEST_SHARE = 0.05
_SMALLEST_MOVE = 1e-9
_RIDGE = 1e-5
"""Of columns of size one: what few paths see must not decide what others are given."""


class Scaling(NamedTuple):
    """Features made uncorrelated, each of size one, in their order.

    Args:
        centre: of the features
        mixing: lower triangle, from centred features
    """

    centre: Features
    mixing: Float[np.ndarray, "features features"]

    @classmethod
    def of(cls, features: Columns) -> "Scaling":
        """That of some paths; what a feature adds to those before it counts no less than a small share of its own spread."""
        centre = features.mean(axis=1)
        centred = features - centre[:, None]
        mixing = np.eye(features.shape[0])
        for number, feature in enumerate(centred):
            own = max(float(feature.std()), _SMALLEST_SPREAD)
            known = mixing[:number] @ centred
            mixing[number] -= (known @ feature / feature.shape[0]) @ mixing[:number]
            left = float((mixing[number] @ centred).std())
            mixing[number] /= max(left, _SMALLEST_SHARE * own)
        return cls(centre, mixing)

    def __call__(self, features: Columns) -> Columns:
        """Features no further out than functions of them were seen."""
        scaled = self.mixing @ (features - self.centre[:, None])
        return np.clip(scaled, -_REACH, _REACH)


class Advantage(NamedTuple):
    """Exercise less waiting at the end of an interval, seen from a step before: a polynomial of state and normals."""

    coefficients: Float[np.ndarray, "functions"]


class Design(NamedTuple):
    """Functions at one step.

    Args:
        state: of the state alone
        increments: of the state and the normals, without mean given the state
        advantage: mean of exercise less waiting given the state
    """

    state: Columns
    increments: Columns
    advantage: Paths


def least_squares(columns: Columns, values: Paths) -> Float[np.ndarray, "_"]:
    """Coefficients closest to values, none of them large where few paths tell."""
    products = columns @ columns.T
    products[np.diag_indices(len(products))] += _RIDGE * values.shape[0]
    found: np.ndarray = np.linalg.solve(products, columns @ values)
    return found


def polynomials(x: Columns, degree: int) -> Columns:
    """Products of powers of all features up to a total degree."""
    powers = [np.ones_like(x)]
    for _ in range(degree):
        powers.append(powers[-1] * x)
    exponents = itertools.product(range(degree + 1), repeat=x.shape[0])
    return np.array(
        [
            np.prod([powers[power][feature] for feature, power in enumerate(chosen)], axis=0)
            for chosen in exponents
            if sum(chosen) <= degree
        ]
    )


def turned(normals: Columns, direction: Columns) -> Columns:
    """Normals reflected so that the first acts along a direction; as standard as they were, for it is known before.

    Source: Golub and Van Loan (2013), section 5.1, for the reflection.
    """
    length = np.sqrt(np.sum(direction**2, axis=0))
    axis = direction / np.maximum(length, 1e-30)
    axis[0] -= 1.0
    size = np.maximum(np.sum(axis**2, axis=0), 1e-14)
    reflected: np.ndarray = normals - 2.0 * axis * (np.sum(axis * normals, axis=0) / size)
    return reflected


def advantage_of(step: Step, scaling: Scaling, advantages: Paths) -> Advantage:
    """Polynomial closest to exercise less waiting at the end."""
    x = scaling(step.features)
    columns = _advantage_columns(x, turned(step.normals, step.direction))
    return Advantage(least_squares(columns, advantages))


def _advantage_columns(x: Columns, normals: Columns) -> Columns:
    """Polynomials of the state, and low ones times each normal and the square of the first."""
    low = polynomials(x, _LOW_DEGREE)
    moves = [*normals, normals[0] ** 2 - 1.0]
    return np.concatenate([polynomials(x, _DEGREE), *(low * move for move in moves)])


def design(step: Step, scaling: Scaling, known: Advantage, steps_left: int) -> Design:
    """Functions in which values are regressed.

    The advantage of exercise is nearly a quadratic of the normal along which it moves. Where it is zero the value has its
    kink: in the last step positive powers beyond that normal join, less their means. States are told apart by how far from
    zero it is, in units of what it has still to move, by the functions of Bachelier's formula.

    Args:
        step: of an interval
        scaling: of its features
        known: advantage at the end of the interval
        steps_left: of the interval, with this one

    Source: Belomestny, Bender and Schoenmakers (2009), for martingales from regression on increments.
    """
    x, normals = scaling(step.features), turned(step.normals, step.direction)
    low, linear = polynomials(x, _LOW_DEGREE), polynomials(x, 1)
    high = polynomials(x, _DEGREE)
    count, begin = low.shape[0], high.shape[0]
    mean = known.coefficients[:begin] @ high
    slopes = known.coefficients[begin:].reshape(-1, count) @ low
    normals = turned(normals, slopes[:-1])
    move = np.maximum(np.sqrt(np.sum(slopes[:-1] ** 2, axis=0)), _SMALLEST_MOVE)
    distance = np.clip(mean / (move * np.sqrt(steps_left)), -_DISTANCE, _DISTANCE)
    taken, density = ndtr(distance), _density(distance)
    state = [high, low * (density + distance * taken), low * taken, low * density]
    state.append(low * (distance * density))
    first, others = normals[0], normals[1:]
    wide = np.concatenate([low, low * taken, low * density, linear * (distance * density)])
    shaped = np.concatenate([low, linear * taken, linear * density])
    increments = [wide * first, wide * ((first**2 - 1.0) / np.sqrt(2.0))]
    increments += [shaped * other for other in others]
    increments += [linear * ((first**3 - 3.0 * first) / np.sqrt(6.0))]
    increments += [linear * (first * other) for other in others]
    if steps_left == 1:
        increments += [low * power for power in _beyond(first, _kink(mean, move, slopes[-1]))]
    return Design(np.concatenate(state), np.concatenate(increments), mean)


def _density(x: Paths) -> Paths:
    found: Paths = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)
    return found


def _kink(mean: Paths, move: Paths, bend: Paths) -> Paths:
    """Normal at which $m + s q + c (q^2 - 1)$ is zero, the root that remains as c vanishes."""
    inside = np.maximum(move**2 - 4.0 * bend * (mean - bend), 0.0)
    return np.clip(2.0 * (bend - mean) / (move + np.sqrt(inside)), -_ROOT, _ROOT)


def _beyond(normal: Paths, kink: Paths) -> tuple[Paths, Paths]:
    """$(q - k)^+$ and its square, less their means."""
    beyond, tail, density = np.maximum(normal - kink, 0.0), ndtr(-kink), _density(kink)
    return (
        beyond - (density - kink * tail),
        beyond**2 - ((1.0 + kink**2) * tail - kink * density),
    )
