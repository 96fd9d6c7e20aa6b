"""A surrogate's graph served by NumPy: at once, by one function for a single row and one for many."""

import functools
from collections.abc import Callable
from functools import cached_property

import numpy as np

from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.bundles.runtimes.host import operators as _operators
from neuralrates.bundles.runtimes.host import products as _products
from neuralrates.bundles.runtimes.host.emission import Emission
from neuralrates.bundles.runtimes.host.onnx_file import Model, read_model

RULES = (_operators, _products)
"""Modules that add their rules when they are imported."""
_ROWS, _ROWS_OF_BRANCHES = 200, 1000
_KEPT = 30 << 20
"""Bytes; an allocator that has once been given back a block of this size keeps what it is given back later."""


class HostRuntime:
    """The graph in a bundle's file, as Python and NumPy; nothing else is needed, and nothing is started.

    Args:
        graph: ONNX model with input `x` and outputs `value`, `jacobian` and `in_domain`; its bytes, or what was read of them

    Example:
        >>> import numpy as np
        >>> import neuralrates as nr
        >>> from neuralrates.bundles.runtimes.host.host_runtime import HostRuntime
        >>> bundle = nr.bundles.load("bermudan")
        >>> answers = HostRuntime(bundle.graph)(np.array([bundle.certificate.outputs[0].worst_point]))
        >>> answers.jacobian.shape, bool(answers.in_domain[0])
        ((1, 10), True)
    """

    def __init__(self, graph: bytes | Model) -> None:
        self._model = read_model(graph) if isinstance(graph, bytes) else graph
        branches = any(node.operator == "If" for node in self._model.nodes)
        (self._inputs,) = self._model.inputs.values()
        self._rows = _ROWS_OF_BRANCHES if branches else _ROWS
        _keep_memory()

    def __call__(self, x: np.ndarray) -> Answers:
        """Value, derivatives and whether the point lies in the domain, of every row."""
        if len(x) == 1:
            try:
                value, slopes, inside = self._one(x[0])
            except (ArithmeticError, ValueError):  # Python raises where NumPy has no number
                return self._batch(x)
            return Answers(np.array((value,)), slopes[None], np.array((inside,)))
        starts = range(0, len(x), self._rows)
        parts = [self._batch(x[k : k + self._rows]) for k in starts]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return Answers(np.zeros(0), np.zeros(x.shape), np.zeros(0, np.bool_))
        return Answers(*map(np.concatenate, zip(*parts, strict=True)))

    def _batch(self, x: np.ndarray) -> Answers:
        rows, inputs = x.shape
        value, slopes, inside = self._many(np.ascontiguousarray(x.T))
        slopes = np.broadcast_to(np.reshape(slopes, (inputs, -1)), (inputs, rows))
        return Answers(_in_rows(value, rows), np.array(slopes.T, order="C"), _in_rows(inside, rows))

    @cached_property
    def _one(self) -> Callable[[np.ndarray], tuple]:
        emission = Emission(self._model, one=True)
        function = emission.function()
        if emission.shapes != ((), (self._inputs,), ()):  # of one input, or a constant
            function = _laid_out(function)
        return _quiet(function) if emission.warns else function

    @cached_property
    def _many(self) -> Callable[[np.ndarray], tuple]:
        return _quiet(Emission(self._model, one=False).function())


@functools.cache
def _keep_memory() -> None:
    """Give a large block back, once, so that results in between are not asked of the system again and again."""
    np.empty(_KEPT, np.uint8)


def _in_rows(numbers: np.ndarray, rows: int) -> np.ndarray:
    """One number a row, where all may be the same one; the caller's to write to."""
    return np.array(np.broadcast_to(np.reshape(numbers, -1), rows))


def _laid_out(function: Callable[[np.ndarray], tuple]) -> Callable[[np.ndarray], tuple]:
    """A function of one row that gives single numbers where it gave arrays of one, and an array of derivatives."""

    def run(x: np.ndarray) -> tuple:
        value, slopes, inside = function(x)
        return np.reshape(value, ())[()], np.reshape(slopes, x.shape), np.reshape(inside, ())[()]

    return run


def _quiet(function: Callable[[np.ndarray], tuple]) -> Callable[[np.ndarray], tuple]:
    """A function without warnings of what a branch not taken divides by."""

    def run(x: np.ndarray) -> tuple:
        with np.errstate(all="ignore"):
            return function(x)

    return run
