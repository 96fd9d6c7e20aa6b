"""Products with constant matrices, which are laid out when the source is written."""

import numpy as np

from neuralrates.bundles.runtimes.host.emission import Emission, Value, operator
from neuralrates.bundles.runtimes.host.onnx_file import Node


@operator("MatMul")
def _matrix_product(e: Emission, node: Node) -> Value:
    left, right = node.inputs
    if left in e.constants:
        return _on_rows(e, e.constants[left], e.value(right))
    value, matrix = e.value(left), e.constants[right]
    if len(value.shape) < 2:
        code, shape = product(e, value, matrix)
        return e.assign(code, shape)
    block = e.constant(matrix if e.one else np.ascontiguousarray(matrix.T))
    pair = f"{value.code}, {block}" if e.one else f"{block}, {value.code}"
    return e.assign(f"np.matmul({pair})", (value.shape[0], matrix.shape[1]))


@operator("Gemm")
def _affine(e: Emission, node: Node) -> Value:
    name, weights, added = node.inputs
    matrix = e.constants[weights]
    code, shape = product(e, e.value(name), matrix.T if node.attributes.get("transB") else matrix)
    return e.assign(f"{code} + {e.value(added).code}", shape)


def product(e: Emission, value: Value, matrix: np.ndarray) -> tuple[str, tuple[int, ...]]:
    """A value times a matrix from the right, rows as wide as the value; its source and shape."""
    rows, columns = matrix.shape
    shape = () if columns == 1 else (columns,)
    if rows == 1:
        flat = matrix.reshape(-1)
        if columns == 1:
            return f"{e.number(flat.item())} * {value.code}", shape
        return f"{e.constant(flat if e.one else flat[:, None])} * {value.code}", shape
    turned = np.ascontiguousarray(matrix.T)
    if columns == 1:
        turned = turned[0]
    if not e.one:
        return f"{e.constant(turned)} @ {value.code}", shape
    code = f"{e.constant(turned.dot)}({value.code})"
    return (code if shape else f"{code}.item()"), shape


def _on_rows(e: Emission, matrix: np.ndarray, value: Value) -> Value:
    """A matrix times what has several rows at a point."""
    rows, columns = matrix.shape[0], value.shape[1]
    name = e.constant(np.ascontiguousarray(matrix))
    if e.one:
        return e.assign(f"{name} @ {value.code}", (rows, columns))
    flat = f"{value.code}.reshape({value.shape[0]}, -1)"
    return e.assign(f"({name} @ {flat}).reshape({rows}, {columns}, -1)", (rows, columns))
