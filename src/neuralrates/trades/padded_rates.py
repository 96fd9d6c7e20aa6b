"""Caps, floors, collars and forward rate agreements of different lengths, brought to one shape and stacked."""

from collections.abc import Sequence

import equinox as eqx
import jax
import numpy as np

from neuralrates.core.types import HostScalar
from neuralrates.trades.rate_schedule import RateSchedule
from neuralrates.trades.resolved import NOTHING_DUE, ResolvedTrade
from neuralrates.trades.schedule import FloatingPeriods

_STEP = 1e-3


class PaddedRates(eqx.Module):
    """A trade on single rates as arrays of agreed lengths; unit notional.

    Args:
        schedule: its periods; those added have no notional
        strike: decimal
        premium: what the holder has still to pay for it
        premium_time: when, years
    """

    schedule: RateSchedule
    strike: HostScalar
    premium: HostScalar
    premium_time: HostScalar


def padded_rates(trade: ResolvedTrade, periods: int) -> PaddedRates:
    """Bring a trade on single rates to a number of periods at least its own."""
    schedule, premium = trade.rates, trade.premium or NOTHING_DUE
    assert schedule is not None
    return PaddedRates(
        _padded(schedule, periods),
        np.asarray(trade.strike),
        np.asarray(premium.amount),
        np.asarray(premium.time),
    )


def stacked_rates(trades: Sequence[ResolvedTrade], periods: int) -> PaddedRates:
    """Trades on single rates brought to a size and stacked."""
    rows = [padded_rates(trade, periods) for trade in trades]
    return jax.tree.map(lambda *leaves: np.stack(leaves), *rows)


def _padded(schedule: RateSchedule, periods: int) -> RateSchedule:
    floating = schedule.floating
    missing = periods - floating.accruals.shape[0]
    added = float(floating.end_times[-1]) + _STEP * np.arange(missing + 1)
    nothing, one = np.zeros(missing), np.ones(missing)
    tails = (added[:-1], added[1:], added[1:], one, nothing, nothing, nothing, nothing)
    longer = [
        np.concatenate([np.asarray(leaf), tail])
        for leaf, tail in zip(jax.tree.leaves(floating), tails, strict=True)
    ]
    times = [
        np.concatenate([np.asarray(leaf), nothing])
        for leaf in (schedule.first_times, schedule.last_times)
    ]
    return eqx.tree_at(
        lambda one: (one.floating, one.first_times, one.last_times),
        schedule,
        (FloatingPeriods(*longer), *times),
    )
