"""A graph in the kernel: one program for a single point and one for many, made when they are first asked for."""

import os
from collections.abc import Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Model
from neuralrates.bundles.runtimes.machine import branch_rules as _branch_rules
from neuralrates.bundles.runtimes.machine import number_rules as _number_rules
from neuralrates.bundles.runtimes.machine import place_rules as _place_rules
from neuralrates.bundles.runtimes.machine import product_rules as _product_rules
from neuralrates.bundles.runtimes.machine.layout import program
from neuralrates.bundles.runtimes.machine.tracing import NotCompiledError, Trace

RULES = (_branch_rules, _number_rules, _place_rules, _product_rules)
"""Modules that add their rules when they are imported."""
_POINTS, _POINTS_OF_BRANCHES = 32, 256
"""At once: as many as stay near the processor; more where each branch gets but some of them."""
_POINTS_OF_A_THREAD = 256


class MachineRuntime:
    """A graph as instructions of the kernel.

    Args:
        kernel: which runs them
        model: with the input `x`; each output has as many numbers as `widths` says
        widths: of the outputs

    Raises:
        NotCompiledError: at the first call, where the kernel does not do what the graph asks
    """

    def __init__(self, kernel: ModuleType, model: Model, widths: Sequence[int]) -> None:
        self._kernel, self._model, self._widths = kernel, model, tuple(widths)
        branches = any(node.operator == "If" for node in model.nodes)
        self._points = _POINTS_OF_BRANCHES if branches else _POINTS
        self._threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1

    def __call__(self, x: np.ndarray, outputs: tuple[np.ndarray, ...]) -> None:
        """Write what the graph says of points into arrays of doubles or of truths, one row a point."""
        if len(x) == 1:
            self._kernel.run(self._one, x, outputs, 1)
            return
        threads = min(self._threads, max(1, len(x) // _POINTS_OF_A_THREAD))
        self._kernel.run(self._many, x, outputs, threads)

    @cached_property
    def _one(self) -> Any:
        return self._program(1)

    @cached_property
    def _many(self) -> Any:
        return self._program(self._points)

    def _program(self, points: int) -> Any:
        try:
            trace = Trace(self._model, one=points == 1)
            trace.widen(self._widths)
            return program(self._kernel, trace, points)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise NotCompiledError(f"The kernel cannot run the graph: {error}") from error
