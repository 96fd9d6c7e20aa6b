"""From today forward over what a backward induction kept: derivatives of values, and probabilities of exercise."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.batched.induction import Exercises, Induction, Level
from neuralrates.pricers.gaussian.batched.portfolio import Flows, Portfolio
from neuralrates.pricers.gaussian.batched.state_space import StateSpace


class Adjoint(NamedTuple):
    """Derivatives of the values of the rights, per trade.

    Args:
        present_values: to what each flow received on exercise is worth today
        loadings: to the loadings
        variances: to the variances at the exercise times
    """

    present_values: Float[np.ndarray, "trades exercises flows"]
    loadings: Flows
    variances: Exercises


def adjoint(run: Induction) -> Adjoint:
    """Derivatives of the values, by carrying the masses that each node has in the price forward from today.

    Where exercise meets waiting the value has no jump, so nodes and boundaries count as fixed.
    """
    space, rights = run.space, run.space.rights
    present_values = np.zeros_like(rights.present_values)
    loadings = np.zeros_like(rights.loadings)
    growing = np.zeros_like(space.variances)
    steps = np.zeros_like(space.variances)
    masses: np.ndarray | None = None
    for back in range(space.most - 1, -1, -1):
        level, here = run.levels[back], space.at(back)
        ends, first = run.first[back]
        mine = first if masses is None else np.concatenate([masses, first])
        _today(steps, space, ends, level, first)
        taken, nodes = mine[level.taken], level.grid.nodes[level.taken]
        assert level.growth is not None
        pair = np.stack([taken, taken * nodes], axis=1) @ level.growth
        flows, moved = pair[:, 0, :], pair[:, 1, :]
        who, when = np.arange(here.trades), here.exercise
        own = Portfolio.of(here.present_values, rights.loadings[: here.trades], here.variances)
        decay = np.exp(-0.5 * own.loadings**2 * here.variances[:, None])
        present_values[who, when] = flows * decay
        loadings[who] -= own.amounts * (own.loadings * here.variances[:, None] * flows + moved)
        growing[who, when] = -0.5 * np.sum(own.amounts * own.loadings**2 * flows, axis=1)
        averages = run.averages(back)
        if averages is not None:
            held = mine[level.held]
            assert level.drift is not None
            steps[who, when + 1] = np.sum(held * level.drift, axis=1)
            masses = (held[:, None, :] @ averages)[:, 0, :]
    return Adjoint(present_values, loadings, growing + space.through_steps(steps))


def _today(
    steps: Exercises,
    space: StateSpace,
    ends: slice,
    level: Level,
    masses: Float[np.ndarray, "ending nodes"],
) -> None:
    """Derivatives to the variance of the first exercise, seen from today."""
    assert level.slopes is not None
    moved = np.sum(masses * level.grid.nodes[ends] * level.slopes[ends], axis=1)
    steps[ends, 0] = moved / (2.0 * space.steps[ends, 0])


def probabilities(run: Induction, mean_loadings: Exercises) -> Exercises:
    """Risk-neutral probability of exercise at each time.

    In the bank-account measure the state drifts by $-\\int (H - H(T_n)) d\\zeta$, where loadings count from that of $T_n$; the
    masses of paths not yet exercised are carried forward, with the density between the two measures at every step.

    Args:
        run: backward induction, which knows where exercise is worth more
        mean_loadings: average of H - H(T_n) up to each exercise since the one before, weighted by the growth of the variance

    Returns:
        Probabilities; they sum to one less the probability that the right is never exercised.

    Source: Hagan (2002), equation 2.1, for the change of measure.
    """
    space = run.space
    found = np.zeros_like(space.variances)
    masses: np.ndarray | None = None
    for back in range(space.most - 1, -1, -1):
        level, here = run.levels[back], space.at(back)
        ends, first = run.first[back]
        tilt, step = -mean_loadings[ends, 0][:, None], space.steps[ends, 0][:, None]
        begun = first * np.exp(tilt * level.grid.nodes[ends] - 0.5 * tilt**2 * step)
        mine = begun if masses is None else np.concatenate([masses, begun])
        who, when = np.arange(here.trades), here.exercise
        found[who, when] = np.sum(mine[level.taken], axis=1)
        averages = run.averages(back)
        if averages is not None:
            later = run.levels[back - 1].grid.nodes[: here.trades]
            tilt = -mean_loadings[who, when + 1][:, None]
            half = 0.5 * tilt**2 * here.step[:, None]
            held = mine[level.held] * np.exp(-tilt * level.grid.nodes[level.held] - half)
            masses = (held[:, None, :] @ averages)[:, 0, :] * np.exp(tilt * later)
    return found
