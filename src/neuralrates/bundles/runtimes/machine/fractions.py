"""Sums of fractions as one step: partial fractions of a normal distribution, interpolation between nodes.

A graph writes $\\sum_n w_n / (a_n x + b_n)$ as all the terms, their reciprocals and a product; for many points these are more
numbers than stay near the processor, and nobody else reads them.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from neuralrates.bundles.runtimes.machine.pruning import without
from neuralrates.bundles.runtimes.machine.tracing import Step, Trace, Value

_INPUTS, _REPEATS, _WEIGHTS, _ADDED, _PLACES, _STARTS = range(6)
_FEWEST = 4
"""Terms for each number of x from which the terms are not written out."""


class _Terms(NamedTuple):
    """Numbers that are affine in those of a value: $a_n x_{p_n} + b_n$."""

    value: Value
    places: np.ndarray
    scales: np.ndarray
    shifts: np.ndarray


class _Uses:
    """Who writes and who reads each register."""

    def __init__(self, trace: Trace) -> None:
        self.writers: dict[int, list[Step]] = defaultdict(list)
        self.readers: dict[int, int] = defaultdict(int)
        self._widths = [register.width for register in trace.registers]
        for step in trace.steps:
            if step.result is not None:
                self.writers[step.result.register].append(step)
            for value in step.operands:
                self.readers[value.register] += 1
        for value in trace.outputs:
            self.readers[value.register] += 1

    def writer(self, value: Value) -> Step | None:
        """The one step that writes a value, where that is a whole register of doubles."""
        found = self.writers[value.register] if value.register >= 0 else []
        if len(found) != 1 or value.is_single or found[0].result is None:
            return None
        whole = value.start == 0 and value.width == self._widths[value.register]
        return found[0] if whole and found[0].result.width == value.width else None


def with_fractions(trace: Trace) -> None:
    """Write the sums of fractions of a trace for many points as one step each, and leave out what nobody reads any more."""
    uses = _Uses(trace)
    for number, step in enumerate(trace.steps):
        made = _fractions(step, uses)
        if made is not None:
            trace.steps[number] = made
            uses.writers[step.result.register] = [made]  # type: ignore[union-attr]
            uses.readers[step.operands[0].register] -= 1
            uses.readers[made.operands[0].register] += 1
    trace.steps = without(trace, _unread(trace, uses))


def _fractions(step: Step, uses: _Uses) -> Step | None:
    """The same step as a sum of fractions, where it is one."""
    weights = _weights(step)
    inner = uses.writer(step.operands[0]) if weights is not None else None
    if weights is None or inner is None or inner.operation != "reciprocal":
        return None
    terms = _terms(inner.operands[0], uses)
    if len(terms.places) < _FEWEST * terms.value.width or terms.value.start:
        return None
    numbers, starts, places = weights
    three = np.concatenate([numbers, terms.scales[places], terms.shifts[places]])
    arrays = {
        _WEIGHTS: three,
        _ADDED: step.arrays[_ADDED],
        _PLACES: terms.places[places].astype(np.int32),
        _STARTS: starts.astype(np.int32),
    }
    if _REPEATS in step.settings and step.operation == "product":
        arrays[_ADDED] = np.tile(step.arrays[_ADDED], step.settings[_REPEATS])
    return Step("fractions", step.result, (terms.value,), {_INPUTS: terms.value.width}, arrays)


def _weights(step: Step) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Weights of a product's sums, where each begins among them, and which number each is of."""
    if step.operation == "sparse_product" and step.settings[_REPEATS] == 1:
        return step.arrays[_WEIGHTS], step.arrays[_STARTS], step.arrays[_PLACES]
    if step.operation != "product" or step.result is None or step.result.is_single:
        return None
    inputs, repeats = step.settings[_INPUTS], step.settings[_REPEATS]
    if step.result.width != repeats:
        return None
    starts = np.arange(repeats + 1) * inputs
    return np.tile(step.arrays[_WEIGHTS], repeats), starts, np.arange(repeats * inputs)


def _terms(value: Value, uses: _Uses) -> _Terms:
    """A value's numbers as affine in those of the earliest value that they are affine in, one by one."""
    step = uses.writer(value)
    alone = _Terms(value, np.arange(value.width), np.ones(value.width), np.zeros(value.width))
    if step is None:
        return alone
    if step.operation == "take":
        found = _terms(step.operands[0], uses)
        places = step.arrays[1]
        return _Terms(found.value, *(part[places] for part in found[1:]))
    if step.operation == "sparse_product" and step.settings[_REPEATS] == 1:
        if not np.all(np.diff(step.arrays[_STARTS]) == 1):
            return alone
        places, scale = step.arrays[_PLACES], step.arrays[_WEIGHTS]
        found = _terms(step.operands[0], uses)
        found = _Terms(found.value, *(part[places] for part in found[1:]))
        return _scaled(found, scale, step.arrays[_ADDED])
    if step.operation not in ("add", "multiply"):
        return alone
    constants = [one.constant for one in step.operands if one.constant is not None]
    moving = [one for one in step.operands if one.constant is None]
    if len(moving) != 1 or len(constants) != 1:
        return alone
    found = _terms(moving[0], uses)
    if moving[0].width < value.width:
        found = _Terms(found.value, *(np.repeat(part, value.width) for part in found[1:]))
    if step.operation == "add":
        return _scaled(found, np.ones(1), constants[0])
    return _scaled(found, constants[0], np.zeros(1))


def _scaled(terms: _Terms, scale: np.ndarray, shift: np.ndarray) -> _Terms:
    return terms._replace(scales=terms.scales * scale, shifts=terms.shifts * scale + shift)


def _unread(trace: Trace, uses: _Uses) -> list[int]:
    """Places of steps whose result nobody reads, and of those that only they read."""
    left = []
    for number in reversed(range(len(trace.steps))):
        step = trace.steps[number]
        if step.result is None or uses.readers[step.result.register]:
            continue
        if len(uses.writers[step.result.register]) == 1:
            left.append(number)
            for value in step.operands:
                uses.readers[value.register] -= 1
    return left
