"""Branches: steps that are jumped over where no point asks for them."""

from neuralrates.bundles.runtimes.host.onnx_file import Model, Node
from neuralrates.bundles.runtimes.machine.tracing import Trace, Value, rule


@rule("If")
def _branched(trace: Trace, node: Node) -> Value:
    truth = trace.in_register(trace.value(node.inputs[0]))
    other = node.attributes["else_branch"]
    if all(inner.operator == "Identity" for inner in other.nodes):
        return _added(trace, truth, node)
    start = len(trace.steps)
    trace.add("jump_unless", None, truth)
    first = _result_of(trace, node.attributes["then_branch"])
    result = trace.register(first.width, first.is_single, first.chosen)
    trace.add("copy", result, first)
    leave = trace.add("jump", None)
    trace.steps[start].settings[0] = len(trace.steps)
    trace.add("copy", result, _result_of(trace, other))
    leave.settings[0] = len(trace.steps)
    return result


def _added(trace: Trace, truth: Value, node: Node) -> Value:
    """A branch that changes what stands already; in place, where nothing else reads that."""
    other = node.attributes["else_branch"]
    trace.write(other)
    name = other.nodes[-1].inputs[0] if other.nodes else other.outputs[0]
    ground = trace.value(name)
    if ground.constant is not None or not _is_read_here_alone(trace, name, ground):
        result = trace.register(ground.width, ground.is_single, ground.chosen)
        trace.add("copy", result, ground)
        ground = result
    start = len(trace.steps)
    trace.add("jump_unless", None, truth)
    if trace.branches is not None and node.outputs[0] not in trace.branches:
        trace.left_out.append(node.outputs[0])
        trace.add("stop", None).settings[0] = len(trace.left_out)
    else:
        outer, trace.ground = trace.ground, ground
        found = _result_of(trace, node.attributes["then_branch"])
        trace.ground = outer
        if found != ground:
            trace.add("copy", ground, found)
    trace.steps[start].settings[0] = len(trace.steps)
    return ground


def _result_of(trace: Trace, branch: Model) -> Value:
    trace.write(branch)
    return trace.value(branch.outputs[0])


def _is_read_here_alone(trace: Trace, name: str, value: Value) -> bool:
    """Whether a name is of a register of its own, which both branches read and nothing else does."""
    is_whole = value.start == 0 and trace.registers[value.register].width == value.width
    return is_whole and name in trace.fresh and trace.uses.get(name, 3) <= 2
