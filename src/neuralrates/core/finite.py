"""Whether computed numbers can stand."""

import math
from collections.abc import Mapping

_MOST_NAMED = 3
_ROUNDING = 1e-6


def fault_of_numbers(
    numbers: Mapping[str, float], probabilities: Mapping[str, float] | None = None
) -> str:
    """Which numbers are none, in words; empty where all can stand.

    Args:
        numbers: by name; finite
        probabilities: by name; from 0 to 1, but for rounding

    Returns:
        What was expected, and the first names of what is not.

    Example:
        >>> from neuralrates.core.finite import fault_of_numbers
        >>> fault_of_numbers({"value": float("nan"), "theta": 1.0})
        'expected finite numbers, found none in value'
    """
    chances = probabilities or {}
    bad = [name for name, number in numbers.items() if not math.isfinite(number)]
    bad += [name for name, one in chances.items() if not -_ROUNDING <= one <= 1.0 + _ROUNDING]
    if not bad:
        return ""
    more = f" and {len(bad) - _MOST_NAMED} more" if len(bad) > _MOST_NAMED else ""
    kinds = "finite numbers and probabilities from 0 to 1" if chances else "finite numbers"
    return f"expected {kinds}, found none in {', '.join(bad[:_MOST_NAMED])}{more}"
