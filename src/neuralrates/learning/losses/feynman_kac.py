"""Pricing equations as an objective: what a function misses of solving one, and of the values it is known to have."""

from collections.abc import Callable
from typing import Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key, Scalar

Batch: TypeAlias = Float[Array, "batch inputs"]
Values: TypeAlias = Float[Array, "batch"]


class Flow(eqx.Module):
    """Points inside the domain, and how the inputs move there under the pricing measure.

    Args:
        x: the points
        drift: of each input per year; that of a time to expiry is -1, that of a term of the contract is 0
        loadings: volatility of each input per square root of year, by factor
        rate: what is earned on the price, per year
    """

    x: Batch
    drift: Batch
    loadings: Float[Array, "factors batch inputs"]
    rate: Values


class Known(eqx.Module):
    """Points where the value is known.

    Args:
        x: the points
        value: there
    """

    x: Float[Array, "samples inputs"]
    value: Float[Array, "samples"]


class Points(eqx.Module):
    """One draw of everything that an objective looks at.

    Args:
        interior: where the pricing equation has to hold
        terminal: points at expiry
        known: points of another condition, such as a closed form of a special case
    """

    interior: Flow
    terminal: Batch
    known: Known


GeneratorValues: TypeAlias = tuple[Float[Array, "samples"], Values]
Operator: TypeAlias = Callable[[Any, Flow, Float[Array, "_ inputs"]], GeneratorValues]
"""Function, flow and further points to the values at all of them, and to drift and diffusion of those in the flow."""


def apply_generator(
    function: Callable[[Inputs], Any], flow: Flow, further: Float[Array, "_ inputs"]
) -> GeneratorValues:
    """Values of a function, and $b' D V + \\frac12 \\sum_j s_j' D^2 V s_j$, by tangents of tangents.

    Args:
        function: a point to one value; its first output counts
        flow: points where the operator is wanted
        further: points where the value is wanted

    Returns:
        Values, those of the flow first, and the operator on these per year. No second derivative is formed but along the
        loadings.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.learning import Flow, apply_generator
        >>> flow = Flow(jnp.ones((1, 1)), 3.0 * jnp.ones((1, 1)), 2.0 * jnp.ones((1, 1, 1)), jnp.zeros(1))
        >>> print(apply_generator(lambda x: x**2, flow, flow.x[:0])[1])
        [10.]
    """

    def one(x: Inputs, drift: Inputs, loadings: Float[Array, "factors inputs"]) -> Any:
        def along(direction: Inputs) -> Callable[[Inputs], Any]:
            return lambda y: jax.jvp(lambda z: function(z)[0], (y,), (direction,))

        def curvature(loading: Inputs) -> Scalar:
            return jax.jvp(lambda y: along(loading)(y)[1], (x,), (loading,))[1]

        value, slope = along(drift)(x)
        return value, slope + 0.5 * jnp.sum(jax.vmap(curvature)(loadings))

    value, moved = jax.vmap(one, in_axes=(0, 0, 1))(flow.x, flow.drift, flow.loadings)
    return jnp.concatenate([value, jax.vmap(lambda x: function(x)[0])(further)]), moved


class FeynmanKacLoss(eqx.Module):
    """Mean squares of what a function misses: the pricing equation, the value at expiry and values known besides.

    The equation is $b' D V + \\frac12 \\sum_j s_j' D^2 V s_j = r V$, with the time to expiry among the inputs that drift.
    Every call draws afresh. The value at expiry is a function of the point, so that it may be a payoff, or the larger of
    exercise and the next value of a backward sequence.

    Args:
        draw: key and number to points; the points of `known` may be fewer
        terminal: point at expiry to the value there
        batch: points per call; the sum over the known ones is divided by it too
        weights: of the three parts
        operator: how drift and diffusion of the values are found

    Source: Karatzas and Shreve (1991), theorem 5.7.6, for the equation; Mott (2026), equations 38 and 42.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.learning import FeynmanKacLoss, Flow, Known, Points
        >>> def draw(key, number):  # inputs: state of unit volatility, time to expiry
        ...     state, time = jax.random.normal(key, (2, number), dtype=float)
        ...     x, zeros = jnp.stack([state, time**2], axis=1), jnp.zeros((number, 2))
        ...     flow = Flow(x, zeros.at[:, 1].set(-1.0), zeros.at[:, 0].set(1.0)[None], jnp.zeros(number))
        ...     return Points(flow, x.at[:, 1].set(0.0), Known(x[:0], state[:0]))
        >>> loss = FeynmanKacLoss(draw, lambda x: x[0] ** 2, 100)
        >>> print(loss(lambda x: x[:1] ** 2 + x[1:], jax.random.key(0)))  # the square has grown by the time left
        0.0
    """

    draw: Callable[[Key, int], Points]
    terminal: Callable[[Inputs], Scalar]
    batch: int = eqx.field(static=True)
    weights: tuple[float, float, float] = eqx.field(static=True, default=(1.0, 1.0, 1.0))
    operator: Operator = eqx.field(static=True, default=apply_generator)

    def __call__(self, surrogate: Any, key: Key) -> Scalar:
        parts = self.parts(surrogate, key)
        return sum(weight * part for weight, part in zip(self.weights, parts, strict=True))

    def parts(self, surrogate: Any, key: Key) -> tuple[Scalar, Scalar, Scalar]:
        """Mean squares of the pricing equation, of the value at expiry and of the known values."""
        points = self.draw(key, self.batch)
        flow, known = points.interior, points.known
        further = jnp.concatenate([points.terminal, known.x])
        value, moved = self.operator(surrogate, flow, further)
        inside, at_expiry, besides = jnp.split(value, [self.batch, 2 * self.batch])
        return (
            self._mean(moved - flow.rate * inside),
            self._mean(at_expiry - jax.vmap(self.terminal)(points.terminal)),
            self._mean(besides - known.value),
        )

    def _mean(self, residual: Float[Array, "_"]) -> Scalar:
        return jnp.sum(residual**2) / self.batch
