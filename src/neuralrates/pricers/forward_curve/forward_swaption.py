"""European swaptions on the whole forward curve: the square-root law of the swap rate."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Nodes, Scalar
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.pricers.forward_curve.forward_period import ForwardPeriod, check_european
from neuralrates.pricers.forward_curve.square_root import square_root_call
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractRateOption

_MISSED = 5e-3
"""Largest error found, 4e-3, over annuity times deviation of the rate: 0.4 times that is an at-the-money value."""


class RateVariance(NamedTuple):
    """How the swap rate moves until exercise, forwards as today in the volatility.

    Args:
        period: the forwards that matter
        rate: forward swap rate, per year
        annuity: of the fixed leg, today, years
        variance: of the swap rate at exercise
        elasticity: of that variance to the swap rate, the forwards moving as they do with it; one if in proportion
    """

    period: ForwardPeriod
    rate: Scalar
    annuity: Scalar
    variance: Scalar
    elasticity: Scalar

    @classmethod
    def of(cls, model: ForwardCurve, product: AbstractRateOption) -> "RateVariance":
        """Rate, annuity, variance and its elasticity of a European swaption's swap."""
        period = ForwardPeriod.of(model, product.flow_times)

        def legs(forwards: Nodes) -> tuple[Scalar, Scalar]:
            bonds = jnp.concatenate([jnp.ones(1), jnp.exp(-period.integrated(forwards))])
            return product.floating_weights[0] @ bonds, product.annuity_weights[0] @ bonds

        def swap_rate(forwards: Nodes) -> Scalar:
            floating, fixed = legs(forwards)
            return floating / fixed

        def moves(forwards: Nodes) -> Float[Array, "_"]:
            """Volatility of the swap rate by time and factor."""
            weights = jax.grad(swap_rate)(forwards) * period.scale(forwards)
            return period.moves(weights[None, :])[0]

        def variance(forwards: Nodes) -> Scalar:
            return jnp.sum(moves(forwards) ** 2)

        now = period.forwards
        level = variance(now)
        direction = period.scale(now) * period.moving(moves(now)) / level
        _, change = jax.jvp(variance, (now,), (direction,))
        rate, discount = swap_rate(now), model.curve.discount_factor(period.start)
        return cls(period, rate, discount * legs(now)[1], level, rate * change / level)

    def at_strike(self, strike: Scalar) -> Scalar:
        """Variance halfway to a strike: what a square-root law needs to have this elasticity to first order."""
        moneyness = (strike - self.rate) / self.rate
        return self.variance * jnp.exp(0.5 * (self.elasticity - 1.0) * moneyness)


class SquareRootSwaption(AbstractPricer):
    """European swaptions whose swap rate follows an absorbed square-root law under the annuity's measure.

    The variance is that of the swap rate with forwards as today in the volatility, at a strike away from the rate that
    halfway to it. At a strike of zero the payer is worth the floating leg; a caplet is a swaption of one period. Forwards over
    the swap are taken to be below the square of the cap. `error` is a share of an at-the-money value, the largest that was
    found against simulation.

    Source: Cox (1996); Andersen and Andreasen (2000), for rates of constant elasticity; Andersen and Piterbarg (2010), section
    16.1, for the variance of swap rates.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility, horizon=10.0)
        >>> trade = nr.products.Swaption([5.0], [6.0, 7.0, 8.0, 9.0, 10.0], [1.0] * 5, 0.04, "payer")
        >>> print(f"{nr.pricers.SquareRootSwaption()(model, trade).value:.6f}")
        0.061883
    """

    def __call__(self, model: ForwardCurve, product: AbstractRateOption) -> Price:
        check_european(model, product)
        return _price(model, product)

    def order(self) -> float | None:
        return None


@eqx.filter_jit
def _price(model: ForwardCurve, product: AbstractRateOption) -> Price:
    swap = RateVariance.of(model, product)
    variance = swap.at_strike(product.strike)
    payer = swap.annuity * square_root_call(swap.rate, product.strike, variance)
    forward = swap.annuity * (swap.rate - product.strike)
    value = payer if product.sign < 0.0 else payer - forward
    missed = _MISSED * swap.annuity * jnp.sqrt(swap.variance)
    return Price(value, jax.lax.stop_gradient(missed))
