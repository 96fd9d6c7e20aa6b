"""Our swaption as QuantLib's: refused where QuantLib would price another contract."""

from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.pricers.quantlib import DAYS_PER_YEAR, quantlib_day, whole_days
from neuralrates.products.swaption import Swaption

_ROUNDING = 1e-12


@dataclass(frozen=True)
class EnteredSwap:
    """Swap behind a swaption as signed amounts: one at the start of each right, one at the end of each period.

    Period k runs from flow day k to flow day k + 1, and an exercise enters every period from its start day on.
    """

    exercise_days: tuple[int, ...]
    start_days: tuple[int, ...]
    flow_days: tuple[int, ...]
    initial_amounts: np.ndarray
    period_amounts: np.ndarray


def entered_swap(product: Swaption) -> EnteredSwap:
    """Amounts of the swap behind a swaption.

    Args:
        product: swaption with all times on whole days

    Returns:
        The amounts, positive when received.

    Raises:
        RefusalError: exercise today, times off whole days, or rights on swaps that are not the rest of one swap
    """
    exercise = whole_days("exercise_times", product.exercise_times)
    start = whole_days("start_times", product.start_times)
    flow = whole_days("flow_times", product.flow_times)
    if exercise[0] <= 0:
        raise RefusalError("QuantLib's engines need every exercise after the valuation date.")
    amounts = np.asarray(product.flows)
    first = [flow.index(day) if day in flow else -1 for day in start]
    expected = np.zeros_like(amounts)
    for row, k in enumerate(first):
        expected[row, k] = amounts[row, k]
        expected[row, k + 1 :] = amounts[0, k + 1 :]
    between = any(e <= day < s for e, s in zip(exercise, start, strict=True) for day in flow)
    if first[0] != 0 or min(first) < 0 or between or np.any(np.abs(amounts - expected) > _ROUNDING):
        raise RefusalError(
            "QuantLib prices rights on the rest of one swap, each starting on a flow day with no flow between exercise "
            "and start; this swaption is not of that kind."
        )
    initial = amounts[np.arange(len(first)), first]
    return EnteredSwap(exercise, start, flow, initial, amounts[0, 1:])


def vanilla_swaption(product: Swaption, curve: ql.YieldTermStructureHandle) -> ql.Swaption:
    """Swaption on a `VanillaSwap`: one fixed rate by Act/365F against a floating leg on the same curve.

    Args:
        product: swaption with all times on whole days
        curve: discount and projection curve

    Returns:
        QuantLib's swaption; its floating leg is worth P(s) - P(T).

    Raises:
        RefusalError: accruals not proportional to days, or a floating leg of another kind
    """
    swap = entered_swap(product)
    years = np.diff(swap.flow_days) / DAYS_PER_YEAR
    coupons = product.sign * swap.period_amounts
    coupons[-1] -= 1.0
    rates = coupons / years
    single_curve = np.allclose(swap.initial_amounts, -product.sign, rtol=0.0, atol=_ROUNDING)
    if not single_curve or np.ptp(rates) > _ROUNDING:
        raise RefusalError(
            "QuantLib's vanilla swaption has one curve and one fixed rate on accruals proportional to days, but this one "
            f"pays {coupons} over {years} years; use `QuantLibGaussian`."
        )
    schedule = ql.Schedule([quantlib_day(day) for day in swap.flow_days])
    terms = (schedule, _index(curve), 0.0, ql.Actual365Fixed())
    vanilla = ql.VanillaSwap(
        _type(product), 1.0, schedule, float(rates[0]), ql.Actual365Fixed(), *terms
    )
    return ql.Swaption(vanilla, _exercise(swap))


def nonstandard_swaption(
    product: Swaption, curve: ql.YieldTermStructureHandle
) -> ql.NonstandardSwaption:
    """Swaption on a `NonstandardSwap` that pays any amounts: a fixed leg with one rate per period.

    The amounts due at the start of each right are rebates of its exercise; the floating leg is left empty.

    Args:
        product: swaption with all times on whole days
        curve: discount curve

    Returns:
        QuantLib's swaption, equal to ours flow by flow.
    """
    swap = entered_swap(product)
    days = [quantlib_day(day) for day in swap.flow_days]
    rates = product.sign * swap.period_amounts / (np.diff(swap.flow_days) / DAYS_PER_YEAR)
    nonstandard = ql.NonstandardSwap(
        _type(product),
        [1.0] * len(rates),
        [1.0],
        ql.Schedule(days),
        rates.tolist(),
        ql.Actual365Fixed(),
        ql.Schedule([days[0], days[-1]]),
        _index(curve),
        [float(np.finfo(np.float64).eps)],
        [0.0],
        ql.Actual365Fixed(),
    )
    return ql.NonstandardSwaption(nonstandard, _rebated(swap))


def _type(product: Swaption) -> int:
    return ql.Swap.Receiver if product.side == "receiver" else ql.Swap.Payer


def _index(curve: ql.YieldTermStructureHandle) -> ql.IborIndex:
    """Index without fixing lag; par coupons read the curve at the ends of their period, whatever its tenor."""
    convention = (ql.NullCalendar(), ql.Unadjusted, False, ql.Actual365Fixed())
    return ql.IborIndex("curve", ql.Period(1, ql.Years), 0, ql.Currency(), *convention, curve)


def _exercise(swap: EnteredSwap) -> ql.Exercise:
    dates = [quantlib_day(day) for day in swap.exercise_days]
    return ql.EuropeanExercise(dates[0]) if len(dates) == 1 else ql.BermudanExercise(dates)


def _rebated(swap: EnteredSwap) -> ql.RebatedExercise:
    """Exercise that pays the initial amounts on the start days, whatever the lags: days between are holidays."""
    lags = {
        start > exercise
        for exercise, start in zip(swap.exercise_days, swap.start_days, strict=True)
    }
    if len(lags) > 1:
        raise RefusalError("QuantLib needs all rights to start on exercise, or all of them later.")
    calendar = ql.BespokeCalendar("between exercise and start")
    for exercise, start in zip(swap.exercise_days, swap.start_days, strict=True):
        for day in range(exercise + 1, start):
            calendar.addHoliday(quantlib_day(day))
    dates = [quantlib_day(day) for day in swap.exercise_days]
    amounts = swap.initial_amounts.tolist()
    return ql.RebatedExercise(ql.BermudanExercise(dates), amounts, int(lags.pop()), calendar)
