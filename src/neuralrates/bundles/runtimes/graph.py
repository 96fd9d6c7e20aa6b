"""ONNX graphs in the making, and sessions that run them: what all runtimes are written in."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from neuralrates.core.extras import extra

with extra("onnx"):
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

OPSET = 18
INTERMEDIATE_VERSION = 8
Shapes = Mapping[str, tuple[int, tuple[int, ...]]]
"""Name of a tensor to its type and its shape after the batch."""
_LARGE = 4096
"""Bytes of a constant from which its size in the file matters."""
_SPARSE = 0.5
"""Share of numbers other than zero below which places and numbers take less than the array."""
_COMMUTE = ("Mul", "Add", "Max", "Min", "Equal", "And", "Or")


class Graph:
    """Nodes and constants, named as they come; what was computed once is not computed again.

    Args:
        outer: graph whose branch this is; its names are known here
    """

    def __init__(self, outer: "Graph | None" = None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._outer = outer
        self._root: Graph = self if outer is None else outer._root
        self._known: dict[Any, str] = {}
        self._constants: dict[str, onnx.TensorProto] = {}
        self._count = 0

    def constant(self, array: Any, kind: type = np.float64) -> str:
        """A constant's name."""
        values = np.asarray(array, dtype=kind)
        key = ("constant", values.shape, values.dtype.str, values.tobytes())
        if key not in self._root._known:
            name = f"c{len(self._root._constants)}"
            self._root._known[key] = name
            self._root._constants[name] = numpy_helper.from_array(values, name)
        return self._root._known[key]

    def node(self, operator: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """The name of a node's result; of the same one where the same was asked before."""
        ordered = sorted(inputs) if operator in _COMMUTE else inputs
        key = (operator, tuple(ordered), repr(sorted(attributes.items())))
        known = self._find(key)
        if known and not output:
            return known
        name = output or self.fresh()
        made = ("Identity", [known], {}) if known else (operator, inputs, attributes)
        self.nodes.append(helper.make_node(made[0], made[1], [name], **made[2]))
        self._known.setdefault(key, name)
        return name

    def fresh(self) -> str:
        """A name that nothing has."""
        self._root._count += 1
        return f"n{self._root._count}"

    def branch(self, name: str, output: str) -> onnx.GraphProto:
        """This graph as a branch of its outer one, with one result of numbers in rows."""
        result = helper.make_tensor_value_info(output, TensorProto.DOUBLE, None)
        return helper.make_graph(_needed(self.nodes, {output}), name, [], [result])

    def model(self, name: str, inputs: Shapes, outputs: Shapes) -> onnx.ModelProto:
        """The checked model, without what no output needs."""
        nodes = _needed(self.nodes, set(outputs))
        used = _read(nodes)
        packed = [_packed(one) for constant, one in self._constants.items() if constant in used]
        nodes = [node for _, unpacking in packed for node in unpacking] + nodes
        constants = [one for kept, _ in packed for one in kept]
        graph = helper.make_graph(nodes, name, _tensors(inputs), _tensors(outputs), constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=INTERMEDIATE_VERSION,
            producer_name="neuralrates",
        )
        onnx.checker.check_model(model, full_check=True)
        return model

    def _find(self, key: Any) -> str | None:
        found = self._known.get(key)
        return self._outer._find(key) if found is None and self._outer is not None else found


def doubles(*shape: int) -> tuple[int, tuple[int, ...]]:
    """Type and shape of a tensor in double precision."""
    return TensorProto.DOUBLE, shape


def singles(*shape: int) -> tuple[int, tuple[int, ...]]:
    """Type and shape of a tensor in single precision."""
    return TensorProto.FLOAT, shape


def truths(*shape: int) -> tuple[int, tuple[int, ...]]:
    """Type and shape of a tensor of yes and no."""
    return TensorProto.BOOL, shape


def session(model: onnx.ModelProto, num_threads: int) -> onnxruntime.InferenceSession:
    """A session on the processor.

    Args:
        model: what to run
        num_threads: threads of one call
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _packed(
    constant: onnx.TensorProto,
) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """What is kept of a constant, and the nodes that make it again; they run once, when a session begins.

    Of a large one that is mostly zeros the others are kept with their places, and in single precision what that holds exactly.
    """
    values = numpy_helper.to_array(constant)
    if values.nbytes < _LARGE or values.dtype != np.float64:
        return [constant], []
    places = np.flatnonzero(values)
    if places.size < _SPARSE * values.size:
        return _sparse(constant.name, values, places)
    return _halved(constant.name, values)


def _sparse(
    name: str, values: np.ndarray, places: np.ndarray
) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """A flat array of zeros with the others put in, brought to its shape."""
    flat, dense, at, size, shape = (
        f"{name}_{part}" for part in ("flat", "dense", "at", "size", "shape")
    )
    others, casts = _halved(f"{name}_others", values.ravel()[places])
    kept = [
        *others,
        numpy_helper.from_array(places.astype(np.int32)[:, None], f"{name}_places"),
        numpy_helper.from_array(np.array([values.size], np.int64), size),
        numpy_helper.from_array(np.array(values.shape, np.int64), shape),
    ]
    zero = helper.make_tensor("zero", TensorProto.DOUBLE, [1], [0.0])
    return kept, [
        *casts,
        helper.make_node("Cast", [f"{name}_places"], [at], to=TensorProto.INT64),
        helper.make_node("ConstantOfShape", [size], [flat], value=zero),
        helper.make_node("ScatterND", [flat, at, f"{name}_others"], [dense]),
        helper.make_node("Reshape", [dense, shape], [name]),
    ]


def _halved(name: str, values: np.ndarray) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """An array in single precision where that holds it exactly, and the node that makes it double again."""
    single = values.astype(np.float32)
    if np.any(single != values):
        return [numpy_helper.from_array(values, name)], []
    cast = helper.make_node("Cast", [f"{name}_single"], [name], to=TensorProto.DOUBLE)
    return [numpy_helper.from_array(single, f"{name}_single")], [cast]


def _needed(nodes: list[onnx.NodeProto], wanted: set[str]) -> list[onnx.NodeProto]:
    """The nodes that lead to some names."""
    needed, kept = set(wanted), []
    for node in reversed(nodes):
        if needed & set(node.output):
            kept.append(node)
            needed |= _read([node])
    return kept[::-1]


def _read(nodes: Iterable[onnx.NodeProto]) -> set[str]:
    """Names that nodes read, in their branches too."""
    names = {name for node in nodes for name in node.input}
    branches = [
        a.g for node in nodes for a in node.attribute if a.type == onnx.AttributeProto.GRAPH
    ]
    for branch in branches:
        names |= _read(branch.node) | {result.name for result in branch.output}
    return names


def _tensors(shapes: Shapes) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, kind, ["batch", *shape])
        for name, (kind, shape) in shapes.items()
    ]
