"""Integrals of exponential decays with their derivatives to the rate, on the host."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_TINY, _SMALL, _NUM_TERMS = 1e-17, 0.1, 10
_SERIES = [(-1.0) ** (1 + k) / (math.factorial(k) * (k + 2)) for k in range(_NUM_TERMS)]

Times = Float[np.ndarray, "..."]


class Decay(NamedTuple):
    """An integral of a decay, years, and its derivative to the rate, squared years."""

    value: Times
    to_rate: Times


def decay_integral(rate: float, time: Times) -> Decay:
    r"""$(1 - e^{-a t}) / a$, as `neuralrates.core.functions.decay_integral`."""
    z = rate * time
    small = np.abs(z) < _SMALL
    safe = np.where(np.abs(z) < _TINY, 1.0, z)
    moment = np.where(np.abs(z) < _TINY, 1.0, -np.expm1(-safe) / safe)
    first = (np.exp(-safe) - moment) / safe
    if np.any(small):
        first = np.where(small, np.polyval(_SERIES[::-1], z), first)
    return Decay(time * moment, time * time * first)


def decay_between(rate: float, start: Times, end: Times) -> Decay:
    r"""$(e^{-a s} - e^{-a t}) / a$, as `neuralrates.core.functions.decay_between`."""
    whole, damping = decay_integral(rate, end - start), np.exp(-rate * start)
    value = damping * whole.value
    return Decay(value, damping * whole.to_rate - start * value)
