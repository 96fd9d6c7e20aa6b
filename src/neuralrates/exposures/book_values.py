"""Every trade of a book as something that has values on paths."""

from dataclasses import dataclass

import numpy as np

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.exposures.adjoint.caplet_adjoint import CapletAdjoint
from neuralrates.exposures.adjoint.right_adjoint import RightAdjoint
from neuralrates.exposures.adjoint.sensitivities import Adjoint
from neuralrates.exposures.caplets import Caplets
from neuralrates.exposures.coupons import FloatingRate
from neuralrates.exposures.flows import Bonds, BondTerms
from neuralrates.exposures.path_block import PathBlock
from neuralrates.exposures.rights import FutureRight
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.exposures.swaps import FutureSwap
from neuralrates.products.swap import side_sign
from neuralrates.trades.resolved import ResolvedTrade

_KINDS = ("swap", "european", "bermudan", "cancellable")


@dataclass(frozen=True, eq=False)
class FutureTrade:
    """A trade of unit notional: a swap held, a right, options on rates, a premium still due.

    Args:
        trade: resolved
        held: swap that is held
        right: right to exercise
        caplets: options on rates
        premium: what is still due
    """

    trade: ResolvedTrade
    held: FutureSwap | None
    right: FutureRight | None
    caplets: Caplets | None
    premium: Bonds

    @classmethod
    def of(cls, trade: ResolvedTrade, delivered: bool, rate: FloatingRate) -> "FutureTrade":
        """A trade under the model of its currency.

        Args:
            trade: resolved
            delivered: whether exercise leaves the swap itself
            rate: of its index

        Raises:
            RefusalError: naming the trade, where it has what no model here values
        """
        due = trade.premium
        terms = BondTerms.fixed(
            np.array([] if due is None else [due.time]),
            np.array([] if due is None else [-due.amount]),
        )
        premium = Bonds(terms, rate.model)
        sign = side_sign(trade.side)
        try:
            if trade.rates is not None:
                caplets = Caplets.of(trade.rates, trade.strike, rate)
                return cls(trade, None, None, caplets, premium)
            if trade.kind not in _KINDS:
                raise RefusalError(
                    "field `kind`: values at future dates are of swaps, swaptions, caps, floors, collars and FRAs, found "
                    f"{trade.kind}"
                )
            keeps = trade.holds_a_swap
            held = FutureSwap.of(trade.swap, trade.strike, sign, rate)
            right = _right(trade, delivered, -sign if keeps else sign, rate)
        except NeuralratesError as error:
            raise RefusalError(f"trade {trade.trade_id}: {error}") from None
        return cls(trade, held if keeps else None, right, None, premium)

    def times(self) -> np.ndarray:
        """Times at which states are needed, beside the exposure dates."""
        parts = [one.times() for one in (self.held, self.right, self.caplets) if one is not None]
        return np.unique(np.concatenate(parts))

    @property
    def last(self) -> float:
        """Time of the last payment."""
        ends = [one.last for one in (self.held, self.caplets) if one is not None]
        ends += [] if self.right is None else [self.right.swap.last]
        return float(max(*ends, 0.0, self.premium.terms.until.max(initial=0.0)))

    def exercises(self, paths: CurrencyPaths) -> np.ndarray | None:
        """Which exercise each path takes; None where there is no right."""
        return None if self.right is None else self.right.exercises(paths)

    def values(self, block: PathBlock, taken: np.ndarray | None) -> np.ndarray | float:
        """Values on all paths, per unit notional, in units of the currency's numeraire.

        Args:
            block: states at some exposure dates
            taken: of `exercises`
        """
        value = self.premium.read(block)
        if block.times[0] >= self.last:
            return value
        if self.held is not None:
            value = value + self.held.values(block)
        if self.right is not None and taken is not None:
            value = value + self.right.values(block, taken)
        if self.caplets is not None:
            value = value + self.caplets.values(block)
        return value

    def pull_back(self, adjoint: Adjoint, taken: np.ndarray | None) -> None:
        """Adjoint of `values`; that of a right's decisions and nodes follows when all dates are done."""
        self.premium.pull_back(adjoint)
        if adjoint.block.times[0] >= self.last:
            return
        if self.held is not None:
            self.held.pull_back(adjoint)
        if self.right is not None and taken is not None:
            RightAdjoint(self.right, adjoint.into).add_values(adjoint, taken)
        if self.caplets is not None:
            CapletAdjoint(self.caplets, adjoint).add_values()


def _right(
    trade: ResolvedTrade, delivered: bool, sign: float, rate: FloatingRate
) -> FutureRight | None:
    option = trade.option
    if option is None:
        return None
    swap = FutureSwap.of(option.swap, trade.strike, sign, rate)
    fees = BondTerms.fixed(np.zeros(0), np.zeros(0))
    if option.fees is not None and option.fee_times is not None:
        fees = BondTerms.fixed(np.asarray(option.fee_times), -sign * np.asarray(option.fees))
    times, starts = np.asarray(option.exercise_times), np.asarray(option.start_times)
    return FutureRight(swap, times, starts, fees, delivered, rate.model)
