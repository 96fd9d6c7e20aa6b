"""What of a surrogate training may move: every floating-point array but those of frozen parts."""

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax


class Frozen(eqx.Module):
    """A part that training never moves, however it is made.

    Args:
        part: any pytree; called as it is where it can be

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.surrogates.frozen import Frozen, trainable
        >>> jax.tree.leaves(trainable((jnp.ones(2), Frozen(jnp.ones(3)))))
        [True, False]
    """

    frozen: ClassVar[bool] = True
    part: Any

    def __call__(self, *arguments: Any) -> Any:
        call: Callable[..., Any] = self.part
        return call(*arguments)


def trainable(tree: Any) -> Any:
    """The tree with True at the leaves that training may move, else False.

    A module whose class says `frozen = True`, such as `Scaling` or `Frozen`, is never moved; nor are numbers that are no
    floating-point arrays.

    Args:
        tree: a surrogate, or any other pytree

    Returns:
        Mask of the same structure, for `equinox.partition`.
    """

    def is_frozen(node: Any) -> bool:
        return getattr(node, "frozen", False) is True

    def mask(node: Any) -> Any:
        if is_frozen(node):
            return jax.tree.map(lambda _: False, node)
        return eqx.is_inexact_array(node)

    return jax.tree.map(mask, tree, is_leaf=is_frozen)
