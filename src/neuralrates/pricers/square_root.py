"""Options on a bond ratio whose logarithm follows an absorbed square-root law."""

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.core.types import Scalar

_NODES, _WEIGHTS = (jnp.asarray(0.5 * a) for a in np.polynomial.legendre.leggauss(64))
_REACH = 9.0
_SMALLEST = 1e-16


def chi_square_distribution(x: Scalar, noncentrality: Scalar) -> Scalar:
    """Distribution function of the non-central chi-square law with two degrees of freedom.

    It is that of the squared length of two unit normals about a point at distance $\\sqrt\\lambda$: a Gauss rule of 64 points
    over the density of the length, within nine deviations.

    Args:
        x: where, positive
        noncentrality: $\\lambda$, not negative

    Returns:
        Probability, within 1e-13 where neither argument exceeds 1e4; beyond, rounding grows with their square root.

    Source: Johnson, Kotz and Balakrishnan (1995), chapter 29.

    Example:
        >>> from neuralrates.pricers.square_root import chi_square_distribution
        >>> print(f"{chi_square_distribution(3.0, 2.0):.10f}")
        0.4879456833
    """
    centre = jnp.sqrt(jnp.maximum(noncentrality, _SMALLEST))
    low = jnp.maximum(centre - _REACH, 0.0)
    high = jnp.clip(jnp.sqrt(jnp.maximum(x, _SMALLEST)), low, centre + _REACH)
    lengths = low + (high - low) * (_NODES + 0.5)
    bessel = jax.scipy.special.i0e(lengths * centre)
    return (high - low) * jnp.sum(
        _WEIGHTS * lengths * jnp.exp(-0.5 * (lengths - centre) ** 2) * bessel
    )


def square_root_ratio_call(log_ratio: Scalar, log_strike: Scalar, variance: Scalar) -> Scalar:
    """Expectation of $(e^X - k)^+$ where $e^X$ is a martingale and $dX = \\ldots + \\sqrt{X / x_0} dW$, absorbed at zero.

    X is the square-root process of constant elasticity one half; the drift $-X / 2 x_0$ makes its exponential a martingale.
    With $h = v / 2 x_0$, X is $c_\\pm = |e^{\\pm h} - 1| / 2$ times a chi-square of no degrees of freedom and non-centrality
    $\\lambda_\\pm = x_0 e^{\\pm h} / c_\\pm$: the upper sign in units of $e^X$, the lower in units of money. Its probability of
    exceeding x is the distribution function of two degrees of freedom at $\\lambda$ with x as non-centrality.

    Args:
        log_ratio: $x_0$, positive
        log_strike: log k, not negative
        variance: v, of X to first order

    Returns:
        Value per unit of the strike's currency, within 1e-12 for variances above 4e-4 of $x_0^2$ and 1e-9 below; at a strike
        of one it is $e^{x_0} - 1$.

    Source: Cox (1996); Cox, Ingersoll and Ross (1985), equation 18; Schroder (1989).

    Example:
        >>> from neuralrates.pricers.square_root import square_root_ratio_call
        >>> print(f"{square_root_ratio_call(0.02, 0.025, 1e-4):.8f}")
        0.00220971
    """
    growth = jnp.maximum(0.5 * variance / log_ratio, _SMALLEST * log_ratio)

    def exceeds(power: Scalar) -> Scalar:
        step = 0.5 * jnp.abs(jnp.expm1(power))
        return chi_square_distribution(log_ratio * jnp.exp(power) / step, log_strike / step)

    return jnp.exp(log_ratio) * exceeds(growth) - jnp.exp(log_strike) * exceeds(-growth)
