"""What a swap still pays, seen from a future date: bonds, and coupons whose rate the path has fixed."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.interpolation import StateGrid
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.trades.periods import SAME_TIME, FloatingPeriods

Terms = Float[np.ndarray, "terms"]
Periods = Float[np.ndarray, "periods"]
CELLS = 256
_ALWAYS = np.inf


class BondTerms(NamedTuple):
    """Bonds held, each until a time.

    Args:
        times: when they pay, years
        amounts: per unit notional
        starts: of the periods that they belong to
        until: from when they no longer count
    """

    times: Terms
    amounts: Terms
    starts: Terms
    until: Terms

    @classmethod
    def fixed(cls, times: Terms, amounts: Terms, starts: Terms | None = None) -> "BondTerms":
        """Amounts that are known; of no period, so held by whoever holds anything, where no starts are given."""
        starts = np.full(times.size, _ALWAYS) if starts is None else starts
        return cls(times, amounts, starts, times)

    def joined(self, other: "BondTerms") -> "BondTerms":
        """These and others."""
        return BondTerms(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))

    def scaled(self, factor: float) -> "BondTerms":
        """So many of them."""
        return self._replace(amounts=factor * self.amounts)

    def at(self, time: float, entered: float = -np.inf) -> tuple[Terms, Terms]:
        """Times and amounts of the bonds that still count, of periods from `entered` on."""
        kept = (self.until > time + SAME_TIME) & (self.starts >= entered - SAME_TIME)
        times, places = np.unique(self.times[kept], return_inverse=True)
        return times, np.bincount(places, self.amounts[kept], times.size) * 1.0


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
    def of(
        cls, periods: FloatingPeriods, model: CurrencyModel, projection: CurveReader
    ) -> "OpenCoupons":
        """The periods of a leg that are not fixed yet, in whole or in part."""
        open_ = np.asarray(periods.index_weights) != 0.0
        starts, ends, payments = (np.asarray(part)[open_] for part in periods.times())
        amounts = (np.asarray(periods.notionals) * np.asarray(periods.index_weights))[open_]
        discounted, projected = (
            curve.discount_factors(np.stack([starts, ends, payments]))
            for curve in (model.curve, projection)
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

    def running(self, time: float, entered: float) -> np.ndarray:
        """Numbers of the coupons that have begun and are not paid."""
        begun = (self.starts <= time + SAME_TIME) & (self.payments > time + SAME_TIME)
        return np.flatnonzero(begun & (self.starts >= entered - SAME_TIME))


class FixingPaths:
    """Rates that paths fix, one floating rate of one currency; each is computed once."""

    def __init__(self, paths: CurrencyPaths, projection: CurveReader, overnight: bool) -> None:
        self.paths, self.overnight = paths, overnight
        self._projection = projection

    def along(self, paths: CurrencyPaths) -> "FixingPaths":
        """The same rates along paths that have been drawn."""
        return FixingPaths(paths, self._projection, self.overnight)

    def bond(self, place: int, end: float, chosen: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Bond at a simulated time that pays at `end`, in units of the numeraire."""
        model, paths = self.paths.model, self.paths
        loading = float(model.loadings(np.array(end)))
        factor = float(self.factor(end))
        exponent = -loading * paths.states[place, chosen]
        exponent -= 0.5 * loading**2 * paths.variances[place] - np.log(factor)
        return np.exp(exponent, out=exponent)

    def factor(self, time: float) -> float:
        """Discount factor today."""
        return float(self.paths.model.discount_factors(np.array(time)))

    def basis(self, start: float, end: float) -> float:
        """$\\beta$ between two times."""
        curve = self.paths.model.curve
        if self._projection.curve is curve.curve:
            return 1.0
        ends = np.array([start, end])
        projected, discounted = (one.discount_factors(ends) for one in (self._projection, curve))
        return float(projected[0] / projected[1] / (discounted[0] / discounted[1]))

    def growth(
        self, coupons: OpenCoupons, number: int, time: float, chosen: np.ndarray | slice
    ) -> np.ndarray:
        """What one unit has grown to by the floating rate, up to the end of the period or, overnight, to a time before it."""
        paths, start = self.paths, float(coupons.starts[number])
        if not self.overnight:
            place = paths.at(start)
            return (
                coupons.basis[number]
                * self.bond(place, start, chosen)
                / self.bond(place, float(coupons.ends[number]), chosen)
            )
        until = min(time, float(coupons.ends[number]))
        begin, end = paths.at(start), paths.at(until)
        return self.basis(start, until) * np.exp(
            paths.bank[end, chosen] - paths.bank[begin, chosen]
        )

    def coupon(
        self, coupons: OpenCoupons, number: int, place: int, chosen: np.ndarray | slice
    ) -> np.ndarray:
        """Value of a coupon that has begun, in units of the numeraire."""
        time = float(self.paths.times[place])
        payment, end = float(coupons.payments[number]), float(coupons.ends[number])
        grown = self.growth(coupons, number, time, chosen)
        paid = self.bond(place, payment, chosen)
        value = (grown - 1.0) * paid
        if self.overnight and time < end - SAME_TIME:
            basis, lag = self.basis(time, end), coupons.lag[number]
            to_come = basis * self.factor(time) / self.factor(end) - 1.0
            ending = paid if payment == end else self.bond(place, end, chosen)
            open_part = lag * (basis * self.bond(place, time, chosen) - ending)
            if payment != end:
                open_part += to_come * (paid - lag * ending)
            value += grown * open_part
        return coupons.amounts[number] * value


def bond_values(
    times: Terms, amounts: Terms, model: CurrencyModel, variance: float, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Value of bonds in units of the numeraire, and its slope in the state."""
    loadings = model.loadings(times)
    weights = amounts * model.discount_factors(times) * np.exp(-0.5 * loadings**2 * variance)
    growth = np.exp(-states[:, None] * loadings)
    both = growth @ np.stack([weights, -loadings * weights], axis=1)
    return both[:, 0], both[:, 1]


def read_bonds(
    terms: BondTerms,
    paths: CurrencyPaths,
    place: int,
    chosen: np.ndarray | slice = slice(None),
    entered: float = -np.inf,
) -> np.ndarray | float:
    """Value of bonds on paths at a simulated time, in units of the numeraire."""
    times, amounts = terms.at(float(paths.times[place]), entered)
    if not np.any(amounts):
        return 0.0
    states = paths.states[place, chosen]
    grid = StateGrid.over(paths.extents[place], CELLS)
    variance = float(paths.variances[place])
    return grid.read(*bond_values(times, amounts, paths.model, variance, grid.states), states)
