"""Steps that nobody needs are left out of a trace."""

from collections.abc import Collection

from neuralrates.bundles.runtimes.machine.tracing import Step, Trace


def without(trace: Trace, steps: Collection[int]) -> list[Step]:
    """The steps of a trace but for those at some places; jumps lead to where they led before."""
    left = set(steps)
    places = [0] * (len(trace.steps) + 1)
    for number in range(len(trace.steps)):
        places[number + 1] = places[number] + (number not in left)
    kept = [step for number, step in enumerate(trace.steps) if number not in left]
    for step in kept:
        if step.operation in ("jump", "jump_unless"):
            step.settings[0] = places[step.settings[0]]
    return kept
