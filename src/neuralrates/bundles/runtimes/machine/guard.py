"""What is served beside a surrogate, as nodes at the end of its graph: the band and the distance from what was sampled."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Model, Node
from neuralrates.certificates.local_band import LocalBand
from neuralrates.certificates.nearness import Nearness
from neuralrates.certificates.served import Served
from neuralrates.core.units import ROUNDING


class _Guard:
    """Nodes and constants in the making, under names that no file can give."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, np.ndarray] = {}

    def constant(self, array: Any, kind: type = np.float64) -> str:
        name = f"\0constant {len(self.constants)}"
        self.constants[name] = np.atleast_1d(np.asarray(array, kind))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"\0result {len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, (name,), attributes))
        return name


def guarded(model: Model, served: Served) -> Model:
    """A graph with further outputs: whether a point is near the distribution, and the half-width of the band.

    Args:
        model: whose input is the point; its last output says whether that lies in the domain
        served: band and nearness; nothing is added for what is None
    """
    guard, outputs = _Guard(), list(model.outputs)
    (x,) = model.inputs
    if served.nearness is not None:
        outputs.append(guard.node("And", outputs[-1], _near(guard, x, served.nearness)))
    if served.band is not None:
        outputs.append(_band(guard, x, served.band))
    constants: Mapping[str, np.ndarray] = {**model.constants, **guard.constants}
    return Model((*model.nodes, *guard.nodes), constants, model.inputs, tuple(outputs))


def _band(guard: _Guard, x: str, band: LocalBand) -> str:
    *hidden, last = [
        (guard.constant(weight), guard.constant(shift)) for weight, shift in band.layers
    ]
    for layer in hidden:
        x = guard.node("Max", guard.node("Gemm", x, *layer), guard.constant(0.0))
    above = guard.node("Max", guard.node("Gemm", x, *last), guard.constant(band.record.low))
    scale = guard.node("Exp", guard.node("Min", above, guard.constant(band.record.high)))
    wide = guard.node("Mul", scale, guard.constant(band.record.factor))
    return guard.node("Add", wide, guard.constant(ROUNDING))


def _near(guard: _Guard, x: str, nearness: Nearness) -> str:
    """Whether the squared distance from the law of a point's kind is within its limit."""
    truths = []
    for mean, whitening, limit in nearness.kinds:
        z = guard.node(
            "MatMul", guard.node("Sub", x, guard.constant(mean)), guard.constant(whitening)
        )
        ones = guard.constant(np.ones((whitening.shape[1], 1)))
        squared = guard.node("MatMul", guard.node("Mul", z, z), ones)
        truths.append(guard.node("LessOrEqual", squared, guard.constant(limit)))
    if not nearness.record.codes:
        return truths[0]
    numbers = [guard.node("Cast", truth, to=11) for truth in truths]
    codes = guard.constant(nearness.record.codes, np.int64)
    kind = guard.node("ArgMax", guard.node("Gather", x, codes, axis=1), axis=1, keepdims=1)
    found = guard.node("GatherElements", guard.node("Concat", *numbers, axis=1), kind, axis=1)
    return guard.node("Greater", found, guard.constant(0.5))
