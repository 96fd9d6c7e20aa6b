"""Trades cut into batches that one compiled function can price together."""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from neuralrates.engines.engine import AbstractEngine
from neuralrates.trades.padded_trade import PaddedTrade, Size, pad, size, stack
from neuralrates.trades.resolved import ResolvedTrade

_EXERCISES = (0, 1, 10, 20, 32, 64, 128, 256)
_PERIODS = (32, 64, 128, 256)
_FLOWS = (64, 128, 256, 512)


@dataclass(frozen=True)
class Batch:
    """Trades of one currency, size and engine.

    Args:
        members: positions among the trades that were given
        trades: padded and stacked; short batches repeat their last trade
        engine: that prices them, settled
    """

    members: tuple[int, ...]
    trades: PaddedTrade
    engine: AbstractEngine


def in_batches(trades: Sequence[ResolvedTrade], engines: Sequence[AbstractEngine]) -> list[Batch]:
    """Cut trades of one currency into batches of one size and engine each.

    Args:
        trades: resolved trades
        engines: of each trade, settled

    Returns:
        The batches; `members` number the trades as given.
    """
    alike: dict[tuple[Size, Hashable], list[int]] = defaultdict(list)
    for number, (trade, engine) in enumerate(zip(trades, engines, strict=True)):
        alike[_canonical(size(trade)), (engine.name, engine.key)].append(number)
    batches = []
    for (target, _), numbers in alike.items():
        engine = engines[numbers[0]]
        for start in range(0, len(numbers), engine.batch_size):
            members = tuple(numbers[start : start + engine.batch_size])
            padded = [pad(trades[number], target) for number in members]
            padded += [padded[-1]] * (engine.batch_size - len(members))
            batches.append(Batch(members, stack(padded), engine))
    return batches


def rounded_up(length: int, steps: Sequence[int]) -> int:
    """The first agreed length that holds this one; beyond the last, a multiple of it."""
    return next(
        (step for step in steps if step >= length), steps[-1] * math.ceil(length / steps[-1])
    )


def _canonical(exact: Size) -> Size:
    """The smallest agreed size that holds this one: few sizes, few compilations."""
    periods = rounded_up(max(exact.fixed, exact.floating), _PERIODS)
    flows = rounded_up(exact.flows, _FLOWS)
    return Size(rounded_up(exact.exercises, _EXERCISES), periods, periods, flows)
