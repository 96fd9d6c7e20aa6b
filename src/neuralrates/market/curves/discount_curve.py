"""Discount curves: one method to implement, the rates follow from it."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp

from neuralrates.core.checks import as_array, check_decimal, check_finite
from neuralrates.core.doors import door
from neuralrates.core.types import Scalar


class AbstractDiscountCurve(eqx.Module):
    """Discount factors as a smooth function of time in years from the valuation date.

    A subclass gives `discount_factor`; every rate is derived from it. Curves are immutable pytrees: differentiate any
    price with respect to a curve's leaves to get its deltas.
    """

    @abc.abstractmethod
    def discount_factor(self, time: Scalar) -> Scalar:
        """Price today of one unit of currency paid at `time` (years)."""

    def zero_rate(self, time: Scalar) -> Scalar:
        """Continuously compounded zero rate, $-\\log D(t) / t$ (per year), and its limit at time zero."""
        safe = jnp.where(time == 0.0, 1e-6, time)
        return -jnp.log(self.discount_factor(safe)) / safe

    def instantaneous_forward_rate(self, time: Scalar) -> Scalar:
        """Instantaneous forward rate, $-d \\log D(t) / dt$ (per year)."""
        return -jax.grad(lambda t: jnp.log(self.discount_factor(t)))(as_array(time))

    def instantaneous_forward_slope(self, time: Scalar) -> Scalar:
        """Derivative of the instantaneous forward rate in time, $-d^2 \\log D(t) / dt^2$ (per year squared)."""
        return jax.grad(self.instantaneous_forward_rate)(as_array(time))

    def forward_rate(self, start: Scalar, end: Scalar) -> Scalar:
        """Simply compounded forward rate over [start, end], $(D(s)/D(e) - 1) / (e - s)$ (per year)."""
        return (self.discount_factor(start) / self.discount_factor(end) - 1.0) / (end - start)


@door
class FlatCurve(AbstractDiscountCurve):
    """Curve with one continuously compounded zero rate.

    Args:
        rate: zero rate, decimal per year

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.FlatCurve(0.03)
        >>> print(f"{curve.discount_factor(2.0):.6f}")
        0.941765
    """

    rate: Scalar = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        check_finite("rate", self.rate)
        check_decimal("rate", self.rate)

    def discount_factor(self, time: Scalar) -> Scalar:
        return jnp.exp(-self.rate * time)
