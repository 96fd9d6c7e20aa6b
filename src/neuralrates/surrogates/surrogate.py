"""What a surrogate is: a vector in raw units to outputs in raw units."""

import abc
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import equinox as eqx
import jax
import numpy as np

from neuralrates.core.checks import on_device
from neuralrates.core.digest import digest_of_arrays
from neuralrates.core.types import Inputs, Outputs


@runtime_checkable
class Stored(Protocol):
    """What a surrogate needs to be kept on disk."""

    def record(self) -> dict[str, Any]:
        """Architecture and sizes, as plain values."""


class AbstractSurrogate(eqx.Module):
    """Map from raw inputs to raw outputs, learned wholly or in part.

    Scalings live inside, so that a surrogate is a function of the same vector as the problem it
    stands for, and its Greeks are plain derivatives. A surrogate without useful derivatives (a
    tree, nearest neighbours) says so by `differentiable = False`, one that is not trained step by
    step (a sum of kernels) by `frozen = True`.
    """

    differentiable: ClassVar[bool] = True
    frozen: ClassVar[bool] = False

    @abc.abstractmethod
    def __call__(self, x: Inputs) -> Outputs:
        """Outputs in raw units at one point in raw units."""

    def on_problem(
        self, baseline: Callable[..., Any] | None, bounds: Callable[..., Any] | None
    ) -> "AbstractSurrogate":
        """This surrogate where its problem knows a baseline and bounds; `Corrected` and `Bounded` use them."""
        return self


def named_leaves(tree: Any) -> dict[str, np.ndarray]:
    """Arrays of a tree by their path, in order: how a surrogate is stored and compared.

    Example:
        >>> import numpy as np
        >>> from neuralrates.surrogates.surrogate import named_leaves
        >>> list(named_leaves({"b": np.zeros(2), "a": [np.ones(1)]}))
        ["['a'][0]", "['b']"]
    """
    leaves, _ = jax.tree_util.tree_flatten_with_path(eqx.filter(tree, eqx.is_array))
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}


def with_leaves(tree: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """The tree with each of its arrays replaced by the one of the same path."""
    dynamic, static = eqx.partition(tree, eqx.is_array)
    leaves, structure = jax.tree_util.tree_flatten_with_path(dynamic)
    fresh = [_like(arrays[jax.tree_util.keystr(path)], leaf) for path, leaf in leaves]
    return eqx.combine(jax.tree_util.tree_unflatten(structure, fresh), static)


def _like(array: np.ndarray, leaf: Any) -> Any:
    return array if isinstance(leaf, np.ndarray) else on_device(array)


def digest(tree: Any) -> str:
    """SHA-256 of a tree's arrays, with their paths, types and shapes; of a stored surrogate also of its record.

    The record holds what is no array and yet decides the output: activation, residual connections, columns.
    """
    match tree:
        case Stored():
            words = json.dumps(tree.record(), sort_keys=True)
        case _:
            words = ""
    return digest_of_arrays(words, named_leaves(tree))
