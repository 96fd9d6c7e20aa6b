"""Our curves and trades in QuantLib's words: days instead of times, and its evaluation date put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import equinox as eqx
import jax
import numpy as np
import QuantLib as ql  # noqa: N813
from jaxtyping import Array, Float

from neuralrates.conventions.quantlib_evaluation_date import evaluation_date as on_date
from neuralrates.core.checks import as_array
from neuralrates.core.errors import RefusalError
from neuralrates.core.types import ArrayLike
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.products.swaption import Swaption

DAYS_PER_YEAR = 365
"""Times are year fractions by Act/365F, so that a whole day is a whole multiple of 1/365."""

_REFERENCE_DATE = ql.Date(3, 1, 2000)
_SAME_DAY = 1e-6
_CURVE_BLOCK = 3650


def quantlib_day(day: int) -> ql.Date:
    """QuantLib's date a number of days after the valuation date; which date that is never matters."""
    return _REFERENCE_DATE + day


@contextmanager
def evaluation_date() -> Iterator[None]:
    """QuantLib's global settings set to the valuation date, and put back on leaving.

    They are global to the process: other threads wait.
    """
    with on_date(_REFERENCE_DATE):
        yield


def whole_days(name: str, times: ArrayLike) -> tuple[int, ...]:
    """Days of these times.

    Args:
        name: what the times are, for the message
        times: years by Act/365F

    Returns:
        Whole numbers of days.

    Raises:
        RefusalError: a time that is not on a whole day
    """
    days = np.atleast_1d(np.asarray(times, dtype=np.float64)) * DAYS_PER_YEAR
    if np.any(np.abs(days - np.rint(days)) > _SAME_DAY):
        raise RefusalError(
            f"QuantLib needs `{name}` on whole days, multiples of 1/365 year, but they are {days} days; "
            f"see `snap_to_days`."
        )
    return tuple(int(day) for day in np.rint(days))


def snap_to_days(product: Swaption) -> Swaption:
    """Nearest swaption whose times are all whole days, so that two codes can price the same contract.

    Accruals are scaled with the lengths of their periods, so that what was Act/365F stays so.

    Args:
        product: swaption with times by Act/365F

    Returns:
        The swaption with every time rounded to a whole day.

    Raises:
        RefusalError: two flows on one day

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.pricers.quantlib.days import snap_to_days
        >>> trade = nr.products.Swaption([0.5], [1.0, 1.5], [0.5, 0.5], strike=0.03, side="payer")
        >>> print(snap_to_days(trade).flow_times * 365)
        [182. 365. 548.]
    """
    flows = np.asarray(product.flow_times)
    snapped = _snap(flows)
    if np.any(np.diff(snapped) <= 0.0):
        raise RefusalError(
            f"QuantLib needs flows on different days, but they are at {flows} years."
        )
    stretch = np.concatenate([[1.0], np.diff(snapped) / np.diff(flows)])
    return Swaption.from_weights(
        _snap(product.exercise_times),
        snapped,
        np.asarray(product.annuity_weights) * stretch[None, :],
        product.floating_weights,
        product.strike,
        product.side,
        start_times=_snap(product.start_times),
    )


def snap_model_to_days(model: HullWhite) -> HullWhite:
    """Nearest model whose volatility changes on whole days."""
    times = _snap(model.volatility_times)
    return HullWhite(model.curve, model.mean_reversion, model.volatility, times)


def _snap(times: ArrayLike) -> np.ndarray:
    return np.rint(np.asarray(times) * DAYS_PER_YEAR) / DAYS_PER_YEAR


def quantlib_curve(curve: AbstractDiscountCurve, last_day: int) -> ql.YieldTermStructureHandle:
    """QuantLib's curve through our discount factor of every day.

    Between days it is a natural cubic spline of the logarithm: the finite-difference engine integrates the instantaneous
    forward rate numerically and needs it continuous.

    Args:
        curve: discount curve
        last_day: last day that will be asked for

    Returns:
        Handle on the curve, Act/365F.
    """
    blocks = last_day // _CURVE_BLOCK + 1
    times = as_array(np.arange(blocks * _CURVE_BLOCK + 1) / DAYS_PER_YEAR)
    factors = np.asarray(_discount_factors(curve, times)).tolist()
    dates = list(_calendar(len(factors)))
    return ql.YieldTermStructureHandle(
        ql.NaturalLogCubicDiscountCurve(dates, factors, ql.Actual365Fixed())
    )


@eqx.filter_jit
def _discount_factors(
    curve: AbstractDiscountCurve, times: Float[Array, "times"]
) -> Float[Array, "times"]:
    return jax.vmap(lambda time: as_array(curve.discount_factor(time)))(times)


@cache
def _calendar(count: int) -> tuple[ql.Date, ...]:
    return tuple(quantlib_day(day) for day in range(count))


def start_columns(product: Swaption) -> np.ndarray:
    """Which flow is the start of the swap, per exercise.

    Raises:
        RefusalError: exercise today, or a start on which nothing is paid
    """
    exercise = whole_days("exercise_times", product.exercise_times)
    start = whole_days("start_times", product.start_times)
    flow = whole_days("flow_times", product.flow_times)
    if exercise[0] <= 0:
        raise RefusalError("QuantLib's engines need every exercise after the valuation date.")
    if not set(start) <= set(flow):
        raise RefusalError("QuantLib needs every swap to start on a flow day.")
    return np.array([flow.index(day) for day in start])


def swap_type(product: Swaption) -> int:
    """QuantLib's word for the side."""
    return ql.Swap.Receiver if product.side == "receiver" else ql.Swap.Payer


def curve_index(curve: ql.YieldTermStructureHandle) -> ql.IborIndex:
    """Index without fixing lag; par coupons read the curve at the ends of their period, whatever its tenor."""
    convention = (ql.NullCalendar(), ql.Unadjusted, False, ql.Actual365Fixed())
    return ql.IborIndex("curve", ql.Period(1, ql.Years), 0, ql.Currency(), *convention, curve)
