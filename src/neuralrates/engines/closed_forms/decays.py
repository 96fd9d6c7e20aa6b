"""Integrals of exponential decays with their derivatives to the rate, on the host."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_TINY, _SMALL, _NUM_TERMS = 1e-17, 0.1, 10
_SERIES = [(-1.0) ** (1 + k) / (math.factorial(k) * (k + 2)) for k in range(_NUM_TERMS)]

Times = Float[np.ndarray, "..."]
Rates = float | Times


class Decay(NamedTuple):
    """An integral of a decay, years, and its derivative to the rate, squared years."""

    value: Times
    to_rate: Times


def decay_integral(rate: Rates, time: Times) -> Decay:
    r"""$(1 - e^{-a t}) / a$, as `neuralrates.core.functions.decay_integral`."""
    z = rate * time
    moment, safe = _moment(z)
    first = (np.exp(-safe) - moment) / safe
    small = np.abs(z) < _SMALL
    if np.any(small):
        first[small] = np.polyval(_SERIES[::-1], z[small])
    return Decay(time * moment, time * time * first)


def decay_between(rate: Rates, start: Times, end: Times) -> Decay:
    r"""$(e^{-a s} - e^{-a t}) / a$, as `neuralrates.core.functions.decay_between`."""
    whole, damping = decay_integral(rate, end - start), np.exp(-rate * start)
    value = damping * whole.value
    return Decay(value, damping * whole.to_rate - start * value)


def decay_from(rate: Rates, start: Times, end: Times) -> Times:
    """The value of `decay_between`, where no derivative is taken of it."""
    time = end - start
    found: Times = np.exp(-rate * start) * (time * _moment(rate * time)[0])
    return found


def _moment(z: Times) -> tuple[Times, Times]:
    """$(1 - e^{-z}) / z$, one at zero; and z, there one."""
    tiny = np.abs(z) < _TINY
    safe = np.where(tiny, 1.0, z)
    return np.where(tiny, 1.0, -np.expm1(-safe) / safe), safe
