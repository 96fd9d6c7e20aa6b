"""A name for any set of inputs: equal inputs, equal name."""

import hashlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import numpy as np


def digest(*trees: object) -> str:
    """SHA-256 of everything in some pytrees: structure, static fields, shapes, types and every number.

    Args:
        trees: pytrees of concrete arrays and numbers

    Returns:
        64 hexadecimal digits.

    Example:
        >>> from neuralrates.core.digest import digest
        >>> digest(1.0, [2.0]) == digest(1.0, [2.0]), digest(1.0) == digest(2.0)
        (True, False)
    """
    import jax

    leaves, structure = jax.tree.flatten(trees)
    arrays = {str(number): np.asarray(leaf) for number, leaf in enumerate(leaves)}
    return digest_of_arrays(str(structure), arrays)


def digest_of_arrays(words: str, arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of some words and of named arrays, with their types and shapes.

    Args:
        words: whatever is no array
        arrays: in order

    Returns:
        64 hexadecimal digits.
    """
    total = hashlib.sha256(words.encode())
    for name, array in arrays.items():
        total.update(f"{name} {array.dtype} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def digest_of_sources(rooms: tuple[str, ...]) -> str:
    """SHA-256 of the sources of some rooms of this package.

    Args:
        rooms: such as `core` or `market/curves`

    Returns:
        64 hexadecimal digits.
    """
    root = Path(str(resources.files("neuralrates")))
    total = hashlib.sha256()
    for room in rooms:
        for file in sorted((root / room).rglob("*.py")):
            total.update(f"{file.relative_to(root).as_posix()}\n".encode())
            total.update(file.read_bytes())
    return total.hexdigest()
