"""A European receiver swaption in three inputs: a problem whose reference costs nothing."""

import jax
import jax.numpy as jnp

import neuralrates as nr


def build(x):
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.02, x[1])
    return model, nr.products.Swaption([2], [3, 4], [1, 1], strike=x[2], side="receiver")


def forward_swap(model, product):
    """What the swaption is worth where it must be exercised: a lower bound."""
    discount = jax.vmap(model.curve.discount_factor)(product.flow_times)
    return product.flows @ discount


PROBLEM = nr.problems.Problem(
    name="european",
    domain=nr.problems.Domain(
        (
            nr.problems.Axis("rate", "decimal", 0.0, 0.05),
            nr.problems.Axis("volatility", "per square root of year", 0.004, 0.016),
            nr.problems.Axis("strike", "decimal", 0.0, 0.05),
        )
    ),
    build=build,
    pricer=nr.pricers.Jamshidian(),
    control_prices=nr.problems.ControlPrices(
        ("forward_swap",), forward_swap, are_lower_bounds=True
    ),
    increasing=("strike",),
    decreasing=("rate",),
)


class Dented(nr.surrogates.AbstractSurrogate):
    """The reference itself, but for a dent in one corner of the box.

    Args:
        depth: of the dent, per unit notional
        width: of it, share of each axis
    """

    depth: jax.Array
    width: float = 0.1

    def __call__(self, x):
        low, high = PROBLEM.domain.low, PROBLEM.domain.high
        away = (x - low) / (high - low) / self.width
        return jnp.reshape(PROBLEM(x).value + self.depth * jnp.exp(-jnp.sum(away**2)), (1,))
