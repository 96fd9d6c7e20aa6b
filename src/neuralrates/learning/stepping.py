"""Steps of training: the optimiser's, on batches that the objective draws or that a stream reads."""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.core.types import Key
from neuralrates.learning.data.stream import LabelStream, ahead, labels_of

_ORDER = 2**32 - 1
"""What the key of a run is folded with for the order of a stream: no step has this number."""


class Task(NamedTuple):
    """All that a step does not change."""

    frozen: Any
    objective: Any
    optimiser: optax.GradientTransformationExtraArgs
    key: Key

    def surrogate(self, parameters: Any) -> Any:
        return eqx.combine(parameters, self.frozen)


class Piece(NamedTuple):
    """Some consecutive batches of a block of a stream."""

    arrays: dict[str, Array]
    begin: int
    end: int


@eqx.filter_jit
def run_chunk(
    task: Task, parameters: Any, optimiser: Any, steps: Array
) -> tuple[Any, Any, Float[Array, "steps"]]:
    """Steps on what the objective draws, and the loss before each."""
    (parameters, optimiser), losses = jax.lax.scan(
        lambda carry, step: step_of(task, *carry, step), (parameters, optimiser), steps
    )
    return parameters, optimiser, losses


def run_pieces(
    task: Task, parameters: Any, optimiser: Any, done: int, count: int, pieces: Iterator[Piece]
) -> tuple[Any, Any, Float[np.ndarray, "steps"]]:
    """`count` steps on the batches of a stream; the next ones are handed over while the last ones run, and no more."""
    found: list[tuple[Array, slice]] = []
    while count:
        arrays, begin, end = next(pieces)
        where = np.array([begin, end, done - begin])
        parameters, optimiser, losses = _run_piece(task, parameters, optimiser, arrays, where)
        if found:
            jax.block_until_ready(found[-1][0])
        found.append((losses, slice(begin, end)))
        done, count = done + end - begin, count - (end - begin)
    losses_of_all = np.concatenate([np.asarray(losses)[steps] for losses, steps in found])
    return parameters, optimiser, losses_of_all


@eqx.filter_jit
def _run_piece(
    task: Task, parameters: Any, optimiser: Any, block: dict[str, Array], where: Any
) -> tuple[Any, Any, Float[Array, "steps"]]:
    """Steps on some batches of a block: one program, wherever it begins and ends."""
    begin, end, shift = where

    def one(place: Array, carry: tuple[Any, Any, Array]) -> tuple[Any, Any, Array]:
        parameters, optimiser, losses = carry
        labels = labels_of({name: array[place] for name, array in block.items()})
        here = task._replace(objective=task.objective.on(labels))
        (parameters, optimiser), loss = step_of(here, parameters, optimiser, place + shift)
        return parameters, optimiser, losses.at[place].set(loss.astype(losses.dtype))

    losses = jnp.zeros(block["x"].shape[0])
    found: tuple[Any, Any, Array] = jax.lax.fori_loop(
        begin, end, one, (parameters, optimiser, losses)
    )
    return found


def step_of(
    task: Task, parameters: Any, optimiser: Any, step: Array
) -> tuple[tuple[Any, Any], Any]:
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


def pieces_of(
    batches: LabelStream | None, key: Key, done: int, num_steps: int, chunk: int
) -> Generator[Piece, None, None]:
    """The batches of a stream up to the last step, read ahead, cut where a chunk or a window ends."""
    if batches is None:
        return
    order = jax.random.fold_in(key, _ORDER)
    with closing(ahead(batches.blocks(order, done))) as blocks:
        for arrays, count in blocks:
            begin = 0
            while begin < count:
                end = begin + min(count - begin, chunk - done % chunk, num_steps - done)
                yield Piece(arrays, begin, end)
                done, begin = done + end - begin, end
