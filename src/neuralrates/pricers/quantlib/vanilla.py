"""Our swaption as QuantLib's vanilla swaption: refused where QuantLib would price another contract."""

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


def vanilla_swaption(product: Swaption, curve: ql.YieldTermStructureHandle) -> ql.Swaption:
    """Swaption on a `VanillaSwap`: one fixed rate by Act/365F against a floating leg on the same curve.

    Args:
        product: swaption with all times on whole days
        curve: discount and projection curve

    Returns:
        QuantLib's swaption; its floating leg is worth P(s) - P(T).

    Raises:
        RefusalError: times off whole days, exercise today, or a swap of another kind
    """
    exercise = whole_days("exercise_times", product.exercise_times)
    flow = whole_days("flow_times", product.flow_times)
    rate = _fixed_rate(product, exercise, flow)
    schedule = ql.Schedule([quantlib_day(day) for day in flow])
    floating = (schedule, curve_index(curve), 0.0, ql.Actual365Fixed())
    swap = ql.VanillaSwap(swap_type(product), 1.0, schedule, rate, ql.Actual365Fixed(), *floating)
    dates = [quantlib_day(day) for day in exercise]
    right = ql.EuropeanExercise(dates[0]) if len(dates) == 1 else ql.BermudanExercise(dates)
    return ql.Swaption(swap, right)


def _fixed_rate(product: Swaption, exercise: tuple[int, ...], flow: tuple[int, ...]) -> float:
    """The rate by Act/365F with which QuantLib's vanilla swap pays our flows, if there is one."""
    years = np.diff(flow) / DAYS_PER_YEAR
    coupons = product.sign * np.asarray(product.flows)[0, 1:]
    coupons[-1] -= 1.0
    rate = float(coupons[0] / years[0])
    # QuantLib enters the periods that start on or after the exercise day.
    entered = np.array([[day >= first for day in flow[:-1]] for first in exercise])
    expected = np.pad(entered * (rate * years), ((0, 0), (1, 0)))
    expected[:, -1] += 1.0
    expected[np.arange(len(exercise)), start_columns(product)] -= 1.0
    expected_starts = np.argmax(entered, axis=1)
    same = np.allclose(product.sign * np.asarray(product.flows), expected, rtol=0, atol=_ROUNDING)
    if not same or np.any(expected_starts != start_columns(product)):
        raise RefusalError(
            "QuantLib's vanilla swaption is a right on the rest of one swap with one curve, one fixed rate on accruals "
            "proportional to days and no payment lag; this swaption is not: use `QuantLibGaussian`."
        )
    return rate
