"""Future values of the swap of a trade: bonds, coupons that run, and what is entered late."""

from typing import NamedTuple

import numpy as np

from neuralrates.exposures.adjoint.coupon_adjoint import CouponAdjoint
from neuralrates.exposures.adjoint.sensitivities import Adjoint, Amounts, Sensitivities
from neuralrates.exposures.coupons import FloatingRate, OpenCoupons, RunningCoupons
from neuralrates.exposures.flows import Bonds, BondTerms
from neuralrates.exposures.path_block import PathBlock
from neuralrates.trades.periods import SAME_TIME
from neuralrates.trades.schedule import SwapSchedule


class FutureSwap(NamedTuple):
    """A swap of unit notional.

    Args:
        bonds: fixed amounts, and floating ones until their periods begin
        floating: coupons
        sign: +1 to receive the fixed rate, -1 to pay it
    """

    bonds: Bonds
    floating: RunningCoupons
    sign: float

    @classmethod
    def of(cls, swap: SwapSchedule, strike: float, sign: float, rate: FloatingRate) -> "FutureSwap":
        """The swap of a schedule."""
        fixed, floating = swap.fixed, swap.floating
        rates = strike + np.asarray(fixed.margins)
        received = rates * np.asarray(fixed.notionals) * np.asarray(fixed.accruals)
        margins = np.asarray(floating.notionals) * np.asarray(floating.margins)
        margins = margins * np.asarray(floating.accruals)
        coupons = OpenCoupons.of(floating, rate)
        terms = BondTerms.fixed(
            np.asarray(fixed.payment_times), received, np.asarray(fixed.start_times)
        )
        paid = BondTerms.fixed(
            np.asarray(floating.payment_times), -margins, np.asarray(floating.start_times)
        )
        terms = terms.joined(paid).joined(coupons.bonds().scaled(-1.0)).scaled(sign)
        return cls(Bonds(terms, rate.model), RunningCoupons(coupons, rate), sign)

    def times(self) -> np.ndarray:
        """Times at which states are needed."""
        coupons = self.floating.coupons
        return np.concatenate([coupons.starts, coupons.ends])

    @property
    def last(self) -> float:
        """Time of the last payment."""
        return float(self.bonds.terms.until.max())

    def first_left(self, time: float) -> float:
        """Start of the earliest period of which something is still to be paid."""
        terms, coupons = self.bonds.terms, self.floating.coupons
        left = terms.starts[terms.until > time]
        running = (coupons.starts <= time + SAME_TIME) & (coupons.payments > time + SAME_TIME)
        return float(min(left.min(initial=np.inf), coupons.starts[running].min(initial=np.inf)))

    def values(self, block: PathBlock, entered: float = -np.inf) -> np.ndarray:
        """Values on all paths in units of the numeraire, of the periods that start at `entered` or later."""
        found = self.bonds.read(block, entered)
        if not isinstance(found, np.ndarray):
            found = np.zeros(block.states.shape)
        self.floating.add_values(block, -self.sign, found, entered)
        return found

    def pull_back(self, adjoint: Adjoint, entered: float = -np.inf) -> None:
        """Adjoint of `values`."""
        self.pull_back_amounts(self.bonds.pull_back(adjoint, entered), adjoint.into)
        CouponAdjoint(self.floating, adjoint).add_values(-self.sign, entered)

    def pull_back_amounts(self, amounts: Amounts, into: Sensitivities) -> None:
        """Pass derivatives to the amounts of the bonds on to the curves that floating coupons read."""
        coupons = self.floating.coupons
        floating = -self.sign * amounts[:, amounts.shape[1] - 3 * coupons.starts.size :]
        coupons.pull_back_bonds(floating, self.floating.rate, into)
