"""Stored surrogates brought back: a record of the shape, and arrays to fill it with."""

from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax
import numpy as np

from neuralrates.core.errors import InputError

# Each registers itself.
from neuralrates.surrogates.bounded import Bounded as Bounded
from neuralrates.surrogates.corrected import Corrected as Corrected
from neuralrates.surrogates.networks.mixture_of_experts import MixtureOfExperts as MixtureOfExperts
from neuralrates.surrogates.networks.network import Network as Network
from neuralrates.surrogates.projected import Projected as Projected
from neuralrates.surrogates.registry import blank, checked
from neuralrates.surrogates.regressors.kernel_sum import KernelSum as KernelSum
from neuralrates.surrogates.regressors.neighbours import Neighbours as Neighbours
from neuralrates.surrogates.regressors.polynomial import Polynomial as Polynomial
from neuralrates.surrogates.regressors.trees import Trees as Trees
from neuralrates.surrogates.regressors.units import InUnits as InUnits
from neuralrates.surrogates.surrogate import AbstractSurrogate, with_leaves


def filled(
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    baseline: Callable[..., Any] | None = None,
    bounds: Callable[..., Any] | None = None,
) -> AbstractSurrogate:
    """The surrogate that a record describes, with its arrays.

    Args:
        record: what `record` of the surrogate gave
        arrays: what `named_leaves` gave
        baseline: what its problem knows without learning, for a surrogate that adds to it
        bounds: between which its problem knows the price to lie, for a surrogate that is held between them

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
    surrogate: AbstractSurrogate = with_leaves(blank(record), arrays)
    return surrogate.on_problem(baseline, bounds)


def _shapes(record: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays that a record asks for; nothing is allocated yet."""
    try:
        made = eqx.filter_eval_shape(lambda: blank(record))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"expected an architecture, but {reason}", column="architecture") from None
    leaves, _ = jax.tree_util.tree_flatten_with_path(
        eqx.filter(made, lambda leaf: isinstance(leaf, jax.ShapeDtypeStruct))
    )
    return {jax.tree_util.keystr(path): leaf.shape for path, leaf in leaves}
