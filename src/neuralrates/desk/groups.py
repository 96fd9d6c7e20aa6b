"""A book cut into groups of trades that one compiled function can price together."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.trades.padded_trade import PaddedTrade, Size, pad, size, stack
from neuralrates.trades.resolved import ResolvedTrade

TOLERANCE = 1e-7
_BATCH, _LOCAL_BATCH, _LARGEST_SMALL_RULE = 16, 4, 64
_EXERCISES = (0, 1, 10, 20, 32, 64, 128, 256)
_PERIODS = (32, 64, 128, 256)
_FLOWS = (64, 128, 256, 512)
_POINTS = (32, 48, 64, 96)
COARSEST = BackwardInduction(TOLERANCE, _POINTS[0], 1)
"""For trades that have no grid: swaps, and Europeans, whose value is closed."""


@dataclass(frozen=True)
class Group:
    """Trades of one currency, size and accuracy setting, at most one batch of them.

    Args:
        members: positions in the book
        trades: padded and stacked; short batches repeat their last trade
        pricer: settings of the reference, settled
    """

    members: tuple[int, ...]
    trades: PaddedTrade
    pricer: BackwardInduction


def group(
    trades: Sequence[ResolvedTrade], pricers: Sequence[BackwardInduction] | None = None
) -> list[Group]:
    """Cut trades of one currency into batches of one size and pricer each.

    Args:
        trades: resolved trades
        pricers: of each trade; the coarsest where none are given, for what needs no grid

    Returns:
        The groups; `members` number the trades as given.
    """
    chosen = pricers or [COARSEST] * len(trades)
    alike: dict[tuple[Size, BackwardInduction], list[int]] = defaultdict(list)
    for number, trade in enumerate(trades):
        alike[_canonical(size(trade)), chosen[number]].append(number)
    groups = []
    for (target, pricer), numbers in alike.items():
        batch = _batch(pricer)
        for start in range(0, len(numbers), batch):
            members = tuple(numbers[start : start + batch])
            padded = [pad(trades[number], target) for number in members]
            padded += [padded[-1]] * (batch - len(members))
            groups.append(Group(members, stack(padded), pricer))
    return groups


def pricer_for(width: float, num_boundaries: int) -> BackwardInduction:
    """Rule that resolves a calibrated trade, one of few: each is compiled.

    Args:
        width: of the state space, in standard deviations of the narrowest step
        num_boundaries: most boundaries that an exercise can have
    """
    exact = COARSEST.resolving(width, max(1, num_boundaries))
    if exact.local or exact.num_points is None:
        return exact
    return BackwardInduction(TOLERANCE, _up(exact.num_points, _POINTS), exact.num_boundaries)


def _batch(pricer: BackwardInduction) -> int:
    """Trades to a batch: fewer where each is much work, as a short batch repeats its last."""
    if not pricer.local:
        return _BATCH
    return _LOCAL_BATCH if (pricer.num_points or 0) <= _LARGEST_SMALL_RULE else 1


def _up(length: int, steps: Sequence[int]) -> int:
    return next(
        (step for step in steps if step >= length), steps[-1] * math.ceil(length / steps[-1])
    )


def _canonical(exact: Size) -> Size:
    """The smallest agreed size that holds this one: few sizes, few compilations."""
    periods = _up(max(exact.fixed, exact.floating), _PERIODS)
    flows = _up(exact.flows, _FLOWS)
    return Size(_up(exact.exercises, _EXERCISES), periods, periods, flows)
