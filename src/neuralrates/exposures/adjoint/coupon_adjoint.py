"""Adjoint of the values of coupons that run: derivatives to states, bank accounts and curves."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.adjoint.sensitivities import Adjoint, Weights
from neuralrates.exposures.coupons import RunningCoupons

_SIGNS = np.array([1.0, -1.0])


class CouponAdjoint(NamedTuple):
    """What figures weigh the values of a leg's coupons by.

    Args:
        floating: coupons
        adjoint: of their values
    """

    floating: RunningCoupons
    adjoint: Adjoint

    def add_values(self, factor: float, entered: float = -np.inf) -> None:
        """Adjoint of `RunningCoupons.add_values`."""
        block, floating = self.adjoint.block, self.floating
        for number, rows in floating.running(block, entered):
            amount = factor * float(floating.coupons.amounts[number])
            moving, fixed = floating.open_rows(block, number, rows)
            if moving.stop > moving.start:
                self._moving(amount, number, moving)
            if fixed.stop > fixed.start:
                paid = floating.bond(block, 2, number, fixed)
                grown = floating.fixed_growth(block, number)
                self.bond(2, number, fixed, amount * paid * (grown - 1.0))
                weights = np.einsum("frp,rp->fp", self.weights(fixed), paid)
                self.fixed_growth(number, weights * (amount * grown))

    def weights(self, rows: slice) -> Weights:
        """Of some rows."""
        return self.adjoint.weights[:, rows]

    def bond(
        self, which: int, number: int, rows: slice, values: Float[np.ndarray, "rows paths"]
    ) -> None:
        """Adjoint of `RunningCoupons.bond`, of values that are a multiple of it."""
        loading = self.floating.loadings[which, number]
        self.adjoint.add_slopes(-loading * values, rows)
        worth = np.einsum("frp,rp->fr", self.weights(rows), values)
        time, into = self.floating.coupons[which][number : number + 1], self.adjoint.into
        into.add_discount(time, worth.sum(axis=1, keepdims=True))
        into.add_variance(self.adjoint.block.times[rows], -0.5 * loading**2 * worth)

    def fixed_growth(self, number: int, amounts: Float[np.ndarray, "figures paths"]) -> None:
        """Adjoint of `RunningCoupons.fixed_growth`, of derivatives to its logarithm."""
        floating, into, paths = self.floating, self.adjoint.into, self.adjoint.block.paths
        ends, both = self._ends(number, amounts.sum(axis=1))
        into.add_projection(floating.rate.projection, ends, both)
        if floating.rate.overnight:
            into.add_bank(paths.at(float(ends[1])), amounts)
            into.add_bank(paths.at(float(ends[0])), -amounts)
            into.add_discount(ends, -both)
            return
        place = paths.at(float(ends[0]))
        first, last, _ = floating.loadings[:, number]
        into.add_states(place, (last - first) * amounts)
        into.add_variance(paths.times[place : place + 1], -0.5 * (first**2 - last**2) * both[:, :1])

    def grown(self, number: int, rows: slice, values: Float[np.ndarray, "rows paths"]) -> None:
        """Adjoint of `RunningCoupons.grown` times `growth_to_come`, of values that are a multiple of their product."""
        into, block = self.adjoint.into, self.adjoint.block
        amounts = np.einsum("frp,rp->fp", self.weights(rows), values)
        ends, both = self._ends(number, amounts.sum(axis=1))
        self.adjoint.add_bank(values, rows)
        into.add_bank(block.paths.at(float(ends[0])), -amounts)
        into.add_projection(self.floating.rate.projection, ends, both)
        into.add_discount(ends, -both)

    def lag(self, number: int, amounts: Float[np.ndarray, "figures"]) -> None:
        """Adjoint of the lag of a coupon, of derivatives to its logarithm."""
        coupons = self.floating.coupons
        ends = np.array([coupons.payments[number], coupons.ends[number]])
        self.adjoint.into.add_discount(ends, amounts[:, None] * _SIGNS)

    def unit(self, rows: slice, values: Float[np.ndarray, "rows paths"]) -> None:
        """Adjoint of `PathBlock.unit`, of values that are a multiple of it."""
        block, into = self.adjoint.block, self.adjoint.into
        times = block.times[rows]
        loading = block.model.loadings(times)
        self.adjoint.add_slopes(-loading[:, None] * values, rows)
        worth = np.einsum("frp,rp->fr", self.weights(rows), values)
        into.add_discount(times, worth)
        into.add_variance(times, -0.5 * loading**2 * worth)

    def _ends(self, number: int, amounts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Start and end of a period, and amounts with both signs."""
        coupons = self.floating.coupons
        ends = np.array([coupons.starts[number], coupons.ends[number]])
        return ends, amounts[:, None] * _SIGNS

    def _moving(self, amount: float, number: int, rows: slice) -> None:
        """Adjoint of a coupon whose rate still moves: of the exponentials that it is a sum of."""
        floating, block, into = self.floating, self.adjoint.block, self.adjoint.into
        coupons, lag = floating.coupons, floating.coupons.lag[number]
        paid = floating.bond(block, 2, number, rows)
        growth = floating.grown(block, number, rows)
        growth *= amount * floating.growth_to_come(block, number, rows)[:, None]
        grown = lag * growth * block.unit[rows]
        self.unit(rows, grown)
        self.bond(2, number, rows, -amount * paid)
        lagged = np.einsum("frp,rp->f", self.weights(rows), grown)
        if coupons.payments[number] != coupons.ends[number]:
            growth *= (block.factors[rows] / floating.factors[1, number])[:, None]
            ending = -lag * growth * floating.bond(block, 1, number, rows)
            self.bond(1, number, rows, ending)
            self.bond(2, number, rows, growth * paid)
            lagged += np.einsum("frp,rp->f", self.weights(rows), ending)
            late = ending + growth * paid
            worth = np.einsum("frp,rp->fr", self.weights(rows), late)
            into.add_discount(block.times[rows], worth)
            into.add_discount(coupons.ends[number : number + 1], -worth.sum(axis=1, keepdims=True))
            grown = grown + late
        self.lag(number, lagged)
        self.grown(number, rows, grown)
