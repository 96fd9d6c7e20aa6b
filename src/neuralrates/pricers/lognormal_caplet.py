"""Caplets and floorlets where the bond of the period is lognormal."""

import jax.numpy as jnp

from neuralrates.core.types import Scalar
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.models.gaussian import GaussianFactors
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.black_scholes import black_call
from neuralrates.products.caplet import AbstractCaplet

_SMALLEST_DEVIATION = 1e-9


def lognormal_caplet(
    model: HullWhite | GaussianFactors | ForwardCurve, product: AbstractCaplet
) -> Scalar:
    """Caplet or floorlet by Black's formula for the bond of its period, per unit notional.

    The caplet pays $\\max(R - (1 + K \\tau), 0)$ at the end, where the log of the bond ratio $R = 1 / P(s, e)$ has the
    model's `ratio_variance`; the floorlet is less the forward. Without variance it is the payoff at today's forwards.

    Source: Black (1976); Brigo and Mercurio (2006), section 3.3.2.
    """
    begin, paid = period_bonds(model, product)
    variance = model.ratio_variance(product.start, product.end)
    lively = variance > _SMALLEST_DEVIATION**2
    deviation = jnp.where(lively, jnp.sqrt(jnp.where(lively, variance, 1.0)), _SMALLEST_DEVIATION)
    return of_caplet(product, begin * black_call(jnp.log(paid / begin), deviation), begin - paid)


def period_bonds(
    model: HullWhite | GaussianFactors | ForwardCurve, product: AbstractCaplet
) -> tuple[Scalar, Scalar]:
    """What a caplet receives and pays for good on exercise, valued today: $D(s)$ and $(1 + K \\tau) D(e)$."""
    begin = model.curve.discount_factor(product.start)
    return begin, (1.0 + product.strike * product.accrual) * model.curve.discount_factor(
        product.end
    )


def of_caplet(product: AbstractCaplet, caplet: Scalar, forward: Scalar) -> Scalar:
    """The product by parity from the caplet's value and that of its exercise for certain."""
    return caplet if product.sign < 0.0 else caplet - forward
