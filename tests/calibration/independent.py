"""European swaptions by code that shares nothing with the calibration: quadrature on one side, Bachelier on the other."""

import equinox as eqx
import jax
import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

import neuralrates as nr

WIDTH = 40.0
"""Half the range of states, in standard deviations: far strikes are far in the tail."""


class European:
    """The European swaption of one exercise time, out of the money, in a one-factor Gaussian model.

    Args:
        model: supplies discount factors and variance only; loadings are recomputed here
        trade: swaption of any number of exercise times
        exercise: number of the exercise time
    """

    def __init__(
        self, model: nr.models.HullWhite, trade: nr.products.Swaption, exercise: int
    ) -> None:
        times, reversion = np.asarray(trade.flow_times), float(model.mean_reversion)
        discount = np.asarray(_discount_factors(model.curve, trade.flow_times))
        self.expiry = float(trade.exercise_times[exercise])
        ends = np.append(np.minimum(model.volatility_times, self.expiry), self.expiry)
        growth = np.diff(_decay_integral(-2.0 * reversion, ends), prepend=0.0)
        self.zeta = float(np.sum(np.asarray(model.volatility) ** 2 * growth))
        self.loadings = _decay_integral(reversion, times)
        annuity = np.asarray(trade.annuity_weights[exercise]) * discount
        floating = np.asarray(trade.floating_weights[exercise]) * discount
        self.strike = float(trade.strike)
        self.annuity = float(np.sum(annuity))
        self.forward = float(np.sum(floating)) / self.annuity
        self.sign = -1.0 if self.forward > self.strike else 1.0
        self.flows = self.sign * (floating - self.strike * annuity)

    def deflated(self, state: float) -> float:
        """Value of the swap in units of the numeraire."""
        h = self.loadings
        return float(np.sum(self.flows * np.exp(-h * state - 0.5 * h**2 * self.zeta)))

    def root(self) -> tuple[float, float]:
        """State in which the swap is worth nothing, and the direction in which it is worth more."""
        deviation = np.sqrt(self.zeta)
        ends = np.array([-WIDTH, WIDTH]) * deviation - np.mean(self.loadings) * self.zeta
        rises = 1.0 if self.deflated(ends[1]) > 0.0 else -1.0
        return brentq(self.deflated, *ends, xtol=1e-16), rises

    def by_jamshidian(self) -> float:
        """Sum of options on bonds. Source: Jamshidian (1989)."""
        root, rises = self.root()
        distances = -rises * (root + self.loadings * self.zeta) / np.sqrt(self.zeta)
        return float(np.sum(self.flows * norm.cdf(distances)))

    def by_quadrature(self) -> float:
        """Expected positive part, integrated on the side of the root where it is positive.

        Source: Hagan (2002), equation 2.2.
        """
        deviation = np.sqrt(self.zeta)
        root, rises = self.root()
        near = root + rises * 12.0 * deviation
        integral, _ = quad(
            lambda x: self.deflated(x) * norm.pdf(x / deviation) / deviation,
            root,
            near,
            epsabs=0.0,
            epsrel=1e-12,
            limit=200,
        )
        return abs(integral)

    def by_bachelier(self, normal_volatility: float) -> tuple[float, float]:
        """Value and vega in the normal model of the swap rate. Source: Bachelier (1900)."""
        deviation = normal_volatility * np.sqrt(self.expiry)
        d = self.sign * (self.forward - self.strike) / deviation
        value = self.annuity * deviation * (d * norm.cdf(d) + norm.pdf(d))
        return float(value), float(self.annuity * np.sqrt(self.expiry) * norm.pdf(d))

    def misfit(self, normal_volatility: float) -> float:
        """Normal volatility that the model's value is away from the quote, to first order."""
        value, vega = self.by_bachelier(normal_volatility)
        return (self.by_quadrature() - value) / vega


@eqx.filter_jit
def _discount_factors(curve: nr.market.AbstractDiscountCurve, times: jax.Array) -> jax.Array:
    return jax.vmap(curve.discount_factor)(times)


def _decay_integral(rate: float, times: np.ndarray) -> np.ndarray:
    """$(1 - e^{-a t}) / a$; rates of this size are told from zero."""
    return times if abs(rate) < 1e-6 else -np.expm1(-rate * times) / rate


def swaption(
    exercises: int, *, first: float = 1.0, length: float = 1.0, extra: int = 1, strike: float = 0.03
) -> nr.products.Swaption:
    """Right to pay fixed once per period; the last exercise leaves `extra` periods."""
    payments = first + length * np.arange(1, exercises + extra)
    return nr.products.Swaption(
        first + length * np.arange(exercises),
        payments,
        np.full_like(payments, length),
        strike,
        "payer",
    )
