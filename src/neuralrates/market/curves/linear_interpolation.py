"""Piecewise-linear interpolation as a sum of hat functions: a matrix product, not a gather."""

import jax.numpy as jnp

from neuralrates.core.types import Nodes, Scalar


def linear_weights(nodes: Nodes, x: Scalar) -> Nodes:
    """Weight of each node in the linear interpolation at `x`, flat outside the nodes.

    The weight of node $x_j$ is $\\max(0, \\min((x - x_{j-1})/(x_j - x_{j-1}), (x_{j+1} - x)/(x_{j+1} - x_j)))$.

    Args:
        nodes: where values are known, strictly increasing
        x: where a value is wanted

    Returns:
        Weights that are non-negative and sum to one.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.market.curves.linear_interpolation import linear_weights
        >>> linear_weights(jnp.array([1.0, 2.0, 4.0]), jnp.array(3.0)).tolist()
        [0.0, 0.5, 0.5]
    """
    if nodes.shape[0] == 1:
        return jnp.ones(1)
    x = jnp.clip(x, nodes[0], nodes[-1])
    width = jnp.diff(nodes)
    one = jnp.ones(1)
    rising = jnp.concatenate([one, (x - nodes[:-1]) / width])
    falling = jnp.concatenate([(nodes[1:] - x) / width, one])
    return jnp.maximum(0.0, jnp.minimum(rising, falling))
