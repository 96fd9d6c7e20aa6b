r"""Lognormal volatilities in normal terms, at the strike of each use.

Out of the money an option's value grows with its deviation by the density at the strike, so that both models are integrals.
With forward $F$, strike $K$, $x = |\log(K / F)|$ and $r = \sinh(x / 2) / (x / 2)$ Black's value at a deviation $v$ is
$\sqrt{F K} \int_0^v \varphi(x / w) e^{-w^2 / 8} dw$, and Bachelier's at a deviation $\sqrt{F K}\, r z$ is
$\sqrt{F K}\, r \int_0^z \varphi(x / w) dw$. The two agree at a $z$ close to $v$, found in the logarithm of their ratio, where
nothing underflows however far the strike.

Source: Black (1976), equation 16; Bachelier (1900); Grunspan (2011), "A note on the equivalence between the normal and the
lognormal implied volatility", for the integrals; Jaeckel (2017), "Implied normal volatility", for Halley steps in log-prices.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erfcx

from neuralrates.core.types import Scalar

_STEPS = 4
_SMALLEST_DEVIATION = 1e-8
_FAR, _SMALL, _NEAR = 50.0, 1.0, 0.1
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def normal_from_lognormal(
    forward: Scalar, strike: Scalar, lognormal_volatility: Scalar, expiry: Scalar
) -> Scalar:
    """Normal volatility with the same price as a lognormal one; of shifted quotes, add the shift to forward and strike.

    Args:
        forward: swap rate, decimal, positive
        strike: decimal; at or below zero the option is worth its intrinsic value, a normal volatility of zero
        lognormal_volatility: per square root of year, such as 0.2
        expiry: years

    Returns:
        Normal volatility, decimal per square root of year, within a relative 1e-12; NaN where the forward is not positive.
        Differentiable in all four; linear in the volatility near zero.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.market.volatility.lognormal import normal_from_lognormal
        >>> rates = jnp.array([0.03, 0.05])
        >>> one = normal_from_lognormal(rates[0], rates[1], jnp.array(0.3), jnp.array(5.0))
        >>> print(f"{one:.6f}")
        0.011530
    """
    defined = (forward > 0.0) & (strike > 0.0)
    forward, below = jnp.where(forward > 0.0, forward, jnp.nan), strike <= 0.0
    level, other = jnp.where(defined, forward, 1.0), jnp.where(defined, strike, 1.0)
    distance = jnp.abs(jnp.log1p((other - level) / level))
    root = jnp.sqrt(jnp.maximum(expiry, _SMALLEST_DEVIATION**2))
    deviation = jnp.maximum(lognormal_volatility * root, _SMALLEST_DEVIATION)
    ratio = jnp.exp(_log_ratio(distance, deviation) + _log_sinhc(distance))
    found = lognormal_volatility * jnp.sqrt(level * other) * ratio
    return jnp.where(defined, found, jnp.where(below, 0.0 * forward, jnp.nan))


@jax.custom_jvp
def _log_ratio(distance: Scalar, deviation: Scalar) -> Scalar:
    """Logarithm of z / v, by Halley's method from its limit for small deviations."""
    h, excess = distance / deviation, _log_sinhc(distance)
    target = excess - jnp.log(_black(h, deviation))

    def improve(_: object, log_ratio: Scalar) -> Scalar:
        y = h * jnp.exp(-log_ratio)
        value, mills = _bachelier(y), _mills(y)
        slope = (y * value - mills) * y / value
        step = value * (
            target + log_ratio - 0.5 * h * h * jnp.expm1(-2.0 * log_ratio) + jnp.log(value)
        )
        return log_ratio - step / jnp.maximum(1.0 - 0.5 * step * slope, 0.5)

    return jax.lax.fori_loop(0, _STEPS, improve, -0.5 * jnp.log1p(deviation**2 / 12.0))


@_log_ratio.defjvp
def _log_ratio_jvp(primals: tuple[Scalar, Scalar], tangents: tuple[Scalar, Scalar]) -> tuple:
    (distance, deviation), (d_distance, d_deviation) = primals, tangents
    log_ratio = _log_ratio(distance, deviation)
    h = distance / deviation
    y = h * jnp.exp(-log_ratio)
    value, damping = _bachelier(y), jnp.exp(-(deviation**2) / 8.0) / _black(h, deviation)
    both = _mills(h - 0.5 * deviation) + _mills(h + 0.5 * deviation)
    to_deviation = (value * damping - 1.0) / deviation
    to_distance = (_mills(y) * jnp.exp(-log_ratio) - 0.5 * value * damping * both) / deviation
    to_distance = to_distance - value * jax.grad(_log_sinhc)(distance)
    return log_ratio, to_distance * d_distance + to_deviation * d_deviation


def _log_sinhc(x: Scalar) -> Scalar:
    """Logarithm of sinh(x / 2) / (x / 2)."""
    near = x < _NEAR
    safe = jnp.where(near, 1.0, x)
    half = (0.5 * x) ** 2
    series = half / 6.0 * (1.0 + half / 20.0 * (1.0 + half / 42.0 * (1.0 + half / 72.0)))
    return jnp.where(near, jnp.log1p(series), 0.5 * safe + jnp.log(-jnp.expm1(-safe) / safe))


def _mills(y: Scalar) -> Scalar:
    """Mills' ratio, of the upper tail of the normal law to its density."""
    return jnp.sqrt(0.5 * jnp.pi) * erfcx(y / jnp.sqrt(2.0))


def _bachelier(y: Scalar) -> Scalar:
    """Value of a normal option over deviation and density, y deviations out of the money: 1 - y times Mills' ratio."""
    far = y > _FAR
    near = jnp.where(far, 0.0, y)
    u = 1.0 / jnp.where(far, y, _FAR) ** 2
    series = u * (1.0 - 3.0 * u * (1.0 - 5.0 * u * (1.0 - 7.0 * u * (1.0 - 9.0 * u))))
    return jnp.where(far, series, 1.0 - near * _mills(near))


def _black(h: Scalar, deviation: Scalar) -> Scalar:
    """Value of Black's option over sqrt(F K), deviation and density at h: a mean of `_bachelier` over [h - v/2, h + v/2]."""
    small = deviation < _SMALL
    width = jnp.where(small, deviation, _SMALL)
    nodes = [
        0.5 * float(w) * _bachelier(h + 0.5 * float(n) * width)
        for n, w in zip(_NODES, _WEIGHTS, strict=True)
    ]
    wide = jnp.where(small, _SMALL, deviation)
    difference = (_mills(h - 0.5 * wide) - _mills(h + 0.5 * wide)) / wide
    return jnp.exp(-(deviation**2) / 8.0) * jnp.where(small, sum(nodes), difference)
