"""What a training run leaves behind: its course and, if it must, its failure."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.errors import NeuralratesError


class History(eqx.Module):
    """Course of a run, one entry per chunk of steps.

    Args:
        steps: steps done at the end of each chunk
        losses: mean loss over each chunk
        scores: what the monitor said after each chunk; the loss where there is no monitor
    """

    steps: Float[Array, "steps"] | Float[np.ndarray, "steps"]
    losses: Float[Array, "steps"] | Float[np.ndarray, "steps"]
    scores: Float[Array, "steps"] | Float[np.ndarray, "steps"]

    @classmethod
    def empty(cls) -> "History":
        """History of a run that has not begun."""
        return cls(np.zeros(0), np.zeros(0), np.zeros(0))

    def extend(self, steps: int, loss: float, score: float) -> "History":
        """The history with one more chunk."""
        return History(
            np.append(self.steps, float(steps)),
            np.append(self.losses, loss),
            np.append(self.scores, score),
        )

    @property
    def num_steps(self) -> int:
        """Steps done."""
        return int(self.steps[-1]) if self.steps.size else 0

    @property
    def best_score(self) -> float:
        """Lowest score so far; infinite before the first chunk."""
        return float(np.min(self.scores)) if self.scores.size else np.inf


class DivergenceError(NeuralratesError):
    """Training whose loss ran away. What it had reached before is kept.

    Args:
        message: what happened, and when
        best: best surrogate before
        history: course up to there
    """

    def __init__(self, message: str, best: Any, history: History) -> None:
        Exception.__init__(self, message)
        self.best, self.history = best, history
