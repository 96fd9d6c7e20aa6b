"""What tests evaluate is compiled whole: one operation at a time, each would compile a program of its own."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np


@eqx.filter_jit
def _mapped(function: Callable[..., Any], *arguments: np.ndarray) -> Any:
    return jax.vmap(function)(*arguments)


def at_each(function: Callable[..., Any], *arguments: Any) -> Any:
    """A function at each place of some arrays, as NumPy arrays; methods of one kind of curve share a program.

    Args:
        function: of scalars, or of rows
        arguments: arrays of one length
    """
    given = (np.asarray(argument, dtype=np.float64) for argument in arguments)
    return jax.tree.map(np.asarray, _mapped(function, *given))
