"""Swap that its holder may cancel."""

import equinox as eqx

from neuralrates.core.doors import door
from neuralrates.products.swap import Side, Swap
from neuralrates.products.swaption import Swaption


def opposite(side: Side) -> Side:
    """The other side of the same swap."""
    return "payer" if side == "receiver" else "receiver"


@door
class CancellableSwap(eqx.Module):
    """Swap together with the right to cancel what remains of it at each exercise time.

    To cancel is to enter the opposite swap: a cancellable payer swap is worth the payer swap plus
    the Bermudan receiver swaption on the same flows.

    Args:
        swap: the swap as if it ran to maturity
        right: right to enter the opposite swap

    Source: Andersen and Piterbarg (2010), volume III, section 19.4.

    Example:
        >>> import neuralrates as nr
        >>> swap = nr.products.Swap([1, 2, 3], [1, 1, 1], strike=0.03, side="payer")
        >>> right = nr.products.Swaption([1, 2], [2, 3], [1, 1], strike=0.03, side="receiver")
        >>> nr.products.CancellableSwap(swap, right).side
        'payer'
    """

    swap: Swap
    right: Swaption

    def __check_init__(self) -> None:
        if self.right.side != opposite(self.swap.side):
            raise ValueError(
                f"Argument `right` must be of the side opposite to the swap's, but both are {self.swap.side!r}."
            )

    @property
    def side(self) -> Side:
        """Side of the swap itself, `payer` or `receiver` of the fixed rate."""
        return self.swap.side
