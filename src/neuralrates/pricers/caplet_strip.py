"""Caps and floors: the sum of their caplets."""

import jax
import jax.numpy as jnp

from neuralrates.core.checks import is_concrete
from neuralrates.core.doors import door
from neuralrates.core.types import Scalar
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.models.model import AbstractModel
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.cap import AbstractCap


@door
class CapletStrip(AbstractPricer):
    """Any pricer of caplets, put to work on caps and floors period by period.

    The error is the sum of the caplets' errors: those of a simulation may all go one way.

    Args:
        pricer: prices each caplet or floorlet

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> floor = nr.products.Floor([0.5, 1.0, 1.5], [1.0, 1.5, 2.0], strike=0.03)
        >>> print(f"{nr.pricers.CapletStrip(nr.pricers.Jamshidian())(model, floor).value:.6f}")
        0.005368
    """

    pricer: AbstractPricer

    def __call__(self, model: AbstractModel | ForwardCurve, product: AbstractCap) -> Price:
        def one(start: Scalar, end: Scalar, accrual: Scalar) -> Price:
            return self.pricer(model, product.caplet(start, end, accrual))

        periods = product.start_times, product.end_times, product.accruals
        if is_concrete(*jax.tree.leaves((model, product))):  # one by one: each is looked at first
            prices = [one(*period) for period in zip(*periods, strict=True)]
            together = jax.tree.map(lambda *parts: jnp.stack(parts), *prices)
        else:
            together = jax.vmap(one)(*periods)
        return Price(jnp.sum(together.value), jnp.sum(together.error))

    def order(self) -> float | None:
        return self.pricer.order()
