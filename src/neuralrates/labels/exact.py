"""Exact labels: the reference pricer's values and derivatives at points of a problem's domain."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key, Outputs
from neuralrates.labels.archive import read_archive, write_archive
from neuralrates.labels.labels import Labels
from neuralrates.problems.domain import Sampling
from neuralrates.problems.problem import Problem

Progress = Callable[[int, int], None]
Jacobian = Float[Array, "outputs inputs"]
_PLAN = "exact-labels-plan"
_TOGETHER = 8  # points per vectorised step: more of them leave the processor's cache


def exact_labels(
    problem: Problem,
    key: Key,
    num_samples: int,
    *,
    batch: int = 256,
    joint: bool = False,
    sampling: Sampling = "uniform",
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Labels:
    """Values, derivatives and errors from the reference, at points drawn from the domain.

    Args:
        problem: gives the points and the prices
        key: of the points
        num_samples: how many points
        batch: points per compiled call
        joint: whether the problem's companions are outputs too
        sampling: `uniform` or `sobol`
        folder: where finished batches are kept; a later call with the same settings goes on from them
        progress: called with the number of samples done and to do

    Returns:
        Labels with derivatives to every input.

    Raises:
        ValueError: where the reference is not finite, or the folder was filled with other settings

    Source: derivatives by reverse-mode differentiation of the pricer, after Huge and Savine (2020).
    """
    x = problem.domain.sample(key, num_samples, sampling)
    batch = min(batch, num_samples)
    shards = None if folder is None else _open_plan(Path(folder), problem, x, batch, joint)
    parts = []
    for index, points in enumerate(_batches(x, batch)):
        parts.append(_shard(problem, points, batch, joint, shards, index))
        if progress is not None:
            progress(min((index + 1) * batch, num_samples), num_samples)
    return Labels.concatenate(parts)


def value_and_jacobian(
    problem: Problem, x: Inputs, joint: bool
) -> tuple[Outputs, Jacobian, Outputs]:
    """Values, derivatives and errors of a problem's outputs at one point."""
    values, pullback, errors = jax.vjp(
        functools.partial(problem.outputs, joint=joint), x, has_aux=True
    )
    (jacobian,) = jax.vmap(pullback)(jnp.eye(values.shape[0]))
    return values, jacobian, errors


@eqx.filter_jit
def _evaluate(problem: Problem, x: Float[Array, "batch inputs"], joint: bool) -> Labels:
    values, jacobians, errors = jax.lax.map(
        lambda point: value_and_jacobian(problem, point, joint), x, batch_size=_TOGETHER
    )
    return Labels(x, values, jacobians, errors)


def _batches(x: Float[Array, "samples inputs"], batch: int) -> Iterator[Array]:
    return (x[start : start + batch] for start in range(0, x.shape[0], batch))


def _shard(
    problem: Problem, x: Array, batch: int, joint: bool, shards: Path | None, index: int
) -> Labels:
    """Labels of one batch: read where they exist, else made, checked and kept."""
    place = None if shards is None else shards / f"shard-{index:06d}"
    if place is not None and place.exists():
        return Labels.load(place)
    full = jnp.concatenate([x, jnp.broadcast_to(x[-1], (batch - x.shape[0], x.shape[1]))])
    made = _evaluate(problem, full, joint).take(slice(0, x.shape[0]))
    checked = Labels.from_arrays(made.x, made.value, made.gradient, made.error)
    if place is not None:
        checked.save(place)
    return checked


def _open_plan(folder: Path, problem: Problem, x: Array, batch: int, joint: bool) -> Path:
    """The folder, once it is sure that its shards belong to the same points and reference."""
    record = {"kind": _PLAN, "batch": batch, "joint": joint, "problem": problem.record()}
    if not (folder / "plan").exists():
        write_archive(folder / "plan", {"x": np.asarray(x)}, record)
    arrays, found, _ = read_archive(folder / "plan", _PLAN)
    if found != record or not np.array_equal(arrays["x"], np.asarray(x)):
        raise ValueError(f"Folder {folder} holds labels made with other settings: choose another.")
    return folder
