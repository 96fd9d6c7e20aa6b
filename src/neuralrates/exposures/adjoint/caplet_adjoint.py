"""Adjoint of the values of caps, floors, collars and forward rate agreements."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from neuralrates.exposures.adjoint.coupon_adjoint import CouponAdjoint
from neuralrates.exposures.adjoint.sensitivities import Adjoint
from neuralrates.exposures.caplets import CELLS, SIGNS, SMALLEST, Caplets
from neuralrates.trades.periods import SAME_TIME


class CapletAdjoint(NamedTuple):
    """What figures weigh the values of options on rates by.

    Args:
        caplets: options
        adjoint: of their values
    """

    caplets: Caplets
    adjoint: Adjoint

    def add_values(self) -> None:
        """Adjoint of `Caplets.values`."""
        self._known()
        if not np.any(self.caplets.held):
            return
        block, starts = self.adjoint.block, self.caplets.floating.coupons.starts
        rows = slice(0, int(np.searchsorted(block.times, starts.max() - SAME_TIME)))
        if rows.stop:
            self._open(rows)
        for number, running in self.caplets.floating.running(block):
            self._running(number, running)

    def _known(self) -> None:
        """What is linear in bonds; the second half of an agreement's bonds are divided by the basis."""
        caplets, into = self.caplets, self.adjoint.into
        amounts = caplets.bonds.pull_back(self.adjoint)
        if not caplets.agreed:
            return
        coupons = caplets.floating.coupons
        count = coupons.starts.size
        repaid = amounts[:, -count:] * caplets.bonds.terms.amounts[-count:]
        for times, sign in ((coupons.starts, 1.0), (coupons.ends, -1.0)):
            into.add_projection(caplets.floating.rate.projection, times, -sign * repaid)
            into.add_discount(times, sign * repaid)

    def _open(self, rows: slice) -> None:
        """Options whose periods have not begun, row by row on the grid of the states."""
        block, starts = self.adjoint.block, self.caplets.floating.coupons.starts
        grids = block.grids(CELLS, rows)
        spread = self.adjoint.spread(grids, rows)
        ends = np.cumsum(grids.cells + 1)
        slopes, bends = np.zeros(int(ends[-1])), np.zeros(int(ends[-1]))
        for row in range(rows.stop):
            chosen = np.flatnonzero(starts > block.times[row] + SAME_TIME)
            part = slice(int(ends[row] - grids.cells[row] - 1), int(ends[row]))
            slopes[part], bends[part] = self._open_row(
                row, chosen, grids.states(row), spread[:, part]
            )
        self.adjoint.add_slopes(grids.read(slopes, bends, block.states[rows]), rows)

    def _open_row(
        self,
        row: int,
        chosen: np.ndarray,
        states: Float[np.ndarray, "points"],
        weights: Float[np.ndarray, "figures points"],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Slopes of the options' value at states and their slopes; derivatives to all else are passed on."""
        caplets, block, into = self.caplets, self.adjoint.block, self.adjoint.into
        coupons, loadings = caplets.floating.coupons, caplets.floating.loadings[:2, chosen]
        variance, time = float(block.variances[row]), block.times[row : row + 1]
        grown, level, scale, deviations = caplets.open_terms(chosen, variance)
        first, last = loadings
        slope, bend = np.zeros(states.size), np.zeros(states.size)
        figures = weights.shape[0]
        ups, downs, vegas = (np.zeros((figures, chosen.size)) for _ in range(3))
        for sign, held, strike in zip(SIGNS, caplets.held, caplets.strikes, strict=True):
            if not np.any(held):
                continue
            owed, share = (1.0 + strike[chosen]) * level, sign * scale * held[chosen]
            with np.errstate(divide="ignore", invalid="ignore"):
                centre = np.where(owed > 0.0, np.log(grown / owed), np.inf)
            far = (centre + (last - first) * states[:, None]) / deviations + 0.5 * deviations
            up = share * grown * np.exp(-states[:, None] * first)
            density = sign * up * np.exp(-0.5 * far * far) / np.sqrt(2.0 * np.pi)
            up *= ndtr(sign * far)
            down = share * owed * np.exp(-states[:, None] * last)
            down *= ndtr(sign * (far - deviations))
            slope += down @ last - up @ first
            bend += up @ first**2 - down @ last**2 + density @ ((last - first) ** 2 / deviations)
            ups += weights @ up
            downs += weights @ down
            vegas += weights @ density
        starts, ends = coupons.starts[chosen], coupons.ends[chosen]
        into.add_projection(caplets.floating.rate.projection, starts, ups)
        into.add_projection(caplets.floating.rate.projection, ends, -ups)
        into.add_discount(coupons.payments[chosen], ups - downs)  # those to the ends cancel
        moved = 0.5 * (downs @ last**2 - ups @ first**2)
        spread = np.where(deviations**2 > SMALLEST, 0.5 * vegas / deviations, 0.0)
        self._within(chosen, spread)
        apart = spread * (last - first) ** 2
        into.add_variance(starts, apart)
        into.add_variance(time, (moved - apart.sum(axis=1))[:, None])
        return slope, bend

    def _within(self, chosen: np.ndarray, spread: Float[np.ndarray, "figures some"]) -> None:
        """Adjoint of the variance of what an overnight rate does within its periods."""
        floating = self.caplets.floating
        if not floating.rate.overnight:
            return
        last = floating.loadings[1, chosen]
        for times, sign in (
            (floating.coupons.starts[chosen], -1.0),
            (floating.coupons.ends[chosen], 1.0),
        ):
            self._moments(times, sign * spread, last)

    def _moments(self, times: np.ndarray, spread: np.ndarray, last: np.ndarray) -> None:
        self.adjoint.into.add_moments(times, spread * last**2, -2.0 * spread * last, spread)

    def _running(self, number: int, running: slice) -> None:
        """Options whose period has begun."""
        caplets, block = self.caplets, self.adjoint.block
        coupons, floating = caplets.floating.coupons, caplets.floating
        own = CouponAdjoint(floating, self.adjoint)
        moving, fixed = floating.open_rows(block, number, running)
        amounts = coupons.amounts[number] * caplets.held[:, number]
        levels = 1.0 + caplets.strikes[:, number]
        if fixed.stop > fixed.start:
            grown = floating.fixed_growth(block, number)
            paid = floating.bond(block, 2, number, fixed)
            payoff, slope = np.zeros(grown.size), np.zeros(grown.size)
            for sign, amount, level in zip(SIGNS, amounts, levels, strict=True):
                payoff += amount * np.maximum(sign * (grown - level), 0.0)
                slope += amount * sign * (sign * (grown - level) > 0.0)
            own.bond(2, number, fixed, payoff * paid)
            weights = np.einsum("frp,rp->fp", own.weights(fixed), paid)
            own.fixed_growth(number, weights * (slope * grown))
        if moving.stop > moving.start:
            self._moving(own, number, moving, amounts * coupons.lag[number], levels)

    def _moving(
        self, own: CouponAdjoint, number: int, rows: slice, amounts: np.ndarray, levels: np.ndarray
    ) -> None:
        """Black's formula on the paths: derivatives to the growth, the deviation and what discounts it."""
        floating, block = self.caplets.floating, self.adjoint.block
        ending = floating.bond(block, 1, number, rows)
        grown, deviations = self.caplets.running_terms(block, number, rows, ending)
        spread = deviations[:, None]
        values, slopes, vegas = (np.zeros(grown.shape) for _ in range(3))
        for sign, amount, level in zip(SIGNS, amounts, levels, strict=True):
            if not amount:
                continue
            centre = np.log(grown / level) / spread if level > 0.0 else np.full(grown.shape, np.inf)
            far, near = sign * (centre + 0.5 * spread), sign * (centre - 0.5 * spread)
            up = amount * sign * grown * ndtr(far)
            values += up - amount * sign * level * ndtr(near)
            slopes += up
            vegas += amount * grown * np.exp(-0.5 * far * far) / np.sqrt(2.0 * np.pi)
        values, slopes, vegas = values * ending, slopes * ending, vegas * ending
        own.bond(1, number, rows, values - slopes)
        own.unit(rows, slopes)
        own.grown(number, rows, slopes)
        own.lag(number, np.einsum("frp,rp->f", own.weights(rows), values))
        vega = np.einsum("frp,rp->fr", own.weights(rows), vegas)
        vega = np.where(deviations**2 > SMALLEST, 0.5 * vega / deviations, 0.0)
        last = floating.loadings[1, number : number + 1]
        self._moments(block.times[rows], -vega, last)
        end = floating.coupons.ends[number : number + 1]
        self._moments(end, vega.sum(axis=1, keepdims=True), last)
