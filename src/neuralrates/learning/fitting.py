"""`fit`: makes an objective small by moving the trainable part of a surrogate, and nothing else."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.learning.history import (
    DivergenceError,
    History,
    load_checkpoint,
    save_checkpoint,
)
from neuralrates.learning.losses.loss import Objective
from neuralrates.surrogates.frozen import trainable
from neuralrates.surrogates.surrogate import digest

Learner = TypeVar("Learner")
Monitor = Callable[[Any], Any]
Progress = Callable[[History, int], None]
_RUNAWAY = 1e3


class _State(NamedTuple):
    """All that a step changes, and the best so far."""

    parameters: Any
    optimiser: Any
    best: Any
    history: History


class _Task(NamedTuple):
    """All that a step does not change."""

    frozen: Any
    objective: Objective
    optimiser: optax.GradientTransformationExtraArgs
    key: Key

    def surrogate(self, parameters: Any) -> Any:
        return eqx.combine(parameters, self.frozen)


@door
def fit(
    surrogate: Learner,
    objective: Objective,
    optimiser: optax.GradientTransformation,
    *,
    key: Key,
    num_steps: int,
    chunk: int = 500,
    monitor: Monitor | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> tuple[Learner, History]:
    """Train a surrogate.

    Floating-point arrays are moved but for those of frozen parts: scalings and baselines stay. Step
    k draws its batch from `fold_in(key, k)`, so that a resumed run equals an uninterrupted one.

    Args:
        surrogate: where to start; any pytree, see `trainable` for what of it may move
        objective: surrogate and key to a loss
        optimiser: any of optax, L-BFGS with its line search included
        key: of the batches
        num_steps: steps in all
        chunk: steps per compiled call; history, monitor and checkpoint follow each
        monitor: surrogate to a score, lower is better; decides which surrogate is the best
        progress: called with the history and `num_steps` after each chunk
        checkpoint: folder to go on from, and to keep up to date

    Returns:
        The surrogate of the best score (of the last step without a monitor), and the history.

    Raises:
        DivergenceError: where the loss is not finite, or a thousand times its first or best, of its largest size so far
            where that is negative
        ValueError: where the checkpoint belongs to other settings

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
    task = _Task(frozen, objective, method, key)
    state = _State(parameters, jax.jit(method.init)(parameters), parameters, History.empty())
    folder = None if checkpoint is None else Path(checkpoint)
    settings = "" if folder is None else _settings(task, state, num_steps, chunk)
    if folder is not None and folder.exists():
        state = load_checkpoint(folder, settings, state)
    while state.history.num_steps < num_steps:
        state = _advance(task, state, min(chunk, num_steps - state.history.num_steps), monitor)
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


def _advance(task: _Task, state: _State, count: int, monitor: Monitor | None) -> _State:
    """The state after `count` more steps; raises where they diverged."""
    done = state.history.num_steps
    steps = jnp.arange(done, done + count)
    parameters, optimiser, losses = _run_chunk(task, state.parameters, state.optimiser, steps)
    _refuse_divergence(np.asarray(losses), done, task, state)
    score = losses[-1] if monitor is None else monitor(task.surrogate(parameters))
    better = float(score) < state.history.best_score
    history = state.history.extend(done + count, float(jnp.mean(losses)), float(score))
    return _State(parameters, optimiser, parameters if better else state.best, history)


@eqx.filter_jit
def _run_chunk(
    task: _Task, parameters: Any, optimiser: Any, steps: Array
) -> tuple[Any, Any, Float[Array, "steps"]]:
    (parameters, optimiser), losses = jax.lax.scan(
        lambda carry, step: _step(task, *carry, step), (parameters, optimiser), steps
    )
    return parameters, optimiser, losses


def _step(task: _Task, parameters: Any, optimiser: Any, step: Array) -> tuple[tuple[Any, Any], Any]:
    """One step of the optimiser, and the loss before it."""
    key = jax.random.fold_in(task.key, step)

    def loss_of(parameters: Any) -> Any:
        return task.objective(task.surrogate(parameters), key)

    loss, slope = jax.value_and_grad(loss_of)(parameters)
    with jax.numpy_dtype_promotion("standard"):  # optax mixes integers and floats
        updates, optimiser = task.optimiser.update(
            slope, optimiser, parameters, value=loss, grad=slope, value_fn=loss_of
        )
    return (optax.apply_updates(parameters, updates), optimiser), loss


def _refuse_divergence(losses: np.ndarray, done: int, task: _Task, state: _State) -> None:
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


def _settings(task: _Task, state: _State, num_steps: int, chunk: int) -> str:
    """Digest of everything that decides the run: its arrays, and the traced step with its constants."""
    arrays, static = eqx.partition((task, state.parameters, state.optimiser), eqx.is_array)

    def traced(arrays: Any) -> Any:
        task, parameters, optimiser = eqx.combine(arrays, static)
        return _step(task, parameters, optimiser, jnp.zeros((), jnp.int64))

    program = re.sub(r"0x[0-9a-f]+", "", str(jax.make_jaxpr(traced)(arrays)))
    named = jax.tree.map(_key_data, arrays)
    text = f"{digest(named)} {program} {num_steps} {chunk}"
    return hashlib.sha256(text.encode()).hexdigest()


def _key_data(array: Any) -> Any:
    is_key = jnp.issubdtype(array.dtype, jax.dtypes.prng_key)
    return jax.random.key_data(array) if is_key else array
