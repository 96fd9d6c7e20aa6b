"""Training by a schedule of regimes: each its own step size and batch, one after the other."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import jax
import optax

from neuralrates.core.types import Key
from neuralrates.learning.fitting import Progress, fit
from neuralrates.learning.history import History
from neuralrates.learning.losses.loss import Objective

Learner = TypeVar("Learner")


@dataclasses.dataclass(frozen=True)
class Regime:
    """Steps of one size.

    Args:
        epochs: how many
        learning_rate: of Adam
        batch: points per step
        batches: steps per epoch
    """

    epochs: int
    learning_rate: float
    batch: int
    batches: int

    @property
    def num_steps(self) -> int:
        """Steps of the regime."""
        return self.epochs * self.batches

    def shortened(self, share: float) -> "Regime":
        """The regime with a share of its epochs, one at least."""
        return dataclasses.replace(self, epochs=max(1, round(share * self.epochs)))


def fit_regimes(
    surrogate: Learner,
    objective: Callable[[int], Objective],
    regimes: Sequence[Regime],
    *,
    key: Key,
    weight_decay: float = 0.0,
    chunk: int = 500,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> tuple[Learner, tuple[History, ...]]:
    """Train a surrogate by Adam with decoupled weight decay, regime after regime; each begins with fresh moments.

    Args:
        surrogate: where to start
        objective: batch to an objective that draws as many points at each step
        regimes: in order
        key: of the points
        weight_decay: share of a weight that is taken away per step and unit of the learning rate
        chunk: steps per compiled call
        progress: called with a regime's history and its number of steps after each chunk
        checkpoint: folder to go on from, and to keep up to date

    Returns:
        The surrogate after the last step, and the history of each regime.

    Raises:
        DivergenceError: where a loss is not finite, or a thousand times its first or best
        ValueError: where the checkpoint belongs to other settings

    Source: Loshchilov and Hutter (2019), algorithm 2.

    Example:
        >>> import jax, jax.numpy as jnp, neuralrates as nr
        >>> from studies.mott_2026.regimes import Regime, fit_regimes
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> start = nr.surrogates.Network.random(unit, unit, [8], key=jax.random.key(0))
        >>> def objective(batch):
        ...     def loss(network, key):
        ...         x = jax.random.uniform(key, (batch, 1), dtype=float)
        ...         return jnp.mean((jax.vmap(network)(x) - jnp.exp(x)) ** 2)
        ...     return loss
        >>> regimes = [Regime(200, 1e-2, 32, 5), Regime(50, 1e-3, 64, 5)]
        >>> network, histories = fit_regimes(start, objective, regimes, key=jax.random.key(1))
        >>> bool(abs(network(jnp.array([0.5]))[0] - jnp.exp(0.5)) < 0.05), [h.num_steps for h in histories]
        (True, [1000, 250])
    """
    histories = []
    for number, regime in enumerate(regimes):
        surrogate, history = fit(
            surrogate,
            objective(regime.batch),
            optax.adamw(regime.learning_rate, weight_decay=weight_decay),
            key=jax.random.fold_in(key, number),
            num_steps=regime.num_steps,
            chunk=chunk,
            progress=progress,
            checkpoint=None if checkpoint is None else checkpoint / f"regime-{number + 1}",
        )
        histories.append(history)
    return surrogate, tuple(histories)
