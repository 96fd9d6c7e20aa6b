"""A model, trades and the reference price, shared by the identities."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import neuralrates as nr

CURVES = {
    "usual": nr.market.NelsonSiegel(0.03, -0.012, 0.01, 2.0),
    "negative": nr.market.NelsonSiegel(0.002, -0.009, -0.006, 2.5),
    "zero nodes": nr.market.ZeroCurve(
        [0.5, 2.0, 5.0, 10.0], [0.045, 0.038, 0.034, 0.036], "natural_spline"
    ),
}


def model(
    curve: str = "usual", mean_reversion: float = 0.03, scale: float = 1.0
) -> nr.models.HullWhite:
    """One-factor model with three levels of volatility."""
    volatility = scale * np.array([0.008, 0.011, 0.009])
    return nr.models.HullWhite(CURVES[curve], mean_reversion, volatility, [1.5, 4.0])


def bermudan(
    side: str, strike: float = 0.03, first: int = 1, last: int = 7, end: int = 8
) -> nr.products.Swaption:
    """Annual right to enter the rest of a swap that ends after `end` years."""
    payments = np.arange(first + 1.0, end + 1.0)
    exercises = np.arange(first, last + 1.0)
    return nr.products.Swaption(
        exercises, payments, np.ones_like(payments), strike=strike, side=side
    )


def european(
    side: str, strike: float = 0.03, expiry: int = 1, end: int = 8
) -> nr.products.Swaption:
    """Right to enter, once, a swap that ends after `end` years."""
    return bermudan(side, strike, expiry, expiry, end)


def swap_value(curve: nr.market.AbstractDiscountCurve, trade: nr.products.Swaption) -> float:
    """Value today of the swap that a European enters."""
    return float(_exercise_value(curve, trade))


@eqx.filter_jit
def _exercise_value(
    curve: nr.market.AbstractDiscountCurve, trade: nr.products.Swaption
) -> jnp.ndarray:
    return trade.exercise_value(trade.exercise_times[0], curve.discount_factor)


def value(model: nr.models.HullWhite, trade: nr.products.Swaption) -> jnp.ndarray:
    """Reference price."""
    return nr.pricers.BackwardInduction()(model, trade).value
