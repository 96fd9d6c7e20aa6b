"""An asset with stochastic variance: Heston."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex

from neuralrates.core.checks import as_array, check_above, check_finite, is_concrete
from neuralrates.core.doors import door
from neuralrates.core.types import Scalar


@door
class Heston(eqx.Module):
    """Asset over its forward, $dF = F \\sqrt{v} dW$, with $dv = \\kappa (\\theta - v) dt + \\xi \\sqrt{v} dB$.

    Not an `AbstractModel`: no interest rate moves in it; it is the law of one asset in units of the bond of its expiry, and
    its pricers take `ForwardCall`.

    Args:
        variance: variance rate now, $v_0$, per year
        reversion: speed of its return, $\\kappa$, per year
        long_variance: where it returns to, $\\theta$, per year
        volatility: its volatility, $\\xi$, per year
        correlation: with the asset, $dW dB = \\rho dt$

    Source: Heston (1993).

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.Heston(0.09, 2.0, 0.04, volatility=0.6, correlation=-0.7)
        >>> print(f"{model.average_variance(1.0):.4f}")
        0.0616
    """

    variance: Scalar = eqx.field(converter=as_array)
    reversion: Scalar = eqx.field(converter=as_array)
    long_variance: Scalar = eqx.field(converter=as_array)
    volatility: Scalar = eqx.field(converter=as_array)
    correlation: Scalar = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        for name in ("variance", "reversion", "long_variance", "volatility", "correlation"):
            check_finite(name, getattr(self, name))
        check_above("variance", self.variance, 0.0)
        check_above("reversion", self.reversion, 0.0, strict=True)
        check_above("long_variance", self.long_variance, 0.0)
        check_above("volatility", self.volatility, 0.0, strict=True)
        if is_concrete(self.correlation) and np.any(np.abs(self.correlation) > 1.0):
            raise ValueError(
                f"Argument `correlation` must be from -1 to 1, but is {np.asarray(self.correlation)}."
            )

    def average_variance(self, expiry: Scalar) -> Scalar:
        """Expected variance rate up to an expiry in years: $\\theta + (v_0 - \\theta) (1 - e^{-\\kappa T}) / (\\kappa T)$."""
        product = self.reversion * expiry
        gap = self.variance - self.long_variance
        return self.long_variance - gap * jnp.expm1(-product) / product

    def log_characteristic(self, u: Complex[Array, "..."], expiry: Scalar) -> Complex[Array, "..."]:
        """Logarithm of $E[e^{i u X}]$ for X the log of the asset over its forward, in the form that stays on one branch.

        Args:
            u: argument
            expiry: years

        Returns:
            The logarithm, continuous in u.

        Source: Heston (1993); the form is that of Albrecher, Mayer, Schoutens and Tistaert (2007), equation 2.
        """
        expiry, volatility = _complex(expiry), _complex(self.volatility)
        reversion, correlation = _complex(self.reversion), _complex(self.correlation)
        drift = reversion - 1j * correlation * volatility * u
        root = jnp.sqrt(drift * drift + volatility**2 * (u * u + 1j * u))
        # drift - root, free of cancellation
        less = -(volatility**2) * (u * u + 1j * u) / (drift + root)
        ratio = less / (drift + root)
        decay = jnp.exp(-root * expiry)
        together = less * expiry - 2.0 * jnp.log((1.0 - ratio * decay) / (1.0 - ratio))
        share = less * (1.0 - decay) / (1.0 - ratio * decay)
        long, now = _complex(self.long_variance), _complex(self.variance)
        return (reversion * long * together + now * share) / volatility**2


def _complex(value: Scalar) -> Complex[Array, ""]:
    return jnp.asarray(value, dtype=jnp.complex128)
