"""A surrogate's graph served by the kernel in C: one program for a single point, one for many."""

from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.bundles.runtimes.host.onnx_file import Model
from neuralrates.bundles.runtimes.machine import (
    branch_rules,
    number_rules,
    place_rules,
    product_rules,
)
from neuralrates.bundles.runtimes.machine.layout import program
from neuralrates.bundles.runtimes.machine.tracing import Trace

MODULES = (branch_rules, number_rules, place_rules, product_rules)
_POINTS, _POINTS_OF_BRANCHES = 64, 512


class MachineRuntime:
    """The graph in a bundle's file, as instructions."""

    def __init__(self, kernel: ModuleType, model: Model) -> None:
        self._kernel, self._model = kernel, model
        branches = any(node.operator == "If" for node in model.nodes)
        self._points = _POINTS_OF_BRANCHES if branches else _POINTS

    def __call__(self, x: np.ndarray) -> Answers:
        rows = len(x)
        value, slopes, inside = np.empty(rows), np.empty(x.shape), np.empty(rows, np.bool_)
        made = self._one if rows == 1 else self._many
        self._kernel.run(made, x, (value, slopes, inside))
        return Answers(value, slopes, inside)

    @cached_property
    def _one(self) -> Any:
        return program(self._kernel, Trace(self._model, one=True), 1)

    @cached_property
    def _many(self) -> Any:
        return program(self._kernel, Trace(self._model, one=False), self._points)
