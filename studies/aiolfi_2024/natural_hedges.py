"""A Bermudan swaption described by seven numbers that a desk reads off its natural hedges.

The maximum of the underlying Europeans is the paper's first feature; its other six are not in the text at hand, so these are
ours, each for a reason (amounts per unit notional):

- `maximum_european`: value of the dearest coterminal European, the largest lower bound that one hedge gives;
- `mean_european`: mean value of the coterminal Europeans; beside the maximum, how far the others fall behind it;
- `first_deviation`: standard deviation, at the first exercise, of the swap entered there: annuity times volatility times
  the root of time, the unit in which every other amount is large or small;
- `first_swap`: value today of that swap to the holder: how far in the money the right is;
- `rate_correlation`: correlation of the swap rates seen at the first and at the last exercise: what is left to wait for;
- `num_exercises`: how often the right can be exercised;
- `signed_wait`: the no-call period in years, positive for a receiver and negative for a payer. What tells the two apart is
  bond convexity, which grows with the wait, so that one number says both.

An eighth is on trial: `norm_european`, the root of fifth degree of the sum of the coterminal Europeans' fifth powers. It lies
near the maximum without its kinks, and over the mean it says how far one hedge stands out of the others.

Five of them are amounts: divided by one another they say all that is left when currency and notional change. In `REDUCED`
they are so divided, and warped to where the price is smooth: what our own methods learn from.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.functions import largest
from neuralrates.core.types import Inputs, Outputs
from neuralrates.pricers.gaussian.jamshidian import coterminal_values
from neuralrates.surrogates.regressors.units import Column
from studies.aiolfi_2024.bermudan_basket import BasketTrade

FEATURES = (
    "maximum_european",
    "mean_european",
    "first_deviation",
    "first_swap",
    "rate_correlation",
    "num_exercises",
    "signed_wait",
)
WITH_NORM = (*FEATURES, "norm_european")
UNIT = FEATURES.index("mean_european")
"""The amount that prices are measured in where they are learned without dimension."""

REDUCED: tuple[Column, ...] = (
    ("log", UNIT, None),
    ("log", FEATURES.index("maximum_european"), FEATURES.index("first_deviation")),
    ("plain", UNIT, FEATURES.index("maximum_european")),
    ("arctan", FEATURES.index("first_swap"), FEATURES.index("first_deviation")),
    ("log", FEATURES.index("rate_correlation"), None),
    ("log", FEATURES.index("num_exercises"), None),
    ("log", FEATURES.index("signed_wait"), None),
    ("sign", FEATURES.index("signed_wait"), None),
)
REDUCED_WITH_NORM: tuple[Column, ...] = (
    *REDUCED,
    ("log", WITH_NORM.index("norm_european"), UNIT),
)
REDUCED_BY_NORM: tuple[Column, ...] = (
    REDUCED[0],
    ("log", WITH_NORM.index("norm_european"), FEATURES.index("first_deviation")),
    ("plain", UNIT, WITH_NORM.index("norm_european")),
    *REDUCED[3:],
)
"""Seven features again, the norm in the place of the maximum."""

_DEGREE = 5.0


def natural_hedges(trade: BasketTrade, x: Inputs) -> Outputs:
    """The features of a trade, in the order of `WITH_NORM`.

    Args:
        trade: contract on its market
        x: market inputs, as `MARKET_INPUTS`

    Returns:
        Amounts per unit notional, a correlation, a count and signed years; differentiable in x, but
        for the kinks of the maximum.

    Source: Aiolfi et al. (2024), section 4, for the maximum European; the others are ours.
    """
    model, product = trade.build(x)
    count = jnp.sum(trade.alive)
    europeans = jnp.where(trade.alive > 0.0, coterminal_values(model, product), 0.0)
    factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    loadings = jax.vmap(model.loading)(product.flow_times)
    worth = product.flows[0] * factors
    last = jnp.sum(trade.alive * jnp.diff(trade.exercise_times, prepend=0.0))
    first_variance, last_variance = model.variance(trade.exercise_times[0]), model.variance(last)
    return jnp.stack(
        [
            largest(europeans),
            jnp.sum(europeans) / count,
            jnp.abs(worth @ loadings) * jnp.sqrt(first_variance),
            jnp.sum(worth),
            jnp.sqrt(first_variance / last_variance),
            count,
            trade.sign * trade.no_call,
            jnp.sum(europeans**_DEGREE) ** (1.0 / _DEGREE),
        ]
    )


def refuse_one_side(
    x: Float[Array, "samples inputs"] | Float[np.ndarray, "samples inputs"],
) -> None:
    """Raise where features hold receivers only or payers only: nothing then teaches the other side.

    Raises:
        ValueError: naming the side that is missing
    """
    receives = np.asarray(x)[:, FEATURES.index("signed_wait")] > 0.0
    if receives.all() or not receives.any():
        missing = "payer" if receives.all() else "receiver"
        raise ValueError(f"Argument `x` must hold both sides, but has no {missing}.")
