"""Splits that leave whole groups, blocks of days or regimes on one side, and the check that nothing leaked."""

import math

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.core.types import Key

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
        >>> from neuralrates.learning.data.splits import split_groups
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


def by_date_blocks(
    day: Numbers,
    regime: Numbers,
    fraction: float,
    block_days: int,
    key: Key,
    *,
    embargo_days: int = 3,
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train and to test on: inside each regime whole blocks of neighbouring days are held out.

    A regime's days, first to last, are cut into equal blocks of at most `block_days` calendar days, and into at least as
    many as make one of them the asked-for fraction. Rows closer than the embargo to a held-out block are in neither part, so
    that no day is judged by its neighbour.

    Args:
        day: day number of each row
        regime: regime of each row
        fraction: of each regime's blocks to hold out
        block_days: longest block, calendar days
        key: of the choice of blocks
        embargo_days: calendar days beside a held-out block that are left out; three reach over a weekend

    Returns:
        Rows to train and rows to test on, in order.

    Raises:
        ValueError: where the fraction is none or a regime has too few days to be cut

    Example:
        >>> import jax, numpy as np
        >>> from neuralrates.learning.data.splits import by_date_blocks
        >>> days = np.arange(100)
        >>> train, test = by_date_blocks(days, np.zeros(100, dtype=np.int64), 0.2, 10, jax.random.key(0))
        >>> len(test), int(np.abs(days[train][:, None] - days[test][None, :]).min())
        (20, 4)
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"Argument `fraction` must lie between 0 and 1, but is {fraction}.")
    days, regimes = np.asarray(day), np.asarray(regime)
    seed = np.asarray(jax.random.bits(key, (4,)), dtype=np.uint32)
    random = np.random.default_rng(seed)
    train, test = np.zeros(len(days), dtype=bool), np.zeros(len(days), dtype=bool)
    for number in np.unique(regimes):
        inside = regimes == number
        first, last = int(days[inside].min()), int(days[inside].max())
        edges = _block_edges(first, last, block_days, fraction)
        block = np.searchsorted(edges, days, side="right") - 1
        known = np.unique(block[inside])
        held = random.permutation(known)[: max(1, round(fraction * len(known)))]
        if len(held) == len(known):
            raise ValueError(f"Regime {number} has too few days to be cut into blocks.")
        chosen = inside & np.isin(block, held)
        test |= chosen
        train |= inside & ~chosen
    return np.flatnonzero(train & ~_near(days, days[test], embargo_days)), np.flatnonzero(test)


def leave_one_regime_out(regime: Numbers, held: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of all regimes but one, to train on, and rows of that one, to test on.

    Args:
        regime: regime of each row
        held: regime to test on

    Returns:
        Rows to train and rows to test on.

    Raises:
        ValueError: where either part would be empty
    """
    inside = np.asarray(regime) == held
    if inside.all() or not inside.any():
        raise ValueError(
            f"Argument `held` must leave rows on both sides, but regime {held} does not."
        )
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def _block_edges(first: int, last: int, block_days: int, fraction: float) -> np.ndarray:
    """First days of the equal blocks of a stretch of days."""
    days = last - first + 1
    count = max(math.ceil(days / block_days), math.ceil(1.0 / fraction))
    return first + np.arange(count) * days / count


def _near(days: np.ndarray, held: np.ndarray, within: int) -> np.ndarray:
    """Whether each day lies within so many days of a held-out one."""
    known = np.unique(held)
    right = np.searchsorted(known, days)
    after = known[np.minimum(right, len(known) - 1)]
    before = known[np.maximum(right - 1, 0)]
    return np.minimum(np.abs(after - days), np.abs(days - before)) <= within
