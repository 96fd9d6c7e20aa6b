"""Lognormal volatilities said as normal ones."""

import numpy as np
from scipy.special import ndtr


def normal_from_lognormal(
    forwards: np.ndarray, expiries: np.ndarray, lognormal_volatility: np.ndarray
) -> np.ndarray:
    """Normal volatility with the same price at the money as a lognormal one.

    At the money Black's price is $A F (2 \\Phi(\\sigma \\sqrt{T} / 2) - 1)$ and Bachelier's is
    $A \\sigma_N \\sqrt{T / 2 \\pi}$, so the conversion is exact.

    Args:
        forwards: forward swap rates, decimals, positive
        expiries: years, one per row
        lognormal_volatility: per square root of year, such as 0.2

    Returns:
        Normal volatilities, decimals per square root of year.

    Source: Black (1976), equation 16; Bachelier (1900).

    Example:
        >>> import numpy as np
        >>> from neuralrates.market.lognormal import normal_from_lognormal
        >>> one = normal_from_lognormal(np.array([[0.03]]), np.array([1.0]), np.array([[0.2]]))
        >>> print(f"{one[0, 0]:.6f}")
        0.005990
    """
    if np.any(forwards <= 0.0):
        raise ValueError(
            "Argument `forwards` must be positive for lognormal volatilities, but reaches "
            f"{float(np.min(forwards)):.6f}."
        )
    times = expiries[:, None]
    price = forwards * (2.0 * ndtr(lognormal_volatility * np.sqrt(times) / 2) - 1.0)
    return price * np.sqrt(2.0 * np.pi / times)
