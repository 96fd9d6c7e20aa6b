"""What trades pay, as linear maps of bonds: everything that depends on dates alone, found once for a batch.

With $D_j$ the discount factors of the flow times and $u_i = D(p) P_f(s) / P_f(e)$ of the floating periods, all values today are
linear in these, see `FloatingPeriods.weights`: a period with notional a is worth $a u$ at its start, $-a u$ at its end and
$a (u - D(p))$ when it pays, or $-a D(e)$ at its end and nothing more where it pays then.
"""

import functools
import math
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.engines.closed_forms.sparse_map import Entries, SparseMap
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.periods import SAME_TIME, FixedPeriods, FloatingPeriods

Periods = Float[np.ndarray, "trades periods"]
Some = Int[np.ndarray, "entries"]


class RightFlows(NamedTuple):
    """The exercises of a batch that are no padding, one entry each, and what they enter.

    Args:
        trade: which each belongs to
        exercise: which of the trade
        first: whether it is the first of its trade
        present_values: bonds to the value today of each flow of the receiver swap, by trade, exercise and flow
        annuities: bonds to values of a unit of strike
        floating: bonds to values of everything else, as the floating leg pays it
        spreads: the part of it that is no market's rate
    """

    trade: Int[np.ndarray, "rights"]
    exercise: Int[np.ndarray, "rights"]
    first: Bool[np.ndarray, "rights"]
    present_values: SparseMap
    annuities: SparseMap
    floating: SparseMap
    spreads: SparseMap


class CashFlows:
    """Flows of stacked trades, and the maps from bonds to values.

    Bonds are the discount factors of the flow times, trade by trade, then $u$ of the floating periods, then the discount
    factors of the premiums.

    Args:
        trades: stacked
    """

    def __init__(self, trades: PaddedTrade) -> None:
        self.trades = trades = jax.tree.map(np.asarray, trades)
        fixed, floating = trades.swap.fixed, trades.swap.floating
        self.count, self.num_flows = trades.swap.flow_times.shape
        self.num_periods = floating.accruals.shape[1]
        self.num_exercises = trades.exercise_times.shape[1]
        self.times = np.concatenate([trades.swap.flow_times, trades.premium_time[:, None]], axis=1)
        rates = (floating.start_times, floating.end_times, floating.payment_times)
        paid = (fixed.payment_times, *rates, trades.fee_times)
        self._paid, self.start, self.end, self.payment, self._fee = self._places(*paid)
        self.pays_at_end = np.abs(floating.payment_times - floating.end_times) < SAME_TIME
        self.num_bonds = self.count * (self.num_flows + self.num_periods + 1)
        self.held = self._held(fixed, floating)
        self.rights = self._rights(fixed, floating) if self.num_exercises else None

    @functools.cached_property
    def unit_flows(self) -> Float[np.ndarray, "trades exercises flows"]:
        """What each flow pays of a unit of strike, by exercise."""
        assert self.rights is not None
        right, bond, amounts = self.rights.annuities.entries
        trade = self.rights.trade[right]
        place = trade * self.num_exercises + self.rights.exercise[right]
        sizes = (self.count, self.num_exercises, self.num_flows)
        places = place * self.num_flows + bond - trade * self.num_flows
        return np.bincount(places, amounts, math.prod(sizes)).reshape(sizes)

    def _places(self, *times: Float[np.ndarray, "trades _"]) -> list[Int[np.ndarray, "trades _"]]:
        """Flow at which each time stands; any at all of padding."""
        splits = np.cumsum([part.shape[1] for part in times])[:-1]
        wanted = np.concatenate(times, axis=1) - SAME_TIME
        flows = self.trades.swap.flow_times
        found = np.stack([np.searchsorted(*pair) for pair in zip(flows, wanted, strict=True)])
        return np.split(np.minimum(found, self.num_flows - 1), splits, axis=1)

    def _at_flow(self, trade: Some, flow: Some) -> Some:
        """Column of a flow's discount factor."""
        return trade * self.num_flows + flow

    def _growth(self, trade: Some, period: Some) -> Some:
        """Column of a floating period's u."""
        return self.count * self.num_flows + trade * self.num_periods + period

    def _held(self, fixed: FixedPeriods, floating: FloatingPeriods) -> SparseMap:
        """Value of what each trade holds beside its right, per unit notional: its swap, if any, less its premium."""
        signs, strikes = self.trades.swap_sign, self.trades.strike
        trade, period = np.nonzero(fixed.notionals * signs[:, None])
        rates = strikes[trade] + fixed.margins[trade, period]
        amounts = signs[trade] * (fixed.notionals * fixed.accruals)[trade, period] * rates
        parts = [Entries(trade, self._at_flow(trade, self._paid[trade, period]), amounts)]
        trade, period = np.nonzero(floating.notionals * signs[:, None])
        grown, paid = _amounts(floating, trade, period)
        at_payment = self._at_flow(trade, self.payment[trade, period])
        sign = -signs[trade]
        parts += [
            Entries(trade, self._growth(trade, period), sign * grown),
            Entries(trade, at_payment, sign * (paid - grown)),
        ]
        trade = np.arange(self.count)
        last = self.count * (self.num_flows + self.num_periods)
        parts.append(Entries(trade, last + trade, -self.trades.premium))
        return SparseMap(parts, self.count, self.num_bonds)

    def _rights(self, fixed: FixedPeriods, floating: FloatingPeriods) -> RightFlows:
        alive = self.trades.alive > 0.0
        trade, exercise = np.nonzero(alive)
        number = np.cumsum(alive.ravel()).reshape(alive.shape) - 1
        flows, annuities, floats, spreads = [], [], [], []

        def enters(period_starts: Periods, notionals: Periods) -> tuple[np.ndarray, ...]:
            starts = self.trades.start_times[:, :, None] - SAME_TIME
            entered = alive[:, :, None] & (period_starts[:, None, :] >= starts)
            return np.nonzero(entered & (notionals != 0.0)[:, None, :])

        def pays(right: Some, flow: Some, bond: Some, amount: np.ndarray) -> None:
            place = trade[right] * self.num_exercises + exercise[right]
            flows.append(Entries(place * self.num_flows + flow, bond, amount))

        t, k, period = enters(fixed.start_times, fixed.notionals)
        right, flow = number[t, k], self._paid[t, period]
        bond, amounts = self._at_flow(t, flow), (fixed.notionals * fixed.accruals)[t, period]
        over = amounts * fixed.margins[t, period]
        pays(right, flow, bond, amounts * self.trades.strike[t] + over)
        annuities.append(Entries(right, bond, amounts))
        floats.append(Entries(right, bond, -over))
        spreads.append(Entries(right, bond, -over))

        t, k, period = enters(floating.start_times, floating.notionals)
        right, growth = number[t, k], self._growth(t, period)
        grown, paid = _amounts(floating, t, period)
        end, payment = self.end[t, period], self.payment[t, period]
        at_payment = self._at_flow(t, payment)
        at_end = self.pays_at_end[t, period]
        pays(right, self.start[t, period], growth, -grown)
        pays(right, end, np.where(at_end, self._at_flow(t, end), growth), grown)
        later = np.where(at_end, 0.0, grown)
        pays(right, payment, growth, -later)
        pays(right, payment, at_payment, later - paid)
        floats.append(Entries(right, growth, grown))
        floats.append(Entries(right, at_payment, paid - grown))
        is_open = floating.index_weights[t, period] > 0.0
        spreads.append(Entries(right, at_payment, np.where(is_open, paid, 0.0)))

        right = np.flatnonzero(self.trades.fees[trade, exercise])
        t, k = trade[right], exercise[right]
        flow, fees = self._fee[t, k], self.trades.fees[t, k]
        bond = self._at_flow(t, flow)
        pays(right, flow, bond, -fees)
        floats.append(Entries(right, bond, fees))
        spreads.append(Entries(right, bond, fees))
        places = self.count * self.num_exercises * self.num_flows
        return RightFlows(
            trade,
            exercise,
            np.append(True, trade[1:] != trade[:-1]),
            SparseMap(flows, places, self.num_bonds),
            *(SparseMap(part, trade.size, self.num_bonds) for part in (annuities, floats, spreads)),
        )


def _amounts(
    floating: FloatingPeriods, trade: Some, period: Some
) -> tuple[Float[np.ndarray, "entries"], Float[np.ndarray, "entries"]]:
    """What grows with the index over a period, and what is paid on top."""
    notionals = floating.notionals[trade, period]
    margins = (floating.margins * floating.accruals)[trade, period]
    return notionals * floating.index_weights[trade, period], notionals * margins
