"""Lognormal volatilities said as normal ones."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import normal_distribution

Matrix = Float[Array, "expiries tenors"]


def normal_from_lognormal(
    forwards: Matrix, expiries: Float[Array, "expiries"], lognormal_volatility: Matrix
) -> Matrix:
    """Normal volatility with the same price at the money as a lognormal one.

    At the money Black's price is $A F (2 \\Phi(\\sigma \\sqrt{T} / 2) - 1)$ and Bachelier's is
    $A \\sigma_N \\sqrt{T / 2 \\pi}$, so the conversion is exact.

    Args:
        forwards: forward swap rates, decimals, positive
        expiries: years
        lognormal_volatility: per square root of year, such as 0.2

    Returns:
        Normal volatilities, decimals per square root of year.

    Source: Black (1976), equation 16; Bachelier (1900).

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.market.lognormal import normal_from_lognormal
        >>> one = normal_from_lognormal(jnp.array([[0.03]]), jnp.array([1.0]), jnp.array([[0.2]]))
        >>> print(f"{one[0, 0]:.6f}")
        0.005990
    """
    if jnp.any(forwards <= 0.0):
        raise ValueError(
            "Argument `forwards` must be positive for lognormal volatilities, but reaches "
            f"{float(jnp.min(forwards)):.6f}."
        )
    times = expiries[:, None]
    price = forwards * (2.0 * normal_distribution(lognormal_volatility * jnp.sqrt(times) / 2) - 1.0)
    return price * jnp.sqrt(2.0 * jnp.pi / times)
