"""A graph in the kernel: one program for a single point and one for many, made when they are first asked for."""

import threading
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
from neuralrates.bundles.runtimes.machine.fractions import with_fractions
from neuralrates.bundles.runtimes.machine.joining import without_copies
from neuralrates.bundles.runtimes.machine.layout import program
from neuralrates.bundles.runtimes.machine.sorting import branch_truths, order_of
from neuralrates.bundles.runtimes.machine.tracing import NotCompiledError, Trace
from neuralrates.core.processors import num_processors

RULES = (_branch_rules, _number_rules, _place_rules, _product_rules)
"""Modules that add their rules when they are imported."""
_POINTS, _SORTED_POINTS, _POINTS_OF_BRANCHES = (32,), (16,), (32, 64, 128, 256, 512)
"""At once: as many as stay near the processor; few where points are sorted by branches, each of which has work of its own; more
where points of different branches come mixed."""
_POINTS_OF_A_THREAD, _FEW = 256, 32


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
        self._lock, self._is_begun = threading.Lock(), False
        self._written_out: set[str] | None = set() if branches else None
        self._truths = branch_truths(model)
        self._points = _POINTS_OF_BRANCHES if branches else _POINTS
        if self._truths is not None:
            self._points = _SORTED_POINTS
        self._threads = num_processors()

    def __call__(self, x: np.ndarray, outputs: tuple[np.ndarray, ...]) -> None:
        """Write what the graph says of points into arrays of doubles or of truths, one row a point."""
        if len(x) == 1:
            self._run_one(x, outputs)
            return
        threads = min(self._threads, max(1, len(x) // _POINTS_OF_A_THREAD))
        if self._truths is None or len(x) <= _FEW:
            self._kernel.run(self._many, x, outputs, threads)
            return
        sorting, widths = self._sorting
        truths = tuple(np.empty((len(x), width)) for width in widths)
        self._kernel.run(sorting, x, truths, threads)
        order = order_of(truths)
        found = tuple(np.empty_like(output) for output in outputs)
        self._kernel.run(self._many, x[order], found, threads)
        for output, numbers in zip(outputs, found, strict=True):
            output[order] = numbers

    def _run_one(self, x: np.ndarray, outputs: tuple[np.ndarray, ...]) -> None:
        """One point; a branch that it takes is written out when the first one comes to it, and soon after all are."""
        while True:
            made, left_out = self._one
            met = self._kernel.run(made, x, outputs, 1)
            if not met:
                self._is_begun = True
                return
            with self._lock:
                if self._written_out is not None:
                    more = {*self._written_out, left_out[met - 1]}
                    self._written_out = None if self._is_begun else more
                self.__dict__.pop("_one", None)

    @cached_property
    def _one(self) -> tuple[Any, list[str]]:
        """The program for a single point, and the branches that are left out of it."""
        made, trace = self._program(self._model, (1,), self._widths, self._written_out)
        return made, trace.left_out

    @cached_property
    def _many(self) -> Any:
        return self._program(self._model, self._points, self._widths)[0]

    @cached_property
    def _sorting(self) -> tuple[Any, list[int]]:
        """The program that says which branches a point takes, and how many truths each of its outputs has."""
        made, trace = self._program(self._truths or self._model, _POINTS)
        return made, [value.width for value in trace.outputs]

    def _program(
        self,
        model: Model,
        points: tuple[int, ...],
        widths: Sequence[int] | None = None,
        branches: set[str] | None = None,
    ) -> tuple[Any, Trace]:
        try:
            trace = Trace(model, one=points == (1,), branches=branches)
            if widths is not None:
                trace.widen(widths)
            if not trace.one:
                with_fractions(trace)
                without_copies(trace)
            return program(self._kernel, trace, points), trace
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise NotCompiledError(f"The kernel cannot run the graph: {error}") from error
