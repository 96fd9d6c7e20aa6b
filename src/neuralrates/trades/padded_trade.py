"""Trades of different lengths brought to one shape, so that one reading of the market serves them all.

Added periods have no notional. Added exercises enter the same swap as the last real one but are marked as not alive, and
an exercise that is not alive pays nothing, so it is never taken: prices do not change.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import numpy as np

from neuralrates.core.checks import as_host_array
from neuralrates.core.types import HostArray, HostExercises, HostScalar
from neuralrates.products.swap import side_sign
from neuralrates.trades.resolved import NOTHING_DUE, ResolvedTrade, Size
from neuralrates.trades.schedule import SwapSchedule, SwaptionSchedule
from neuralrates.trades.schedule_padding import pad_swap_schedule, padded_swap_arrays


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
        premium: what the holder has still to pay for the trade
        premium_time: when, years
        fees: on exercise, as a swaption's schedule has them
        fee_times: when, years
    """

    swap: SwapSchedule
    exercise_times: HostExercises
    start_times: HostExercises
    alive: HostExercises
    strike: HostScalar
    swap_sign: HostScalar
    option_sign: HostScalar
    maturity: HostScalar
    premium: HostScalar
    premium_time: HostScalar
    fees: HostExercises
    fee_times: HostExercises


def pad(trade: ResolvedTrade, target: Size) -> PaddedTrade:
    """Bring a trade to a size at least its own.

    Args:
        trade: resolved trade
        target: lengths to reach

    Returns:
        The trade, ready to be stacked with others of that size.
    """
    swap = pad_swap_schedule(trade.swap, target.fixed, target.floating, target.flows)
    return PaddedTrade(swap, *map(as_host_array, _beside_the_swap(trade, target.exercises)))


def stack(trades: list[PaddedTrade]) -> PaddedTrade:
    """One pytree with a leading axis for the trades."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trades)


def stacked(trades: Sequence[ResolvedTrade], target: Size) -> PaddedTrade:
    """Trades brought to a size and stacked.

    As `stack` of `pad` of each, but only the first is built by itself: the others are written where they go.

    Args:
        trades: resolved trades, at least one
        target: lengths to reach

    Returns:
        The trades, with a leading axis.
    """
    swaps = padded_swap_arrays(
        [trade.swap for trade in trades], target.fixed, target.floating, target.flows
    )
    beside = zip(*(_beside_the_swap(trade, target.exercises) for trade in trades), strict=True)
    arrays = [*swaps, *map(np.stack, beside)]
    found: PaddedTrade = jax.tree.unflatten(jax.tree.structure(pad(trades[0], target)), arrays)
    return found


def _beside_the_swap(trade: ResolvedTrade, num_exercises: int) -> list[HostArray]:
    """What a padded trade holds after its swap, in the order of its fields."""
    option, nothing = trade.option, np.zeros(0)
    side, held = side_sign(trade.side), trade.holds_a_swap
    exercises, starts = (
        (nothing, nothing) if option is None else (option.exercise_times, option.start_times)
    )
    premium = trade.premium or NOTHING_DUE
    return [
        *_padded_exercises(np.asarray(exercises), np.asarray(starts), num_exercises),
        np.asarray(trade.strike),
        np.asarray(side if held else 0.0),
        np.asarray(-side if held else side),
        np.asarray(np.asarray(trade.swap.fixed.end_times)[-1]),
        np.asarray(premium.amount),
        np.asarray(premium.time),
        *_padded_fees(option, num_exercises),
    ]


def _padded_fees(option: SwaptionSchedule | None, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Fees and when they are paid; zeros where there are none."""
    fees, times = np.zeros(count), np.zeros(count)
    if option is not None and option.fees is not None and option.fee_times is not None:
        fees[: option.fees.shape[0]] = option.fees
        times[: option.fees.shape[0]] = option.fee_times
    return fees, times


def _padded_exercises(
    exercises: np.ndarray, starts: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exercise times, starts of the swaps they enter, and which are real."""
    missing = count - exercises.shape[0]
    spacing = exercises[-1] - exercises[-2] if exercises.shape[0] > 1 else 1.0
    later = exercises[-1:].repeat(missing) + spacing * np.arange(1, missing + 1)
    return (
        np.concatenate([exercises, later]),
        np.concatenate([starts, starts[-1:].repeat(missing)]),
        np.concatenate([np.ones(exercises.shape[0]), np.zeros(missing)]),
    )
