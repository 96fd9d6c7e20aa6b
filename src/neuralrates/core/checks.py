"""Checks at construction. They run on concrete values and let traced values pass."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import HostArray

_HOST_NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)


def as_array(value: object) -> Float[Array, "..."]:
    """Float64 array of any number-like value; arrays that are float64 already pass unchanged."""
    if isinstance(value, jax.Array) and value.dtype == jnp.float64:
        return value
    if _is_on_host(value):
        return on_device(np.array(value, dtype=np.float64))
    return jnp.asarray(value, dtype=jnp.float64)


def on_device(array: np.ndarray) -> Array:
    """An array of the host, nobody else's, put on the device as it is.

    `jnp.asarray` would compile a program for every new shape, which takes longer than most of what is done with small arrays.
    """
    return jax.device_put(array)


def _is_on_host(value: object) -> bool:
    """Whether a value is real numbers of Python or NumPy throughout."""
    leaves = jax.tree.leaves(value, is_leaf=lambda one: one is None)
    return all(
        one.dtype.kind in "biuf" if isinstance(one, np.ndarray) else isinstance(one, _HOST_NUMBERS)
        for one in leaves
    )


def as_host_array(value: object) -> Float[HostArray, "..."]:
    """Float64 array kept on the host; what is traced or on a device already passes unchanged.

    Putting small arrays on a device one by one costs more than everything else that is done to a dated trade.
    """
    if isinstance(value, jax.Array):
        return value
    return np.asarray(value, dtype=np.float64)


def known_on_host(value: object) -> Float[HostArray, "..."]:
    """Float64 array on the host wherever its values are known, and the traced array where they are not.

    What is worked out of it at construction then compiles no program for every operation and shape.
    """
    if is_concrete(*jax.tree.leaves(value)):
        return np.asarray(value, dtype=np.float64)
    return as_array(value)


def is_concrete(*values: object) -> bool:
    """Whether no value is being traced, so that it can be looked at."""
    return not any(isinstance(value, jax.core.Tracer) for value in values)


def check_finite(name: str, value: object) -> None:
    """Raise unless every element is finite."""
    if is_concrete(value) and not np.all(np.isfinite(np.asarray(value))):
        raise ValueError(f"Argument `{name}` must be finite, but is {np.asarray(value)}.")


def check_increasing(name: str, value: object) -> None:
    """Raise unless elements increase strictly along the only axis."""
    if is_concrete(value) and np.any(np.diff(np.asarray(value)) <= 0.0):
        raise ValueError(
            f"Argument `{name}` must be strictly increasing, but is {np.asarray(value)}."
        )


def check_above(name: str, value: object, bound: float, *, strict: bool = False) -> None:
    """Raise unless every element is at least (or, if strict, above) the bound."""
    if not is_concrete(value):
        return
    array = np.asarray(value)
    if np.any(array <= bound) if strict else np.any(array < bound):
        relation = "above" if strict else "at least"
        raise ValueError(f"Argument `{name}` must be {relation} {bound}, but is {array}.")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise unless the value is one of the choices."""
    if value not in choices:
        raise ValueError(f"Argument `{name}` must be one of {choices}, but is {value!r}.")


def check_decimal(name: str, value: object, bound: float = 0.5) -> None:
    """Raise where a rate looks like percent: 3.0 instead of 0.03."""
    if is_concrete(value) and np.any(np.abs(np.asarray(value)) > bound):
        raise ValueError(
            f"Argument `{name}` must be a decimal (0.03, not 3.0), but is {np.asarray(value)}."
        )
