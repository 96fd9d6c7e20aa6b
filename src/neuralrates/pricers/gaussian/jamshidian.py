"""Closed-form European options on bond portfolios under one Gaussian factor."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import largest, normal_distribution, smallest
from neuralrates.core.types import Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.boundary import Portfolio, break_even, log_ratio
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractBondCallable

SMALLEST_VARIANCE = 1e-22
_HALF_WIDTH = 12.0


def european_value(
    present_values: Float[Array, "flows"], loadings: Float[Array, "flows"], variance: Scalar
) -> Scalar:
    """Value of the right to receive a bond portfolio, by the break-even state of the Gaussian factor.

    With flows worth $c_k$ today and loadings $H_k$, exercise is worth $\\sum_k c_k e^{-H_k x - H_k^2 \\zeta / 2}$
    in units of the numeraire and is positive on one side of a single state $x^*$, so the value is
    $\\sum_k c_k \\Phi(\\pm (x^* + H_k \\zeta) / \\sqrt \\zeta)$.

    Args:
        present_values: value today of each flow, negative if paid
        loadings: $H(T_k)$ of each flow, years, up to a constant
        variance: $\\zeta$, variance of the state at exercise

    Returns:
        Value per unit notional; differentiable twice. A zero variance gives the intrinsic value.

    Source: Jamshidian (1989); Hagan (2002), equation 3.9.
    """
    variance = jnp.maximum(variance, SMALLEST_VARIANCE)
    main = loadings[jnp.argmax(jnp.abs(present_values))]
    loadings = jnp.where(present_values == 0.0, main, loadings)
    deviation = jnp.sqrt(variance)
    amounts = present_values * jnp.exp(-0.5 * loadings**2 * variance)
    portfolio = Portfolio.of(amounts, loadings)
    low = -largest(loadings) * variance - _HALF_WIDTH * deviation
    high = -smallest(loadings) * variance + _HALF_WIDTH * deviation
    state = break_even(portfolio, low, high)
    _, slope = log_ratio(portfolio, state, (jnp.zeros(()), jnp.zeros(())))
    side = jax.lax.stop_gradient(jnp.where(slope < 0.0, 1.0, -1.0))
    distance = side * (state + loadings * variance) / deviation
    return jnp.sum(present_values * jax.vmap(normal_distribution)(distance))


class Jamshidian(AbstractPricer):
    """Closed form for one exercise time under a one-factor Gaussian model.

    Source: Jamshidian (1989).

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.01, 0.01)
        >>> trade = nr.products.Swaption([1], [2, 3, 4, 5, 6], [1] * 5, strike=0.03, side="receiver")
        >>> print(f"{nr.pricers.Jamshidian()(model, trade).value:.8f}")
        0.01672378
    """

    def __call__(self, model: HullWhite, product: AbstractBondCallable) -> Price:
        if product.exercise_times.shape[0] != 1:
            raise ValueError(
                f"Argument `product` must have one exercise time, but has {product.exercise_times.shape[0]}; use "
                "BackwardInduction."
            )
        return _price(model, product)

    def order(self) -> float | None:
        return None


@eqx.filter_jit
def _price(model: HullWhite, product: AbstractBondCallable) -> Price:
    value = coterminal_values(model, product)[0]
    return Price(value, 1e-15 * jnp.sum(jnp.abs(product.flows[0])))


def coterminal_values(model: HullWhite, product: AbstractBondCallable) -> Float[Array, "exercises"]:
    """Values of the European options at each exercise time of the product, each as if alone."""
    discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    loadings = jax.vmap(model.loading)(product.flow_times)
    variances = jax.vmap(model.variance)(product.exercise_times)
    present_values = product.flows * discount_factors[None, :]
    return jax.vmap(european_value, in_axes=(0, None, 0))(present_values, loadings, variances)
