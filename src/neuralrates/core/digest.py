"""A name for any set of inputs: equal inputs, equal name."""

import hashlib

import jax
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
    leaves, structure = jax.tree.flatten(trees)
    code = hashlib.sha256(str(structure).encode())
    for leaf in leaves:
        array = np.asarray(leaf)
        code.update(f"{array.dtype}{array.shape}".encode())
        code.update(np.ascontiguousarray(array).tobytes())
    return code.hexdigest()
