"""The kernel in C, where it was compiled: the induction and the calibration of this folder, one trade after the other."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.core.native import kernel
from neuralrates.pricers.gaussian.batched import state_space
from neuralrates.pricers.gaussian.batched.averages import legendre
from neuralrates.pricers.gaussian.batched.portfolio import Flows, Trades
from neuralrates.pricers.gaussian.batched.state_space import Exercises, Rights
from neuralrates.pricers.gaussian.rule import Rule

KERNEL = kernel("neuralrates.pricers.gaussian.batched._kernel")
_NO_RULE = np.zeros(0), np.zeros(0), 0.0


class Induced(NamedTuple):
    """What one run found of some rights.

    Args:
        values: today, per unit notional
        coarse: the same by a coarser rule
        probabilities: risk-neutral, of each exercise
        present_values: derivative to what each flow received on exercise is worth today
        loadings: derivative to the loadings
        variances: derivative to the variances at the exercise times
    """

    values: Trades
    coarse: Trades | None
    probabilities: Exercises | None
    present_values: Float[np.ndarray, "trades exercises flows"] | None
    loadings: Flows | None
    variances: Exercises | None


def takes(rule: Rule) -> bool:
    """Whether the kernel is there, and knows the rule."""
    return KERNEL is not None and not rule.local


def induced(
    rule: Rule,
    coarse: Rule | None,
    rights: Rights,
    mean_loadings: Exercises,
    *,
    with_adjoint: bool,
) -> Induced:
    """Value rights by one rule; with a coarser one also probabilities.

    Args:
        rule: that `takes` says the kernel knows
        coarse: against which errors are estimated; None where they are not wanted
        rights: of the trades, in any order
        mean_loadings: see `probabilities` of `forward`
        with_adjoint: whether derivatives are wanted
    """
    assert KERNEL is not None
    trades, most, flows = rights.present_values.shape
    looked_at = with_adjoint or coarse is not None
    found = Induced(
        np.empty(trades),
        None if coarse is None else np.empty(trades),
        np.zeros((trades, most)) if looked_at else None,
        np.zeros((trades, most, flows)) if with_adjoint else None,
        np.zeros((trades, flows)) if with_adjoint else None,
        np.zeros((trades, most)) if with_adjoint else None,
    )
    rules = _numbers(rule), _NO_RULE if coarse is None else _numbers(coarse)
    KERNEL.value(rule.num_boundaries, *rules, _given(rights), _double(mean_loadings), tuple(found))
    return found


def survey(rights: Rights, half_width: float) -> tuple[Trades, Int[np.ndarray, "trades"]]:
    """What `survey` of `state_space` says."""
    if KERNEL is None:
        return state_space.survey(rights, half_width)
    trades = rights.counts.shape[0]
    widths, boundaries = np.empty(trades), np.empty(trades, dtype=np.int64)
    KERNEL.survey(_given(rights), half_width, widths, boundaries)
    return widths, boundaries


def _given(rights: Rights) -> tuple[Any, ...]:
    counts = np.ascontiguousarray(rights.counts, dtype=np.int64)
    return rights.present_values.shape, counts, *map(_double, rights[1:])


def _numbers(rule: Rule) -> tuple[np.ndarray, np.ndarray, float]:
    return *legendre(rule.num_points), rule.half_width


def _double(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float64)


class Met(NamedTuple):
    """Options worth their targets, a row each.

    Args:
        deviations: of the state
        values: of the options
        to_deviations: derivative of the values
        to_present_values: derivative to what each flow is worth today; None where not asked for
        to_moves: derivative to what each flow is moved by; likewise
    """

    deviations: Trades
    values: Trades
    to_deviations: Trades
    to_present_values: Flows | None
    to_moves: Flows | None


def met(
    options: Flows,
    moves: Flows,
    targets: Trades,
    sides: Trades,
    starts: Trades,
    known: Bool[np.ndarray, "rows"],
    *,
    with_slopes: bool,
) -> Met:
    """Deviations at which options on bond portfolios are worth their targets; see `meet` of `coterminals`."""
    assert KERNEL is not None
    rows, flows = options.shape
    slopes = (np.empty((rows, flows)) if with_slopes else None for _ in range(2))
    found = Met(*(np.empty(rows) for _ in range(3)), *slopes)
    given = map(_double, (options, moves, targets, sides, starts))
    KERNEL.meet((rows, flows), *given, np.ascontiguousarray(known), *found)
    return found
