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
