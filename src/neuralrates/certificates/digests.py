"""Digests of everything that changes a result: architecture, weights, settings of the problem, code."""

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from neuralrates.certificates.evidence import Digests
from neuralrates.core.digest import digest_of_arrays, digest_of_sources
from neuralrates.surrogates.surrogate import AbstractSurrogate, Stored, named_leaves

ROOMS = (
    "core",
    "surrogates",
    "market/curves",
    "products",
    "models",
    "pricers",
    "calibration",
    "problems",
    "certificates",
)
"""What a value, a derivative or a measured error goes through."""


def digests(surrogate: AbstractSurrogate, problem: Mapping[str, Any]) -> Digests:
    """Digests of a surrogate, of the record of its problem, and of the code as it is now.

    Args:
        surrogate: whose architecture and weights
        problem: what `Problem.record` gave

    Returns:
        The digests; the architecture of a surrogate that cannot be stored is its type's name.
    """
    match surrogate:
        case Stored():
            architecture: Any = surrogate.record()
        case _:
            architecture = type(surrogate).__name__
    return Digests(
        architecture=_of_words(architecture),
        weights=digest_of_arrays("", named_leaves(surrogate)),
        settings=_of_words(dict(problem)),
        code=code_digest(),
    )


@functools.cache
def code_digest(rooms: tuple[str, ...] = ROOMS) -> str:
    """SHA-256 of the sources of some rooms, those that a price goes through unless said otherwise."""
    return digest_of_sources(rooms)


def _of_words(words: Any) -> str:
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
