"""Graphs in NumPy and in the kernel: what ONNX Runtime makes of the same file, operator by operator and bundle by bundle."""

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.bundles.runtimes.host.host_runtime import HostRuntime
from neuralrates.bundles.runtimes.host.onnx_file import read_model
from neuralrates.bundles.runtimes.machine.machine_runtime import MachineRuntime
from neuralrates.core.native import kernel

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from neuralrates.bundles.runtimes.graph import Graph, doubles, truths  # noqa: E402
from neuralrates.bundles.runtimes.graph_runtime import GraphRuntime  # noqa: E402

KERNEL = kernel("neuralrates.bundles.runtimes.machine._kernel")
RANDOM = np.random.default_rng(11)
X = np.concatenate([0.1 + RANDOM.random((7, 4)), [[1.0, 2.0, 3.0, 4.0]]])


def graph_of(write) -> bytes:
    """A model whose value is what `write` makes of a graph with the input `x`, four numbers a point; the Jacobian is x."""
    graph = Graph()
    graph.node("Identity", [write(graph)], "value")
    graph.node("Unsqueeze", ["x", graph.constant([1], np.int64)], "jacobian")
    large = graph.node("ReduceMax", ["x", graph.constant([1], np.int64)], keepdims=1)
    above = graph.node("Greater", [large, graph.constant(0.6)])
    graph.node("Reshape", [above, graph.constant([-1], np.int64)], "in_domain")
    outputs = {"value": doubles(1), "jacobian": doubles(1, 4), "in_domain": truths()}
    return graph.model("surrogate", {"x": doubles(4)}, outputs).SerializeToString()


def in_the_kernel(content: bytes):
    """The graph in the kernel alone; a graph that it does not do is an error here."""
    if KERNEL is None:
        pytest.skip("the kernel is not compiled")
    model = read_model(content)
    (inputs,) = model.inputs.values()
    machine = MachineRuntime(KERNEL, model, (1, inputs, 1))

    def run(x: np.ndarray) -> Answers:
        answers = Answers(np.empty(len(x)), np.empty(x.shape), np.empty(len(x), np.bool_))
        machine(x, answers)
        return answers

    return run


RUNTIMES = {"NumPy": HostRuntime, "kernel": in_the_kernel}


def summed(graph, name, width=4):
    """Different weights for what stands in different places."""
    return graph.node("MatMul", [name, graph.constant(np.arange(1.0, width + 1.0)[:, None])])


def part(graph, start, end):
    return graph.node("Slice", ["x", *(graph.constant([k], np.int64) for k in (start, end, 1))])


def one_of_one(operator):
    def write(graph):
        vector = summed(graph, graph.node(operator, ["x"]))
        return graph.node("Add", [vector, graph.node(operator, [part(graph, 2, 3)])])

    return write


def one_of_two(operator, is_truth):
    def write(graph):
        other = graph.node("Mul", ["x", graph.constant(np.array([[1.1, 0.9, 1.0, 1.0]]))])
        pairs = (("x", other), (part(graph, 0, 1), part(graph, 1, 2)), ("x", part(graph, 1, 2)))
        found = [graph.node(operator, [*pair]) for pair in pairs]
        if is_truth:
            found = [graph.node("Cast", [name], to=11) for name in found]
        vector, single, mixed = found
        return graph.node("Add", [summed(graph, graph.node("Add", [vector, mixed])), single])

    return write


def gathered(graph):
    places = graph.node("Cast", [graph.node("Floor", ["x"])], to=7)
    few = graph.node("Gather", [places, graph.constant([0, 3], np.int64)], axis=1)
    kept = graph.node("Min", [few, graph.constant([[3]], np.int64)])
    taken = graph.node("GatherElements", ["x", kept], axis=1)
    turned = graph.node("Gather", ["x", graph.constant([3, 1, 0, 2], np.int64)], axis=1)
    put = graph.node("ScatterElements", [turned, kept, taken], axis=1, reduction="add")
    return summed(graph, put)


def by_blocks(graph):
    apart = graph.node("Reshape", ["x", graph.constant([0, 2, 2], np.int64)])
    block = graph.constant(RANDOM.random((2, 3)))
    right = graph.node("MatMul", [apart, block])
    left = graph.node("MatMul", [graph.constant(RANDOM.random((3, 2))), apart])
    flat = [graph.node("Reshape", [n, graph.constant([0, 6], np.int64)]) for n in (right, left)]
    return summed(graph, graph.node("Concat", [*flat, part(graph, 1, 2), "x"], axis=1), 17)


def extremes(graph):
    largest = graph.node("ReduceMin", ["x", graph.constant([1], np.int64)], keepdims=1)
    place = graph.node("Cast", [graph.node("ArgMax", ["x"], axis=1, keepdims=1)], to=11)
    chosen = graph.node("Where", [graph.node("Less", [place, largest]), place, largest])
    return graph.node("Sub", [graph.node("Add", [place, chosen]), largest])


def singles(graph):
    cast = graph.node("Cast", ["x"], to=1)
    weight = graph.constant(RANDOM.random((1, 4)), np.float32)
    moved = graph.node("Gemm", [cast, weight, graph.constant([0.5], np.float32)], transB=1)
    return graph.node("Cast", [graph.node("Sigmoid", [moved])], to=11)


ONE = ("Exp", "Log", "Sqrt", "Tanh", "Sin", "Cos", "Floor", "Ceil", "Abs", "Sign", "Reciprocal")
TWO = ("Mul", "Add", "Sub", "Div", "Max", "Min", "Pow")
TRUTHS = ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal")
CASES = {
    **{name: one_of_one(name) for name in (*ONE, "Sigmoid")},
    **{name: one_of_two(name, False) for name in TWO},
    **{name: one_of_two(name, True) for name in TRUTHS},
    "gathered": gathered,
    "by blocks": by_blocks,
    "extremes": extremes,
    "singles": singles,
}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", CASES)
def test_an_operator_is_what_it_is_elsewhere(name: str, runtime: str) -> None:
    content = graph_of(CASES[name])
    run = RUNTIMES[runtime](content)
    right, found = GraphRuntime(content)(X), run(X)
    tolerance = 1e-6 if name == "singles" else 1e-13
    for one, other in zip(found, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance)
    for row, point in enumerate(X):
        single = run(point[None])
        for one, other in zip(single, right, strict=True):
            np.testing.assert_allclose(one[0], other[row], rtol=tolerance)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", nr.bundles.shipped())
def test_a_shipped_bundle_is_what_it_is_elsewhere(name: str, runtime: str) -> None:
    """At its worst points, moved by little to either side, and far outside."""
    bundle = nr.bundles.load(name)
    worst = np.array([output.worst_point for output in bundle.certificate.outputs])
    x = np.concatenate([worst, worst * 1.0001, worst * 0.9999, worst + 7.0])
    right, found = GraphRuntime(bundle.graph)(x), RUNTIMES[runtime](bundle.graph)(x)
    np.testing.assert_array_equal(found.in_domain, right.in_domain)
    assert right.in_domain[: len(worst)].all()
    assert not right.in_domain[-len(worst) :].any()
    inside = right.in_domain
    for one, other in zip(found[:2], right[:2], strict=True):
        size = 1.0 + np.max(np.abs(other[inside]))
        np.testing.assert_allclose(one[inside], other[inside], atol=1e-6 * size)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_where_there_is_no_number_there_is_none(runtime: str) -> None:
    """A division by nothing at a single point: the answer of NumPy, without an exception or a warning."""
    content = graph_of(lambda graph: graph.node("Div", [part(graph, 0, 1), part(graph, 1, 2)]))
    answers = RUNTIMES[runtime](content)(np.array([[1.0, 0.0, 0.0, 0.0]]))
    assert answers.value.tolist() == [np.inf]


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x3a\xff\xff", b"no model at all"])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no ONNX model"):
        read_model(content)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("operator", ["Max", "Min"])
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_bound_makes_no_price_of_what_is_no_number(runtime, operator, is_first, kind) -> None:
    """The root of a negative number beside a bound, at one point and at many: NaN, as NumPy says."""

    def write(graph):
        x = graph.node("Cast", [part(graph, 0, 1)], to=1 if kind is np.float32 else 11)
        pair = [graph.node("Sqrt", [x]), graph.constant([0.01], kind)]
        found = graph.node(operator, pair if is_first else pair[::-1])
        return graph.node("Cast", [found], to=11)

    run = RUNTIMES[runtime](graph_of(write))
    x = np.tile([[-1.0, 0.5, 0.5, 0.5], [4.0, 0.5, 0.5, 0.5]], (40, 1))
    expected = np.tile([np.nan, 2.0 if operator == "Max" else np.float64(kind(0.01))], 40)
    np.testing.assert_array_equal(run(x).value, expected)
    assert np.isnan(run(x[:1]).value).all()
    assert run(x[1:2]).value == expected[1]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("operator", ["ReduceMax", "ReduceMin"])
@pytest.mark.parametrize("place", range(4))
def test_the_largest_of_numbers_and_none_is_none(runtime, operator, place) -> None:
    def write(graph):
        roots = graph.node("Sqrt", ["x"])
        return graph.node(operator, [roots, graph.constant([1], np.int64)], keepdims=1)

    x = np.ones((5, 4))
    x[::2, place] = -1.0
    run = RUNTIMES[runtime](graph_of(write))
    np.testing.assert_array_equal(run(x).value, [np.nan, 1.0, np.nan, 1.0, np.nan])
    assert np.isnan(run(x[:1]).value).all()
