"""Graphs in the kernel: its functions, its guard, many points as single ones, and programs that it refuses."""

import math
from types import ModuleType

import jax
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.bundles.runtimes import served_graph
from neuralrates.bundles.runtimes.host.onnx_file import Model, Node
from neuralrates.bundles.runtimes.machine.fractions import with_fractions
from neuralrates.bundles.runtimes.machine.joining import without_copies
from neuralrates.bundles.runtimes.machine.layout import program
from neuralrates.bundles.runtimes.machine.machine_runtime import MachineRuntime
from neuralrates.bundles.runtimes.machine.tracing import NotCompiledError, Trace
from neuralrates.bundles.runtimes.served_graph import ServedGraph
from neuralrates.certificates.local_band import BandRecord, LayerRecord, LocalBand
from neuralrates.certificates.nearness import fit_nearness
from neuralrates.certificates.served import Served
from neuralrates.core.native import kernel

KERNEL = kernel("neuralrates.bundles.runtimes.machine._kernel")
pytestmark = pytest.mark.skipif(KERNEL is None, reason="the kernel is not compiled")
EPSILON = np.finfo(np.float64).eps


def of_one(operator: str, **attributes) -> MachineRuntime:
    """The operator of a single input."""
    node = Node(operator, ("x",), ("value",), attributes)
    return MachineRuntime(KERNEL, Model((node,), {}, {"x": 1}, ("value",)), (1,))


def values(machine: MachineRuntime, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What it gives for all points at once and for each alone."""
    many, alone = np.empty(len(x)), np.empty(len(x))
    machine(np.ascontiguousarray(x[:, None]), (many,))
    for k in range(len(x)):
        machine(np.array([[x[k]]]), (alone[k : k + 1],))
    return many, alone


GRIDS = {
    "Exp": (math.exp, np.linspace(-707.0, 709.0, 3001)),
    "Log": (math.log, np.geomspace(5e-324, 1.7e308, 3001)),
    "Tanh": (math.tanh, np.concatenate([np.linspace(-30, 30, 2001), np.geomspace(1e-300, 1, 300)])),
    "Sigmoid": (lambda x: 1 / (1 + math.exp(-x)), np.linspace(-700.0, 700.0, 2001)),
    "Sqrt": (math.sqrt, np.geomspace(5e-324, 1.7e308, 1001)),
}


@pytest.mark.parametrize("name", GRIDS)
def test_a_function_is_right_to_its_last_places(name: str) -> None:
    function, x = GRIDS[name]
    right = np.array([function(point) for point in x.tolist()])
    for found in values(of_one(name), x):
        np.testing.assert_allclose(found, right, rtol=4 * EPSILON, atol=0.0)


def test_a_single_precision_exponential_is_right_to_single_precision() -> None:
    x = np.linspace(-86.0, 88.0, 4001)
    nodes = [
        Node("Cast", ("x",), ("single",), {"to": 1}),
        Node("Exp", ("single",), ("grown",), {}),
        Node("Cast", ("grown",), ("value",), {"to": 11}),
    ]
    machine = MachineRuntime(KERNEL, Model(tuple(nodes), {}, {"x": 1}, ("value",)), (1,))
    right = np.exp(x.astype(np.float32).astype(np.float64))
    for found in values(machine, x):
        np.testing.assert_allclose(found, right, rtol=2e-7)


@pytest.mark.parametrize(
    ("name", "x", "right"),
    [
        ("Exp", [-np.inf, -800.0, 800.0, np.inf, np.nan], [0.0, 0.0, np.inf, np.inf, np.nan]),
        ("Log", [-1.0, -0.0, 0.0, np.inf, np.nan], [np.nan, -np.inf, -np.inf, np.inf, np.nan]),
        ("Tanh", [-np.inf, -0.0, 400.0, np.inf, np.nan], [-1.0, 0.0, 1.0, 1.0, np.nan]),
        ("Sign", [-np.inf, -2.0, 0.0, 3.0, np.nan], [-1.0, -1.0, 0.0, 1.0, np.nan]),
    ],
)
def test_at_the_ends_of_the_numbers(name: str, x: list[float], right: list[float]) -> None:
    for found in values(of_one(name), np.array(x)):
        np.testing.assert_array_equal(found, right)


@pytest.fixture(scope="module")
def bundle() -> nr.bundles.Bundle:
    return nr.bundles.load("bermudan_payer")


def points_near(bundle: nr.bundles.Bundle, count: int) -> np.ndarray:
    """Points about the worst ones, some of them outside the domain."""
    worst = np.array([output.worst_point for output in bundle.certificate.outputs])
    random = np.random.default_rng(5)
    rows = worst[random.integers(len(worst), size=count)]
    return np.ascontiguousarray(rows * (1.0 + 0.02 * random.standard_normal(rows.shape)))


@pytest.mark.parametrize("count", [2, 16, 17, 255, 256, 257, 1100])
@pytest.mark.parametrize("name", ["bermudan_payer", "forward_caplet"])
def test_any_number_of_points_is_as_each_of_them(name: str, count: int) -> None:
    bundle = nr.bundles.load(name)
    x = points_near(bundle, count)
    many = bundle.served.judged(x)
    for row in {0, count // 2, count - 1}:
        one = bundle.served.judged(x[row : row + 1])
        for single, numbers in zip(one, many, strict=True):
            np.testing.assert_allclose(single[0], numbers[row], rtol=1e-5, atol=1e-8)


def test_mixed_kinds_of_points_are_as_each_of_them() -> None:
    """Each of nine instruments has a branch of its own: points are sorted by them, and come back in their order."""
    bundle = nr.bundles.load("nine_instruments")
    codes = [k for k, name in enumerate(bundle.names) if name.startswith("is_")]
    assert len(codes) == 9
    x = points_near(bundle, 300)
    kinds = np.random.default_rng(6).integers(9, size=len(x))
    x[:, codes] = np.eye(9)[kinds]
    many = bundle.served.judged(x)
    for kind in range(9):
        row = int(np.flatnonzero(kinds == kind)[-1])
        one = bundle.served.judged(x[row : row + 1])
        for single, numbers in zip(one, many, strict=True):
            np.testing.assert_allclose(single[0], numbers[row], rtol=1e-5, atol=1e-7)


def test_threads_change_nothing(bundle: nr.bundles.Bundle) -> None:
    x, found = points_near(bundle, 2000), []
    for threads in (1, 3):
        served = ServedGraph(bundle.graph, bundle.local, 0.0)
        served._machine._threads = threads
        found.append(served.judged(x))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_points_give_no_answers(bundle: nr.bundles.Bundle) -> None:
    judged = bundle.served.judged(np.empty((0, 10)))
    assert [len(numbers) for numbers in judged] == [0] * 5


def local_band() -> LocalBand:
    random = np.random.default_rng(2)
    layers = [
        LayerRecord(
            weight=random.normal(size=shape).tolist(), bias=random.normal(size=shape[1]).tolist()
        )
        for shape in ((10, 7), (7, 7), (7, 1))
    ]
    return LocalBand(BandRecord(level=0.99, factor=1e-5, low=-2.0, high=2.0, layers=layers))


@pytest.mark.parametrize("codes", [(), (0, 1)])
def test_band_and_nearness_are_those_of_numpy(bundle: nr.bundles.Bundle, codes) -> None:
    x = points_near(bundle, 3000)
    is_first = np.arange(len(x)) % 2 == 0
    x[:, 0], x[:, 1] = (is_first, ~is_first) if codes else (x[:, 0], x[:, 1])
    served = Served(local_band(), fit_nearness(x[:1000], x[1000:2000], codes, 0.05))
    graph = ServedGraph(bundle.graph, served, 0.0)
    for rows in (x, x[2000:2001], x[2001:2002]):
        found, right = graph.judged(rows), graph._by_numpy(rows)
        np.testing.assert_allclose(found.band, right.band, rtol=1e-12)
        near = found.inside & served.near(rows)
        np.testing.assert_array_equal(found.near, near)
    assert 0 < np.count_nonzero(served.near(x)) < len(x)


def captured(model: Model, one: bool) -> list:
    """What the kernel is asked to check."""
    asked: list = []
    fake = ModuleType("kernel")
    fake.OPERATIONS, fake.program = KERNEL.OPERATIONS, lambda *a: asked.extend(a)
    trace = Trace(model, one=one)
    if not one:
        with_fractions(trace)
        without_copies(trace)
        assert "fractions" in [step.operation for step in trace.steps]
    program(fake, trace, (1,) if one else (64,))
    return asked


@pytest.mark.parametrize("one", [True, False])
def test_no_program_reaches_outside_its_memory(bundle: nr.bundles.Bundle, one: bool) -> None:
    """Instructions altered at random are refused, or run on their own memory; nothing else is there to be harmed."""
    x = points_near(bundle, 1 if one else 70)
    instructions, *rest = captured(bundle.served._model, one)
    assert KERNEL.program(instructions, *rest) is not None
    random, refused = np.random.default_rng(8), 0
    outputs = (np.empty(len(x)), np.empty(x.shape), np.empty(len(x), np.bool_))
    for _ in range(3000):
        altered = instructions.copy()
        row, column = (random.integers(size) for size in altered.shape)
        sizes = (-1, 1, 64, 4096, 1 << 20, 2**31 - 1, -(2**31))
        altered[row, column] = random.choice(
            [*sizes, altered[row, column] + random.integers(-9, 9)]
        )
        try:
            made = KERNEL.program(altered, *rest)
        except ValueError:
            refused += 1
        else:
            KERNEL.run(made, x, outputs, 1)
    assert refused > 500


def test_buffers_of_another_size_are_refused(bundle: nr.bundles.Bundle) -> None:
    made = bundle.served._machine._many
    x = points_near(bundle, 5)
    value, slopes, inside = np.empty(5), np.empty((5, 10)), np.empty(5, np.bool_)
    for arguments in (
        (x[:, :9].copy(), (value, slopes, inside)),
        (x.astype(np.float32), (value, slopes, inside)),
        (x, (value[:4], slopes, inside)),
        (x, (value, slopes)),
    ):
        with pytest.raises(ValueError, match=r"must hold"):
            KERNEL.run(made, *arguments, 1)


def test_what_the_kernel_does_not_do_is_done_by_numpy() -> None:
    """Largest numbers over points are done for truths of branches alone; the smallest by NumPy."""
    constants = {"axes": np.array([0])}
    nodes = (
        Node("ReduceMin", ("x", "axes"), ("least",), {}),
        Node("Add", ("x", "least"), ("value",), {}),
        Node("Greater", ("x", "least"), ("inside",), {}),
    )
    model = Model(nodes, constants, {"x": 1}, ("value", "x", "inside"))
    x = np.array([[3.0], [1.0], [2.0]])
    with pytest.raises(NotCompiledError):
        MachineRuntime(KERNEL, model, (1, 1, 1))(
            x, (np.empty(3), np.empty((3, 1)), np.empty(3, bool))
        )


def test_without_the_kernel_numpy_answers(bundle, monkeypatch) -> None:
    monkeypatch.setattr(served_graph, "kernel", lambda name: None)
    x = points_near(bundle, 40)
    graph = ServedGraph(bundle.graph, bundle.local, bundle.certificate.error_band)
    for one, other in zip(graph.judged(x), bundle.served.judged(x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-8)


def test_sums_of_fractions_are_one_step_and_right_to_rounding() -> None:
    """Terms spread over 13 poles, as of a normal distribution; a dense product reads them too, so that they stay."""
    poles, random = np.arange(1.0, 14.0), np.random.default_rng(3)
    weights = random.normal(size=(13, 1))
    constants = {
        "each": np.repeat([0, 1], 13),
        "poles": np.tile(poles, 2)[None, :],
        "apart": np.array([0, 2, 13]),
        "weights": weights,
        "other": weights[::-1].copy(),
        "flat": np.array([0, 2]),
        "all": np.kron(np.eye(2), weights),
    }
    nodes = (
        Node("Mul", ("x", "x"), ("square",), {}),
        Node("Gather", ("square", "each"), ("spread",), {"axis": 1}),
        Node("Add", ("spread", "poles"), ("terms",), {}),
        Node("Reciprocal", ("terms",), ("inverse",), {}),
        Node("Reshape", ("inverse", "apart"), ("rows",), {}),
        Node("MatMul", ("rows", "weights"), ("sums",), {}),
        Node("MatMul", ("rows", "other"), ("others",), {}),
        Node("Reshape", ("sums", "flat"), ("one",), {}),
        Node("Reshape", ("others", "flat"), ("two",), {}),
        Node("MatMul", ("inverse", "all"), ("three",), {}),
        Node("Concat", ("one", "two", "three"), ("value",), {"axis": 1}),
    )
    model = Model(nodes, constants, {"x": 2}, ("value",))
    x = random.normal(size=(40, 2))
    found = np.empty((40, 6))
    machine = MachineRuntime(KERNEL, model, (6,))
    machine(x, (found,))
    terms = 1.0 / (x[:, :, None] ** 2 + poles)
    right = np.concatenate(
        [terms @ weights[:, 0], terms @ weights[::-1, 0], terms @ weights[:, 0]], 1
    )
    size = np.abs(terms) @ np.abs(weights[:, 0]).max(keepdims=True).repeat(13)
    assert np.max(np.abs(found - right) / np.tile(size, 3)) < 20 * EPSILON
    _, trace = machine._program(model, (32,), (6,))
    operations = [step.operation for step in trace.steps]
    assert operations.count("fractions") == 2
    assert "reciprocal" in operations
    assert "copy" not in operations


@pytest.mark.parametrize("name", nr.bundles.shipped())
def test_many_points_are_as_numpy_has_them(name: str) -> None:
    """Steps that were joined, left out or put in place of others change no number."""
    bundle = nr.bundles.load(name)
    x = np.asarray(bundle.domain.sample(jax.random.key(3), 90))
    found, right = bundle.served.judged(x), bundle.served._by_numpy(x)
    inside = right.inside
    assert inside.all()
    single = np.finfo(np.float32).eps
    for one, other, most in zip(found[:3], right[:3], (1.0, 1.0, 4.0), strict=True):
        size = 1.0 + np.max(np.abs(other[inside]))
        off = np.max(np.abs(one[inside] - other[inside])) / size
        assert off <= most * single
    np.testing.assert_array_equal(found.near, right.near)
