"""Future values of caps, floors, collars and forward rate agreements: options on growth, in closed form."""

import functools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from neuralrates.core.errors import RefusalError
from neuralrates.exposures import compiled
from neuralrates.exposures.coupons import FloatingRate, OpenCoupons, RunningCoupons
from neuralrates.exposures.flows import Bonds, BondTerms
from neuralrates.exposures.path_block import PathBlock
from neuralrates.trades.periods import SAME_TIME
from neuralrates.trades.rate_schedule import RateSchedule

CELLS = 512
SMALLEST = 1e-14
SIGNS = 1.0, -1.0


@dataclass(frozen=True, eq=False)
class Caplets:
    """Options on the growth over each period: A times its excess over a strike, or its shortfall.

    Args:
        bonds: what is known, or linear in bonds
        floating: periods that are open
        held: caplets (first row) and floorlets (second row), a column each period
        strikes: of the growth less one, as `held`
        agreed: whether the last bonds are those of a forward rate agreement
    """

    bonds: Bonds
    floating: RunningCoupons
    held: np.ndarray
    strikes: np.ndarray
    agreed: bool = False

    @classmethod
    def of(cls, schedule: RateSchedule, strike: float, rate: FloatingRate) -> "Caplets":
        """The options of a schedule.

        Raises:
            RefusalError: for a forward rate agreement with a spread
        """
        floating = schedule.floating
        coupons = OpenCoupons.of(floating, rate)
        weights = np.asarray(floating.index_weights)
        accruals, margins = np.asarray(floating.accruals), np.asarray(floating.margins)
        notionals, open_ = np.asarray(floating.notionals), weights != 0.0
        levels = np.array([strike, float(schedule.floor_strike)])[:, None]
        shares = np.array([float(schedule.cap), float(schedule.floor)])
        with np.errstate(divide="ignore", invalid="ignore"):
            strikes = (levels - margins) * accruals / weights
        signs = np.array(SIGNS)[:, None]
        known = shares @ np.maximum(signs * (margins - levels), 0.0) * notionals * accruals
        payments = np.asarray(floating.payment_times)
        terms = BondTerms.fixed(payments[~open_], known[~open_])
        if float(schedule.forward) != 0.0:
            terms = terms.joined(_agreement(schedule, strike, coupons))
        held = shares[:, None] * np.ones(coupons.starts.size)
        bonds, running = Bonds(terms, rate.model), RunningCoupons(coupons, rate)
        return cls(bonds, running, held, strikes[:, open_], float(schedule.forward) != 0.0)

    def times(self) -> np.ndarray:
        """Times at which states are needed."""
        return np.concatenate(self.floating.coupons[:2])

    @property
    def last(self) -> float:
        """Time of the last payment."""
        known = self.bonds.terms.until.max(initial=0.0)
        return float(max(known, self.floating.coupons.payments.max(initial=0.0)))

    @functools.cached_property
    def _moments(self) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Moments of the model at the starts and at the ends of the periods."""
        model, coupons = self.floating.rate.model, self.floating.coupons
        return model.moments(coupons.starts), model.moments(coupons.ends)

    @functools.cached_property
    def _within(self) -> np.ndarray:
        """Variance of the logarithm of the growth that comes within each period."""
        if not self.floating.rate.overnight:
            return np.zeros(self.floating.coupons.ends.size)
        return _within(self.floating.loadings[1], *self._moments)

    def values(self, block: PathBlock) -> np.ndarray | float:
        """Values on all paths, in units of the numeraire."""
        known = self.bonds.read(block)
        if not np.any(self.held):
            return known
        found = np.zeros(block.states.shape)
        found += known
        starts = self.floating.coupons.starts
        ahead = starts.max() - SAME_TIME
        rows = slice(0, int(np.searchsorted(block.times, ahead)))
        if rows.stop:
            grids = block.grids(CELLS, rows)
            tables = [
                self._open(
                    np.flatnonzero(starts > block.times[row] + SAME_TIME),
                    float(block.variances[row]),
                    grids.states(row),
                )
                for row in range(rows.stop)
            ]
            values, slopes = (np.concatenate(part) for part in zip(*tables, strict=True))
            found[rows] += grids.read(values, slopes, block.states[rows])
        for number, running in self.floating.running(block):
            self._add_running(block, number, running, found)
        return found

    def _open(
        self, chosen: np.ndarray, variance: float, states: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Value and slope of options whose periods have not begun, in units of the numeraire."""
        first, last = self.floating.loadings[:2, chosen]
        grown, at_end, scale, deviations = self.open_terms(chosen, variance)
        value, slope = np.zeros(states.size), np.zeros(states.size)
        for sign, held, strike in zip(SIGNS, self.held, self.strikes, strict=True):
            if np.any(held):
                level, share = (1.0 + strike[chosen]) * at_end, sign * scale * held[chosen]
                options = np.stack([grown, first, level, last, deviations, share], axis=1)
                add_options(options, sign, states, value, slope)
        return value, slope

    def open_terms(self, chosen: np.ndarray, variance: float) -> tuple[np.ndarray, ...]:
        """Growth and bond at the end at the state 0, amounts, and deviations, of options whose periods have not begun."""
        coupons, factors = self.floating.coupons, self.floating.factors[:, chosen]
        first, last = self.floating.loadings[:2, chosen]
        spread = (last - first) ** 2 * np.maximum(self._moments[0][0][chosen] - variance, 0.0)
        spread += self._within[chosen]
        deviations = np.sqrt(np.maximum(spread, SMALLEST))
        shifts = np.exp(-0.5 * self.floating.loadings[:2, chosen] ** 2 * variance)
        grown, at_end = coupons.basis[chosen] * factors[0] * shifts[0], factors[1] * shifts[1]
        return grown, at_end, (coupons.amounts * coupons.lag)[chosen], deviations

    def running_terms(
        self, block: PathBlock, number: int, rows: slice, ending: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Expected growth over a period that has begun, on all paths, and the deviation of its logarithm by row."""
        grown = self.floating.grown(block, number, rows) * block.unit[rows] / ending
        grown *= self.floating.growth_to_come(block, number, rows)[:, None]
        return grown, self._left_within(block, number, rows)

    def _add_running(
        self, block: PathBlock, number: int, running: slice, found: np.ndarray
    ) -> None:
        """Add the value of options whose period has begun, on all paths, in units of the numeraire."""
        coupons, floating = self.floating.coupons, self.floating
        moving, fixed = floating.open_rows(block, number, running)
        amounts = coupons.amounts[number] * self.held[:, number]
        levels = 1.0 + self.strikes[:, number]
        if fixed.stop > fixed.start:
            grown = floating.fixed_growth(block, number)
            payoff = sum(
                amount * np.maximum(sign * (grown - level), 0.0)
                for sign, amount, level in zip(SIGNS, amounts, levels, strict=True)
                if amount
            )
            found[fixed] += payoff * floating.bond(block, 2, number, fixed)
        if moving.stop > moving.start:
            ending = floating.bond(block, 1, number, moving)
            grown, deviations = self.running_terms(block, number, moving, ending)
            for sign, amount, level in zip(SIGNS, amounts, levels, strict=True):
                if amount:
                    payoff = black(grown, level, deviations, sign)
                    payoff *= amount * coupons.lag[number]
                    payoff *= ending
                    found[moving] += payoff

    def _left_within(self, block: PathBlock, number: int, rows: slice) -> np.ndarray:
        """Deviation of the logarithm of the growth that is still to come within a period."""
        now = tuple(part[rows] for part in block.moments)
        only = slice(number, number + 1)
        end = tuple(part[only] for part in self._moments[1])
        spread = _within(self.floating.loadings[1, only], now, end)
        return np.asarray(np.sqrt(np.maximum(spread, SMALLEST)))


def _agreement(schedule: RateSchedule, strike: float, coupons: OpenCoupons) -> BondTerms:
    """Bonds that a forward rate agreement is worth: $1 - (1 + \\tau K) / (1 + \\tau L)$ at the start of its period."""
    floating = schedule.floating
    if np.any(np.asarray(floating.margins) != 0.0) or not coupons.starts.size:
        raise RefusalError("expected a forward rate agreement without a spread, its rate open")
    accruals, notionals = np.asarray(floating.accruals), np.asarray(floating.notionals)
    held = float(schedule.forward) * notionals
    weights = np.asarray(floating.index_weights)
    if np.any(np.abs(weights - 1.0) > 1e-9):
        raise RefusalError("expected a forward rate agreement over the period of its index")
    repaid = -held * (1.0 + strike * accruals) / coupons.basis
    return BondTerms(
        np.concatenate([coupons.starts, coupons.ends]),
        np.concatenate([held, repaid]),
        np.tile(coupons.starts, 2),
        np.tile(coupons.starts, 2),
    )


def _within(last: np.ndarray, starts: tuple, ends: tuple) -> np.ndarray:
    """Variance of the logarithm of the growth that comes within periods, $\\int (H(e) - H(u))^2 d\\zeta(u)$."""
    zeta, first, second = (end - start for start, end in zip(starts, ends, strict=True))
    found: np.ndarray = last**2 * zeta - 2.0 * last * first + second
    return found


def add_options(
    options: Float[np.ndarray, "options 6"],
    sign: float,
    states: Float[np.ndarray, "points"],
    value: Float[np.ndarray, "points"],
    slope: Float[np.ndarray, "points"],
) -> None:
    """Add values and slopes at states of options to exchange $L e^{-H_e x}$ for $G e^{-H_s x}$.

    Args:
        options: a row each: $G$, $H_s$, $L$, $H_e$, deviation of the logarithm of their ratio, and how many are held
        sign: +1 for that exchange, -1 for the opposite one
        states: x
        value: of all options
        slope: its derivative
    """
    grown, first, level, last, deviations, share = options.T
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(level > 0.0, np.log(grown / level), np.inf)
    if compiled.KERNEL is not None:
        given = np.stack([grown, first, level, last, centre, deviations, share], axis=1)
        sizes = options.shape[0], states.size
        compiled.KERNEL.add_options(sizes, sign, given, states, value, slope)
        return
    far = sign * (centre + (last - first) * states[:, None]) / deviations
    up = grown * np.exp(-states[:, None] * first) * ndtr(far + 0.5 * sign * deviations)
    down = level * np.exp(-states[:, None] * last) * ndtr(far - 0.5 * sign * deviations)
    value += up @ share - down @ share
    slope += down @ (last * share) - up @ (first * share)


def black(
    grown: Float[np.ndarray, "rows paths"],
    level: float,
    deviations: Float[np.ndarray, "rows"],
    sign: float,
) -> Float[np.ndarray, "rows paths"]:
    """Black's formula without discount; what is certain counts where the level is not above zero.

    Args:
        grown: expected growth
        level: that it is compared with
        deviations: of its logarithm, above zero
        sign: +1 for what it exceeds the level by, -1 for what it falls short
    """
    if compiled.KERNEL is not None:
        found = np.empty(grown.shape)
        compiled.KERNEL.black(grown.shape, level, sign, deviations, grown, found)
        return found
    spread = deviations[:, None]
    centre = np.log(grown / level) / spread if level > 0.0 else np.full(grown.shape, np.inf)
    up, down = ndtr(sign * (centre + 0.5 * spread)), ndtr(sign * (centre - 0.5 * spread))
    found = sign * (grown * up - level * down)
    return found
