"""A graph as steps on registers: what each operator of the file asks the kernel to do, in order.

A register holds a tensor's numbers at a point; a value is a part of one, or constant. Truths and whole numbers are doubles.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from neuralrates.bundles.runtimes.host.emission import FOLDED
from neuralrates.bundles.runtimes.host.onnx_file import Model, Node
from neuralrates.core.registry import Registry


class Value(NamedTuple):
    """What holds a tensor.

    Args:
        register: its number; -1 for a constant
        start: first number there
        width: how many numbers a point has
        is_single: whether they are of single precision
        chosen: 0 of all points, else the number of the choice of points that they are of
        shape: at a point, where there are rows and columns
        constant: its numbers
    """

    register: int
    start: int
    width: int
    is_single: bool = False
    chosen: int = 0
    shape: tuple[int, ...] = ()
    constant: np.ndarray | None = None


@dataclass(slots=True)
class Step:
    """One instruction.

    Args:
        operation: of the kernel, in double precision
        result: where to; none where there is no result
        operands: what it reads
        settings: whole numbers by their place
        arrays: constants by the place of the setting that says where they are
    """

    operation: str
    result: Value | None
    operands: tuple[Value, ...] = ()
    settings: dict[int, int] = field(default_factory=dict)
    arrays: dict[int, np.ndarray] = field(default_factory=dict)


class Register(NamedTuple):
    """A place for numbers.

    Args:
        width: how many at a point
        is_single: whether they are of single precision
        is_written_in_parts: by steps that may write a little more than their part
        is_of_chosen: whether it is of the points that a branch has chosen
    """

    width: int
    is_single: bool
    is_written_in_parts: bool
    is_of_chosen: bool


class NotCompiledError(ValueError):
    """A graph that asks for something that the kernel does not do."""


Rule = Callable[["Trace", Node], Value]
RULES: Registry[Rule] = Registry("an operator")
"""How each operator is asked of the kernel, by its name in ONNX."""
_FRESH = frozenset(("If", "Gemm", "MatMul", "Concat", "Add", "Mul", "Sub"))
"""Operators whose result is a register of its own, or constant."""
_DOUBLES_ONLY = frozenset(
    (
        "take_by_point",
        "put_by_point",
        "largest",
        "smallest",
        "place_of_largest",
        "place_of_smallest",
    )
    + ("largest_of_points", "jump_unless", "choose_points", "take_points", "put_points")
)


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Decorator of the rule of some operators."""

    def add(made: Rule) -> Rule:
        for name in names:
            RULES.register(name, made)
        return made

    return add


class Trace:
    """The steps of a graph, and the registers that they need.

    Args:
        model: what is asked
        one: for a single point
        branches: those that are written out, by their result; all where None. At another one the program stops.
    """

    def __init__(self, model: Model, *, one: bool, branches: Collection[str] | None = None) -> None:
        self.one = one
        self.branches, self.left_out = branches, list[str]()
        self.steps: list[Step] = []
        self.registers: list[Register] = []
        self.constants: dict[str, np.ndarray] = dict(model.constants)
        self.uses: Mapping[str, int] = {} if one else _uses(model)
        self.fresh: set[str] = set()
        self.ground: Value | None = None
        self._values: dict[str, Value] = {}
        self._choice = 0
        for name, size in model.inputs.items():
            self._values[name] = self.input = self.register(size)
        self.write(model)
        self.outputs = [self.in_double(self.value(name)) for name in model.outputs]

    def write(self, model: Model) -> None:
        """All nodes of a graph, those of constants at once."""
        for node in model.nodes:
            if node.operator in FOLDED and all(name in self.constants for name in node.inputs):
                arrays = [self.constants[name] for name in node.inputs]
                folded = FOLDED[node.operator](node.attributes, *arrays)
                self.constants[node.outputs[0]] = folded
                continue
            if node.operator not in RULES:
                raise NotCompiledError(f"The operator {node.operator} has no rule.")
            self._values[node.outputs[0]] = RULES[node.operator](self, node)
            if node.operator in _FRESH:
                self.fresh.add(node.outputs[0])

    def widen(self, widths: Sequence[int]) -> None:
        """Outputs of as many numbers as are asked for; a single one may stand for all of them."""
        for place, (value, width) in enumerate(zip(self.outputs, widths, strict=True)):
            if value.width == 1 < width:
                self.outputs[place] = self.register(width)
                self.add("copy", self.outputs[place], value)
            elif value.width != width:
                raise NotCompiledError(f"An output of {value.width} numbers, not of {width}.")

    def value(self, name: str) -> Value:
        """What holds a tensor."""
        if name in self._values:
            return self._values[name]
        found = self._values[name] = constant(self.constants[name])
        return found

    def values(self, node: Node) -> list[Value]:
        """What holds the inputs of a node."""
        return [self.value(name) for name in node.inputs]

    def register(
        self,
        width: int,
        is_single: bool = False,
        chosen: int = 0,
        shape: tuple[int, ...] = (),
        *,
        in_parts: bool = False,
    ) -> Value:
        """A new place for numbers."""
        self.registers.append(Register(width, is_single, in_parts, chosen > 0))
        return Value(len(self.registers) - 1, 0, width, is_single, chosen, shape)

    def add(
        self, operation: str, result: Value | None, *operands: Value, **given: dict[int, np.ndarray]
    ) -> Step:
        """One more step."""
        if operation in _DOUBLES_ONLY and any(operand.is_single for operand in operands):
            raise NotCompiledError(f"The kernel does {operation} in double precision only.")
        step = Step(operation, result, operands, **given)  # type: ignore[arg-type]
        self.steps.append(step)
        return step

    def apply(self, operation: str, *operands: Value) -> Value:
        """The result of an operation number by number."""
        widest = operands[0]
        for value in operands[1:]:
            if value.width > widest.width:
                widest = value
        for value in operands:
            if value.width not in (1, widest.width):
                raise NotCompiledError("Operands of different widths.")
        chosen = self.chosen(*operands)
        result = self.register(widest.width, is_of_singles(operands), chosen, widest.shape)
        self.add(operation, result, *operands)
        return result

    def chosen(self, *operands: Value) -> int:
        """Which points an operation is about, the same for all that it reads."""
        found = {value.chosen for value in operands if value.constant is None}
        if found == {0}:
            return 0
        if len(found) > 1 or found - {0, self._choice}:
            raise NotCompiledError("An operation on different choices of points.")
        return found.pop() if found else 0

    def choose(self) -> int:
        """A new choice of points."""
        self._choice += 1
        return self._choice

    def in_register(self, value: Value, chosen: int = 0) -> Value:
        """A value that is no constant."""
        if value.constant is None:
            return value
        result = self.register(value.width, value.is_single, chosen, value.shape)
        self.add("copy", result, value)
        return result

    def in_double(self, value: Value) -> Value:
        """A value in double precision."""
        if not value.is_single:
            return value
        if value.constant is not None:
            return constant(value.constant.astype(np.float64))
        result = self.register(value.width, False, value.chosen, value.shape)
        self.add("to_double", result, value)
        return result

    def in_single(self, value: Value) -> Value:
        """A value in single precision."""
        if value.is_single:
            return value
        if value.constant is not None:
            return constant(value.constant.astype(np.float32))
        result = self.register(value.width, True, value.chosen, value.shape)
        self.add("to_single", result, value)
        return result


def constant(array: np.ndarray) -> Value:
    """A constant; whole numbers and truths in double precision."""
    single = array.dtype == np.float32
    flat = array.reshape(-1)
    shape = array.shape if array.ndim > 1 else ()
    flat = flat if single or flat.dtype == np.float64 else flat.astype(np.float64)
    return Value(-1, 0, flat.size, bool(single), 0, shape, flat)


def part(value: Value, start: int, width: int) -> Value:
    """Neighbouring numbers of a value."""
    if start < 0 or start + width > value.width:
        raise NotCompiledError("A part that reaches beyond its tensor.")
    if value.constant is not None:
        return constant(value.constant[start : start + width])
    register, first, _, is_single, chosen, _, _ = value
    return Value(register, first + start, width, is_single, chosen)


def is_of_singles(operands: Sequence[Value]) -> bool:
    """Whether what is made of some values is of single precision: as those that are no constants are."""
    for value in operands:
        if value.constant is None:
            return value.is_single
    return bool(operands) and operands[0].is_single


def _uses(model: Model) -> dict[str, int]:
    """How often each name is read, in branches too."""
    found: dict[str, int] = {}
    for node in model.nodes:
        for name in node.inputs:
            found[name] = found.get(name, 0) + 1
        for attribute in node.attributes.values():
            if isinstance(attribute, Model):
                for name, count in _uses(attribute).items():
                    found[name] = found.get(name, 0) + count
    for name in model.outputs:
        found[name] = found.get(name, 0) + 1
    return found
