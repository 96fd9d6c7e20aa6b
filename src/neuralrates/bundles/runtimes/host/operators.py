"""Operators of ONNX in Python and NumPy: elementwise ones, those that arrange, and those that branch."""

import math

import numpy as np

from neuralrates.bundles.runtimes.host.emission import Emission, Value, operator
from neuralrates.bundles.runtimes.host.onnx_file import Node

_BETWEEN = {
    "Mul": "*",
    "Add": "+",
    "Sub": "-",
    "Div": "/",
    "Less": "<",
    "LessOrEqual": "<=",
    "Greater": ">",
    "GreaterOrEqual": ">=",
    "Equal": "==",
    "And": "&",
    "Or": "|",
}
_OF_ONE = {
    "Exp": ("math.exp", "np.exp"),
    "Log": ("math.log", "np.log"),
    "Sqrt": ("math.sqrt", "np.sqrt"),
    "Tanh": ("math.tanh", "np.tanh"),
    "Sin": ("math.sin", "np.sin"),
    "Cos": ("math.cos", "np.cos"),
    "Floor": ("math.floor", "np.floor"),
    "Ceil": ("math.ceil", "np.ceil"),
    "Abs": ("abs", "np.abs"),
    "Sign": ("np.sign", "np.sign"),
    "Not": ("not ", "np.logical_not"),
    "Reciprocal": ("1.0 / ", "1.0 / "),
}
_KINDS = {1: ("float", "np.float32"), 7: ("int", "np.int64"), 11: ("float", "np.float64")}


def _size(shape: tuple[int, ...]) -> int:
    return math.prod(shape)


@operator(*_BETWEEN)
def _between(e: Emission, node: Node) -> Value:
    one, other = e.values(node)
    code = f"{one.code} {_BETWEEN[node.operator]} {other.code}"
    return e.assign(code, max(one.shape, other.shape, key=_size))


@operator(*_OF_ONE)
def _of_one(e: Emission, node: Node) -> Value:
    (value,) = e.values(node)
    single, wide = _OF_ONE[node.operator]
    name = single if e.one and not value.shape else wide
    return e.assign(f"{name}({value.code})", value.shape)


@operator("Sigmoid")
def _sigmoid(e: Emission, node: Node) -> Value:
    (value,) = e.values(node)
    name = "math.tanh" if e.one and not value.shape else "np.tanh"
    return e.assign(f"0.5 + 0.5 * {name}(0.5 * {value.code})", value.shape)


@operator("Max", "Min")
def _extreme(e: Emission, node: Node) -> Value:
    one, other = e.values(node)
    shape, is_max = max(one.shape, other.shape, key=_size), node.operator == "Max"
    if e.one and not shape:
        sign = ">" if is_max else "<"
        first = f"{one.code} {sign} {other.code} or {one.code} != {one.code}"
        return e.assign(f"{one.code} if {first} else {other.code}")
    name = "np.maximum" if is_max else "np.minimum"
    return e.assign(f"{name}({one.code}, {other.code})", shape)


@operator("Pow")
def _power(e: Emission, node: Node) -> Value:
    base, power = e.values(node)
    shape = max(base.shape, power.shape, key=_size)
    name = "math.pow" if e.one and not shape else "np.power"
    return e.assign(f"{name}({base.code}, {power.code})", shape)


@operator("Where")
def _chosen(e: Emission, node: Node) -> Value:
    truth, yes, no = e.values(node)
    shape = max(truth.shape, yes.shape, no.shape, key=_size)
    if e.one and not truth.shape and yes.shape == no.shape:
        return e.assign(f"{yes.code} if {truth.code} else {no.code}", shape)
    return e.assign(f"np.where({truth.code}, {yes.code}, {no.code})", shape)


@operator("Cast")
def _cast(e: Emission, node: Node) -> Value:
    (value,) = e.values(node)
    single, wide = _KINDS[node.attributes["to"]]
    if not e.one or value.shape:
        return e.assign(f"{value.code}.astype({wide})", value.shape)
    return e.assign(f"int({value.code})") if single == "int" else value


@operator("Identity", "Unsqueeze")
def _same(e: Emission, node: Node) -> Value:
    return e.value(node.inputs[0])


@operator("Reshape")
def _reshaped(e: Emission, node: Node) -> Value:
    value = e.value(node.inputs[0])
    shape = tuple(int(size) for size in e.constants[node.inputs[1]][1:])
    if shape in ((), value.shape):
        return value
    whole = shape if e.one else (*shape, -1)
    return e.assign(f"{value.code}.reshape({whole})", shape)


@operator("Concat")
def _joined(e: Emission, node: Node) -> Value:
    values, parts = e.values(node), []
    width = sum(_size(value.shape) for value in values)
    if e.one and not any(value.shape for value in values):
        return e.assign(f"np.array(({', '.join(v.code for v in values)}, ))", (width,))
    for value in values:
        if value.shape == (0,):
            continue
        if value.shape:
            parts.append(value.code)
        else:
            parts.append(f"({value.code}, )" if e.one else f"{value.code}[None]")
    return e.assign(f"np.concatenate(({', '.join(parts)}, ))", (width,))


@operator("Slice")
def _sliced(e: Emission, node: Node) -> Value:
    start, end = (int(e.constants[name].item()) for name in node.inputs[1:3])
    return run_of(e, e.value(node.inputs[0]), start, end - start)


def run_of(e: Emission, value: Value, start: int, width: int) -> Value:
    """Neighbouring numbers of a value."""
    if width == 1:
        code = f"{value.code}.item({start})" if e.one else f"{value.code}[{start}]"
        return e.assign(code)
    return e.assign(f"{value.code}[{start}:{start + width}]", (width,))


@operator("Gather")
def _taken(e: Emission, node: Node) -> Value:
    value, places = e.value(node.inputs[0]), e.constants.get(node.inputs[1])
    if places is None:
        rows = e.value(node.inputs[1])
        return value if e.one else e.assign(f"{value.code}[..., {rows.code}]", value.shape)
    if node.attributes.get("axis", 0) == 0:
        return value if not value.shape else e.assign(f"{value.code}[{int(places.item())}]")
    flat = places.reshape(-1)
    if not value.shape or np.array_equal(flat, flat[0] + np.arange(flat.size)):
        return run_of(e, value, int(flat[0]), flat.size)
    index = e.constant(flat.astype(np.intp))
    return e.assign(f"{value.code}.take({index}, 0)", flat.shape)


@operator("GatherElements")
def _taken_by_point(e: Emission, node: Node) -> Value:
    table, places = e.values(node)
    if e.one:
        code = f"{table.code}[{places.code}]"
        return e.assign(code if places.shape else f"{code}.item()", places.shape)
    if places.shape:
        return e.assign(f"np.take_along_axis({table.code}, {places.code}, 0)", places.shape)
    return e.assign(f"{table.code}[{places.code}, np.arange(len({places.code}))]")


@operator("ScatterElements")
def _put_by_point(e: Emission, node: Node) -> Value:
    ground, places, updates = e.values(node)
    result = e.assign(f"{ground.code}.copy()", ground.shape)
    at = places.code
    if not e.one:
        at = f"({at}, np.arange({at}.shape[-1]))"
    if node.attributes.get("reduction") == "add":
        e.line(f"np.add.at({result.code}, {at}, {updates.code})")
    else:
        e.line(f"{result.code}[{at}] = {updates.code}")
    return result


@operator("ReduceMax", "ReduceMin")
def _largest(e: Emission, node: Node) -> Value:
    value, axes = e.value(node.inputs[0]), e.constants[node.inputs[1]].tolist()
    name = "max" if node.operator == "ReduceMax" else "min"
    if axes == [0]:
        return value if e.one else e.assign(f"{value.code}.{name}(-1)", value.shape)
    code = f"{value.code}.{name}(0)"
    return e.assign(f"{code}.item()" if e.one else code)


@operator("ArgMax", "ArgMin")
def _place_of_largest(e: Emission, node: Node) -> Value:
    value = e.value(node.inputs[0])
    code = f"{value.code}.{node.operator.lower()}(0)"
    return e.assign(f"{code}.item()" if e.one else code)


@operator("If")
def _branched(e: Emission, node: Node) -> Value:
    result = e.fresh()
    truth = e.value(node.inputs[0]).code
    shape = e.branch(f"if {truth}:", node.attributes["then_branch"], result)
    e.branch("else:", node.attributes["else_branch"], result)
    return Value(result, shape)


@operator("NonZero")
def _places(e: Emission, node: Node) -> Value:
    return Value("None") if e.one else e.assign(f"np.flatnonzero({e.value(node.inputs[0]).code})")


@operator("ScatterND")
def _put(e: Emission, node: Node) -> Value:
    block, rows, updates = e.values(node)
    if e.one:
        return updates
    result = e.assign(f"{block.code}.copy()", block.shape)
    e.line(f"{result.code}[..., {rows.code}] = {updates.code}")
    return result
