"""The lognormal model of an asset's forward."""

import jax.numpy as jnp

from neuralrates.core.functions import normal_distribution
from neuralrates.core.types import Scalar


def black_call(log_moneyness: Scalar, deviation: Scalar) -> Scalar:
    """Call on a lognormal asset, undiscounted and per unit of the forward.

    Args:
        log_moneyness: log of strike over forward
        deviation: standard deviation of the log at expiry, positive

    Returns:
        Price; put-call parity gives the put, this less one plus strike over forward.

    Source: Black (1976).

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.pricers.black_scholes import black_call
        >>> print(f"{black_call(jnp.asarray(0.0), jnp.asarray(0.2)):.6f}")
        0.079656
    """
    distance = -log_moneyness / deviation + 0.5 * deviation
    strike = jnp.exp(log_moneyness)
    return normal_distribution(distance) - strike * normal_distribution(distance - deviation)
