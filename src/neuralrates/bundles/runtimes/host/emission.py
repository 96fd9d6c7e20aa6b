"""A graph as the source of one Python function: single numbers in Python, everything wider in NumPy.

One row is laid out as flat arrays, and what is a single number at a point is a Python number. Many rows have the points along
the last axis, so that every operation runs along memory. Names in the file never become names in the source.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Model, Node
from neuralrates.core.registry import Registry


class Value(NamedTuple):
    """What holds a tensor.

    Args:
        code: in the source
        shape: of it at one point; none for a single number
    """

    code: str
    shape: tuple[int, ...] = ()


Rule = Callable[["Emission", Node], Value]
OPERATORS: Registry[Rule] = Registry("an operator")
"""How each operator is written, by its name in ONNX."""


_WARN = ("Div", "Reciprocal", "Log", "Sqrt", "Pow", "Exp", "If")
"""Operators of which NumPy warns where there is no number."""


def operator(*names: str) -> Callable[[Rule], Rule]:
    """Decorator of the rule of some operators."""

    def add(made: Rule) -> Rule:
        for name in names:
            OPERATORS.register(name, made)
        return made

    return add


class Emission:
    """The lines of a function, and the constants that it reads.

    Args:
        model: what is written
        one: for a single row
    """

    def __init__(self, model: Model, *, one: bool) -> None:
        self.one = one
        self.names: dict[str, Any] = {"np": np, "math": math}
        self.constants: dict[str, np.ndarray] = dict(model.constants)
        self._values = {name: Value("x", (size,)) for name, size in model.inputs.items()}
        self.warns = any(node.operator in _WARN for node in model.nodes)
        self._lines: list[str] = []
        self._depth, self._count = 1, 0
        self.write(model)
        outputs = [self.value(name) for name in model.outputs]
        self.shapes = tuple(output.shape for output in outputs)
        found = ", ".join(output.code for output in outputs)
        self.source = "\n".join(["def run(x):", *self._lines, f"    return {found}", ""])

    def function(self) -> Callable[[np.ndarray], tuple]:
        """The function compiled."""
        names = dict(self.names)
        exec(compile(self.source, "<graph>", "exec"), names)  # noqa: S102 (only of numbers)
        made: Callable[[np.ndarray], tuple] = names["run"]
        return made

    def write(self, model: Model) -> None:
        """All nodes of a graph, those of constants at once."""
        for node in model.nodes:
            if node.operator in FOLDED and all(name in self.constants for name in node.inputs):
                arrays = [self.constants[name] for name in node.inputs]
                folded = FOLDED[node.operator](node.attributes, *arrays)
                self.constants[node.outputs[0]] = folded
                continue
            if node.operator not in OPERATORS:
                raise ValueError(f"The operator {node.operator} has no rule in NumPy.")
            self._values[node.outputs[0]] = OPERATORS[node.operator](self, node)

    def assign(self, code: str, shape: tuple[int, ...] = ()) -> Value:
        """A result in a variable of its own."""
        self._count += 1
        name = f"v{self._count}"
        self.line(f"{name} = {code}")
        return Value(name, shape)

    def line(self, text: str) -> None:
        """One more line."""
        self._lines.append("    " * self._depth + text)

    def branch(self, head: str, model: Model, result: str) -> tuple[int, ...]:
        """Lines under a condition that end with a result in a variable; its shape."""
        self.line(head)
        self._depth += 1
        self.write(model)
        value = self.value(model.outputs[0])
        self.line(f"{result} = {value.code}")
        self._depth -= 1
        return value.shape

    def fresh(self) -> str:
        """A variable's name."""
        self._count += 1
        return f"v{self._count}"

    def value(self, name: str) -> Value:
        """What holds a tensor, a constant laid out beside the points."""
        if name in self._values:
            return self._values[name]
        array = self.constants[name]
        if array.size == 1:
            return Value(self.number(array.item()))
        flat = array.reshape(-1)
        return Value(self.constant(flat if self.one else flat[:, None]), flat.shape)

    def values(self, node: Node) -> list[Value]:
        """What holds the inputs of a node."""
        return [self.value(name) for name in node.inputs]

    def number(self, value: Any) -> str:
        """A single number in the source."""
        if isinstance(value, (bool, int)) or math.isfinite(value):
            return f"({value!r})"
        return self.constant(float(value))

    def constant(self, content: Any) -> str:
        """A name for something that the source reads."""
        name = f"k{len(self.names)}"
        self.names[name] = content
        return name


def _scatter(_: Mapping[str, Any], data: np.ndarray, at: np.ndarray, new: np.ndarray) -> np.ndarray:
    result = data.copy()
    result[tuple(np.moveaxis(at, -1, 0))] = new
    return result


FOLDED: Mapping[str, Callable[..., np.ndarray]] = {
    "Cast": lambda a, x: x.astype({1: np.float32, 7: np.int64, 11: np.float64}[a["to"]]),
    "ConstantOfShape": lambda a, shape: np.full(shape, a["value"].item()),
    "Reshape": lambda a, x, shape: x.reshape(shape),
    "ScatterND": _scatter,
    "Identity": lambda a, x: x,
}
"""Operators that unpack constants."""
