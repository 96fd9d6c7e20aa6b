"""The normal model of the swap rate: how swaptions are quoted."""

import jax.numpy as jnp

from neuralrates.core.functions import normal_density, normal_distribution
from neuralrates.core.types import Scalar


def bachelier(
    forward: Scalar, strike: Scalar, normal_volatility: Scalar, expiry: Scalar, sign: Scalar
) -> Scalar:
    """Undiscounted value of an option on a normally distributed rate.

    Args:
        forward: expected rate, decimal
        strike: decimal
        normal_volatility: decimal per square root of year
        expiry: years
        sign: +1 for a call on the rate (payer), -1 for a put (receiver)

    Returns:
        Expected payoff, in the unit of the rate; multiply by the annuity for a swaption.

    Source: Bachelier (1900); Brigo and Mercurio (2006), appendix of chapter 1.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.pricers.gaussian.bachelier import bachelier
        >>> rate, one = jnp.asarray(0.03), jnp.asarray(1.0)
        >>> print(f"{bachelier(rate, rate, jnp.asarray(0.01), one, one):.8f}")
        0.00398942
    """
    deviation = normal_volatility * jnp.sqrt(expiry)
    safe = jnp.maximum(deviation, 1e-12)
    moneyness = sign * (forward - strike) / safe
    return safe * (moneyness * normal_distribution(moneyness) + normal_density(moneyness))
