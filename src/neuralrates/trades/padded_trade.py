"""Trades of different lengths brought to one shape, so that one compiled function prices them all.

Added periods have no notional. Added exercises enter the same swap as the last real one but are marked as not alive, and
an exercise that is not alive pays nothing, so it is never taken: prices do not change.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.core.checks import as_host_array
from neuralrates.core.types import HostExercises, HostScalar
from neuralrates.products.swap import side_sign
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.schedule import SwapSchedule
from neuralrates.trades.schedule_padding import pad_swap_schedule


class PaddedTrade(eqx.Module):
    """A trade as arrays of agreed lengths; unit notional.

    Args:
        swap: periods of the swap, or of the swap that exercise enters
        exercise_times: years; length zero for a plain swap
        start_times: start of the swap entered at each exercise
        alive: one where an exercise is real, zero where it is padding
        strike: fixed rate, decimal
        swap_sign: +1 to receive, -1 to pay the fixed rate of the swap held, 0 where none is held
        option_sign: the same of the swap that exercise enters
        maturity: end of the last period, years
    """

    swap: SwapSchedule
    exercise_times: HostExercises
    start_times: HostExercises
    alive: HostExercises
    strike: HostScalar
    swap_sign: HostScalar
    option_sign: HostScalar
    maturity: HostScalar


class Size(NamedTuple):
    """Lengths of a trade's arrays; trades of one size share a compiled function."""

    exercises: int
    fixed: int
    floating: int
    flows: int


def size(trade: ResolvedTrade) -> Size:
    """Lengths of a trade's arrays before padding."""
    swap, option = trade.swap, trade.option
    return Size(
        0 if option is None else option.exercise_times.shape[0],
        swap.fixed.accruals.shape[0],
        swap.floating.accruals.shape[0],
        swap.flow_times.shape[0],
    )


def pad(trade: ResolvedTrade, target: Size) -> PaddedTrade:
    """Bring a trade to a size at least its own.

    Args:
        trade: resolved trade
        target: lengths to reach

    Returns:
        The trade, ready to be stacked with others of that size.
    """
    swap, option = trade.swap, trade.option
    maturity = np.asarray(swap.fixed.end_times)[-1]
    padded = pad_swap_schedule(swap, target.fixed, target.floating, target.flows)
    exercise = np.zeros(0) if option is None else np.asarray(option.exercise_times)
    start = np.zeros(0) if option is None else np.asarray(option.start_times)
    missing = target.exercises - exercise.shape[0]
    spacing = exercise[-1] - exercise[-2] if exercise.shape[0] > 1 else 1.0
    later = exercise[-1:].repeat(missing) + spacing * np.arange(1, missing + 1)
    side = side_sign(trade.side)
    held = trade.kind in ("swap", "cancellable")
    return PaddedTrade(
        padded,
        as_host_array(np.concatenate([exercise, later])),
        as_host_array(np.concatenate([start, start[-1:].repeat(missing)])),
        as_host_array(np.concatenate([np.ones(exercise.shape[0]), np.zeros(missing)])),
        as_host_array(trade.strike),
        as_host_array(side if held else 0.0),
        as_host_array(-side if held else side),
        as_host_array(maturity),
    )


def stack(trades: list[PaddedTrade]) -> PaddedTrade:
    """One pytree with a leading axis for the trades."""
    return jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *trades)
