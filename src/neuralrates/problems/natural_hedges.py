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
- `side`: +1 for a receiver, -1 for a payer, whose rates are skewed in opposite directions by bond convexity.

Four of them are amounts: divided by one another they say all that is left when currency and notional change.
"""

import jax
import jax.numpy as jnp

from neuralrates.core.types import Inputs, Outputs
from neuralrates.pricers.jamshidian import coterminal_values
from neuralrates.problems.bermudan_basket import BasketTrade

FEATURES = (
    "maximum_european",
    "mean_european",
    "first_deviation",
    "first_swap",
    "rate_correlation",
    "num_exercises",
    "side",
)
AMOUNTS = ("maximum_european", "mean_european", "first_deviation", "first_swap")


def natural_hedges(trade: BasketTrade, x: Inputs) -> Outputs:
    """The seven features of a trade, in the order of `FEATURES`.

    Args:
        trade: contract on its market
        x: market inputs, as `MARKET_INPUTS`

    Returns:
        Amounts per unit notional, a correlation, a count and a sign; differentiable in x, but for
        the kinks of the maximum.

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
            jnp.max(europeans),
            jnp.sum(europeans) / count,
            jnp.abs(worth @ loadings) * jnp.sqrt(first_variance),
            jnp.sum(worth),
            jnp.sqrt(first_variance / last_variance),
            count,
            trade.sign,
        ]
    )
