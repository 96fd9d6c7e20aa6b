"""Caplets and floorlets: options on the simply compounded rate of one period."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_decimal,
    check_finite,
    is_concrete,
)
from neuralrates.core.doors import door
from neuralrates.core.types import Exercises, Scalar
from neuralrates.products.callable import AbstractRateOption

Weights = Float[Array, "exercises flows"]


class AbstractCaplet(AbstractRateOption):
    """Option on the rate L of one period, fixed at its start and paid at its end; unit notional, times in years.

    Paid in arrears, $\\tau (L - K)^+$ is worth $(1 - (1 + K \\tau) P(s, e))^+$ at the start, with the bond $P(s, e)$ of the
    curve that fixes the rate: a caplet is a put on a bond, a floorlet a call. A rate fixed on another curve is the payer
    `Swaption.from_weights` of one period.
    """

    exercise_times: Exercises
    flow_times: Float[Array, "flows"]
    annuity_weights: Weights
    floating_weights: Weights
    strike: Scalar

    def __check_init__(self) -> None:
        for name in ("start", "end", "strike", "accrual"):
            check_finite(name, getattr(self, name))
        check_above("start", self.start, 0.0)
        check_decimal("strike", self.strike)
        check_periods("start", self.start, "end", self.end)
        check_above("accrual", self.accrual, 0.0, strict=True)

    @property
    def start(self) -> Scalar:
        """Start of the period, when its rate is known, years."""
        return self.flow_times[0]

    @property
    def end(self) -> Scalar:
        """End of the period, when the rate is paid, years."""
        return self.flow_times[1]

    @property
    def accrual(self) -> Scalar:
        """Year fraction of the period."""
        return self.annuity_weights[0, 1]


@door
class Caplet(AbstractCaplet):
    """Right to receive the rate of one period and pay the strike: a put on the bond of the period.

    Args:
        start: start of the period, when the rate is fixed, years
        end: end of the period, when it is paid, years
        strike: K, decimal
        accrual: year fraction of the period; its length when not given

    Source: Brigo and Mercurio (2006), section 2.6.

    Example:
        >>> import neuralrates as nr
        >>> caplet = nr.products.Caplet(1.0, 1.5, strike=0.03)
        >>> curve = nr.market.FlatCurve(0.04)
        >>> print(f"{caplet.exercise_value(1.0, curve.discount_factor):.6f}")
        0.004898
    """

    def __init__(
        self, start: Scalar, end: Scalar, strike: Scalar, accrual: Scalar | None = None
    ) -> None:
        self.exercise_times, self.flow_times = _times(start, end)
        self.annuity_weights, self.floating_weights = _weights(self.flow_times, accrual)
        self.strike = as_array(strike)

    @property
    def sign(self) -> float:
        return -1.0


@door
class Floorlet(AbstractCaplet):
    """Right to receive the strike and pay the rate of one period: a call on the bond of the period.

    Args:
        start: start of the period, when the rate is fixed, years
        end: end of the period, when it is paid, years
        strike: K, decimal
        accrual: year fraction of the period; its length when not given

    Source: Brigo and Mercurio (2006), section 2.6.

    Example:
        >>> import neuralrates as nr
        >>> floorlet, caplet = (kind(1.0, 1.5, 0.03) for kind in (nr.products.Floorlet, nr.products.Caplet))
        >>> bool((floorlet.flows == -caplet.flows).all())
        True
    """

    def __init__(
        self, start: Scalar, end: Scalar, strike: Scalar, accrual: Scalar | None = None
    ) -> None:
        self.exercise_times, self.flow_times = _times(start, end)
        self.annuity_weights, self.floating_weights = _weights(self.flow_times, accrual)
        self.strike = as_array(strike)

    @property
    def sign(self) -> float:
        return 1.0


def _times(start: Scalar, end: Scalar) -> tuple[Exercises, Float[Array, "flows"]]:
    times = jnp.stack([as_array(start), as_array(end)])
    return times[:1], times


def _weights(times: Float[Array, "flows"], accrual: Scalar | None) -> tuple[Weights, Weights]:
    """What a unit of strike pays at the end, and one unit at the start less one at the end, which replicate the rate."""
    length = times[1] - times[0] if accrual is None else as_array(accrual)
    return jnp.stack([jnp.zeros(()), length])[None, :], jnp.array([[1.0, -1.0]])


def check_periods(starts_name: str, starts: Array, ends_name: str, ends: Array) -> None:
    """Raise unless every period ends after it starts."""
    if is_concrete(starts, ends) and not np.all(np.asarray(ends) > np.asarray(starts)):
        raise ValueError(
            f"Argument `{ends_name}` must be after `{starts_name}`, {np.asarray(starts)}, but is {np.asarray(ends)}."
        )
