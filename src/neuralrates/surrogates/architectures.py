"""Kinds of surrogates that can be stored: a record of the shape, and arrays to fill it with."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax
import numpy as np

from neuralrates.core.errors import InputError
from neuralrates.surrogates.networks.mixture_of_experts import MixtureOfExperts
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.records import checked
from neuralrates.surrogates.regressors.kernel_sum import KernelSum
from neuralrates.surrogates.regressors.neighbours import Neighbours
from neuralrates.surrogates.regressors.polynomial import Polynomial
from neuralrates.surrogates.regressors.trees import Trees
from neuralrates.surrogates.regressors.units import InUnits
from neuralrates.surrogates.surrogate import AbstractSurrogate, with_leaves

ARCHITECTURES: Mapping[str, Callable[[Mapping[str, Any]], AbstractSurrogate]] = MappingProxyType(
    {
        "network": Network.blank,
        "mixture_of_experts": MixtureOfExperts.blank,
        "polynomial": Polynomial.blank,
        "kernel_sum": KernelSum.blank,
        "neighbours": Neighbours.blank,
        "trees": Trees.blank,
        "in_units": lambda record: InUnits(
            _blank(record["inner"]), tuple(map(tuple, record["columns"])), record["unit"]
        ),
    }
)


def filled(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> AbstractSurrogate:
    """The surrogate that a record describes, with its arrays.

    Args:
        record: what `record` of the surrogate gave
        arrays: what `named_leaves` gave

    Returns:
        The surrogate.

    Raises:
        InputError: where the record is unknown or the arrays are not those of the architecture

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.surrogates.architectures import filled
        >>> from neuralrates.surrogates.regressors.classical import Ridge
        >>> from neuralrates.surrogates.surrogate import named_leaves
        >>> x = jnp.linspace(-1.0, 1.0, 50)[:, None]
        >>> ridge = Ridge(degree=3).fit(x, jnp.sin(x[:, 0]))
        >>> bool(filled(ridge.record(), named_leaves(ridge))(x[0]) == ridge(x[0]))
        True
    """
    checked(record)
    expected_shapes = _shapes(record)
    found = {name: array.shape for name, array in arrays.items()}
    if expected_shapes != found:
        names = expected_shapes | found
        wrong = sorted(n for n in names if expected_shapes.get(n) != found.get(n))
        raise InputError(f"arrays {wrong} are not those of the architecture")
    surrogate: AbstractSurrogate = with_leaves(_blank(record), arrays)
    return surrogate


def _shapes(record: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays that a record asks for; nothing is allocated yet."""
    try:
        blank = eqx.filter_eval_shape(lambda: _blank(record))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"expected an architecture, but {reason}", column="architecture") from None
    leaves, _ = jax.tree_util.tree_flatten_with_path(
        eqx.filter(blank, lambda leaf: isinstance(leaf, jax.ShapeDtypeStruct))
    )
    return {jax.tree_util.keystr(path): leaf.shape for path, leaf in leaves}


def _blank(record: Mapping[str, Any]) -> AbstractSurrogate:
    """Surrogate of the shape that a record states."""
    kind = record.get("architecture", "none")
    if kind not in ARCHITECTURES:
        expected = f"expected one of {tuple(ARCHITECTURES)}, but it is {kind!r}"
        raise InputError(expected, column="architecture")
    return ARCHITECTURES[kind](record)
