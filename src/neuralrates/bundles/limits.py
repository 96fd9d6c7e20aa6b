"""What an input of a bundle may be at all, by its unit: a percent for a decimal is no point of any problem."""

from collections.abc import Callable, Sequence

import numpy as np

from neuralrates.problems.domain import Axis

_LIMITS = {
    "decimal": (-0.5, 0.5),
    "decimal per year": (-0.5, 0.5),
    "per square root of year": (0.0, 0.1),
    "years": (0.0, 100.0),
    "per year": (-10.0, 10.0),
    "0 or 1": (0.0, 1.0),
}
_WIDEST = (-1e3, 1e3)
_NEVER_ZERO = ("per square root of year", "years")


def fault_of_input(axis: Axis, value: float) -> str:
    """What is wrong with a value of an input; empty where it is a point of the problem, in its domain or not.

    Args:
        axis: name, unit and range of the input
        value: in that unit

    Returns:
        What was expected and found, in words.

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.bundles.limits import fault_of_input
        >>> axis = nr.problems.Axis("volatility_1", "per square root of year", 0.004, 0.016)
        >>> fault_of_input(axis, 0.02), fault_of_input(axis, 0.9)
        ('', 'expected per square root of year above 0 and at most 0.1, found 0.9')
    """
    low, high = _bounds(axis)
    strict = _is_strict(axis)
    if axis.unit == "0 or 1" and value not in (0.0, 1.0):
        return f"expected 0 or 1, found {value:g}"
    if low <= value <= high and not (strict and value <= 0.0):
        return ""
    bounds = f"above 0 and at most {high:g}" if strict else f"from {low:g} to {high:g}"
    return f"expected {axis.unit} {bounds}, found {value:g}"


def allowed_inputs(axes: Sequence[Axis]) -> Callable[[np.ndarray], np.ndarray]:
    """What says of many points at once which of their values `fault_of_input` lets in.

    Args:
        axes: of the inputs

    Example:
        >>> import numpy as np, neuralrates as nr
        >>> from neuralrates.bundles.limits import allowed_inputs
        >>> axis = nr.problems.Axis("volatility_1", "per square root of year", 0.004, 0.016)
        >>> allowed_inputs([axis])(np.array([[0.02], [0.0], [0.9]])).tolist()
        [[True], [False], [False]]
    """
    low, high = np.array([_bounds(axis) for axis in axes]).T
    low = np.where([_is_strict(axis) for axis in axes], np.nextafter(0.0, 1.0), low)
    truths = [place for place, axis in enumerate(axes) if axis.unit == "0 or 1"]

    def allowed(x: np.ndarray) -> np.ndarray:
        found: np.ndarray = (x >= low) & (x <= high)
        if truths:
            found[:, truths] &= (x[:, truths] == 0.0) | (x[:, truths] == 1.0)
        return found

    return allowed


def _bounds(axis: Axis) -> tuple[float, float]:
    low, high = _LIMITS.get(axis.unit, _WIDEST)
    return min(low, axis.low), max(high, axis.high)


def _is_strict(axis: Axis) -> bool:
    """Whether a value must be above zero."""
    return axis.unit in _NEVER_ZERO and axis.low > 0.0
