"""A product at a future date, in a given state: what exposure and future values are made of."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import is_concrete
from neuralrates.core.doors import door
from neuralrates.core.types import Scalar
from neuralrates.products.callable import AbstractBondCallable
from neuralrates.products.cancellable import CancellableSwap

_SAME_TIME = 1e-9


@door
class HeldProduct(eqx.Module):
    """A callable or cancellable product that was kept up to a date, and the state of the model then.

    Args:
        product: callable, or swap that may be cancelled
        time: one of the exercise times, in years; the value sought is that of keeping it there
        state: of the model at that time
    """

    product: AbstractBondCallable | CancellableSwap
    time: Scalar
    state: Scalar | Float[Array, "factors"]

    def __check_init__(self) -> None:
        times = self.right.exercise_times
        if is_concrete(self.time, times) and not np.any(np.abs(times - self.time) < _SAME_TIME):
            raise ValueError(
                f"Argument `time` must be one of the exercise times {np.asarray(times)}, but is {self.time}."
            )

    @property
    def right(self) -> AbstractBondCallable:
        """What may still be exercised."""
        return right_of(self.product)

    @property
    def exercise(self) -> Float[Array, "exercises"]:
        """One at the exercise time where it is held, zero at the others."""
        gaps = jnp.abs(self.right.exercise_times - self.time)
        return (gaps < _SAME_TIME).astype(jnp.float64)


def right_of(product: AbstractBondCallable | CancellableSwap) -> AbstractBondCallable:
    """The right within a product: itself, or the right to cancel."""
    return product.right if isinstance(product, CancellableSwap) else product
