"""A book cut into groups of trades that one compiled function can price together."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuralrates.pricers.backward_induction import BackwardInduction
from neuralrates.products.resolved import ResolvedTrade
from neuralrates.risk.padding import PaddedTrade, Size, pad, parts, size, stack

BATCH = 16
TOLERANCE = 1e-7
_EXERCISES = (0, 1, 10, 20, 32, 64, 128, 256)
_PERIODS = (32, 64, 128, 256)
_FLOWS = (64, 128, 256, 512)
_POINTS = (32, 48, 64, 96, 128, 256)
_VOLATILITY_MARGIN = 1.25


@dataclass(frozen=True)
class Group:
    """Trades of one currency, size and accuracy setting, at most one batch of them.

    Args:
        members: positions in the book
        trades: padded and stacked; short batches repeat their last trade
        pricer: settings of the reference
    """

    members: tuple[int, ...]
    trades: PaddedTrade
    pricer: BackwardInduction


def group(trades: Sequence[ResolvedTrade]) -> list[Group]:
    """Cut trades of one currency into batches of one size each.

    Args:
        trades: resolved trades

    Returns:
        The groups; `members` number the trades as given.
    """
    alike: dict[tuple[Size, int], list[int]] = defaultdict(list)
    for number, trade in enumerate(trades):
        alike[_canonical(size(trade)), _points(trade)].append(number)
    groups = []
    for (target, points), numbers in alike.items():
        for start in range(0, len(numbers), BATCH):
            members = tuple(numbers[start : start + BATCH])
            padded = [pad(trades[number], target) for number in members]
            padded += [padded[-1]] * (BATCH - len(members))
            pricer = BackwardInduction(TOLERANCE, points, 1)
            groups.append(Group(members, stack(padded), pricer))
    return groups


def _up(length: int, steps: Sequence[int]) -> int:
    return next(
        (step for step in steps if step >= length), steps[-1] * math.ceil(length / steps[-1])
    )


def _canonical(exact: Size) -> Size:
    """The smallest agreed size that holds this one: few sizes, few compilations."""
    periods = _up(max(exact.fixed, exact.floating), _PERIODS)
    flows = _up(exact.flows, _FLOWS)
    return Size(_up(exact.exercises, _EXERCISES), periods, periods, flows)


def _points(trade: ResolvedTrade) -> int:
    """Nodes a side: the widest state space over the narrowest step, as if volatility were nearly flat."""
    _, option = parts(trade)
    if option is None or option.exercise_times.shape[0] < 2:
        return _POINTS[0]
    times = np.asarray(option.exercise_times)
    ratio = math.sqrt(np.max(times[1:] / np.diff(times)))
    return _up(math.ceil(-math.log10(TOLERANCE) * _VOLATILITY_MARGIN * ratio), _POINTS)
