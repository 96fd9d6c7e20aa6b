"""Steps as a program of the kernel: registers to offsets, constants to one array, instructions to rows of whole numbers."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from neuralrates.bundles.runtimes.machine.tracing import Step, Trace, Value, is_of_singles

_ROW, _SETTINGS = 21, 15
_STEP, _SIZES = 64, {True: 4, False: 8}
_MANY, _ONE, _CONSTANTS, _CONSTANT = range(4)
_LARGEST = 1 << 20
"""Bytes of registers of all points that stay near the processor."""
_IN_PLACES = frozenset(
    (
        "product",
        "sparse_product",
        "fractions",
        "take",
        "take_by_point",
        "put_by_point",
        "jump_unless",
    )
    + ("largest", "smallest", "place_of_largest", "place_of_smallest", "choose_points")
)
"""Operations whose operands have widths of their own."""


_NUMBER_BY_NUMBER = frozenset(
    ("add", "subtract", "multiply", "divide", "larger", "smaller", "is_less", "is_at_most")
    + ("is_equal", "both", "either", "choose", "copy", "exponential", "logarithm", "square_root")
    + ("hyperbolic_tangent", "logistic", "round_down", "round_up", "round_to_zero", "absolute")
    + ("sign", "negate_truth", "reciprocal")
)
"""Operations that make each number of the result of the numbers in its place: it may stand where an operand stood."""


class Pool:
    """Constants in one array, each but once, on whole steps."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._places: dict[bytes, int] = {}
        self._size = 0

    def place(self, array: np.ndarray) -> int:
        """Offset of a constant."""
        content = array.tobytes()
        if content not in self._places:
            self._places[content] = self._size
            padded = content + bytes(-len(content) % _STEP)
            self._parts.append(padded)
            self._size += len(padded)
        return self._places[content]

    def content(self) -> bytes:
        """All of them, and a step on which what reads whole steps may end."""
        return b"".join([*self._parts, bytes(_STEP)])


def program(kernel: ModuleType, trace: Trace, points: Sequence[int]) -> Any:
    """A checked program.

    Args:
        kernel: which runs it
        trace: what it does
        points: how many at once: the most of them for which the workspace is not too large
    """
    offsets, outer, work = _offsets(trace)
    capacity = max([count for count in points if count * outer <= _LARGEST], default=points[0])
    pool = Pool()
    numbers = {name: k for k, name in enumerate(kernel.OPERATIONS)}
    rows = [_instruction(step, numbers, offsets, pool) for step in trace.steps]
    outputs = tuple((*_operand(v, v.width, offsets, pool), v.width) for v in trace.outputs)
    instructions = np.array(rows, np.int32).reshape(-1, _ROW)
    x = trace.input
    return kernel.program(
        instructions, pool.content(), capacity, work, x.width, offsets[x.register], outputs
    )


def _instruction(step: Step, numbers: dict[str, int], offsets: list[int], pool: Pool) -> list[int]:
    """The whole numbers of an instruction: code, points, width, result, operands, settings."""
    result, operands = step.result, step.operands
    single = is_of_singles(operands)
    name = step.operation
    if single and name != "to_double":
        name += "_single"
    chosen = any(v.chosen for v in operands) or (result is not None and result.chosen > 0)
    if name in ("put_points", "take_points", "choose_points"):
        chosen = False
    width = 1 if result is None else result.width
    row = [numbers[name], int(chosen), width]
    row += (0, 0, 0) if result is None else (_MANY, offsets[result.register], result.start)
    for value in operands:
        own = value.width if step.operation in _IN_PLACES else width
        row += _operand(value, own, offsets, pool, single)
    row += [0] * (_ROW - len(row))
    for place, setting in step.settings.items():
        row[_SETTINGS + place] = setting
    for place, array in step.arrays.items():
        row[_SETTINGS + place] = pool.place(array)
    return row


def _operand(
    value: Value, width: int, offsets: list[int], pool: Pool, single: bool = False
) -> tuple[int, int, int]:
    """Kind, offset and first number of what an instruction reads."""
    if value.constant is None:
        kind = _ONE if value.width == 1 and width > 1 else _MANY
        return kind, offsets[value.register], value.start
    array = value.constant.astype(np.float32 if single else np.float64, copy=False)
    return (_CONSTANT if value.width == 1 else _CONSTANTS), pool.place(array), 0


def _offsets(trace: Trace) -> tuple[list[int], int, int]:
    """Where each register is, with room that is used again after its last use.

    Returns:
        Offsets; room of the registers of all points, those of chosen points standing behind; all room.
    """
    firsts, lasts = _lives(trace)
    used = {v.register for step in trace.steps for v in (*step.operands, step.result) if v}
    used |= {value.register for value in (trace.input, *trace.outputs)}
    sizes = [_room(trace, k) if k in used else 0 for k in range(len(trace.registers))]
    ends: list[list[int]] = [[] for _ in range(len(trace.steps) + 1)]
    begins: list[list[int]] = [[] for _ in range(len(trace.steps) + 1)]
    for register, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        begins[first].append(register)
        ends[last].append(register)
    heaps = (_Heap(), _Heap())
    offsets = [0] * len(sizes)
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        given = _in_place(trace, number, begin, end)
        for register in begin:
            heap = heaps[trace.registers[register].is_of_chosen]
            offsets[register] = heap.take(sizes[register]) if given is None else offsets[given]
        for register in end:
            if register != given:
                heap = heaps[trace.registers[register].is_of_chosen]
                heap.give(offsets[register], sizes[register])
    outer = heaps[0].size
    for register, (_, _, _, is_of_chosen) in enumerate(trace.registers):
        offsets[register] += outer * is_of_chosen
    return offsets, outer, outer + heaps[1].size + 2 * _STEP


def _in_place(trace: Trace, number: int, begin: list[int], end: list[int]) -> int | None:
    """A register that a step reads for the last time and whose room its result may take: it is still near the processor."""
    if number >= len(trace.steps) or len(begin) != 1:
        return None
    step = trace.steps[number]
    if step.operation in _IN_PLACES or step.operation not in _NUMBER_BY_NUMBER:
        return None
    made = trace.registers[begin[0]]
    for value in step.operands:
        whole = value.start == 0 and value.width == step.result.width == made.width  # type: ignore[union-attr]
        if whole and value.register in end and trace.registers[value.register] == made:
            return value.register
    return None


def _lives(trace: Trace) -> tuple[list[int], list[int]]:
    """First and last step of each register; the input lives from the start, outputs to the end."""
    count = len(trace.registers)
    firsts, lasts = [len(trace.steps)] * count, [0] * count
    for number, step in enumerate(trace.steps):
        for value in (*step.operands, *((step.result,) if step.result else ())):
            if value.register >= 0:
                firsts[value.register] = min(firsts[value.register], number)
                lasts[value.register] = number
    for value in (trace.input, *trace.outputs):
        if value.register >= 0:
            lasts[value.register] = len(trace.steps)
    firsts[trace.input.register] = 0
    return firsts, [max(pair) for pair in zip(firsts, lasts, strict=True)]


def _room(trace: Trace, register: int) -> int:
    """Bytes at a point: of one alone whole steps, and one more where parts are written on them."""
    width, is_single, in_parts, _ = trace.registers[register]
    size = width * _SIZES[is_single]
    if not trace.one:
        return -(-size // 8) * 8
    return -(-size // _STEP) * _STEP + (_STEP if in_parts else 0)


class _Heap:
    """Room that is taken and given back: the smallest gap that is large enough, of equal ones the last, which is still near."""

    def __init__(self) -> None:
        self.size = 0
        self._gaps: dict[int, int] = {}

    def take(self, size: int) -> int:
        fitting = [start for start, room in self._gaps.items() if room >= size]
        if not fitting:
            start = self.size
            self.size += size
            return start
        start = min(reversed(fitting), key=self._gaps.__getitem__)
        room = self._gaps.pop(start)
        if room > size:
            self._gaps[start + size] = room - size
        return start

    def give(self, start: int, size: int) -> None:
        if not size:
            return
        end = start + size
        if end in self._gaps:
            size += self._gaps.pop(end)
        for before, room in self._gaps.items():
            if before + room == start:
                del self._gaps[before]
                start, size = before, room + size
                break
        self._gaps[start] = size
