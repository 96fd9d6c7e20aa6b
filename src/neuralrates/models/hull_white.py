"""One-factor Gaussian short-rate model: Hull-White, equal to LGM and to G1++."""

import jax
import jax.numpy as jnp

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_decimal,
    check_finite,
    check_increasing,
)
from neuralrates.core.doors import door
from neuralrates.core.functions import decay_integral
from neuralrates.core.types import ArrayLike, Scalar, Times
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.model import AbstractModel


@door
class HullWhite(AbstractModel):
    """Short rate $dr = (\\theta(t) - \\kappa r) dt + \\sigma(t) dW$, written as a linear Gauss-Markov model.

    The state x is the driftless Gaussian of the LGM measure, with variance $\\zeta(t) = \\int_0^t \\sigma^2(s) e^{2 \\kappa s}
    ds$ and loading $H(t) = (1 - e^{-\\kappa t}) / \\kappa$; the short rate moves by $e^{-\\kappa t} x$.

    Args:
        curve: discount curve, repriced exactly
        mean_reversion: $\\kappa$ per year, of any sign, zero included
        volatility: $\\sigma$, decimal per square root of year; one value, or one per interval
        volatility_times: the interior ends of the intervals in years, one fewer than the volatilities

    Source: Hull and White (1990); Hagan (2002), equations 2.1 to 2.6; Brigo and Mercurio (2006), section 3.3.

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.FlatCurve(0.03)
        >>> model = nr.models.HullWhite(curve, 0.03, volatility=[0.008, 0.010], volatility_times=[5.0])
        >>> print(f"{model.variance(10.0):.6f} {model.bond(5.0, 10.0, 0.0):.4f}")
        0.001160 0.8522
    """

    curve: AbstractDiscountCurve
    mean_reversion: Scalar
    volatility: Times
    volatility_times: Times

    def __init__(
        self,
        curve: AbstractDiscountCurve,
        mean_reversion: ArrayLike,
        volatility: ArrayLike,
        volatility_times: ArrayLike = (),
    ) -> None:
        self.curve = curve
        self.mean_reversion = as_array(mean_reversion)
        self.volatility = jnp.atleast_1d(as_array(volatility))
        self.volatility_times = jnp.atleast_1d(as_array(volatility_times))

    def __check_init__(self) -> None:
        check_finite("mean_reversion", self.mean_reversion)
        check_finite("volatility", self.volatility)
        check_above("volatility", self.volatility, 0.0)
        check_decimal("volatility", self.volatility)
        check_increasing("volatility_times", self.volatility_times)
        check_above("volatility_times", self.volatility_times, 0.0, strict=True)
        if self.volatility_times.shape[0] != self.volatility.shape[0] - 1:
            raise ValueError(
                f"Argument `volatility_times` must have one element fewer than `volatility`, but they have "
                f"{self.volatility_times.shape[0]} and {self.volatility.shape[0]}."
            )

    def loading(self, time: Scalar) -> Scalar:
        """$H(t) = (1 - e^{-\\kappa t}) / \\kappa$ in years: minus the sensitivity of log P(t, .) to the state."""
        return decay_integral(self.mean_reversion, time)

    def variance(self, time: Scalar) -> Scalar:
        """$\\zeta(t)$: variance of the state at `time`."""
        starts = jnp.concatenate([jnp.zeros(1), self.volatility_times])
        ends = jnp.concatenate([self.volatility_times, jnp.full(1, jnp.inf)])
        growth = jax.vmap(lambda t: decay_integral(-2.0 * self.mean_reversion, t))
        pieces = growth(jnp.clip(time, starts, ends)) - growth(starts)
        return jnp.sum(self.volatility**2 * pieces)

    def ratio_variance(self, start: Scalar, end: Scalar) -> Scalar:
        """Variance at the start of a period of the log of its bond, $(H(e) - H(s))^2 \\zeta(s)$; times in years."""
        spread = self.loading(end) - self.loading(start)
        return spread**2 * self.variance(start)

    @property
    def initial_state(self) -> Scalar:
        return jnp.zeros(())

    def transition(self, start: Scalar, end: Scalar, state: Scalar, normal: Scalar) -> Scalar:
        step = self.variance(end) - self.variance(start)
        moves = step > 0.0
        return state + jnp.where(moves, jnp.sqrt(jnp.where(moves, step, 1.0)), 0.0) * normal

    def numeraire(self, time: Scalar, state: Scalar) -> Scalar:
        """Numeraire of the LGM measure, $e^{H x + H^2 \\zeta / 2} / D(t)$; one at time zero."""
        loading, variance = self.loading(time), self.variance(time)
        exponent = loading * state + 0.5 * loading**2 * variance
        return jnp.exp(exponent) / self.curve.discount_factor(time)

    def deflated_bond(self, start: Scalar, end: Scalar, state: Scalar) -> Scalar:
        """Bond in units of the numeraire, $D(T) e^{-H(T) x - H(T)^2 \\zeta(t) / 2}$: a martingale."""
        loading = self.loading(end)
        exponent = -loading * state - 0.5 * loading**2 * self.variance(start)
        return self.curve.discount_factor(end) * jnp.exp(exponent)

    def bond(self, start: Scalar, end: Scalar, state: Scalar) -> Scalar:
        return self.deflated_bond(start, end, state) * self.numeraire(start, state)
