"""Losses: what training makes small. Values alone, or values with their differentials."""

from collections.abc import Callable
from typing import Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.problems.labels import Labels

Signs: TypeAlias = Float[Array, "companions"]
_NOTHING = 1e-9
Jacobian: TypeAlias = Float[Array, "outputs inputs"]
Objective: TypeAlias = Callable[[Any, Key], Any]
"""Surrogate and key to a loss. A key draws the batch; an objective without batches ignores it."""


class ValueLoss(eqx.Module):
    """Mean squared error of the values, each output in units of its standard deviation.

    Args:
        labels: the data
        batch: samples drawn per step, with replacement; all of them when None

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0])
        >>> loss = nr.learning.ValueLoss(labels)
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
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
        >>> loss = nr.learning.DifferentialLoss(labels)
        >>> print(loss(lambda x: 2.0 * x, jax.random.key(0)), loss(lambda x: x, jax.random.key(0)))
        0.0 0.375
    """

    labels: Labels
    value_scale: Outputs
    gradient_scale: Jacobian
    batch: int | None = eqx.field(static=True)
    weight: float = eqx.field(static=True)

    def __init__(self, labels: Labels, batch: int | None = None, weight: float = 1.0) -> None:
        self.labels = labels
        self.value_scale = _spread(labels.value)
        self.gradient_scale = _sizes(labels)
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


class JointLoss(eqx.Module):
    r"""`DifferentialLoss` of a target, plus that of its companions with the differentials of one random mix of them.

    The first output is the target and counts as much as all others together. Of the others every sample shows one mix,
    each with a random sign over its standard deviation: the expected squared error of the mix's differentials is the sum of
    theirs, so that any number of companions costs one reverse sweep. Their derivative to each input is measured in units
    of its mean size over the companions.

    Args:
        labels: the data, with gradients; at least two outputs
        batch: samples drawn per step, with replacement; all of them when None
        weight: $\lambda$, of one derivative against the value

    Raises:
        ValueError: where the labels carry no gradients or a single output

    Source: Gomez Casanova et al. (2024), section 3.3, for joint learning; Huge and Savine (2020) for directional
    differentials of many outputs.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> values, slopes = [[0.0, 0.0], [2.0, 4.0]], [[[2.0], [4.0]], [[2.0], [4.0]]]
        >>> loss = nr.learning.JointLoss(nr.learning.Labels.from_arrays([[0.0], [1.0]], values, gradient=slopes))
        >>> half = lambda x: jnp.concatenate([x, 2.0 * x])
        >>> print(loss(lambda x: 2.0 * half(x), jax.random.key(0)), loss(half, jax.random.key(0)))
        0.0 0.75
    """

    labels: Labels
    value_scale: Outputs
    target_scale: Inputs
    mix_scale: Inputs
    batch: int | None = eqx.field(static=True)
    weight: float = eqx.field(static=True)

    def __init__(self, labels: Labels, batch: int | None = None, weight: float = 1.0) -> None:
        if labels.value.shape[1] < 2:
            raise ValueError(
                "Argument `labels` must have a target and companions: use DifferentialLoss."
            )
        self.labels = labels
        self.value_scale = _spread(labels.value)
        sizes = _sizes(labels)
        relative = sizes[1:] / self.value_scale[1:, None]
        mean_square = jnp.mean(jnp.where(jnp.isfinite(relative), relative, 0.0) ** 2, axis=0)
        self.target_scale = sizes[0]
        self.mix_scale = jnp.where(mean_square > 0.0, jnp.sqrt(mean_square), jnp.inf)
        self.batch = batch
        self.weight = weight

    def __call__(self, surrogate: Callable[[Inputs], Outputs], key: Key) -> Scalar:
        labels = _draw(self.labels, self.batch, key)
        signs = self.signs(key, len(labels))

        def miss(x: Inputs, label: Outputs, slope: Jacobian, sign: Signs) -> Scalar:
            value, pullback = jax.vjp(surrogate, x)
            return self.missed(value, lambda mix: pullback(mix)[0], label, slope, sign)

        misses = jax.vmap(miss)(labels.x, labels.value, as_array(labels.gradient), signs)
        return jnp.mean(misses) / (1.0 + self.weight * labels.x.shape[1])

    def signs(self, key: Key, count: int) -> Float[Array, "batch companions"]:
        """A random sign for each companion of each sample."""
        shape = (count, self.value_scale.shape[0] - 1)
        return jax.random.rademacher(jax.random.fold_in(key, 1), shape, dtype=jnp.float64)

    def missed(
        self,
        value: Outputs,
        slope: Callable[[Outputs], Inputs],
        label: Outputs,
        slopes: Jacobian,
        sign: Signs,
    ) -> Scalar:
        """Squared misses of one sample, weighted: of the target, and of the companions on average.

        Args:
            value: outputs predicted
            slope: weights of the outputs to the derivatives of that mix of them
            label: outputs wanted
            slopes: derivatives wanted
            sign: of each companion in the mix
        """
        mix = jnp.concatenate([jnp.zeros(1), sign / self.value_scale[1:]])
        target = jnp.zeros_like(mix).at[0].set(1.0)
        missed = ((value - label) / self.value_scale) ** 2
        of_target = jnp.sum(((slope(target) - slopes[0]) / self.target_scale) ** 2)
        of_mix = jnp.sum(((slope(mix) - mix @ slopes) / self.mix_scale) ** 2) / sign.shape[0]
        return missed[0] + jnp.mean(missed[1:]) + self.weight * (of_target + of_mix)


def _sizes(labels: Labels) -> Jacobian:
    """Root mean square of each derivative; infinite where it is zero throughout, which leaves it out.

    Zero to rounding: a standard deviation of the input moves the output by nothing next to its own spread.
    """
    if labels.gradient is None:
        raise ValueError("Argument `labels` must carry gradients, but has none: use ValueLoss.")
    size = jnp.sqrt(jnp.mean(labels.gradient**2, axis=0))
    relative = size * _spread(labels.x)[None, :] / _spread(labels.value)[:, None]
    return jnp.where(relative > _NOTHING, size, jnp.inf)


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
