"""Layers that carry, beside a value, its slopes in some directions and a second-order operator on it."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.surrogates.networks.network import Dense
from neuralrates.surrogates.scaling import Scaling


class ForwardLaplacian(eqx.Module):
    """A batch of values with $s_j' D$ in each of several directions, and $L = b' D + \\frac12 \\sum_j s_j' D^2 s_j$.

    An affine layer acts on all of them alike, in one product of matrices; through an elementwise function L turns into
    $\\varphi' L z + \\frac12 \\varphi'' \\sum_j (s_j' D z)^2$. One operator costs one pass of as many rows as there are
    directions and two, and never a matrix of second derivatives.

    Args:
        value: of what has been computed so far; rows beyond those of the operator are carried as values alone
        slopes: along each direction
        operator: L of it

    Source: Li, Ye, Jiang and others (2024), for the pass of a Laplacian.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.surrogates.networks.forward_laplacian import ForwardLaplacian
        >>> x, drift, loading = jnp.array([[1.0]]), jnp.array([[3.0]]), jnp.array([[[2.0]]])
        >>> print(ForwardLaplacian(x, loading, drift).through(jnp.square).operator)  # 3 * 2x + 4 * 2 / 2
        [[10.]]
    """

    value: Float[Array, "samples states"]
    slopes: Float[Array, "factors batch states"]
    operator: Float[Array, "batch states"]

    def scaled(self, scaling: Scaling) -> "ForwardLaplacian":
        """What is carried, in the units of a scaling."""
        shift, scale = scaling.shift[None, :], scaling.scale[None, :]
        slopes = self.slopes / scale[None, :, :]
        return ForwardLaplacian((self.value - shift) / scale, slopes, self.operator / scale)

    def affine(self, layer: Dense) -> "ForwardLaplacian":
        """What is carried past an affine layer."""
        factors, batch, states = self.slopes.shape
        rows = [self.value, self.slopes.reshape(factors * batch, states), self.operator]
        moved = jnp.concatenate(rows) @ layer.weight.T
        number = self.value.shape[0]
        value, slopes, operator = jnp.split(moved, [number, number + factors * batch])
        slopes = slopes.reshape(factors, batch, layer.bias.shape[0])
        return ForwardLaplacian(value + layer.bias[None, :], slopes, operator)

    def through(self, function: Callable[[Array], Array]) -> "ForwardLaplacian":
        """What is carried past an elementwise function that is twice differentiable."""
        batch = self.operator.shape[0]
        ones = jnp.ones_like(self.operator)

        def with_slope(z: Array) -> tuple[Array, Array]:
            return jax.jvp(function, (z,), (ones,))

        (value, slope), (_, curvature) = jax.jvp(with_slope, (self.value[:batch],), (ones,))
        value = jnp.concatenate([value, function(self.value[batch:])])
        bent = 0.5 * curvature * jnp.sum(self.slopes**2, axis=0)
        return ForwardLaplacian(
            value, slope[None, :, :] * self.slopes, slope * self.operator + bent
        )
