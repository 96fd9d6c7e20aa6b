"""European and Bermudan swaptions with physical settlement."""

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_choice,
    check_decimal,
    check_finite,
    check_increasing,
    known_on_host,
)
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Exercises, HostArray, Scalar
from neuralrates.products.callable import AbstractRateOption
from neuralrates.products.swap import Side, Swap, side_sign

Weights = Float[Array, "exercises flows"]
_SAME_TIME = 1e-9


@door
class Swaption(AbstractRateOption):
    """Right to enter the rest of a swap at each exercise time; unit notional, times in years.

    On exercise the holder enters every period that starts at or after the swap's start. With bonds $P(t, T_k)$ at the flow
    times, the fixed leg is worth strike times $\\sum_k a_{ik} P(t_i, T_k)$ and the floating leg $\\sum_k f_{ik} P(t_i, T_k)$;
    the receiver gets the difference, the payer its negative. Written with times alone the floating leg is that of a single
    curve, $P(t_i, s_i) - P(t_i, T_n)$; `from_weights` takes any other (two curves, spreads, payment lags, amortisation).

    Args:
        exercise_times: when the right can be exercised, strictly increasing
        payment_times: ends of the fixed periods, strictly increasing
        accruals: year fractions of the fixed periods
        strike: fixed rate, decimal
        side: `payer` (of the fixed rate) or `receiver`
        start_times: start of the swap entered at each exercise; the exercise times themselves when not given

    Example:
        >>> import neuralrates as nr
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="receiver")
        >>> curve = nr.market.FlatCurve(0.03)
        >>> print(f"{trade.exercise_value(0.0, curve.discount_factor):.6f}")
        -0.001247
    """

    exercise_times: Exercises
    start_times: Exercises
    flow_times: Float[Array, "flows"]
    annuity_weights: Weights
    floating_weights: Weights
    strike: Scalar
    side: Side = eqx.field(static=True)

    def __init__(
        self,
        exercise_times: ArrayLike,
        payment_times: ArrayLike,
        accruals: ArrayLike,
        strike: ArrayLike,
        side: Side,
        start_times: ArrayLike | None = None,
    ) -> None:
        exercise = np.atleast_1d(np.asarray(exercise_times, dtype=np.float64))
        payment = np.atleast_1d(np.asarray(payment_times, dtype=np.float64))
        start = exercise if start_times is None else np.asarray(start_times, dtype=np.float64)
        accrual = known_on_host(accruals)
        accrual = accrual[None] if accrual.ndim == 0 else accrual
        _check_schedule(exercise, start, payment, accrual)
        period_start = _period_starts(start, payment)
        entered = period_start[None, :] >= start[:, None] - _SAME_TIME
        _check_entered(entered, period_start, start)
        first = period_start[np.argmax(entered, axis=1)]
        times = np.unique(np.concatenate([first, payment]))
        at = (times[None, :] == payment[:, None]).astype(np.float64)
        begins = (times[None, :] == first[:, None]).astype(np.float64)
        ends = (times == payment[-1]).astype(np.float64)
        self.exercise_times = as_array(exercise)
        self.start_times = as_array(start)
        self.flow_times = as_array(times)
        self.annuity_weights = as_array((entered.astype(np.float64) * accrual[None, :]) @ at)
        self.floating_weights = as_array(begins - ends[None, :])
        self.strike = as_array(strike)
        self.side = side

    @classmethod
    def from_weights(
        cls,
        exercise_times: ArrayLike,
        flow_times: ArrayLike,
        annuity_weights: ArrayLike,
        floating_weights: ArrayLike,
        strike: ArrayLike,
        side: Side,
        start_times: ArrayLike | None = None,
    ) -> "Swaption":
        """Swaption on explicit flows.

        Args:
            exercise_times: when the right can be exercised
            flow_times: when anything is paid, years
            annuity_weights: what a unit of strike pays at each flow time, per exercise
            floating_weights: bonds that replicate the floating leg, per exercise
            strike: fixed rate, decimal
            side: `payer` or `receiver`
            start_times: start of the swap entered at each exercise; the exercise times when not given

        Returns:
            The swaption with these weights.
        """
        self = object.__new__(cls)
        fields = {
            "exercise_times": as_array(exercise_times),
            "start_times": as_array(exercise_times if start_times is None else start_times),
            "flow_times": as_array(flow_times),
            "annuity_weights": as_array(annuity_weights),
            "floating_weights": as_array(floating_weights),
            "strike": as_array(strike),
            "side": side,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        self.__check_init__()
        return self

    def __check_init__(self) -> None:
        check_finite("exercise_times", self.exercise_times)
        check_increasing("exercise_times", self.exercise_times)
        check_above("exercise_times", self.exercise_times, 0.0)
        check_finite("annuity_weights", self.annuity_weights)
        check_finite("floating_weights", self.floating_weights)
        check_finite("strike", self.strike)
        check_decimal("strike", self.strike)
        check_choice("side", self.side, ("payer", "receiver"))
        _check_shapes(self)

    @property
    def sign(self) -> float:
        """+1 for a receiver of the fixed rate, -1 for a payer."""
        return side_sign(self.side)

    def underlying(self, exercise: int) -> Swap:
        """Swap entered at the exercise of this number, counted from zero."""
        return Swap.from_weights(
            self.flow_times,
            self.annuity_weights[exercise],
            self.floating_weights[exercise],
            self.strike,
            self.side,
        )


def _period_starts(start: np.ndarray, payment: np.ndarray) -> np.ndarray:
    """Starts of the periods: each payment starts the next one, and the first starts with the earliest swap.

    A first payment that comes no later than that swap belongs to a period already over; it is never entered.
    """
    over = payment[0] <= start[0] + _SAME_TIME
    return np.concatenate([[-np.inf if over else start[0]], payment[:-1]])


def _check_entered(entered: np.ndarray, period_start: np.ndarray, start: np.ndarray) -> None:
    if not entered[:, -1].all():
        raise ValueError(
            f"Argument `exercise_times` must leave at least one whole period to enter, but the last period starts at "
            f"{period_start[-1]} and the last swap at {start[-1]}."
        )


def _check_schedule(
    exercise: np.ndarray, start: np.ndarray, payment: np.ndarray, accrual: Float[HostArray, "..."]
) -> None:
    check_finite("payment_times", payment)
    check_increasing("payment_times", payment)
    check_finite("accruals", accrual)
    check_above("accruals", accrual, 0.0, strict=True)
    check_finite("exercise_times", exercise)
    if payment.shape != accrual.shape:
        raise ValueError(
            f"Argument `accruals` must have one element per period: {payment.shape[0]} payment times, but shape "
            f"{accrual.shape}."
        )
    if start.shape != exercise.shape or not np.all(start >= exercise):
        raise ValueError(
            f"Argument `start_times` must give, per exercise, a time at or after it, but is {start}."
        )


def _check_shapes(swaption: Swaption) -> None:
    wanted = (swaption.exercise_times.shape[0], swaption.flow_times.shape[0])
    found = {swaption.annuity_weights.shape, swaption.floating_weights.shape}
    if found != {wanted} or swaption.start_times.shape != wanted[:1]:
        raise ValueError(
            f"Arguments `annuity_weights` and `floating_weights` must have shape {wanted}, one row per exercise and one "
            f"column per flow time, but have {swaption.annuity_weights.shape} and {swaption.floating_weights.shape}."
        )
