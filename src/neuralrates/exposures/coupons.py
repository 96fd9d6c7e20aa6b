"""Floating coupons whose rates paths fix."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.adjoint.sensitivities import Amounts, Sensitivities
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.flows import BondTerms
from neuralrates.exposures.path_block import PathBlock
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.trades.periods import SAME_TIME, FloatingPeriods

Periods = Float[np.ndarray, "periods"]


class FloatingRate(NamedTuple):
    """A floating rate under the model of its currency.

    Args:
        model: of the currency
        projection: curve of the rate
        overnight: whether it goes on moving within its periods
    """

    model: CurrencyModel
    projection: CurveReader
    overnight: bool


class OpenCoupons(NamedTuple):
    """Floating periods whose rates paths fix.

    Args:
        starts, ends, payments: years
        amounts: what the growth over the period less one is multiplied by
        basis: $\\beta$, growth of the projection curve over that of the discount curve
        growth: today's, less one
        lag: $D(p) / D(e)$
    """

    starts: Periods
    ends: Periods
    payments: Periods
    amounts: Periods
    basis: Periods
    growth: Periods
    lag: Periods

    @classmethod
    def of(cls, periods: FloatingPeriods, rate: FloatingRate) -> "OpenCoupons":
        """The periods of a leg that are not fixed yet, in whole or in part."""
        open_ = np.asarray(periods.index_weights) != 0.0
        starts, ends, payments = (np.asarray(part)[open_] for part in periods.times())
        amounts = (np.asarray(periods.notionals) * np.asarray(periods.index_weights))[open_]
        discounted, projected = (
            curve.discount_factors(np.stack([starts, ends, payments]))
            for curve in (rate.model.curve, rate.projection)
        )
        growth = projected[0] / projected[1]
        basis = growth / (discounted[0] / discounted[1])
        return cls(
            starts, ends, payments, amounts, basis, growth - 1.0, discounted[2] / discounted[1]
        )

    def bonds(self) -> BondTerms:
        """Bonds that replicate the coupons until their periods begin; see `FloatingPeriods.weights`."""
        times = np.concatenate([self.starts, self.ends, self.payments])
        amounts = np.concatenate(
            [
                self.amounts * self.lag * self.basis,
                -self.amounts * self.lag * (1.0 + self.growth),
                self.amounts * self.growth,
            ]
        )
        return BondTerms(times, amounts, np.tile(self.starts, 3), np.tile(self.starts, 3))

    def pull_back_bonds(self, amounts: Amounts, rate: FloatingRate, into: Sensitivities) -> None:
        """Adjoint of `bonds`: pass derivatives to its amounts on to the curves."""
        given = np.split(self.bonds().amounts, 3)
        starts, ends, _ = (
            part * own for part, own in zip(np.split(amounts, 3, axis=1), given, strict=True)
        )
        paid = np.split(amounts, 3, axis=1)[2] * self.amounts * (1.0 + self.growth)
        into.add_discount(self.payments, starts + ends)
        into.add_discount(self.ends, -ends)
        into.add_discount(self.starts, -starts)
        into.add_projection(rate.projection, self.starts, starts + ends + paid)
        into.add_projection(rate.projection, self.ends, -(starts + ends + paid))


@dataclass(frozen=True, eq=False)
class RunningCoupons:
    """Coupons seen from dates within their periods, and between the end of a period and its payment.

    Args:
        coupons: of a leg
        rate: that they pay
    """

    coupons: OpenCoupons
    rate: FloatingRate

    @functools.cached_property
    def loadings(self) -> Float[np.ndarray, "3 periods"]:
        """Of starts, ends and payments."""
        return self.rate.model.loadings(np.stack(self.coupons[:3]))

    @functools.cached_property
    def factors(self) -> Float[np.ndarray, "3 periods"]:
        """Discount factors today, of the same."""
        return self.rate.model.discount_factors(np.stack(self.coupons[:3]))

    @functools.cached_property
    def _ratios(self) -> Float[np.ndarray, "2 periods"]:
        """Projection curve over discount curve, at starts and ends."""
        if self.rate.projection.curve is self.rate.model.curve.curve:
            return np.ones((2, self.coupons.starts.size))
        ends = np.stack(self.coupons[:2])
        return self.rate.projection.discount_factors(ends) / self.factors[:2]

    def running(self, block: PathBlock, entered: float = -np.inf) -> list[tuple[int, slice]]:
        """Numbers of coupons that have begun and are not paid, each with the rows where that is so."""
        begun, paid = (
            np.searchsorted(block.times, part - SAME_TIME)
            for part in (self.coupons.starts, self.coupons.payments)
        )
        left = (paid > begun) & (self.coupons.starts >= entered - SAME_TIME)
        return [
            (int(number), slice(int(begun[number]), int(paid[number])))
            for number in np.flatnonzero(left)
        ]

    def open_rows(self, block: PathBlock, number: int, rows: slice) -> tuple[slice, slice]:
        """Rows in which the rate still moves, and those in which it is fixed."""
        if not self.rate.overnight:
            return slice(rows.start, rows.start), rows
        end = int(np.searchsorted(block.times, self.coupons.ends[number] - SAME_TIME))
        middle = min(max(end, rows.start), rows.stop)
        return slice(rows.start, middle), slice(middle, rows.stop)

    def bond(self, block: PathBlock, which: int, number: int, rows: slice) -> np.ndarray:
        """Bond that pays at the start (0), the end (1) or the payment (2) of a coupon, in units of the numeraire."""
        return block.bond(self.loadings[which, number], self.factors[which, number], rows)

    def fixed_growth(self, block: PathBlock, number: int) -> Float[np.ndarray, "paths"]:
        """What one unit has grown to by the floating rate over a whole period that is fixed."""
        paths, coupons = block.paths, self.coupons
        start, end = float(coupons.starts[number]), float(coupons.ends[number])
        if self.rate.overnight:
            grown = np.exp(paths.bank[paths.at(end)] - paths.bank[paths.at(start)])
            return np.asarray(coupons.basis[number] * grown)
        place = paths.at(start)
        first, last, _ = self.loadings[:, number]
        factor = self.factors[0, number] / self.factors[1, number]
        shift = np.log(coupons.basis[number] * factor)
        shift -= 0.5 * (first**2 - last**2) * paths.variances[place]
        return np.asarray(np.exp(shift + (last - first) * paths.states[place]))

    def grown(self, block: PathBlock, number: int, rows: slice) -> np.ndarray:
        """What one unit has grown to by an overnight rate since the start of a period."""
        paths = block.paths
        start = paths.at(float(self.coupons.starts[number]))
        basis = self._ratios[0, number] / block.ratios(self.rate.projection)[rows]
        found = block.account[rows] * np.exp(-paths.bank[start])
        found *= basis[:, None]
        return found

    def growth_to_come(self, block: PathBlock, number: int, rows: slice) -> np.ndarray:
        """Basis from each row's time to the end of a period."""
        found: np.ndarray = block.ratios(self.rate.projection)[rows] / self._ratios[1, number]
        return found

    def add_values(
        self, block: PathBlock, factor: float, found: np.ndarray, entered: float = -np.inf
    ) -> None:
        """Add values on all paths, in units of the numeraire and times a factor, of coupons from `entered` on."""
        for number, rows in self.running(block, entered):
            amount = factor * self.coupons.amounts[number]
            for part, value in zip(
                self.open_rows(block, number, rows), (self._moving, self._fixed), strict=True
            ):
                if part.stop > part.start:
                    found[part] += amount * value(block, number, part)

    def _fixed(self, block: PathBlock, number: int, rows: slice) -> np.ndarray:
        """Value of a unit coupon whose rate is fixed."""
        paid = self.bond(block, 2, number, rows)
        paid *= self.fixed_growth(block, number) - 1.0
        return paid

    def _moving(self, block: PathBlock, number: int, rows: slice) -> np.ndarray:
        """Value of a unit coupon of an overnight rate within its period.

        To the end of the period it is what has grown, reinvested; what is paid later is worth the lag of today.
        """
        coupons, lag = self.coupons, self.coupons.lag[number]
        paid = self.bond(block, 2, number, rows)
        basis = self.growth_to_come(block, number, rows)[:, None]
        ahead = (lag * basis) * block.unit[rows]
        if coupons.payments[number] != coupons.ends[number]:
            ending = self.bond(block, 1, number, rows)
            ending *= -lag
            ending += paid
            ending *= basis * (block.factors[rows] / self.factors[1, number])[:, None]
            ahead += ending
        ahead *= self.grown(block, number, rows)
        ahead -= paid
        return ahead
