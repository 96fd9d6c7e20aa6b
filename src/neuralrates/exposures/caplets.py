"""Future values of caps, floors, collars and forward rate agreements: options on growth, in closed form."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from neuralrates.core.errors import RefusalError
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.flows import BondTerms, FixingPaths, OpenCoupons, read_bonds
from neuralrates.exposures.interpolation import StateGrid
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.trades.periods import SAME_TIME
from neuralrates.trades.rate_schedule import RateSchedule

_CELLS = 512
_SMALLEST = 1e-14


class Caplets(NamedTuple):
    """Options on the growth over each period: A times its excess over a strike, or its shortfall.

    Args:
        bonds: what is known, or linear in bonds
        coupons: periods that are open
        held: caplets (first row) and floorlets (second row), a column each period
        strikes: of the growth less one, as `held`
        overnight: whether rates go on moving within their periods
    """

    bonds: BondTerms
    coupons: OpenCoupons
    held: np.ndarray
    strikes: np.ndarray
    overnight: bool

    @classmethod
    def of(
        cls,
        schedule: RateSchedule,
        strike: float,
        fixings: FixingPaths,
        projection: CurveReader,
    ) -> "Caplets":
        """The options of a schedule, seen along paths.

        Raises:
            RefusalError: for a forward rate agreement with a spread
        """
        floating = schedule.floating
        coupons = OpenCoupons.of(floating, fixings.paths.model, projection)
        weights = np.asarray(floating.index_weights)
        accruals, margins = np.asarray(floating.accruals), np.asarray(floating.margins)
        notionals, open_ = np.asarray(floating.notionals), weights != 0.0
        levels = np.array([strike, float(schedule.floor_strike)])[:, None]
        shares = np.array([float(schedule.cap), float(schedule.floor)])
        with np.errstate(divide="ignore", invalid="ignore"):
            strikes = (levels - margins) * accruals / weights
        signs = np.array([[1.0], [-1.0]])
        known = shares @ np.maximum(signs * (margins - levels), 0.0) * notionals * accruals
        payments = np.asarray(floating.payment_times)
        bonds = BondTerms.fixed(payments[~open_], known[~open_])
        if float(schedule.forward) != 0.0:
            bonds = bonds.joined(_agreement(schedule, strike, coupons))
        held = shares[:, None] * np.ones(coupons.starts.size)
        return cls(bonds, coupons, held, strikes[:, open_], fixings.overnight)

    def times(self) -> np.ndarray:
        """Times at which states are needed."""
        return np.concatenate([self.coupons.starts, self.coupons.ends])

    @property
    def last(self) -> float:
        """Time of the last payment."""
        known = self.bonds.until.max(initial=0.0)
        return float(max(known, self.coupons.payments.max(initial=0.0)))

    def values(self, fixings: FixingPaths, place: int) -> np.ndarray | float:
        """Values on all paths, in units of the numeraire."""
        paths = fixings.paths
        time = float(paths.times[place])
        value = read_bonds(self.bonds, paths, place)
        if not np.any(self.held):
            return value
        waiting = np.flatnonzero(self.coupons.starts > time + SAME_TIME)
        if waiting.size:
            states = paths.states[place]
            grid = StateGrid.over(paths.extents[place], _CELLS)
            variance = float(paths.variances[place])
            known = self._open(paths.model, waiting, variance, grid.states)
            value = value + grid.read(*known, states)
        for number in self.coupons.running(time, -np.inf):
            value = value + self._running(fixings, int(number), place)
        return value

    def _open(
        self, model: CurrencyModel, chosen: np.ndarray, variance: float, states: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Value and slope of options whose periods have not begun, in units of the numeraire."""
        coupons = OpenCoupons(*(part[chosen] for part in self.coupons))
        first, last = model.loadings(coupons.starts), model.loadings(coupons.ends)
        moments = model.moments(coupons.starts), model.moments(coupons.ends)
        spread = (last - first) ** 2 * np.maximum(moments[0][0] - variance, 0.0)
        if self.overnight:
            spread = spread + _within(last, moments)
        deviations = np.sqrt(np.maximum(spread, _SMALLEST))
        factors = model.discount_factors(np.stack([coupons.starts, coupons.ends]))
        at_start, at_end = (
            factor * np.exp(-states[:, None] * loading - 0.5 * loading**2 * variance)
            for factor, loading in zip(factors, (first, last), strict=True)
        )
        grown, scale = coupons.basis * at_start, coupons.amounts * coupons.lag
        value, slope = np.zeros(states.size), np.zeros(states.size)
        for sign, held, strike in zip((1.0, -1.0), self.held, self.strikes, strict=True):
            if not np.any(held):
                continue
            level = (1.0 + strike[chosen]) * at_end
            up, down = _exceeding(grown, level, deviations, sign)
            share = sign * scale * held[chosen]
            value += (grown * up - level * down) @ share
            slope += (last * level * down - first * grown * up) @ share
        return value, slope

    def _running(self, fixings: FixingPaths, number: int, place: int) -> np.ndarray:
        """Value of options whose period has begun, on all paths, in units of the numeraire."""
        paths, coupons = fixings.paths, self.coupons
        model, time, end = paths.model, float(paths.times[place]), float(coupons.ends[number])
        everywhere = slice(None)
        grown = fixings.growth(coupons, number, time, everywhere)
        paid = fixings.bond(place, float(coupons.payments[number]), everywhere)
        compounding = self.overnight and time < end - SAME_TIME
        if compounding:
            paid = coupons.lag[number] * fixings.bond(place, end, everywhere)
            ahead = coupons.lag[number] * fixings.bond(place, time, everywhere)
            grown = grown * fixings.basis(time, end) * ahead / paid
        value = np.zeros(paths.states.shape[1])
        for sign, held, strike in zip((1.0, -1.0), self.held, self.strikes, strict=True):
            if held[number] == 0.0:
                continue
            level = 1.0 + strike[number]
            if not compounding:
                payoff = np.maximum(sign * (grown - level), 0.0)
            else:
                deviation = np.sqrt(np.maximum(_left_within(model, time, end), _SMALLEST))
                up, down = _exceeding(grown, np.full_like(grown, level), deviation, sign)
                payoff = sign * (grown * up - level * down)
            value += coupons.amounts[number] * held[number] * payoff * paid
        return value


def _left_within(model: CurrencyModel, time: float, end: float) -> np.ndarray:
    """Variance of the logarithm of the growth that is still to come within a period."""
    start, stop = (model.moments(np.array([one])) for one in (time, end))
    return _within(model.loadings(np.array([end])), (start, stop))


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


def _within(last: np.ndarray, moments: tuple) -> np.ndarray:
    """Variance of the logarithm of the growth that comes within each period, $\\int (H(e) - H(u))^2 d\\zeta(u)$."""
    zeta, first, second = (end - start for start, end in zip(*moments, strict=True))
    found: np.ndarray = last**2 * zeta - 2.0 * last * first + second
    return found


def _exceeding(
    grown: np.ndarray, level: np.ndarray, deviations: np.ndarray, sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """$\\Phi(\\pm d_1)$ and $\\Phi(\\pm d_2)$ of Black's formula; all or nothing where nothing is uncertain or below zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(level > 0.0, np.log(grown / level), np.inf) / deviations
    return ndtr(sign * (centre + 0.5 * deviations)), ndtr(sign * (centre - 0.5 * deviations))
