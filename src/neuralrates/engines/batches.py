"""Trades cut into batches of one size, that are priced together."""

import functools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.trades.padded_rates import PaddedRates, stacked_rates
from neuralrates.trades.padded_trade import PaddedTrade, Size, size, stacked
from neuralrates.trades.resolved import ResolvedTrade

_EXERCISES = (0, 1, 10, 20, 32, 64, 128, 256)
_PERIODS = (32, 64, 128, 256)
_FLOWS = (64, 128, 256, 512)
_LARGEST = 128
_MOST_NUMBERS = 1 << 20


@dataclass(frozen=True)
class Batch:
    """Trades of one currency and size.

    Args:
        members: positions among the trades that were given
        trades: padded and stacked
    """

    members: tuple[int, ...]
    trades: PaddedTrade | PaddedRates

    @property
    def swaps(self) -> PaddedTrade:
        """The trades of a batch in which none is on single rates."""
        assert isinstance(self.trades, PaddedTrade)
        return self.trades

    @property
    def rates(self) -> PaddedRates:
        """The trades of a batch of trades on single rates."""
        assert isinstance(self.trades, PaddedRates)
        return self.trades

    @functools.cached_property
    def flows(self) -> CashFlows:
        """What the trades of such a batch pay, found once for all markets that it is priced on."""
        return CashFlows(self.swaps)


def in_batches(trades: Sequence[ResolvedTrade]) -> list[Batch]:
    """Cut trades of one currency into batches of one size each.

    Args:
        trades: resolved trades

    Returns:
        The batches, those with most to do first, so that threads that take them in turn end together; `members` number the
        trades as given.
    """
    alike: dict[tuple[Size, bool], list[int]] = defaultdict(list)
    for number, trade in enumerate(trades):
        alike[_canonical(size(trade)), trade.rates is not None].append(number)
    batches = []
    for (target, on_rates), numbers in alike.items():
        batch_size = _batch_size(target)
        for start in range(0, len(numbers), batch_size):
            members = tuple(numbers[start : start + batch_size])
            chosen = [trades[number] for number in members]
            if on_rates:
                batches.append(Batch(members, stacked_rates(chosen, target.floating)))
            else:
                batches.append(Batch(members, stacked(chosen, target)))
    return sorted(batches, key=_work, reverse=True)


def _work(batch: Batch) -> int:
    """Exercises of all its trades, padding included."""
    if isinstance(batch.trades, PaddedRates):
        return 0
    return len(batch.members) * batch.trades.exercise_times.shape[1]


def _batch_size(target: Size) -> int:
    """Most trades of a batch: what is done at once for them shall stay in a processor's memory."""
    return max(1, min(_LARGEST, _MOST_NUMBERS // max(1, target.exercises * target.flows)))


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
