"""The induction compiled: what `_kernel.c` is called with. Several boundaries of one exercise are left to NumPy."""

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from neuralrates.core.native import kernel
from neuralrates.core.processors import num_processors
from neuralrates.pricers.gaussian.two_factor.lines import lines
from neuralrates.pricers.gaussian.two_factor.nodes import legendre, stretched
from neuralrates.pricers.gaussian.two_factor.plane import PlaneRights, Trades
from neuralrates.pricers.gaussian.two_factor.rule import Rule

_KERNEL = kernel("neuralrates.pricers.gaussian.two_factor._kernel")
_FEWEST_A_THREAD = 4


def available() -> bool:
    """Whether the kernel is there."""
    return _KERNEL is not None


def runs(rule: Rule) -> bool:
    """Whether the kernel is there and knows such rules."""
    return available() and rule.num_boundaries == 1


class Answers(NamedTuple):
    """Arrays of all trades that answers are written to, contiguous; None for what is not wanted.

    Args:
        values: today
        coarse: values by the coarser rule
        rights: values of the rights that begin at each exercise
        drifts: no answer: of the state in the bank-account measure, where probabilities are wanted
        probabilities: of each exercise
        present_values: derivatives to them
        loadings: derivatives to them
        covariances: derivatives to them
    """

    values: np.ndarray
    coarse: np.ndarray | None
    rights: np.ndarray
    drifts: np.ndarray | None
    probabilities: np.ndarray | None
    present_values: np.ndarray | None
    loadings: np.ndarray | None
    covariances: np.ndarray | None


def contiguous(rights: PlaneRights) -> PlaneRights:
    """The same as the kernel takes them."""
    counts = np.ascontiguousarray(rights.counts, dtype=np.int64)
    rest = (np.ascontiguousarray(part, dtype=np.float64) for part in rights[1:])
    return PlaneRights(counts, *rest)


def survey(rights: PlaneRights, chosen: np.ndarray, half_width: float) -> tuple[Trades, np.ndarray]:
    """What `survey.widths` and `survey.boundaries` say of some trades."""
    assert _KERNEL is not None
    widths, boundaries = np.empty(chosen.size), np.empty(chosen.size, dtype=np.int64)
    _KERNEL.survey(rights.present_values.shape, *rights, chosen, half_width, widths, boundaries)
    return widths, boundaries


def value(
    rights: PlaneRights, chosen: np.ndarray, rule: Rule, most: float, answers: Answers
) -> None:
    """Value some trades by one rule, on all processors where they are many.

    Args:
        rights: of all trades
        chosen: which of them
        rule: to value them by
        most: difference from the coarser rule beyond which derivatives and probabilities are left to a finer one
        answers: to fill
    """
    assert _KERNEL is not None
    run = functools.partial(
        _KERNEL.value,
        rights.present_values.shape,
        *rights,
    )
    rest = (_numbers(rule), _numbers(rule.coarser()), most, answers)
    if chosen.size < 2 * _FEWEST_A_THREAD:
        run(chosen, *rest)
        return
    workers = min(num_processors(), chosen.size // _FEWEST_A_THREAD)
    parts = [np.ascontiguousarray(chosen[worker::workers]) for worker in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(run, part, *rest) for part in parts]:
            done.result()


@functools.cache
def _numbers(rule: Rule) -> tuple[int, int, int, np.ndarray]:
    """Numbers of nodes, and the tables that go with them."""
    rays = lines(rule.num_lines)
    parts = [
        np.array([rule.half_width]),
        rays.nodes,
        rays.weights,
        rays.projection.ravel(),
        rays.shares.ravel(),
        *stretched(rule.num_points),
        *legendre(rule.num_slivers),
    ]
    return rule.num_lines, rule.num_points, rule.num_slivers, np.concatenate(parts)
