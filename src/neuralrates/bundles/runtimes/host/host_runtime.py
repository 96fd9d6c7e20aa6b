"""A surrogate's graph served by NumPy: at once, by one function for a single row and one for many."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.bundles.runtimes.host import operators as _operators
from neuralrates.bundles.runtimes.host import products as _products
from neuralrates.bundles.runtimes.host.emission import Emission
from neuralrates.bundles.runtimes.host.onnx_file import read_model

RULES = (_operators, _products)
"""Modules that add their rules when they are imported."""
_ROWS = 250


class HostRuntime:
    """The graph in a bundle's file, as Python and NumPy; nothing else is needed, and nothing is started.

    Args:
        graph: ONNX model with input `x` and outputs `value`, `jacobian` and `in_domain`
    """

    def __init__(self, graph: bytes) -> None:
        self._model = read_model(graph)

    def __call__(self, x: np.ndarray) -> Answers:
        """Value, derivatives and whether the point lies in the domain, of every row."""
        if len(x) == 1:
            try:
                with np.errstate(all="ignore"):
                    value, slopes, inside = self._one(x[0])
            except (ArithmeticError, ValueError):  # no such number at this point
                return self._batch(x)
            return Answers(np.array((value,)), slopes[None], np.array((inside,)))
        if not len(x):
            return Answers(np.zeros(0), np.zeros(x.shape), np.zeros(0, np.bool_))
        parts = [self._batch(x[k : k + _ROWS]) for k in range(0, len(x), _ROWS)]
        return parts[0] if len(parts) == 1 else Answers(*map(np.concatenate, zip(*parts, strict=True)))

    def _batch(self, x: np.ndarray) -> Answers:
        with np.errstate(all="ignore"):
            value, slopes, inside = self._many(np.ascontiguousarray(x.T))
        return Answers(value, np.ascontiguousarray(slopes.T), inside)

    @cached_property
    def _one(self) -> Callable[[np.ndarray], tuple]:
        return Emission(self._model, one=True).function()

    @cached_property
    def _many(self) -> Callable[[np.ndarray], tuple]:
        return Emission(self._model, one=False).function()
