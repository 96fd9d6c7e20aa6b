"""Operations that are linear in what they move: no nodes, only matrices."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Affine, Value, linear, total
from neuralrates.bundles.runtimes.conversion.host_maps import HOST_MAPS
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule
from neuralrates.core.errors import RefusalError


def moved(operation: Operation, inputs: tuple[Value, ...], places: tuple[int, ...]) -> list[Value]:
    """A primitive applied to the inputs in some places, the others being constants."""
    apply: Callable[..., Any] = jax.vmap(_applied(operation, inputs, places))
    if operation.name in HOST_MAPS:
        apply = functools.partial(HOST_MAPS[operation.name], operation.parameters)
    return linear(apply, [_doubles(inputs[place]) for place in places])


def _applied(
    operation: Operation, inputs: tuple[Value, ...], places: tuple[int, ...]
) -> Callable[..., Any]:
    def apply(*carried: Any) -> Any:
        arguments = [jnp.asarray(v) if isinstance(v, np.ndarray) else None for v in inputs]
        for place, value in zip(places, carried, strict=True):
            arguments[place] = value
        return operation.primitive.bind(*arguments, **operation.parameters)

    return apply


def _doubles(value: Value) -> Value:
    return value if isinstance(value, Affine) else np.asarray(value, np.float64)


@rule(
    "slice",
    "reshape",
    "squeeze",
    "expand_dims",
    "broadcast_in_dim",
    "rev",
    "transpose",
    "reduce_sum",
    "cumsum",
    "split",
    "unstack",
    "real",
)
def _of_one(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return moved(operation, inputs, (0,))


@rule("concatenate", "stack", "pad")
def _of_all(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return moved(operation, inputs, tuple(range(len(inputs))))


@rule("neg")
def _negative(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return [total(np.zeros(inputs[0].shape), inputs[0], -1.0)]


@rule("add", "add_any")
def _sum(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return [total(inputs[0], inputs[1])]


@rule("sub")
def _difference(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return [total(inputs[0], inputs[1], -1.0)]


@rule("tridiagonal_solve")
def _solved(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    if not all(isinstance(value, np.ndarray) for value in inputs[:3]):
        raise RefusalError("A system of equations that depends on the point has no graph.")
    below, on, above = (np.asarray(value) for value in inputs[:3])
    size = on.shape[-1]
    matrix = np.diag(on) + np.diag(below[1:], -1) + np.diag(above[: size - 1], 1)
    inverse = np.linalg.inv(matrix)
    return linear(lambda right: np.einsum("ij,r...jk->r...ik", inverse, right), [inputs[3]])
