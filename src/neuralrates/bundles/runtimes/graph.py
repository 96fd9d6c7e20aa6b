"""ONNX graphs in the making, and sessions that run them: what both runtimes are written in."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuralrates.core.extras import extra

with extra("onnx"):
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

OPSET = 17
INTERMEDIATE_VERSION = 8
Shapes = Mapping[str, tuple[int, tuple[int, ...]]]
"""Name of a tensor to its type and its shape after the batch."""


class Graph:
    """Nodes and constants, named as they come."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: Any, kind: type = np.float64) -> str:
        """A constant's name."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, dtype=kind), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """The name of a node's result."""
        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def model(self, name: str, inputs: Shapes, outputs: Shapes) -> onnx.ModelProto:
        """The checked model."""
        graph = helper.make_graph(
            self.nodes, name, _tensors(inputs), _tensors(outputs), self.constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=INTERMEDIATE_VERSION,
            producer_name="neuralrates",
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def doubles(*shape: int) -> tuple[int, tuple[int, ...]]:
    """Type and shape of a tensor in double precision."""
    return TensorProto.DOUBLE, shape


def singles(*shape: int) -> tuple[int, tuple[int, ...]]:
    """Type and shape of a tensor in single precision."""
    return TensorProto.FLOAT, shape


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


def _tensors(shapes: Shapes) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, kind, ["batch", *shape])
        for name, (kind, shape) in shapes.items()
    ]
