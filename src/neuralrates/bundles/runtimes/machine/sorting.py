"""Points in the order of the branches that they take: neighbours then share theirs, and no other has to be run for them."""

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Model

_FEWEST = 3
"""Branches from which sorting takes less time than it saves."""


def branch_truths(model: Model) -> Model | None:
    """The part of a graph that says of each point which branches it takes; none where there are few.

    Args:
        model: whose branches are taken where a truth is the largest over all points (`ReduceMax`)

    Returns:
        A graph of the same input with those truths as outputs.
    """
    operators = [node.operator for node in model.nodes]
    if operators.count("If") < _FEWEST:
        return None
    before = model.nodes[: operators.index("If")]
    names = [
        node.inputs[0]
        for node in before
        if node.operator == "ReduceMax" and _is_over_points(node.inputs, model)
    ]
    return Model(before, model.constants, model.inputs, tuple(names)) if names else None


def order_of(truths: tuple[np.ndarray, ...]) -> np.ndarray:
    """An order of points in which equal ones stand together."""
    joined = np.concatenate(truths, axis=1)
    return np.argsort(joined @ np.exp2(np.arange(joined.shape[1])), kind="stable")


def _is_over_points(inputs: tuple[str, ...], model: Model) -> bool:
    axes = model.constants.get(inputs[1]) if len(inputs) > 1 else None
    return axes is not None and axes.tolist() == [0]
