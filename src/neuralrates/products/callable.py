"""What a callable product is: exercise times, and a value on exercise said in zero-coupon bonds."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Bond, Exercises, Scalar

_SAME_TIME = 1e-9


class AbstractCallable(eqx.Module):
    """A right that can be exercised once, at one of several times.

    One exercise time makes it European, several make it Bermudan. A pricer needs nothing else: it asks for the exercise
    value at one time and in one state, and supplies the bonds of that state.
    """

    exercise_times: eqx.AbstractVar[Exercises]

    @abc.abstractmethod
    def exercise_value(self, time: Scalar, bond: Bond) -> Scalar:
        """Value received on exercise at `time`, currency per unit notional.

        Args:
            time: one of the exercise times, in years
            bond: maturity (years) to zero-coupon bond price at `time`

        Returns:
            Exercise value; negative where exercise would be a loss.
        """


class AbstractBondCallable(AbstractCallable):
    """A callable whose exercise value is a fixed portfolio of zero-coupon bonds at each exercise time."""

    flow_times: eqx.AbstractVar[Float[Array, "flows"]]

    @property
    @abc.abstractmethod
    def flows(self) -> Float[Array, "exercises flows"]:
        """Bonds received on exercise: amount of maturity `flow_times[k]` at exercise i."""

    def exercise_value(self, time: Scalar, bond: Bond) -> Scalar:
        # The portfolio of the last exercise at or before `time`, or of the first one.
        index = jnp.maximum(jnp.sum(self.exercise_times <= time + _SAME_TIME) - 1, 0)
        chosen = (jnp.arange(self.exercise_times.shape[0]) == index).astype(jnp.float64)
        return jnp.sum((chosen @ self.flows) * jax.vmap(bond)(self.flow_times))


class AbstractRateOption(AbstractBondCallable):
    """A right to exchange a fixed for a floating rate, once: caplets, floorlets and swaptions.

    At exercise i a unit of strike is worth $\\sum_k a_{ik} P(t_i, T_k)$ and the floating leg $\\sum_k f_{ik} P(t_i, T_k)$.
    """

    strike: eqx.AbstractVar[Scalar]
    annuity_weights: eqx.AbstractVar[Float[Array, "exercises flows"]]
    floating_weights: eqx.AbstractVar[Float[Array, "exercises flows"]]

    @property
    @abc.abstractmethod
    def sign(self) -> float:
        """+1 for a receiver of the fixed rate, -1 for a payer."""

    @property
    def flows(self) -> Float[Array, "exercises flows"]:
        """Amounts received on exercise: flow k of exercise i is worth its amount times $P(t_i, T_k)$."""
        return self.sign * (self.strike * self.annuity_weights - self.floating_weights)
