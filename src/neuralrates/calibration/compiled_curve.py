"""How the curve moves rates, compiled: what `_curve.c` is called with."""

import functools

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.calibration.curve_swaps import CoterminalRates, Exercises, FlowTimes
from neuralrates.core.native import kernel
from neuralrates.market.forward_curve import LONGEST_TENOR, ForwardCurveParameters

_KERNEL = kernel("neuralrates.calibration._curve")

Moved = tuple[FlowTimes, Exercises, Exercises, Exercises]
"""Fields of `CurveMoves`, in their order."""


def runs(alive: Bool[np.ndarray, "trades exercises"]) -> bool:
    """Whether the kernel is there, and every trade has exercises, padding after them."""
    return (
        _KERNEL is not None
        and alive.size > 0
        and bool(np.all(alive[:, 0]) and np.all(alive[:, 1:] <= alive[:, :-1]))
    )


def moves(
    parameters: ForwardCurveParameters, rates: CoterminalRates
) -> tuple[Moved, Float[np.ndarray, "trades"]]:
    """How the curve moves the rates, and the smallest shifted forward over the swaps of each trade."""
    assert _KERNEL is not None
    alive, ones = rates.alive, np.ones(rates.alive.shape)
    found = (np.empty(rates.flow_times.shape), ones, ones.copy(), ones.copy())
    least = np.empty(alive.shape[0])
    counts = np.count_nonzero(alive, axis=1).astype(np.int64)
    given = tuple(np.ascontiguousarray(part, dtype=np.float64) for part in rates[:-1])
    factors, rule = _factors(parameters.factors)
    law = (factors.shape, parameters.shift, parameters.cap, LONGEST_TENOR, factors, *rule)
    _KERNEL.moves(law, (rates.present_values.shape, *given, counts), (*found, least))
    return found, least


@functools.lru_cache(maxsize=16)
def _factors(
    rows: tuple[tuple[float, ...], ...],
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Coefficients by factor, and the rule that integrates their products over an interval exactly."""
    factors = np.array(rows)
    return factors, np.polynomial.legendre.leggauss(factors.shape[1])
