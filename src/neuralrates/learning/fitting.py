"""`fit`: makes an objective small by moving the trainable part of a surrogate, and nothing else."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from neuralrates.core.doors import door
from neuralrates.core.installation import installation_of
from neuralrates.core.types import Key
from neuralrates.learning.checkpoints import load_checkpoint, save_checkpoint
from neuralrates.learning.data.stream import LabelStream
from neuralrates.learning.history import DivergenceError, History
from neuralrates.learning.losses.loss import Loss, Objective
from neuralrates.learning.stepping import Piece, Task, pieces_of, run_chunk, run_pieces, step_of
from neuralrates.surrogates.frozen import trainable
from neuralrates.surrogates.surrogate import digest

Learner = TypeVar("Learner")
Monitor = Callable[[Any], Any]
Progress = Callable[[History, int], None]
_RUNAWAY = 1e3
_CODE = ("core", "surrogates", "problems", "learning")
"""Rooms that a step goes through; what the loss takes from others is in its traced program."""


class _State(NamedTuple):
    """All that a step changes, and the best so far."""

    parameters: Any
    optimiser: Any
    best: Any
    history: History


@door
def fit(
    surrogate: Learner,
    objective: Objective,
    optimiser: optax.GradientTransformation,
    *,
    key: Key,
    num_steps: int,
    chunk: int = 500,
    batches: LabelStream | None = None,
    monitor: Monitor | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> tuple[Learner, History]:
    """Train a surrogate.

    Floating-point arrays are moved but for those of frozen parts: scalings and baselines stay. Step k draws from
    `fold_in(key, k)`, and the k-th batch of a stream follows from key and k: a resumed run equals an uninterrupted one.

    Args:
        surrogate: where to start; any pytree, see `trainable` for what of it may move
        objective: surrogate and key to a loss
        optimiser: any of optax, L-BFGS with its line search included
        key: of the batches
        num_steps: steps in all
        chunk: steps per compiled call; history, monitor and checkpoint follow each
        batches: labels to learn from in the place of those that the objective, a `Loss`, was made from, which give it its
            units
        monitor: surrogate to a score, lower is better; decides which surrogate is the best
        progress: called with the history and `num_steps` after each chunk
        checkpoint: folder to go on from, and to keep up to date

    Returns:
        The surrogate of the best score (of the last step without a monitor), and the history.

    Raises:
        DivergenceError: where the loss is not finite, or a thousand times its first or best, of its largest size so far
            where that is negative
        InputError: where the checkpoint belongs to other settings, labels or code, or a shard is altered or missing
        ValueError: where there are batches, and the objective is no `Loss` or wants derivatives that they lack

    Example:
        >>> import jax, jax.numpy as jnp, optax
        >>> import neuralrates as nr
        >>> x = jnp.linspace(-1.0, 1.0, 32)[:, None]
        >>> labels = nr.learning.Labels.from_arrays(x, jnp.sin(x), gradient=jnp.cos(x)[:, None])
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> start = nr.surrogates.Network.random(unit, unit, [8], key=jax.random.key(0))
        >>> network, history = nr.learning.fit(
        ...     start, nr.learning.differential_loss(labels), optax.adam(1e-2), key=jax.random.key(1), num_steps=1000
        ... )
        >>> bool(jnp.abs(network(jnp.array([0.5])) - jnp.sin(0.5))[0] < 1e-2)
        True
    """
    parameters, frozen = eqx.partition(surrogate, trainable(surrogate))
    method = optax.with_extra_args_support(optimiser)
    task = Task(frozen, objective, method, key)
    state = _State(parameters, jax.jit(method.init)(parameters), parameters, History.empty())
    if batches is not None and not isinstance(objective, Loss):
        raise ValueError("Argument `objective` must be a Loss where `batches` are given.")
    folder = None if checkpoint is None else Path(checkpoint)
    settings = {} if folder is None else _settings(task, state, num_steps, chunk, batches)
    if folder is not None and folder.exists():
        state = load_checkpoint(folder, settings, state)
    with closing(pieces_of(batches, key, state.history.num_steps, num_steps, chunk)) as pieces:
        while state.history.num_steps < num_steps:
            count = min(chunk, num_steps - state.history.num_steps)
            state = _advance(task, state, count, monitor, None if batches is None else pieces)
            if folder is not None:
                save_checkpoint(folder, settings, state)
            if progress is not None:
                progress(state.history, num_steps)
    chosen = state.parameters if monitor is None else state.best
    return task.surrogate(chosen), state.history


def even_chunk(num_steps: int, most: int) -> int:
    """Steps of a chunk where as few as can be have the same length: a rest would be compiled apart.

    Args:
        num_steps: steps in all
        most: in a chunk

    Example:
        >>> from neuralrates.learning.fitting import even_chunk
        >>> even_chunk(1200, 500), even_chunk(40, 500)
        (400, 40)
    """
    return -(-num_steps // -(-num_steps // most))


def _advance(
    task: Task,
    state: _State,
    count: int,
    monitor: Monitor | None,
    pieces: Iterator[Piece] | None,
) -> _State:
    """The state after `count` more steps; raises where they diverged."""
    done = state.history.num_steps
    losses: Any
    if pieces is None:
        steps = jnp.arange(done, done + count)
        parameters, optimiser, losses = run_chunk(task, state.parameters, state.optimiser, steps)
    else:
        parameters, optimiser, losses = run_pieces(
            task, state.parameters, state.optimiser, done, count, pieces
        )
    _refuse_divergence(np.asarray(losses), done, task, state)
    score = losses[-1] if monitor is None else monitor(task.surrogate(parameters))
    better = float(score) < state.history.best_score
    history = state.history.extend(done + count, float(jnp.mean(losses)), float(score))
    return _State(parameters, optimiser, parameters if better else state.best, history)


def _refuse_divergence(losses: np.ndarray, done: int, task: Task, state: _State) -> None:
    """Raise where a loss is not finite or far above every earlier one; keep what was best."""
    earlier = np.concatenate([state.history.losses, losses[:1]])
    known = earlier[np.isfinite(earlier)]
    least = np.min(known, initial=np.inf)
    reach = least if least > 0.0 else np.max(np.abs(known))
    bad = ~np.isfinite(losses) | (losses > _RUNAWAY * reach)
    if not bad.any():
        return
    first = int(np.argmax(bad))
    raise DivergenceError(
        f"Training diverged at step {done + first}: loss {losses[first]:.3g}, at best "
        f"{np.min(earlier):.3g} before. Lower the learning rate; the best surrogate is kept.",
        task.surrogate(state.best),
        state.history,
    )


def _settings(
    task: Task, state: _State, num_steps: int, chunk: int, batches: LabelStream | None
) -> dict[str, str]:
    """Everything that decides the run, by name: numbers as digests, the traced step with its constants, what computes it."""
    arrays, static = eqx.partition((task, state.parameters, state.optimiser), eqx.is_array)

    def traced(arrays: Any) -> Any:
        task, parameters, optimiser = eqx.combine(arrays, static)
        return step_of(task, parameters, optimiser, jnp.zeros((), jnp.int64))

    program = re.sub(r"0x[0-9a-f]+", "", str(jax.make_jaxpr(traced)(arrays)))
    own = jax.tree.map(_key_data, arrays)
    numbers = {
        "key": own[0].key,
        "surrogate": (own[0].frozen, own[1]),
        "objective": own[0].objective,
        "optimiser": (own[0].optimiser, own[2]),
    }
    streamed = {} if batches is None else batches.record()
    computed = installation_of(_CODE) | {"optax": version("optax")}
    return {
        **{name: digest(part) for name, part in numbers.items()},
        "program": hashlib.sha256(program.encode()).hexdigest(),
        "num_steps": str(num_steps),
        "chunk": str(chunk),
        **{f"batches.{name}": value for name, value in streamed.items()},
        **{f"installation.{name}": value for name, value in computed.items()},
    }


def _key_data(array: Any) -> Any:
    is_key = jnp.issubdtype(array.dtype, jax.dtypes.prng_key)
    return jax.random.key_data(array) if is_key else array
