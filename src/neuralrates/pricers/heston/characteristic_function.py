"""European options under stochastic variance, by one integral over the characteristic function."""

import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from neuralrates.core.types import Scalar, Times
from neuralrates.models.heston import Heston
from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.forward_call import ForwardCall

_NODES, _WEIGHTS = (0.5 * a for a in np.polynomial.legendre.leggauss(96))
_NEGLIGIBLE = 40.0
_SLOPE = math.tan(math.pi / 12.0)
_HALVINGS = 40
_ERROR = 1e-8
_NARROWEST, _WIDEST = 1e-3, 1e5


class HestonCall(AbstractPricer):
    """European calls on an asset with stochastic variance, by one integral over the characteristic function.

    `error` is the largest that was found for expiries from a week to five years, variances of 0.005 to 0.5, reversions of 0.3
    to 10, volatilities of 0.1 to 2.5, correlations of -0.95 to 0.7 and strikes within four deviations.

    Source: Heston (1993); Lewis (2000), equation 3.11; see `heston_call`.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
        >>> price = nr.pricers.HestonCall()(model, nr.products.ForwardCall(log_moneyness=0.0, expiry=1.0))
        >>> print(f"{price.value:.6f} {price.error:.0e}")
        0.075403 1e-08
    """

    @eqx.filter_jit
    def __call__(self, model: Heston, product: ForwardCall) -> Price:
        value = heston_call(model, product.log_moneyness, product.expiry)
        return Price(value, jnp.full((), _ERROR))

    def order(self) -> float | None:
        return None


def heston_call(model: Heston, log_moneyness: Scalar, expiry: Scalar) -> Scalar:
    """Call on an asset with stochastic variance, undiscounted and per unit of the forward.

    The integral is that of the difference from the Black-Scholes price at the expected average variance. Its path leaves
    the real axis to the side on which the integrand falls faster and ends where it is negligible; nodes are denser near zero.

    Args:
        model: of the asset
        log_moneyness: log of strike over forward
        expiry: years, positive

    Returns:
        Price; within 1e-8 for expiries from a week to five years, variances of 0.005 to 0.5, reversions of 0.3 to 10,
        volatilities of 0.1 to 2.5, correlations of -0.95 to 0.7 and strikes within four deviations.

    Source: Heston (1993); Lewis (2000), equation 3.11, for the integral; Andersen and Lake (2018), section 5, for its path.

    Example:
        >>> import jax, neuralrates as nr
        >>> model = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
        >>> from neuralrates.pricers.heston.characteristic_function import heston_call
        >>> print(f"{jax.jit(heston_call)(model, 0.0, 1.0):.6f}")
        0.075403
    """
    total = expiry * model.average_variance(expiry)
    tilt = _tilt(model, log_moneyness, expiry)

    def path(x: Float[Array, "..."]) -> Complex[Array, "..."]:
        return jax.lax.complex(x, tilt * x)

    def exponent(x: Float[Array, "..."]) -> Complex[Array, "..."]:
        v = path(x)
        return model.log_characteristic(v - 0.5j, expiry) - 1j * _complex(log_moneyness) * v

    def plain(x: Float[Array, "..."]) -> Complex[Array, "..."]:
        v = path(x)
        return -_complex(0.5 * total) * (v * v + 0.25) - 1j * _complex(log_moneyness) * v

    width, end = _where_it_falls_by(exponent, jnp.array([1.0, _NEGLIGIBLE]))
    bend, lean = 0.5 * total * (1.0 - tilt**2), log_moneyness * tilt
    end_of_plain = (lean + jnp.sqrt(lean**2 + 4.0 * _NEGLIGIBLE * bend)) / (2.0 * bend)
    width, end = map(jax.lax.stop_gradient, (width, jnp.maximum(end, end_of_plain)))
    reach = jnp.arcsinh(end / width)
    y = reach * (_NODES + 0.5)
    x = width * jnp.sinh(y)
    weights = reach * _WEIGHTS * width * jnp.cosh(y)
    v, turn = path(x), 1.0 + 1j * _complex(tilt)
    terms = turn * (jnp.exp(exponent(x)) - jnp.exp(plain(x))) / (v * v + 0.25)
    difference = jnp.sum(weights * terms.real)
    return black_call(log_moneyness, jnp.sqrt(total)) - (
        jnp.exp(0.5 * log_moneyness) / jnp.pi * difference
    )


def _complex(value: Scalar) -> Complex[Array, ""]:
    return jnp.asarray(value, dtype=jnp.complex128)


def _tilt(model: Heston, log_moneyness: Scalar, expiry: Scalar) -> Scalar:
    """Slope of the path of integration at which the integrand falls faster and turns more slowly."""
    decay = (model.variance + model.reversion * model.long_variance * expiry) / model.volatility
    turns = jax.lax.stop_gradient(log_moneyness + model.correlation * decay)
    return -_SLOPE * jnp.sign(turns)


def _where_it_falls_by(
    exponent: Callable[[Float[Array, "times"]], Complex[Array, "times"]],
    amounts: Float[Array, "times"],
) -> Float[Array, "times"]:
    """Arguments at which the real part has fallen so far from its value at zero, by halving in the logarithm."""
    levels = exponent(jnp.zeros_like(amounts)).real - amounts

    def halve(_: Any, ends: tuple[Times, Times]) -> tuple[Times, Times]:
        low, high = ends
        middle = 0.5 * (low + high)
        above = exponent(jnp.exp(middle)).real > levels
        return jnp.where(above, middle, low), jnp.where(above, high, middle)

    first = (
        jnp.full_like(amounts, math.log(_NARROWEST)),
        jnp.full_like(amounts, math.log(_WIDEST)),
    )
    return jnp.exp(jax.lax.fori_loop(0, _HALVINGS, halve, first)[1])
