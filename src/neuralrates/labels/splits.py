"""Splits that leave whole groups on one side, and the check that nothing leaked."""

import numpy as np
from jaxtyping import Array, Float, Int

Numbers = Int[np.ndarray, "_"] | Int[Array, "_"]
Points = Float[np.ndarray, "_ inputs"] | Float[Array, "_ inputs"]


def split_groups(groups: Numbers, num_second: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of two parts; each group lies wholly in one of them.

    Args:
        groups: number of each sample's group
        num_second: groups in the second part
        seed: of the choice

    Returns:
        Positions of the first and of the second part.

    Example:
        >>> import numpy as np
        >>> from neuralrates.labels.splits import split_groups
        >>> first, second = split_groups(np.array([0, 0, 1, 1, 2, 2]), 1, seed=0)
        >>> len(first), len(second)
        (4, 2)
    """
    numbers = np.asarray(groups)
    known = np.unique(numbers)
    if not 0 < num_second < len(known):
        raise ValueError(
            f"Argument `num_second` must leave groups on both sides: of {len(known)} it asks for {num_second}."
        )
    inside = np.isin(numbers, np.random.default_rng(seed).permutation(known)[:num_second])
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def refuse_leaks(first: Points, second: Points, groups: Numbers, other_groups: Numbers) -> None:
    """Raise where two parts share a group or a sample.

    Args:
        first: points of the first part
        second: points of the second part
        groups: groups of the first part
        other_groups: groups of the second part

    Raises:
        ValueError: saying how many groups or samples are on both sides
    """
    shared = np.intersect1d(np.asarray(groups), np.asarray(other_groups))
    if shared.size:
        raise ValueError(
            f"The split leaks: {shared.size} groups are on both sides, the first of them {shared[0]}."
        )
    seen = {row.tobytes() for row in np.ascontiguousarray(first)}
    twice = [i for i, row in enumerate(np.ascontiguousarray(second)) if row.tobytes() in seen]
    if twice:
        raise ValueError(
            f"The split leaks: {len(twice)} samples are on both sides, the first of them number {twice[0]}."
        )
