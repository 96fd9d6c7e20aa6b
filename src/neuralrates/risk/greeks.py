"""Prices with their market Greeks, many trades of one size at a time."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar
from neuralrates.pricers.backward_induction import BackwardInduction
from neuralrates.risk.inputs import MarketInputs, MarketShape
from neuralrates.risk.padding import PaddedTrade
from neuralrates.risk.valuation import Checks, evaluate, value

Batch = Float[Array, "batch"]


class Assessment(NamedTuple):
    """Trades of one size, per unit notional; a leading axis for the trades.

    Args:
        value: prices
        checks: error, calibration and exercise probabilities
        gradient: derivatives to every market number; None where not asked for
    """

    value: Batch
    checks: Checks
    gradient: MarketInputs | None


@eqx.filter_jit
def assess(
    pricer: BackwardInduction,
    shape: MarketShape,
    trades: PaddedTrade,
    inputs: MarketInputs,
    with_gradient: bool,
) -> Assessment:
    """Values, checks and first derivatives of stacked trades; one adjoint pass gives every Greek.

    Args:
        pricer: settings of the reference, settled
        shape: curves and matrix that the numbers go into
        trades: padded trades of one size, stacked
        inputs: the market's numbers
        with_gradient: whether derivatives are wanted

    Returns:
        One entry per trade.
    """

    def one(trade: PaddedTrade) -> Assessment:
        if not with_gradient:
            return Assessment(*evaluate(pricer, shape, trade, inputs), None)
        (price, checks), gradient = jax.value_and_grad(evaluate, argnums=3, has_aux=True)(
            pricer, shape, trade, inputs
        )
        return Assessment(price, checks, gradient)

    return jax.vmap(one)(trades)


@eqx.filter_jit
def values(
    pricer: BackwardInduction, shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> Batch:
    """Values alone."""
    return jax.vmap(lambda trade: value(pricer, shape, trade, inputs))(trades)


def _curve_gradient(
    pricer: BackwardInduction, shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> tuple[Array, Array]:
    """Derivatives to the zero rates of both curves."""

    def of_rates(rates: tuple[Array, Array]) -> Scalar:
        moved = inputs._replace(discount_rates=rates[0], projection_rates=rates[1])
        return value(pricer, shape, trade, moved)

    return jax.grad(of_rates)((inputs.discount_rates, inputs.projection_rates))


@eqx.filter_jit
def gammas(
    pricer: BackwardInduction, shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> Float[Array, "batch nodes"]:
    """Change of each zero delta as all zero rates move together; the sum is the parallel gamma."""

    def one(trade: PaddedTrade) -> Array:
        def gradient(shift: Scalar) -> Array:
            moved = inputs._replace(
                discount_rates=inputs.discount_rates + shift,
                projection_rates=inputs.projection_rates + shift,
            )
            return jnp.concatenate(_curve_gradient(pricer, shape, trade, moved))

        return jax.jvp(gradient, (jnp.zeros(()),), (jnp.ones(()),))[1]

    return jax.vmap(one)(trades)


@eqx.filter_jit
def cross_gammas(
    pricer: BackwardInduction, shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> Float[Array, "batch nodes nodes"]:
    """Second derivatives to every pair of zero rates, discount nodes first."""
    split = inputs.discount_rates.shape[0]

    def one(trade: PaddedTrade) -> Array:
        def gradient(rates: Array) -> Array:
            moved = inputs._replace(discount_rates=rates[:split], projection_rates=rates[split:])
            return jnp.concatenate(_curve_gradient(pricer, shape, trade, moved))

        rates = jnp.concatenate([inputs.discount_rates, inputs.projection_rates])
        _, push = jax.linearize(gradient, rates)
        return jax.lax.map(push, jnp.eye(rates.shape[0]))

    return jax.lax.map(one, trades)
