"""Our swaption as QuantLib's nonstandard swaption, flow by flow: two curves, any accruals, payment lags.

All amounts but the first of each right are coupons of a fixed leg with one rate per period; the amount due at the start of a
right is a rebate of its exercise; the floating leg is left empty. QuantLib enters a coupon whose period starts on or after the
exercise day, and pays it on the first business day on or after the end of its period. So periods are laid out to start between
the last exercise with the coupon and the first without, and calendars are made on which the right days are business days.
"""

from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.pricers.quantlib.days import (
    DAYS_PER_YEAR,
    curve_index,
    quantlib_day,
    start_columns,
    swap_type,
    whole_days,
)
from neuralrates.products.swaption import Swaption

_ROUNDING = 1e-12
_REFUSAL = (
    "QuantLib prices rights on the rest of one swap, where later rights have fewer of the same flows; this swaption is not "
    "of that kind."
)


@dataclass(frozen=True)
class _Coupons:
    """Amounts received after the start: when, how much, and the last right that has them."""

    days: tuple[int, ...]
    amounts: np.ndarray
    last_rights: tuple[int, ...]


def nonstandard_swaption(
    product: Swaption, curve: ql.YieldTermStructureHandle
) -> ql.NonstandardSwaption:
    """Swaption on a `NonstandardSwap` that pays our flows.

    Args:
        product: swaption with all times on whole days
        curve: discount curve

    Returns:
        QuantLib's swaption.

    Raises:
        RefusalError: times off whole days, exercise today, or rights on swaps that are not the rest of one swap
    """
    exercise = whole_days("exercise_times", product.exercise_times)
    coupons = _coupons(product)
    periods = _periods(coupons, exercise)
    schedule = ql.Schedule([quantlib_day(day) for day in periods])
    rates = product.sign * coupons.amounts / (np.diff(periods) / DAYS_PER_YEAR)
    calendar = _calendar("coupons", periods[1:], coupons.days)
    swap = ql.NonstandardSwap(
        swap_type(product),
        [1.0] * len(rates),
        [1.0],
        schedule,
        rates.tolist(),
        ql.Actual365Fixed(),
        ql.Schedule([quantlib_day(periods[0]), quantlib_day(periods[-1])]),
        curve_index(curve),
        [float(np.finfo(np.float64).eps)],  # of the floating rate: zero would change its type
        [0.0],
        ql.Actual365Fixed(),
        False,
        False,
        ql.Following,
        0,
        calendar,
    )
    return ql.NonstandardSwaption(swap, _rebated(product, exercise))


def _coupons(product: Swaption) -> _Coupons:
    """Coupons of the swap behind the rights, those of amount zero left out."""
    flows = np.asarray(product.flows)
    after_start = np.arange(flows.shape[1])[None, :] > start_columns(product)[:, None]
    amounts = np.where(after_start, flows, 0.0)
    paid = np.flatnonzero(np.abs(amounts[0]) > _ROUNDING)
    rights = np.sum(np.abs(amounts[:, paid]) > _ROUNDING, axis=0)
    expected = np.zeros_like(amounts)
    expected[:, paid] = np.where(
        np.arange(flows.shape[0])[:, None] < rights[None, :], amounts[:1, paid], 0.0
    )
    before_start = np.arange(flows.shape[1])[None, :] < start_columns(product)[:, None]
    if np.any(np.abs(amounts - expected) > _ROUNDING) or np.any(flows[before_start] != 0.0):
        raise RefusalError(_REFUSAL)
    days = whole_days("flow_times", product.flow_times[paid])
    return _Coupons(days, amounts[0, paid], tuple(int(number) - 1 for number in rights))


def _periods(coupons: _Coupons, exercise: tuple[int, ...]) -> tuple[int, ...]:
    """Ends of periods such that QuantLib enters each coupon by the right exercises, and can tell when to pay it."""
    until = (*exercise[1:], coupons.days[-1])
    days: list[int] = []
    for k, last in enumerate(coupons.last_rights):
        lowest = max(
            exercise[last],
            days[-1] + 1 if days else 0,
            coupons.days[k - 2] + 1 if k > 1 else 0,
        )
        highest = min(until[last] - 1, coupons.days[k - 1] if k else until[last] - 1)
        if lowest > highest:
            raise RefusalError(_REFUSAL)
        days.append(lowest)
    return (*days, coupons.days[-1])


def _rebated(product: Swaption, exercise: tuple[int, ...]) -> ql.RebatedExercise:
    """Exercise that pays the amounts due at the starts, on the start days."""
    start = whole_days("start_times", product.start_times)
    columns = start_columns(product)
    amounts = np.asarray(product.flows)[np.arange(len(columns)), columns]
    dates = ql.BermudanExercise([quantlib_day(day) for day in exercise])
    calendar = _calendar("starts", exercise, start)
    return ql.RebatedExercise(dates, amounts.tolist(), 0, calendar)


def _calendar(name: str, days: tuple[int, ...], following: tuple[int, ...]) -> ql.Calendar:
    """Calendar on which the business day on or after each day is the one given."""
    holidays = {
        day for first, last in zip(days, following, strict=True) for day in range(first, last)
    }
    if holidays & set(following):
        raise RefusalError(_REFUSAL)
    calendar = ql.BespokeCalendar(name)
    for day in sorted(holidays):
        calendar.addHoliday(quantlib_day(day))
    return calendar
