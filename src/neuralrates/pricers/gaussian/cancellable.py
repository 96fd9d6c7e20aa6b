"""Swaps that may be cancelled: the swap plus the right to enter the opposite one."""

import equinox as eqx
import jax.numpy as jnp

from neuralrates.core.doors import door
from neuralrates.models.model import AbstractModel
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.cancellable import CancellableSwap


@door
class Cancellable(AbstractPricer):
    """Any pricer of callables, put to work on cancellable swaps by parity.

    Args:
        pricer: prices the right to cancel

    Source: Gomez Casanova et al. (2024), equation 4.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> swap = nr.products.Swap([1, 2, 3], [1, 1, 1], strike=0.03, side="payer")
        >>> right = nr.products.Swaption([1, 2], [2, 3], [1, 1], strike=0.03, side="receiver")
        >>> price = nr.pricers.Cancellable(nr.pricers.BackwardInduction())(
        ...     model, nr.products.CancellableSwap(swap, right))
        >>> print(f"{price.value:.6f}")
        0.009134
    """

    pricer: AbstractPricer

    def __call__(self, model: AbstractModel, product: CancellableSwap) -> Price:
        right = self.pricer(model, product.right)
        return Price(swap_value(model, product) + right.value, right.error)

    def order(self) -> float | None:
        return self.pricer.order()


@eqx.filter_jit
def swap_value(model: AbstractModel, product: CancellableSwap) -> jnp.ndarray:
    """Value today of the swap, as if it ran to maturity."""
    state = model.initial_state
    return jnp.asarray(product.swap.value(lambda end: model.bond(0.0, end, state)))
