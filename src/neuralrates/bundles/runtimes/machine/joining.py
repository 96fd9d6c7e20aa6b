"""Numbers that are joined are written where they are joined, and not copied there."""

from collections import defaultdict

from neuralrates.bundles.runtimes.machine.pruning import without
from neuralrates.bundles.runtimes.machine.tracing import Step, Trace, Value


def without_copies(trace: Trace) -> None:
    """Let the steps of a trace for many points write straight into what joins their results."""
    writers: dict[int, list[Step]] = defaultdict(list)
    for step in trace.steps:
        if step.result is not None:
            writers[step.result.register].append(step)
    kept_apart = {value.register for value in (trace.input, *trace.outputs)}
    moved: dict[int, Value] = {}
    left = []
    for number, step in enumerate(trace.steps):
        source, target = (*step.operands, None)[0], step.result
        if step.operation != "copy" or source is None or target is None:
            continue
        if source.constant is not None or source.register in kept_apart | {*moved}:
            continue
        is_first = len(writers[source.register]) == 1 and _is_whole(source, trace)
        if is_first and _are_alike(source, target, trace) and _is_joined(target, writers, trace):
            moved[source.register] = target
            left.append(number)
    for step in trace.steps:
        step.result = None if step.result is None else _at(step.result, moved)
        step.operands = tuple(_at(value, moved) for value in step.operands)
    trace.steps = without(trace, left)


def _at(value: Value, moved: dict[int, Value]) -> Value:
    """Where a value stands now."""
    place = moved.get(value.register)
    if place is None:
        return value
    return value._replace(register=place.register, start=place.start + value.start)


def _is_whole(value: Value, trace: Trace) -> bool:
    return value.start == 0 and value.width == trace.registers[value.register].width


def _are_alike(one: Value, other: Value, trace: Trace) -> bool:
    """Whether two values are of one width, one precision and the same points."""
    first, second = trace.registers[one.register], trace.registers[other.register]
    return one.width == other.width and first[1::2] == second[1::2]


def _is_joined(target: Value, writers: dict[int, list[Step]], trace: Trace) -> bool:
    """Whether a register is filled by copies to parts of it that do not meet, and by nothing else."""
    found = writers[target.register]
    parts = {step.result.start for step in found if step.result is not None}
    filled = sum(step.result.width for step in found if step.result is not None)
    all_copies = all(step.operation == "copy" for step in found)
    return (
        all_copies and len(parts) == len(found) and filled == trace.registers[target.register].width
    )
