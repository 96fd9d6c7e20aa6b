"""Whether a problem is the one that a record was made of: its words, and what it builds."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import numpy as np

from neuralrates.problems.problem import Problem

_PLACES = (0.5, 0.3125)
"""Where in the box, along every axis: exact binary fractions, so that a user may check by hand."""
_SAME = 1e-9


def fingerprint(problem: Problem) -> dict[str, Any]:
    """What a problem builds at two points of its domain, in short.

    Args:
        problem: of whatever model and product

    Returns:
        One number per array of model and product and point, and a SHA-256 of all that is no array, sides and names.

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.problems.fingerprint import fingerprint
        >>> payer, receiver = (fingerprint(nr.problems.ten_year_bermudan(side)) for side in ("payer", "receiver"))
        >>> payer["numbers"] == receiver["numbers"], payer["words"] == receiver["words"]
        (True, False)
    """
    low, high = np.asarray(problem.domain.low), np.asarray(problem.domain.high)
    build = eqx.filter_jit(problem.build)
    built = [build(jax.numpy.asarray(low + place * (high - low))) for place in _PLACES]
    arrays, rest = eqx.partition(built, eqx.is_array)
    words = re.sub(r" at 0x[0-9a-f]+", "", repr(rest))
    return {
        "numbers": [_condensed(np.asarray(leaf)) for leaf in jax.tree.leaves(arrays)],
        "words": hashlib.sha256(words.encode()).hexdigest(),
    }


def changed_part(problem: Problem, record: Mapping[str, Any]) -> str:
    """The first part of a record that is not what the problem is now; empty where all are.

    Args:
        problem: as it is now
        record: what `Problem.record` gave, and perhaps under `build` what `fingerprint` gave

    Returns:
        Such as `domain`, `reference` or `build`.
    """
    known = problem.record()
    for part in sorted((known.keys() | record.keys()) - {"build"}):
        if _json(known.get(part)) != _json(record.get(part)):
            return part
    if "build" in record and not _is_same(fingerprint(problem), record["build"]):
        return "build"
    return ""


def _condensed(array: np.ndarray) -> float:
    """A number that changes with any entry of an array; zero for what is no number."""
    entries = np.nan_to_num(np.ravel(array).astype(np.float64), posinf=1e300, neginf=-1e300)
    return float(np.sum(entries / np.arange(1.0, entries.size + 1.0)))


def _is_same(known: Mapping[str, Any], stated: Any) -> bool:
    try:
        one, other = (np.array(part["numbers"], np.float64) for part in (known, stated))
        same_words = known["words"] == stated["words"]
    except (KeyError, TypeError, ValueError):
        return False
    return same_words and one.shape == other.shape and np.allclose(one, other, _SAME, 1e-300)


def _json(part: object) -> str:
    """A record's part as it is once it has been a file: lists are tuples there."""
    return json.dumps(part, sort_keys=True)
