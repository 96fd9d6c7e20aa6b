"""Inputs of a domain in few lines: those of one range and counted names together."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_COUNTED = re.compile(r"(.*_)([0-9]+)")


def families(axes: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Names of inputs with the axis that they share, counted names of one range as one.

    Args:
        axes: records of a domain's axes, in order

    Example:
        >>> from neuralrates.problems.families import families
        >>> axis = {"unit": "decimal per year", "low": 0.0, "high": 0.1}
        >>> [name for name, _ in families([axis | {"name": f"forward_{k}"} for k in range(50)])]
        ['forward_0..49']
    """
    found: list[tuple[str, Mapping[str, Any]]] = []
    ends: list[tuple[str, Any, int]] = []
    for axis in axes:
        counted = _COUNTED.fullmatch(axis["name"])
        stem, number = counted.groups() if counted else (axis["name"], "-1")
        said = (axis["unit"], axis["low"], axis["high"])
        if counted and ends and ends[-1] == (stem, said, int(number) - 1):
            first = found[-1][0].split("..")[0]
            found[-1] = (f"{first}..{number}", axis)
            ends[-1] = (stem, said, int(number))
        else:
            found.append((axis["name"], axis))
            ends.append((stem, said, int(number)))
    return found
