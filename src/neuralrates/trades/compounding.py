"""Floating coupons that reset more often than they pay: compounded in three ways, or averaged.

With resets $i = 1 \\dots n$ of a coupon, accruals $\\tau_i$, rates $L_i$, spreads $s_i$ and growths $G_i = 1 + \\tau_i L_i$, a
unit of notional pays

- flat: $\\prod_i G_i - 1 + \\sum_i s_i \\tau_i \\prod_{j > i} G_j$: interest compounds at the index alone,
- straight: $\\prod_i (G_i + s_i \\tau_i) - 1$: it compounds at the index and the spread,
- spread exclusive: $\\prod_i G_i - 1 + \\sum_i s_i \\tau_i$: the spread does not compound,
- averaged: $\\sum_i \\tau_i (L_i + s_i)$: nothing does.

Adjoining growths of one curve are the growth over both, so each is a sum of multiples of the index's growth over spans of
resets, paid with the coupon; rates are projected, without convexity, as all of a swap's are.

Source: ISDA Definitions (2006), section 6.3, and ISDA (2009), alternative compounding methods.
"""

import datetime
from typing import Literal, NamedTuple

import numpy as np

from neuralrates.conventions.dates import Dates
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.trades.fixings import is_fixed
from neuralrates.trades.periods import FloatingPeriods

Compounding = Literal["flat", "straight", "spread exclusive", "averaged"]
_SAME = 1e-12


class Span(NamedTuple):
    """A multiple of the index's growth less one, from the start of one reset of a coupon to the end of another."""

    first: int
    last: int
    weight: float


class Coupon(NamedTuple):
    """What a coupon pays per unit notional: growths less one, and an amount that is known."""

    spans: tuple[Span, ...]
    amount: float


class Resets(NamedTuple):
    """Which resets make up a coupon, and how.

    Args:
        method: how they do
        per_payment: resets of a coupon; zero where all resets are of one
        from_the_end: whether they are counted back from the last: the first coupon has fewer
        known: rates of the resets already fixed, from the first of the first coupon that is not yet paid, decimals
    """

    method: Compounding
    per_payment: int
    from_the_end: bool = True
    known: tuple[float, ...] = ()

    def coupons(self, count: int) -> np.ndarray:
        """Number of the coupon that each of so many resets is of."""
        each = self.per_payment or count
        numbers = np.arange(count)
        return (numbers + (-count % each if self.from_the_end else 0)) // each

    def last_of_each(self, count: int) -> np.ndarray:
        """Position, for each reset, of the last reset of its coupon."""
        coupons = self.coupons(count)
        return np.searchsorted(coupons, coupons, side="right") - 1


def coupon(
    method: Compounding, accruals: np.ndarray, spreads: np.ndarray, known: tuple[float, ...]
) -> Coupon:
    """One coupon as spans of growth.

    Args:
        method: how its resets make it up
        accruals: of its resets
        spreads: decimals, over the index at each reset
        known: rates of the first resets, decimals

    Returns:
        What it pays per unit notional.

    Raises:
        InputError: where straight compounding mixes growths that do not adjoin: a spread over more than two resets

    Example:
        >>> import numpy as np
        >>> from neuralrates.trades.compounding import coupon
        >>> half = np.array([0.5, 0.5])
        >>> coupon("flat", half, np.array([0.02, 0.02]), ()).spans
        (Span(first=0, last=1, weight=1.0), Span(first=1, last=1, weight=0.01))
    """
    extra = spreads * accruals
    begun, last = len(known), accruals.size - 1
    if method == "averaged":
        spans = tuple(Span(one, one, 1.0) for one in range(begun, last + 1))
        return Coupon(spans, float(np.sum(accruals[:begun] * known) + extra.sum()))
    balance = 1.0
    for rate, accrual, more in zip(known, accruals, extra, strict=False):
        growth = 1.0 + accrual * rate
        match method:
            case "flat":
                balance = balance * growth + more
            case "straight":
                balance = balance * (growth + more)
            case _:
                balance *= growth
    left = extra[begun:]
    if begun > last:
        spans, amount = (), balance
    else:
        spans = (Span(begun, last, balance), *_mixed(method, begun, last, left * balance, left))
        amount = balance * float(np.prod(1.0 + left)) if method == "straight" else balance
        amount += float(left.sum()) if method == "flat" else 0.0
    amount += float(extra.sum()) if method == "spread exclusive" else 0.0
    return Coupon(tuple(one for one in spans if one.weight), amount - 1.0)


def _mixed(
    method: Compounding, begun: int, last: int, straight: np.ndarray, flat: np.ndarray
) -> tuple[Span, ...]:
    """Growths beside that over all open resets."""
    if method == "flat":
        later = zip(range(begun + 1, last + 1), flat[:-1], strict=True)
        return tuple(Span(first, last, float(more)) for first, more in later)
    if method == "spread exclusive" or not straight.any() or begun == last:
        return ()
    if last - begun > 1:
        raise InputError(
            "expected `flat` or `spread exclusive`: straight compounding of a spread is priced over two resets a payment at "
            f"most, found {last - begun + 1}",
            column="compounding",
        )
    return (
        Span(begun, begun, float(straight[1])),
        Span(last, last, float(straight[0])),
    )


class ResetPeriods(NamedTuple):
    """Resets of a leg: dates, and times in years from a valuation date.

    Args:
        starts: dates
        payments: dates; those of the coupons
        accruals: by the leg's day count
        notionals: relative to the trade's
        spreads: decimals
        shares: accruals over those of the index
        times: starts, ends and payments, years
    """

    starts: Dates
    payments: Dates
    accruals: np.ndarray
    notionals: np.ndarray
    spreads: np.ndarray
    shares: np.ndarray
    times: tuple[np.ndarray, np.ndarray, np.ndarray]


def check_resets(leg: ResetPeriods, resets: Resets) -> None:
    """Raise unless every coupon can be made up of its resets."""
    coupons = resets.coupons(leg.starts.size)
    for number in np.unique(coupons):
        own = coupons == number
        if np.ptp(leg.notionals[own]) > 0.0:
            raise InputError(
                "expected one notional for all resets of a payment, found several",
                column="floating_notionals",
            )
        coupon(resets.method, leg.accruals[own], leg.spreads[own], ())
    if resets.method != "averaged" and np.any(np.abs(leg.shares - 1.0) > _SAME):
        raise InputError(
            "expected a compounding leg that accrues as its index does: its day count, from business day to business day",
            column="floating_day_count",
        )


def compounded_periods(
    leg: ResetPeriods, resets: Resets, convention: SwapConvention, valuation_date: datetime.date
) -> FloatingPeriods:
    """Growths and amounts that the coupons still to be paid are made up of.

    Args:
        leg: its resets
        resets: how they make up coupons
        convention: of the index
        valuation_date: date that the leg is seen from

    Returns:
        Periods, in order of their starts.

    Raises:
        InputError: where fewer rates are known than are fixed, or more
    """
    unpaid = leg.payments > np.datetime64(valuation_date, "D")
    needed, allowed = (
        int(np.sum(unpaid & is_fixed(convention, leg.starts, valuation_date, surely=surely)))
        for surely in (True, False)
    )
    if not needed <= len(resets.known) <= allowed:
        count = f"{needed}" if needed == allowed else f"{needed} or {allowed}"
        raise InputError(
            f"expected the rates of all resets fixed so far of coupons still to be paid, {count} in all, found "
            f"{len(resets.known)}",
            column="known_resets",
        )
    rows: list[tuple[float, ...]] = []
    coupons, known = resets.coupons(leg.starts.size), list(resets.known)
    for number in np.unique(coupons[unpaid]):
        places = np.flatnonzero(coupons == number)
        stated, known = tuple(known[: places.size]), known[places.size :]
        own = leg.accruals[places], leg.spreads[places]
        rows += _rows(leg, places, coupon(resets.method, *own, stated))
    return FloatingPeriods(*np.array(rows).T)


def _rows(leg: ResetPeriods, places: np.ndarray, found: Coupon) -> list[tuple[float, ...]]:
    """Periods of one coupon; its known amount is paid with the first."""
    starts, ends, payments = (times[places] for times in leg.times)
    accrual, notional, paid = (
        float(leg.accruals[places].sum()),
        leg.notionals[places[0]],
        payments[-1],
    )
    margin, rows = found.amount / accrual, list[tuple[float, ...]]()
    for first, last, weight in found.spans:
        share = leg.shares[places[first]] if first == last else 1.0
        begun = max(starts[first], 0.0)
        rows.append((begun, ends[last], paid, accrual, notional, weight * share, margin))
        margin = 0.0
    if rows:
        return rows
    over = ends[-1] <= 0.0
    return [(max(starts[0], 0.0), paid if over else ends[-1], paid, accrual, notional, 0.0, margin)]
