"""Parametric curves of Nelson and Siegel, and of Svensson."""

import equinox as eqx
import jax.numpy as jnp

from neuralrates.core.checks import as_array, check_above, check_decimal, check_finite
from neuralrates.core.doors import door
from neuralrates.core.functions import decay_integral
from neuralrates.core.types import Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve


def _slope_exponent(time: Scalar, tau: Scalar) -> Scalar:
    """Integral to `time` of $e^{-s/\\tau}$."""
    return decay_integral(1.0 / tau, time)


def _hump_exponent(time: Scalar, tau: Scalar) -> Scalar:
    """Integral to `time` of $(s/\\tau) e^{-s/\\tau}$."""
    return decay_integral(1.0 / tau, time) - time * jnp.exp(-time / tau)


@door
class NelsonSiegel(AbstractDiscountCurve):
    """Curve with forward rate $\\beta_0 + \\beta_1 e^{-t/\\tau} + \\beta_2 (t/\\tau) e^{-t/\\tau}$.

    Args:
        beta0: long rate, decimal per year
        beta1: short rate minus long rate
        beta2: hump
        tau: decay time in years, positive

    Source: Nelson and Siegel (1987), equation 2.

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.NelsonSiegel(0.03, -0.01, 0.01, 2.0)
        >>> print(f"{curve.zero_rate(10.0):.6f}")
        0.029933
    """

    beta0: Scalar = eqx.field(converter=as_array)
    beta1: Scalar = eqx.field(converter=as_array)
    beta2: Scalar = eqx.field(converter=as_array)
    tau: Scalar = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        for name in ("beta0", "beta1", "beta2"):
            check_finite(name, getattr(self, name))
            check_decimal(name, getattr(self, name))
        check_above("tau", self.tau, 0.0, strict=True)

    def discount_factor(self, time: Scalar) -> Scalar:
        exponent = (
            self.beta0 * time
            + self.beta1 * _slope_exponent(time, self.tau)
            + self.beta2 * _hump_exponent(time, self.tau)
        )
        return jnp.exp(-exponent)


@door
class Svensson(AbstractDiscountCurve):
    """Nelson-Siegel curve with a second hump, $\\beta_3 (t/\\tau_2) e^{-t/\\tau_2}$ in the forward rate.

    Args:
        beta0: long rate, decimal per year
        beta1: short rate minus long rate
        beta2: first hump
        beta3: second hump
        tau1: first decay time in years, positive
        tau2: second decay time in years, positive

    Source: Svensson (1994), equation 21; Gurkaynak, Sack and Wright (2007), equation 22.

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.Svensson(0.03, -0.01, 0.01, -0.02, 2.0, 10.0)
        >>> print(f"{curve.zero_rate(10.0):.6f}")
        0.024648
    """

    beta0: Scalar = eqx.field(converter=as_array)
    beta1: Scalar = eqx.field(converter=as_array)
    beta2: Scalar = eqx.field(converter=as_array)
    beta3: Scalar = eqx.field(converter=as_array)
    tau1: Scalar = eqx.field(converter=as_array)
    tau2: Scalar = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        for name in ("beta0", "beta1", "beta2", "beta3"):
            check_finite(name, getattr(self, name))
            check_decimal(name, getattr(self, name))
        check_above("tau1", self.tau1, 0.0, strict=True)
        check_above("tau2", self.tau2, 0.0, strict=True)

    def discount_factor(self, time: Scalar) -> Scalar:
        exponent = (
            self.beta0 * time
            + self.beta1 * _slope_exponent(time, self.tau1)
            + self.beta2 * _hump_exponent(time, self.tau1)
            + self.beta3 * _hump_exponent(time, self.tau2)
        )
        return jnp.exp(-exponent)
