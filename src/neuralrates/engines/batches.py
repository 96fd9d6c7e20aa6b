"""Trades cut into batches of one size, that are priced together."""

import functools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.trades.padded_rates import PaddedRates, stacked_rates
from neuralrates.trades.padded_trade import PaddedTrade, stacked
from neuralrates.trades.resolved import ResolvedTrade, Size

_EXERCISES = (0, 1, 10, 20, 32, 64, 128, 256)
_PERIODS = (32, 64, 128, 256)
_FLOWS = (64, 128, 256, 512)
_LARGEST = 128
_MOST_NUMBERS = 1 << 20
_REMEMBERED = 1024


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


class Plan(NamedTuple):
    """A batch that is still to be made.

    Args:
        members: positions among the trades that were given
        size: that the trades are brought to
        on_rates: whether they are trades on single rates
    """

    members: tuple[int, ...]
    size: Size
    on_rates: bool

    @property
    def work(self) -> int:
        """Exercises of all its trades, padding included."""
        return 0 if self.on_rates else len(self.members) * self.size.exercises

    def batch(self, trades: Sequence[ResolvedTrade]) -> Batch:
        """The batch, of the trades that the plan was made for."""
        chosen = [trades[number] for number in self.members]
        if self.on_rates:
            return Batch(self.members, stacked_rates(chosen, self.size.floating))
        return Batch(self.members, stacked(chosen, self.size))


def planned(trades: Sequence[ResolvedTrade]) -> list[Plan]:
    """How trades of one currency are cut into batches of one size each.

    Args:
        trades: resolved trades

    Returns:
        The plans, those with most to do first, so that threads that take them in turn end together; `members` number the
        trades as given.
    """
    alike: dict[tuple[Size, bool], list[int]] = defaultdict(list)
    for number, trade in enumerate(trades):
        alike[_canonical(trade.size), trade.rates is not None].append(number)
    plans = []
    for (target, on_rates), numbers in alike.items():
        most = _batch_size(target)
        for start in range(0, len(numbers), most):
            plans.append(Plan(tuple(numbers[start : start + most]), target, on_rates))
    return sorted(plans, key=lambda plan: plan.work, reverse=True)


def in_batches(trades: Sequence[ResolvedTrade]) -> list[Batch]:
    """Trades of one currency in the batches of `planned`."""
    return [plan.batch(trades) for plan in planned(trades)]


def _batch_size(target: Size) -> int:
    """Most trades of a batch: what is done at once for them shall stay in a processor's memory."""
    return max(1, min(_LARGEST, _MOST_NUMBERS // max(1, target.exercises * target.flows)))


def rounded_up(length: int, steps: Sequence[int]) -> int:
    """The first agreed length that holds this one; beyond the last, a multiple of it."""
    return next(
        (step for step in steps if step >= length), steps[-1] * math.ceil(length / steps[-1])
    )


@functools.lru_cache(_REMEMBERED)
def _canonical(exact: Size) -> Size:
    """The smallest agreed size that holds this one, so that trades of about one length are priced together."""
    periods = rounded_up(max(exact.fixed, exact.floating), _PERIODS)
    flows = rounded_up(exact.flows, _FLOWS)
    return Size(rounded_up(exact.exercises, _EXERCISES), periods, periods, flows)
