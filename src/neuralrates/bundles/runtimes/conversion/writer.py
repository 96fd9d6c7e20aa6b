"""A program written as nodes: each operation by its rule, affine values in between kept as matrices."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Affine, Value, of_result
from neuralrates.bundles.runtimes.conversion.matrices import is_diagonal, is_large, multiplied
from neuralrates.bundles.runtimes.conversion.program import Operation, Program
from neuralrates.bundles.runtimes.graph import Graph
from neuralrates.core.errors import RefusalError
from neuralrates.core.registry import Registry

Rule = Callable[["Writer", Operation, tuple[Value, ...]], list[Value]]
RULES: Registry[Rule] = Registry("a rule")
"""How each operation is written, by its name."""
_ARRANGED = ("stack", "concatenate", "pad", "reshape", "broadcast_in_dim", "slice", "squeeze")
"""Operations that only arrange: what reads parts of their results reads fewer terms."""
_FEW = 2
"""Terms that are added one by one."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Decorator of the rule of some operations."""

    def add(made: Rule) -> Rule:
        for name in names:
            RULES.register(name, made)
        return made

    return add


class Writer:
    """Nodes of one graph. Every result is a matrix, points in rows; a single column stands for any number of equal ones.

    Args:
        graph: to write into
        widths: columns of the results that are given
        points: one of these, with a row for every point
    """

    def __init__(self, graph: Graph, widths: Mapping[str, int], points: str) -> None:
        self.graph = graph
        self.points = points
        self.widths = dict(widths)
        self.truths: dict[str, str] = {}

    def run(self, program: Program, inputs: tuple[Value, ...]) -> list[Value]:
        """What a program makes of values."""
        known: dict[int, Value] = {
            id(symbol): value for symbol, value in zip(program.inputs, inputs, strict=True)
        }
        readers = Counter(id(v) for operation in program.operations for v in operation.inputs)

        def read(value: Any) -> Value:
            return value if isinstance(value, np.ndarray) else known[id(value)]

        for operation in program.operations:
            results = self._written(operation, tuple(map(read, operation.inputs)))
            for symbol, result in zip(operation.outputs, results, strict=True):
                many = readers[id(symbol)] > 1 and operation.name not in _ARRANGED
                known[id(symbol)] = self._settled(result) if many else result
        return [*map(read, program.outputs)]

    def _written(self, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
        """Results of an operation; at once, where all that it needs has turned out to be constant."""
        if operation.name != "cond" and all(isinstance(value, np.ndarray) for value in inputs):
            return operation.folded(inputs)
        if operation.name not in RULES:
            raise RefusalError(f"The operation `{operation.name}` has no rule for a graph.")
        return RULES[operation.name](self, operation, inputs)

    def node(self, operator: str, *inputs: str, shape: tuple[int, ...], **attributes: Any) -> Value:
        """A node's result as a value, as wide as the widest of its inputs."""
        width = max((self.widths.get(name, 1) for name in inputs), default=1)
        return self.result(self.graph.node(operator, [*inputs], **attributes), width, shape)

    def result(self, name: str, width: int, shape: tuple[int, ...], scale: Any = 1.0) -> Affine:
        """A node's result, known from now on."""
        self.widths[name] = width
        return of_result(name, width, shape, scale)

    def constant(self, array: np.ndarray) -> str:
        """A constant in a row; a single number where all are equal."""
        flat = np.asarray(array, np.float64).reshape(1, -1)
        flat = flat[:, :1] if np.all(flat == flat[0, 0]) else flat
        name = self.graph.constant(flat)
        self.widths[name] = flat.shape[1]
        return name

    def dense(self, value: Value) -> str:
        """The name of what holds a value: all its numbers, or one where they are equal at every point."""
        if isinstance(value, np.ndarray):
            return self.constant(value)
        if value.size > 1 and _uniform(value):
            terms = {name: matrix[:, :1] for name, matrix in value.terms.items()}
            return self.dense(Affine(terms, value.bias.reshape(-1)[:1]))
        name, bias, width = "", value.bias.reshape(1, -1), value.size
        value = self._gathered(value)
        for term, matrix in sorted(value.terms.items(), key=lambda item: _is_easy(item[1])):
            name = self._added(name, term, matrix, bias)
            self.widths[name] = width
        return name

    def wide(self, value: Value, *, everywhere: bool = False) -> str:
        """The name of what holds every number of a value apart; if so wanted, constants in a row for every point."""
        if isinstance(value, np.ndarray) and everywhere:
            return self.everywhere(value)
        name, size = self.dense(value), int(np.prod(value.shape, dtype=int))
        if self.widths[name] == size:
            return name
        wide = self.graph.node("MatMul", [name, self.graph.constant(np.ones((1, size)))])
        self.widths[wide] = size
        return wide

    def everywhere(self, constant: np.ndarray) -> str:
        """A constant in a row for every point."""
        none = self.graph.constant(np.zeros((self.widths[self.points], constant.size)))
        row = self.graph.constant(constant.reshape(1, -1))
        name = self.graph.node("Gemm", [self.points, none, row])
        self.widths[name] = constant.size
        return name

    def factor(self, value: Value) -> tuple[str, np.ndarray]:
        """A name and the constants by which it must be multiplied to be the value."""
        if isinstance(value, Affine) and value.alone is not None:
            name, matrix = value.alone
            if matrix.shape[0] == 1 and value.size >= 1:
                return name, matrix[0]
            if matrix.shape[0] == value.size and is_diagonal(matrix):
                return name, np.diag(matrix)
        return self.dense(value), np.ones(1)

    def truth(self, value: Value) -> str:
        """The name of what says yes or no for a value of zeros and ones."""
        name = self.dense(value)
        if name not in self.truths:
            half = self.graph.constant(0.5)
            self.truths[name] = self.graph.node("Greater", [name, half])
        return self.truths[name]

    def from_truth(self, name: str, width: int, shape: tuple[int, ...]) -> Affine:
        """Zeros and ones for no and yes."""
        cast = self.graph.node("Cast", [name], to=11)
        self.truths[cast] = name
        return self.result(cast, width, shape)

    def _gathered(self, value: Affine) -> Affine:
        """The same value, many small terms of it as one matrix applied to their results side by side."""
        names = sorted(name for name, matrix in value.terms.items() if not is_large(matrix))
        if len(names) <= _FEW:
            return value
        name = self.graph.node("Concat", names, axis=1)
        matrix = np.concatenate([value.terms[one] for one in names])
        self.widths[name] = len(matrix)
        large = {one: found for one, found in value.terms.items() if one not in names}
        return Affine(large | {name: matrix}, value.bias)

    def _settled(self, value: Value) -> Value:
        """A value that several read: one result, where it was a sum of many."""
        if isinstance(value, np.ndarray) or len(value.terms) <= 1:
            return value
        name = self.dense(value)
        return of_result(name, self.widths[name], value.shape)

    def _added(self, name: str, term: str, matrix: np.ndarray, bias: np.ndarray) -> str:
        """A term on top of what is there."""
        graph, rows = self.graph, matrix.shape[0]
        if rows == 1 or (rows == matrix.shape[1] and is_diagonal(matrix)):
            scale = matrix[0] if rows == 1 else np.diag(matrix)
            if np.all(scale == -1.0) and (name or np.any(bias)):
                start = name or self.constant(bias)
                return graph.node("Sub", [start, term])
            if not np.all(scale == 1.0):
                term = graph.node("Mul", [term, self.constant(scale)])
            if name:
                return graph.node("Add", [name, term])
            return graph.node("Add", [term, self.constant(bias)]) if np.any(bias) else term
        if is_large(matrix) or not (name or np.any(bias)):
            made = multiplied(graph, term, matrix)
            if name:
                return graph.node("Add", [name, made])
            return graph.node("Add", [made, graph.constant(bias)]) if np.any(bias) else made
        start = name or graph.constant(bias)
        return graph.node("Gemm", [term, graph.constant(matrix), start])


def _is_easy(matrix: np.ndarray) -> bool:
    """Whether a term is added without a product of matrices."""
    return matrix.shape[0] == 1 or (matrix.shape[0] == matrix.shape[1] and is_diagonal(matrix))


def _uniform(value: Affine) -> bool:
    """Whether all numbers of a value are equal at every point."""
    arrays = [value.bias.reshape(1, -1), *value.terms.values()]
    return all(bool(np.all(array == array[:, :1])) for array in arrays)
