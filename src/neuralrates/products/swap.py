"""Fixed-for-floating swap, as amounts paid at known times."""

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_choice,
    check_decimal,
    check_finite,
    check_increasing,
    is_concrete,
    known_on_host,
)
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Bond, Scalar

Side = Literal["payer", "receiver"]
Flows = Float[Array, "flows"]


def side_sign(side: Side) -> float:
    """+1 for a receiver of the fixed rate, -1 for a payer."""
    return 1.0 if side == "receiver" else -1.0


@door
class Swap(eqx.Module):
    """Exchange of a fixed for a floating rate; unit notional, times in years.

    With bonds $P(t, T_k)$ at the flow times, the fixed leg is worth strike times
    $\\sum_k a_k P(t, T_k)$ and the floating leg $\\sum_k f_k P(t, T_k)$; the receiver gets the
    difference, the payer its negative. Written with times alone the floating leg is that of a
    single curve, $P(t, s) - P(t, T_n)$; `from_weights` takes any other.

    Args:
        payment_times: ends of the fixed periods, strictly increasing
        accruals: year fractions of the fixed periods
        strike: fixed rate, decimal
        side: `payer` (of the fixed rate) or `receiver`
        start_time: start of the first period

    Source: Brigo and Mercurio (2006), section 1.5.

    Example:
        >>> import neuralrates as nr
        >>> swap = nr.products.Swap([1, 2, 3], [1, 1, 1], strike=0.03, side="receiver")
        >>> curve = nr.market.FlatCurve(0.03)
        >>> rate = swap.par_rate(curve.discount_factor)
        >>> print(f"{rate:.6f} {swap.value(curve.discount_factor):.6f}")
        0.030455 -0.001285
    """

    flow_times: Flows
    annuity_weights: Flows
    floating_weights: Flows
    strike: Scalar
    side: Side = eqx.field(static=True)

    def __init__(
        self,
        payment_times: ArrayLike,
        accruals: ArrayLike,
        strike: ArrayLike,
        side: Side,
        start_time: float = 0.0,
    ) -> None:
        payment = np.atleast_1d(np.asarray(payment_times, dtype=np.float64))
        accrual = known_on_host(accruals)
        accrual = accrual[None] if accrual.ndim == 0 else accrual
        times = np.concatenate([[start_time], payment])
        check_finite("payment_times", times)
        check_increasing("payment_times", times)
        check_above("accruals", accrual, 0.0, strict=True)
        if payment.shape != accrual.shape:
            raise ValueError(
                f"Argument `accruals` must have one element per period: {payment.shape[0]} payment times, "
                f"but shape {accrual.shape}."
            )
        self.flow_times = as_array(times)
        together = np.concatenate if is_concrete(accrual) else jnp.concatenate
        self.annuity_weights = as_array(together([np.zeros(1), accrual]))
        self.floating_weights = as_array([1.0, *[0.0] * (times.shape[0] - 2), -1.0])
        self.strike = as_array(strike)
        self.side = side

    @classmethod
    def from_weights(
        cls,
        flow_times: ArrayLike,
        annuity_weights: ArrayLike,
        floating_weights: ArrayLike,
        strike: ArrayLike,
        side: Side,
    ) -> "Swap":
        """Swap on explicit flows: two curves, spreads, payment lags, amortisation.

        Args:
            flow_times: when anything is paid, years
            annuity_weights: what a unit of strike pays at each flow time
            floating_weights: bonds that replicate the floating leg
            strike: fixed rate, decimal
            side: `payer` or `receiver`

        Returns:
            The swap with these weights.
        """
        self = object.__new__(cls)
        fields = {
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
        check_finite("annuity_weights", self.annuity_weights)
        check_finite("floating_weights", self.floating_weights)
        check_finite("strike", self.strike)
        check_decimal("strike", self.strike)
        check_choice("side", self.side, ("payer", "receiver"))
        if not (self.flow_times.shape == self.annuity_weights.shape == self.floating_weights.shape):
            raise ValueError(
                f"Arguments `flow_times`, `annuity_weights` and `floating_weights` must have the same shape, but have "
                f"{self.flow_times.shape}, {self.annuity_weights.shape} and {self.floating_weights.shape}."
            )

    @property
    def flows(self) -> Flows:
        """Amounts received at the flow times, per unit notional."""
        net = self.strike * self.annuity_weights - self.floating_weights
        return side_sign(self.side) * net

    def annuity(self, bond: Bond) -> Scalar:
        """Value of one unit of strike, in years: $\\sum_k a_k P(t, T_k)$."""
        return jnp.sum(self.annuity_weights * jax.vmap(bond)(self.flow_times))

    def value(self, bond: Bond) -> Scalar:
        """Value per unit notional, under the bonds (or today's discount factors) given."""
        return jnp.sum(self.flows * jax.vmap(bond)(self.flow_times))

    def par_rate(self, bond: Bond) -> Scalar:
        """Strike (decimal) at which the swap is worth nothing."""
        floating = jnp.sum(self.floating_weights * jax.vmap(bond)(self.flow_times))
        return floating / self.annuity(bond)
