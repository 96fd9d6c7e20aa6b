"""Losses: what training makes small. Values alone, or values with their differentials."""

from collections.abc import Callable
from typing import Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.labels.labels import Labels
from neuralrates.surrogates.surrogate import AbstractSurrogate

Jacobian: TypeAlias = Float[Array, "outputs inputs"]
Objective: TypeAlias = Callable[[AbstractSurrogate, Key], Any]
"""Surrogate and key to a loss. A key draws the batch; an objective without batches ignores it."""


class ValueLoss(eqx.Module):
    """Mean squared error of the values, each output in units of its standard deviation.

    Args:
        labels: the data
        batch: samples drawn per step, with replacement; all of them when None

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.labels.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0])
        >>> loss = nr.training.ValueLoss(labels)
        >>> print(loss(lambda x: jnp.zeros(1), jax.random.key(0)))
        2.0
    """

    labels: Labels
    value_scale: Outputs
    batch: int | None = eqx.field(static=True)

    def __init__(self, labels: Labels, batch: int | None = None) -> None:
        self.labels = labels
        self.value_scale = _spread(labels.value)
        self.batch = batch

    def __call__(self, surrogate: Callable[[Inputs], Outputs], key: Key) -> Scalar:
        labels = _draw(self.labels, self.batch, key)
        return jnp.mean(jax.vmap(lambda x, y: self._miss(surrogate(x), y))(labels.x, labels.value))

    def _miss(self, value: Outputs, label: Outputs) -> Scalar:
        return jnp.mean(((value - label) / self.value_scale) ** 2)


class DifferentialLoss(eqx.Module):
    r"""Mean squared error of values and differentials, each in units of its own size.

    With n inputs and weight $\lambda$, the loss is $\alpha$ times the value part plus $\beta$ times
    the sum over inputs of the mean squared error of each derivative over its mean square, where
    $\alpha = 1 / (1 + \lambda n)$ and $\beta = \lambda / (1 + \lambda n)$.

    Args:
        labels: the data, with gradients
        batch: samples drawn per step, with replacement; all of them when None
        weight: $\lambda$, of one derivative against the value

    Raises:
        ValueError: where the labels carry no gradients

    Source: Huge and Savine (2020), "Differential machine learning", appendix 2.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.labels.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
        >>> loss = nr.training.DifferentialLoss(labels)
        >>> print(loss(lambda x: 2.0 * x, jax.random.key(0)), loss(lambda x: x, jax.random.key(0)))
        0.0 0.375
    """

    labels: Labels
    value_scale: Outputs
    gradient_scale: Jacobian
    batch: int | None = eqx.field(static=True)
    weight: float = eqx.field(static=True)

    def __init__(self, labels: Labels, batch: int | None = None, weight: float = 1.0) -> None:
        if labels.gradient is None:
            raise ValueError("Argument `labels` must carry gradients, but has none: use ValueLoss.")
        self.labels = labels
        self.value_scale = _spread(labels.value)
        size = jnp.sqrt(jnp.mean(labels.gradient**2, axis=0))
        self.gradient_scale = jnp.where(size > 0.0, size, 1.0)
        self.batch = batch
        self.weight = weight

    def __call__(self, surrogate: Callable[[Inputs], Outputs], key: Key) -> Scalar:
        labels = _draw(self.labels, self.batch, key)
        value, gradient = jax.vmap(lambda x: _value_and_jacobian(surrogate, x))(labels.x)
        slopes = as_array(labels.gradient)
        misses = jax.vmap(self._miss)(value, labels.value, gradient, slopes)
        return jnp.mean(misses) / (1.0 + self.weight * labels.x.shape[1])

    def _miss(self, value: Outputs, label: Outputs, gradient: Jacobian, slope: Jacobian) -> Scalar:
        """Squared misses of one sample, weighted, averaged over the outputs."""
        of_values = jnp.mean(((value - label) / self.value_scale) ** 2)
        of_slopes = jnp.sum(((gradient - slope) / self.gradient_scale) ** 2) / value.shape[0]
        return of_values + self.weight * of_slopes


def _value_and_jacobian(
    surrogate: Callable[[Inputs], Outputs], x: Inputs
) -> tuple[Outputs, Jacobian]:
    """Outputs and their derivatives, one reverse sweep per output."""
    value, pullback = jax.vjp(surrogate, x)
    (jacobian,) = jax.vmap(pullback)(jnp.eye(value.shape[0]))
    return value, jacobian


def _spread(value: Float[Array, "samples outputs"]) -> Outputs:
    """Standard deviation of each output; one where it is constant."""
    spread = jnp.std(value, axis=0)
    return jnp.where(spread > 0.0, spread, 1.0)


def _draw(labels: Labels, batch: int | None, key: Key) -> Labels:
    """All labels, or a random batch of them."""
    if batch is None:
        return labels
    return labels.take(jax.random.randint(key, (batch,), 0, len(labels)))
