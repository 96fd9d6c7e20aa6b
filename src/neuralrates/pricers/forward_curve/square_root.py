"""Options under the absorbed square-root law, integrated over its density."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from numpy.polynomial import chebyshev

from neuralrates.core.functions import polynomial
from neuralrates.core.types import Scalar, Times

_NODES, _WEIGHTS = (0.5 * a for a in np.polynomial.legendre.leggauss(32))
_REACH = 7.5
_SMALLEST, _LEAST_GROWTH = 1e-16, 1e-12
_TURN = 12.0


def square_root_ratio_call(log_ratio: Scalar, log_strike: Scalar, variance: Scalar) -> Scalar:
    """Expectation of $(e^X - k)^+$ where $e^X$ is a martingale and $dX = \\ldots + \\sqrt{X / x_0} dW$, absorbed at zero.

    X is the square-root process of constant elasticity one half; the drift $-X / 2 x_0$ makes its exponential a martingale.
    With $h = v / 2 x_0$, X is $c = (1 - e^{-h}) / 2$ times a chi-square of no degrees of freedom and non-centrality
    $x_0 e^{-h} / c$.

    Args:
        log_ratio: $x_0$, positive
        log_strike: log k, not negative
        variance: v, of X to first order

    Returns:
        Value per unit of the strike's currency, within 1e-13; at a strike of one it is $e^{x_0} - 1$. Variances below 2e-12 of
        $x_0^2$ are taken for that.

    Source: Cox (1996); Cox, Ingersoll and Ross (1985), equation 18.

    Example:
        >>> from neuralrates.pricers.forward_curve.square_root import square_root_ratio_call
        >>> print(f"{square_root_ratio_call(0.02, 0.025, 1e-4):.8f}")
        0.00220971
    """
    growth = jnp.maximum(0.5 * variance / log_ratio, _LEAST_GROWTH * log_ratio)
    unit = -0.5 * jnp.expm1(-growth)
    far = jnp.sqrt(log_ratio * jnp.exp(-growth) / unit)
    edge = jnp.sqrt(jnp.maximum(log_strike / unit, _SMALLEST))
    centre = far * jnp.exp(growth)
    steps, weights = _rule(edge - centre)
    gains = jnp.expm1(unit * (centre + steps - edge) * (centre + steps + edge))
    density = _length_density(steps + far * jnp.expm1(growth), far)
    return jnp.exp(log_strike) * jnp.sum(weights * gains * density)


def square_root_call(level: Scalar, strike: Scalar, variance: Scalar) -> Scalar:
    """Expectation of $(Y - k)^+$ where $dY = \\sqrt{Y / y_0} dW$ is absorbed at zero, with variance v.

    Y is $c = v / 4 y_0$ times a chi-square of no degrees of freedom and non-centrality $y_0 / c$.

    Args:
        level: $y_0$, positive
        strike: k, not negative
        variance: v, in the square of the level's unit, positive

    Returns:
        Expectation, in the level's unit, within 1e-13; the level itself at a strike of zero.

    Source: Cox (1996); Schroder (1989).

    Example:
        >>> from neuralrates.pricers.forward_curve.square_root import square_root_call
        >>> print(f"{square_root_call(0.04, 0.05, 4e-4):.8f}")
        0.00432113
    """
    return _call_and_probability(level, strike, variance)[0]


@jax.custom_jvp
def _call_and_probability(level: Scalar, strike: Scalar, variance: Scalar) -> tuple[Scalar, Scalar]:
    """The call, and the probability to end beyond the strike: minus its derivative to the strike."""
    unit = 0.25 * variance / level
    far = jnp.sqrt(level / unit)
    edge = jnp.sqrt(jnp.maximum(strike / unit, _SMALLEST))
    steps, weights = _rule(edge - far)
    density = weights * _length_density(steps, far)
    gains = (far + steps - edge) * (far + steps + edge)
    return unit * jnp.sum(gains * density), jnp.sum(density)


@_call_and_probability.defjvp
def _call_moves(
    point: tuple[Scalar, Scalar, Scalar], change: tuple[Scalar, Scalar, Scalar]
) -> tuple[tuple[Scalar, Scalar], tuple[Scalar, Scalar]]:
    """Derivatives in closed form: to the strike and the variance, and to the level since the law scales."""
    level, strike, variance = point
    call, probability = _call_and_probability(*point)
    density = square_root_density(*point)
    vega = 0.5 * strike / level * density
    twist = jax.grad(lambda k: 0.5 * k / level * square_root_density(level, k, variance))(strike)
    delta = (call + strike * probability - 2.0 * variance * vega) / level
    slope = (strike * density + 2.0 * variance * twist) / level
    return (call, probability), (
        delta * change[0] - probability * change[1] + vega * change[2],
        slope * change[0] - density * change[1] - twist * change[2],
    )


def square_root_density(level: Scalar, strike: Scalar, variance: Scalar) -> Scalar:
    """Density of the same Y at a positive strike; $\\partial_v$ of the call is $k / 2 y_0$ times it.

    Source: Cox (1996); Dupire (1994), for the derivative to the variance.
    """
    unit = 0.25 * variance / level
    far, at = jnp.sqrt(level / unit), jnp.sqrt(jnp.maximum(strike / unit, _SMALLEST))
    return 0.5 / (unit * at) * _length_density(at - far, far)


def _length_density(step: Scalar | Times, far: Scalar) -> Scalar | Times:
    """Density, a step beyond `far`, of the root of a chi-square of no degrees of freedom and non-centrality `far` squared."""
    end = far + step
    return jnp.where(end > 0.0, far * jnp.exp(-0.5 * step**2) * scaled_bessel(end * far), 0.0)


_PLACES = chebyshev.chebpts1(31)
_ARGUMENTS = _TURN * (1.0 + _PLACES) / (1.0 - _PLACES)
_SMOOTH = scipy.special.i1e(_ARGUMENTS) * (_ARGUMENTS + _TURN) ** 1.5 / _ARGUMENTS
_SERIES = chebyshev.cheb2poly(chebyshev.chebfit(_PLACES, _SMOOTH, 30)).tolist()
"""The Bessel function without its root and its power, as a polynomial in $(z - 12) / (z + 12)$."""


def scaled_bessel(argument: Scalar | Times) -> Scalar | Times:
    """$e^{-z} I_1(z)$ for z from zero up, within 2e-13 of its size: one polynomial for all z, a third of the usual work.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.pricers.forward_curve.square_root import scaled_bessel
        >>> z = jnp.geomspace(1e-6, 1e8, 10_000)
        >>> bool(jnp.all(jnp.abs(scaled_bessel(z) / jax.scipy.special.i1e(z) - 1.0) < 2e-13))
        True
    """
    share = 1.0 / (argument + _TURN)
    place = (argument - _TURN) * share
    return argument * share * jnp.sqrt(share) * polynomial(_SERIES, place)


def _rule(edge: Scalar) -> tuple[Times, Times]:
    """Gauss points and weights beyond an edge, as far from zero as matters."""
    high = jnp.maximum(edge, _REACH)
    low = jnp.clip(-_REACH, edge, high)
    return jnp.asarray(low + (high - low) * (_NODES + 0.5)), jnp.asarray((high - low) * _WEIGHTS)
