"""The graph of a certified surrogate: value, derivatives and domain in one ONNX model."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.bundles.runtimes.conversion.affine import of_result
from neuralrates.bundles.runtimes.conversion.networks import is_single, with_names
from neuralrates.bundles.runtimes.conversion.program import program_of
from neuralrates.bundles.runtimes.conversion.rules import RULES as RULES
from neuralrates.bundles.runtimes.conversion.switched import switched
from neuralrates.bundles.runtimes.conversion.writer import Writer
from neuralrates.bundles.runtimes.graph import Graph, doubles, truths
from neuralrates.bundles.runtimes.graph_runtime import GraphRuntime
from neuralrates.bundles.runtimes.host.host_runtime import HostRuntime
from neuralrates.bundles.runtimes.served_graph import ServedGraph
from neuralrates.certificates.served import Served
from neuralrates.core.errors import RefusalError
from neuralrates.core.types import Inputs
from neuralrates.problems.domain import Domain
from neuralrates.surrogates.surrogate import AbstractSurrogate

_POINTS, _FEW, _ALONE = 256, 17, 8
_DOUBLE, _SINGLE = 1e-12, 1e-6
_LARGEST = 5_000_000
"""Bytes of a graph."""


def graph_of(surrogate: AbstractSurrogate, domain: Domain) -> bytes:
    """The first output of a surrogate as an ONNX model, with its derivatives and its domain.

    The model has one input, `x` (batch, inputs), and the outputs `value` (batch, 1), `jacobian` (batch, 1, inputs) and
    `in_domain` (batch); all numbers in double precision.

    Args:
        surrogate: differentiable
        domain: where its certificate holds

    Returns:
        The model, equal to JAX at points of the domain and on its faces: within 1e-12, 1e-6 where a network in it is
        computed in single precision, times one and the size of the number.

    Raises:
        RefusalError: where the surrogate has no derivatives, uses an operation that has no rule, is too large, or the graph is
            not what JAX computes
    """
    if not surrogate.differentiable:
        raise RefusalError("A surrogate without derivatives has no graph.")
    content = _written(_first(with_names(switched(surrogate))), domain)
    if len(content) > _LARGEST:
        raise RefusalError(f"The graph has {len(content)} bytes, more than {_LARGEST}.")
    check_graph(content, surrogate, domain)
    return content


def _first(surrogate: AbstractSurrogate) -> Callable[[Inputs], tuple]:
    """Value and gradient of the first output."""

    def both(x: Inputs) -> tuple:
        return jax.value_and_grad(lambda at: surrogate(at)[0])(x)

    return both


def _written(both: Callable[[Inputs], tuple], domain: Domain) -> bytes:
    size = len(domain.names)

    def answers(x: Inputs) -> tuple:
        return *both(x), domain.contains(x)

    graph = Graph()
    writer = Writer(graph, {"x": size}, "x")
    inputs = (of_result("x", size, (size,)),)
    value, slopes, inside = writer.run(program_of(answers, (size,)), inputs)
    graph.node("Identity", [writer.wide(value, everywhere=True)], "value")
    rows = writer.wide(slopes, everywhere=True)
    graph.node("Unsqueeze", [rows, graph.constant([1], np.int64)], "jacobian")
    truth = writer.truth(inside)
    graph.node("Reshape", [truth, graph.constant([-1], np.int64)], "in_domain")
    outputs = {"value": doubles(1), "jacobian": doubles(1, size), "in_domain": truths()}
    content: bytes = graph.model("surrogate", {"x": doubles(size)}, outputs).SerializeToString()
    return content


def check_graph(content: bytes, surrogate: AbstractSurrogate, domain: Domain) -> None:
    """Raise where a graph is not what JAX computes, at random points of the domain, on its faces and outside.

    By ONNX Runtime, by NumPy, and as it is served: many points at once, few, and one by one.

    Args:
        content: the model
        surrogate: what it is of
        domain: where it holds

    Raises:
        RefusalError: naming what differs, by how much
    """
    points = np.concatenate([np.asarray(domain.sample(jax.random.key(7), _POINTS)), faces(domain)])
    values, slopes, inside = map(np.asarray, _answers(surrogate, domain, jnp.asarray(points)))
    sizes = {"value": values, "derivative": slopes}
    sizes = {name: 1.0 + np.max(np.abs(numbers[inside])) for name, numbers in sizes.items()}
    tolerance = _SINGLE if is_single(surrogate) else _DOUBLE
    served = ServedGraph(content, Served(), 0.0)
    every, lone = slice(None), range(0, len(points), len(points) // _ALONE)
    runs: list[tuple[Callable[[np.ndarray], Answers], slice]] = [
        (GraphRuntime(content), every),
        (HostRuntime(content), every),
        (served, every),
        (served, slice(0, _FEW)),
        *((served, slice(row, row + 1)) for row in lone),
    ]
    for runtime, rows in runs:
        found, here = runtime(np.ascontiguousarray(points[rows])), inside[rows]
        if not np.array_equal(found.in_domain, here):
            raise RefusalError("The graph's domain is not the problem's.")
        pairs = {"value": (found.value, values), "derivative": (found.jacobian, slopes)}
        for name, (one, other) in pairs.items():
            apart = np.abs(one[here] - other[rows][here])
            off = np.max(apart, initial=0.0) / sizes[name]
            if not off <= tolerance:
                raise RefusalError(
                    f"The graph's {name} is off by {off:.1e}, more than {tolerance:g}."
                )


@eqx.filter_jit
def _answers(surrogate: AbstractSurrogate, domain: Domain, points: Array) -> tuple:
    """What JAX says; weights are arguments, since a compiler spends long on folding constants."""
    return *jax.vmap(_first(surrogate))(points), jax.vmap(domain.contains)(points)


def faces(domain: Domain) -> np.ndarray:
    """Points of a domain moved along each axis onto both of its faces, and beyond them; all of the box's corners in a row."""
    start = np.asarray(domain.sample(jax.random.key(11), 4))
    rows = []
    for axis, (low, high) in enumerate(zip(domain.low, domain.high, strict=True)):
        width = high - low
        for level in (low, high, low - 1e-3 * width, high + 1e-3 * width):
            moved = start.copy()
            moved[:, axis] = level
            rows.append(moved)
    return np.concatenate([*rows, np.stack([domain.low, domain.high])])
