"""European swaptions of many exercises at once: values, the variances that give them their quotes, and derivatives.

One row for each exercise of each trade; the equations are those of `neuralrates.calibration.coterminal`, for which the tests
compare the two.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import ndtr

from neuralrates.pricers.gaussian.batched.compiled import KERNEL, met
from neuralrates.pricers.gaussian.batched.portfolio import (
    Portfolio,
    paid_first,
    root,
    spanned,
)
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE

Rows = Float[np.ndarray, "rows"]
Flows = Float[np.ndarray, "rows flows"]

SMALLEST_TARGET = 1e-30
_HALF_WIDTH = 12.0
_MOST_STEPS = 16
_ENOUGH = 1e-6
"""Share of the deviation that the last step moved; what is missed then is about its square."""
_NOTHING = 1e-300


class European(NamedTuple):
    """Options on bond portfolios, and their derivatives.

    Args:
        value: per unit notional
        present_values: derivative to what each flow is worth today
        loadings: derivative to the loadings
        deviation: derivative to the deviation of the state
        state: in which exercise is worth nothing
        side: +1 where it is worth something below that state, -1 above
    """

    value: Rows
    present_values: Flows
    loadings: Flows
    deviation: Rows
    state: Rows
    side: Rows

    def probability(self, deviations: Rows, mean_loadings: Rows) -> Rows:
        """Risk-neutral probability of exercise, the state drifting by minus its variance times a mean loading."""
        found: Rows = ndtr(self.side * (self.state / deviations + mean_loadings * deviations))
        return found


def europeans(
    present_values: Flows, loadings: Flows, deviations: Rows, near: Rows | None = None
) -> European:
    """Values of the rights to receive bond portfolios, as `european_value` of `jamshidian`; `near` are states to start from.

    Source: Jamshidian (1989); Hagan (2002), equation 3.9.
    """
    variances = np.maximum(deviations**2, SMALLEST_VARIANCE)
    deviations = np.sqrt(variances)
    portfolio = Portfolio.of(present_values, loadings, variances)
    low, high = _ends(present_values, loadings, deviations)
    start = 0.5 * (low + high) if near is None else np.clip(near, low, high)
    state, _ = root(portfolio, None, start, low, high)
    slope = portfolio.log_ratio(state[:, None], None)[1][:, 0]
    side = np.where(slope < 0.0, 1.0, -1.0)
    return _european(present_values, loadings, deviations, state, side)


def _ends(present_values: Flows, loadings: Flows, deviations: Rows) -> tuple[Rows, Rows]:
    """States beyond which a break-even state makes no difference: what follows is worth next to nothing there."""
    kept, variances, width = present_values != 0.0, deviations**2, _HALF_WIDTH * deviations
    low = -np.max(loadings, axis=1, where=kept, initial=-np.inf) * variances - width
    high = -np.min(loadings, axis=1, where=kept, initial=np.inf) * variances + width
    return low, high


def _european(
    present_values: Flows, loadings: Flows, deviations: Rows, state: Rows, side: Rows
) -> European:
    """Values and derivatives once the break-even state is known."""
    distances = side[:, None] * ((state / deviations)[:, None] + loadings * deviations[:, None])
    taken = ndtr(distances)
    density = np.exp(-0.5 * distances**2) / np.sqrt(2.0 * np.pi)
    moved = side[:, None] * present_values * density
    return European(
        np.sum(present_values * taken, axis=1),
        taken,
        moved * deviations[:, None],
        np.sum(moved * loadings, axis=1),
        state,
        side,
    )


class Quotes(NamedTuple):
    """European swaptions and what the market says of them, a row each.

    Args:
        present_values: value today of each flow of the receiver swap
        loadings: $H(T_k)$ of the flow times, years, up to a constant
        targets: quoted values of the options that are out of the money
        sides: +1 where that is the receiver, -1 where it is the payer
        centres: average of the loadings, weighted by the annuity
        slopes: movement of the swap rate per unit of the state
        starts: deviations of the swap rate to start from, decimals
        vegas: derivative of the targets to the quoted volatility
        still: whether the quote says that the rate does not move
    """

    present_values: Flows
    loadings: Flows
    targets: Rows
    sides: Rows
    centres: Rows
    slopes: Rows
    starts: Rows
    vegas: Rows
    still: Bool[np.ndarray, "rows"]

    @property
    def worthless(self) -> Bool[np.ndarray, "rows"]:
        """Whether the quote leaves the option no time value: any deviation near it will do."""
        return ~(self.targets >= SMALLEST_TARGET)


class Priced(NamedTuple):
    """Options on bond portfolios, and derivatives.

    Args:
        value: per unit notional
        deviation: derivative to the deviation of the state
        present_values: derivative to what each flow is worth today; None where not asked for
        loadings: derivative to the loadings; likewise
    """

    value: Rows
    deviation: Rows
    present_values: Flows | None
    loadings: Flows | None


class QuotesMet(NamedTuple):
    """Variances that give the Europeans their quotes.

    Args:
        variances: of the state
        residuals: model minus quoted normal volatility
        europeans: the options out of the money, loadings and deviations counted in the swap rate
    """

    variances: Rows
    residuals: Rows
    europeans: Priced


def meet(quotes: Quotes, *, with_slopes: bool = True) -> QuotesMet:
    """Find the variances, each by itself; with what derivatives need, or without.

    Loadings are counted from their average and in the unit in which the swap rate moves like the state, so that numbers are of
    one size for every expiry and mean reversion. Deviation and break-even state converge together, by Newton's method in the
    logarithm of the value.
    """
    options = quotes.sides[:, None] * quotes.present_values
    moves = (quotes.loadings - quotes.centres[:, None]) / quotes.slopes[:, None]
    moves = np.where(spanned(options), moves, 0.0)
    known = quotes.worthless | quotes.still
    targets = np.where(known, 1.0, quotes.targets)
    deviations, found = _met(options, moves, targets, quotes, known, with_slopes)
    missed = targets * np.log(np.maximum(found.value, _NOTHING) / targets)
    residuals = np.where(known, 0.0, missed / np.where(known, 1.0, quotes.vegas))
    residuals = np.where(np.isnan(quotes.targets), np.nan, residuals)
    return QuotesMet((deviations / quotes.slopes) ** 2, residuals, found)


def _met(
    options: Flows,
    moves: Flows,
    targets: Rows,
    quotes: Quotes,
    known: Bool[np.ndarray, "rows"],
    with_slopes: bool,
) -> tuple[Rows, Priced]:
    """Deviations, and the options at them."""
    if KERNEL is not None:
        given = (options, moves, targets, quotes.sides, quotes.starts, known)
        done = met(*given, with_slopes=with_slopes)
        return done.deviations, Priced(*done[1:])
    paid = paid_first(options != 0.0)
    some, moved = (np.take_along_axis(flows, paid, axis=1) for flows in (options, moves))
    deviations, states = _deviations(some, moved, quotes.sides, targets, quotes.starts, known)
    found = europeans(options, moves, deviations, states)
    return deviations, Priced(found.value, found.deviation, found.present_values, found.loadings)


def _deviations(
    options: Flows, moves: Flows, sides: Rows, targets: Rows, starts: Rows, known: np.ndarray
) -> tuple[Rows, Rows]:
    """Deviations at which the options are worth their targets, and the break-even states."""
    deviations, states = starts, np.zeros_like(starts)
    for _ in range(_MOST_STEPS):
        portfolio = Portfolio.of(options, moves, deviations**2)
        low, high = _ends(options, moves, deviations)
        states, _ = root(portfolio, None, np.clip(states, low, high), low, high)
        found = _european(options, moves, deviations, states, sides)
        value = np.maximum(found.value, _NOTHING)
        step = value * np.log(value / targets) / found.deviation
        moved = np.clip(deviations - step, 0.5 * deviations, 2.0 * deviations)
        before, deviations = deviations, np.where(known | ~np.isfinite(step), deviations, moved)
        if not np.any(np.abs(deviations - before) > _ENOUGH * before):
            break
    return deviations, states


class QuotesAdjoint(NamedTuple):
    """Derivatives through the variances.

    Args:
        present_values: to what each flow of the receiver swap is worth today
        loadings: to the loadings
        targets: to the quoted values
        starts: to the variances that stand in where an option has no time value
    """

    present_values: Flows
    loadings: Flows
    targets: Rows
    starts: Rows


def through_quotes(quotes: Quotes, met: QuotesMet, weights: Rows) -> QuotesAdjoint:
    """Derivatives of weights times variances, by the implicit function theorem; none where the rate does not move."""
    assert met.europeans.present_values is not None
    assert met.europeans.loadings is not None
    solved = ~(quotes.worthless | quotes.still)
    vega = met.europeans.deviation * quotes.slopes  # to the deviation of the state
    safe = np.where(solved, vega, 1.0)
    root_of = np.sqrt(met.variances)
    share = np.where(solved, 2.0 * weights * root_of / safe, 0.0)
    per_loading = met.europeans.loadings / quotes.slopes[:, None]
    return QuotesAdjoint(
        -share[:, None] * quotes.sides[:, None] * met.europeans.present_values,
        -share[:, None] * per_loading,
        share,
        np.where(quotes.worthless & ~quotes.still, weights, 0.0),
    )
