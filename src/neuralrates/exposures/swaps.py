"""Future values of the swap of a trade: bonds, coupons that run, and what is entered late."""

from typing import NamedTuple

import numpy as np

from neuralrates.exposures.flows import BondTerms, FixingPaths, OpenCoupons, read_bonds
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.trades.schedule import SwapSchedule


class FutureSwap(NamedTuple):
    """A swap of unit notional.

    Args:
        bonds: fixed amounts, and floating ones until their periods begin
        coupons: floating periods
        sign: +1 to receive the fixed rate, -1 to pay it
    """

    bonds: BondTerms
    coupons: OpenCoupons
    sign: float

    @classmethod
    def of(
        cls,
        swap: SwapSchedule,
        strike: float,
        sign: float,
        fixings: FixingPaths,
        projection: CurveReader,
    ) -> "FutureSwap":
        """The swap of a schedule, seen along paths."""
        fixed, floating = swap.fixed, swap.floating
        received = strike * np.asarray(fixed.notionals) * np.asarray(fixed.accruals)
        margins = np.asarray(floating.notionals) * np.asarray(floating.margins)
        margins = margins * np.asarray(floating.accruals)
        coupons = OpenCoupons.of(floating, fixings.paths.model, projection)
        bonds = BondTerms.fixed(
            np.asarray(fixed.payment_times), received, np.asarray(fixed.start_times)
        )
        paid = BondTerms.fixed(
            np.asarray(floating.payment_times), -margins, np.asarray(floating.start_times)
        )
        bonds = bonds.joined(paid).joined(coupons.bonds().scaled(-1.0)).scaled(sign)
        return cls(bonds, coupons, sign)

    def times(self) -> np.ndarray:
        """Times at which states are needed."""
        return np.concatenate([self.coupons.starts, self.coupons.ends])

    @property
    def last(self) -> float:
        """Time of the last payment."""
        return float(self.bonds.until.max())

    def first_left(self, time: float) -> float:
        """Start of the earliest period of which something is still to be paid."""
        left = self.bonds.starts[self.bonds.until > time]
        running = self.coupons.starts[self.coupons.running(time, -np.inf)]
        return float(min(left.min(initial=np.inf), running.min(initial=np.inf)))

    def values(
        self,
        fixings: FixingPaths,
        place: int,
        chosen: np.ndarray | slice = slice(None),
        entered: float = -np.inf,
    ) -> np.ndarray | float:
        """Values on paths in units of the numeraire, of the periods that start at `entered` or later."""
        paths = fixings.paths
        value = read_bonds(self.bonds, paths, place, chosen, entered)
        for number in self.coupons.running(float(paths.times[place]), entered):
            value = value - self.sign * fixings.coupon(self.coupons, int(number), place, chosen)
        return value
