"""A search for large errors: screening of many points, then ascent of the error from the worst of them."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.certificates.evidence import AttackEvidence, Finding
from neuralrates.core.doors import door
from neuralrates.core.types import Inputs, Key, Scalar
from neuralrates.problems.domain import Domain
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

_FINDINGS = 10
_INSET = 1e-9
"""Share of an axis by which a point just inside a face is away from it."""
_BATCH_SIZE = 8
_FIRST_STEP, _SHRINK = 0.05, 0.7
"""Share of an axis of the first step, and what a step that leads nowhere is shortened by."""

Samples = Float[Array, "samples inputs"]
Progress = Callable[[int, int], None]


@door
def attack(
    surrogate: AbstractSurrogate,
    problem: Problem,
    bands: Callable[[np.ndarray], np.ndarray],
    *,
    key: Key,
    starts: int = 32,
    steps: int = 25,
    screened: int = 1024,
    progress: Progress | None = None,
) -> AttackEvidence:
    """Look for the largest errors of a surrogate against its reference.

    A third of the candidates are draws of the distribution, a third draws with some inputs moved just inside their faces, a
    third corners of the box, as far as the domain has them. From the worst of them the absolute error climbs along its
    gradient, in shares of each axis; a step that leaves the domain or falls is taken back and shortened.

    Args:
        surrogate: on trial
        problem: with its reference
        bands: points to the half-width of the band
        key: of the candidates
        starts: points to climb from
        steps: of each climb
        screened: candidates
        progress: called with the number of steps done and to do

    Returns:
        The worst points found, largest error first.

    Source: projected gradient ascent with restarts, Madry, Makelov, Schmidt, Tsipras and Vladu (2018).
    """
    points = candidates(problem.domain, key, screened)
    errors = np.asarray(_errors(surrogate, problem, points))
    worst = np.argsort(errors)[::-1][:starts]
    place, height = points[worst], jnp.asarray(errors[worst])
    length = jnp.full(len(worst), _FIRST_STEP)
    for number in range(steps):
        place, height, length = _climbed(surrogate, problem, place, height, length)
        if progress is not None:
            progress(number + 1, steps)
    return AttackEvidence(
        key=tuple(int(word) for word in jax.random.key_data(key).reshape(-1)),
        starts=len(worst),
        steps=steps,
        findings=_findings(problem.domain, np.asarray(place), np.asarray(height), bands),
    )


def candidates(domain: Domain, key: Key, count: int) -> Samples:
    """Points of a domain: draws, draws moved just inside some faces, and corners; only those that it contains."""
    draw, which, side, corner = jax.random.split(key, 4)
    third = max(1, count // 3)
    drawn = domain.sample(draw, 2 * third)
    width = jnp.asarray(domain.high - domain.low)
    low, high = domain.low + _INSET * width, domain.high - _INSET * width
    shape = (third, len(domain.axes))
    moved = jax.random.bernoulli(which, jnp.minimum(1.0, 2.0 / shape[1]), shape)
    faces = jnp.where(jax.random.bernoulli(side, 0.5, shape), low[None, :], high[None, :])
    corners = jnp.where(jax.random.bernoulli(corner, 0.5, shape), low[None, :], high[None, :])
    points = jnp.concatenate([drawn, jnp.where(moved, faces, drawn[:third]), corners])
    return points[np.asarray(_contained(domain, points))]


@eqx.filter_jit
def _contained(domain: Domain, points: Samples) -> Bool[Array, "samples"]:
    return jax.vmap(domain.contains)(points)


def _error(surrogate: AbstractSurrogate, problem: Problem, x: Inputs) -> Scalar:
    return jnp.abs(surrogate(x)[0] - problem(x).value)


@eqx.filter_jit
def _errors(surrogate: AbstractSurrogate, problem: Problem, points: Samples) -> Array:
    return jax.lax.map(lambda x: _error(surrogate, problem, x), points, batch_size=_BATCH_SIZE)


@eqx.filter_jit
def _climbed(
    surrogate: AbstractSurrogate, problem: Problem, place: Samples, height: Array, length: Array
) -> tuple[Samples, Array, Array]:
    """Every climber one step further, or back with a shorter step."""
    domain = problem.domain
    width = jnp.asarray(domain.high - domain.low)
    low, high = domain.low + _INSET * width, domain.high - _INSET * width

    def one(state: tuple[Inputs, Scalar, Scalar]) -> tuple[Any, ...]:
        x, best, step = state
        slope = jax.grad(lambda x: _error(surrogate, problem, x))(x) * width
        free = ((slope > 0.0) & (x < high)) | ((slope < 0.0) & (x > low))
        slope = jnp.where(free & jnp.isfinite(slope), slope, 0.0)
        size = jnp.max(jnp.abs(slope))
        towards = jnp.clip(x + step * width * slope / jnp.where(size > 0.0, size, 1.0), low, high)
        found = _error(surrogate, problem, towards)
        better = (found > best) & domain.contains(towards)
        return (
            jnp.where(better, towards, x),
            jnp.where(better, found, best),
            jnp.where(better, step, _SHRINK * step),
        )

    return jax.lax.map(one, (place, height, length), batch_size=_BATCH_SIZE)


def _findings(
    domain: Domain, place: np.ndarray, height: np.ndarray, bands: Callable[[np.ndarray], np.ndarray]
) -> tuple[Finding, ...]:
    order = np.argsort(height)[::-1][:_FINDINGS]
    width = domain.high - domain.low
    near = 2.0 * _INSET * width
    found = []
    for x, error, band in zip(place[order], height[order], bands(place[order]), strict=True):
        at_face = bool(np.any((x <= domain.low + near) | (x >= domain.high - near)))
        found.append(
            Finding(tuple(x.tolist()), float(error), float(band), "face" if at_face else "inside")
        )
    return tuple(found)
