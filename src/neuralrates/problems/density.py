"""Densities: how points of a domain are drawn where not uniformly over a box."""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.core.types import Inputs, Key

Draw = Callable[[Key, int, int], Float[Array, "samples inputs"]]
_LEAST_ACCEPTED = 0.01


class AbstractDensity(eqx.Module):
    """Law of the points of a domain: independent uniform numbers, turned into inputs, some of which are rejected."""

    @property
    @abc.abstractmethod
    def num_uniforms(self) -> int:
        """How many numbers in (0, 1) make one point."""

    @abc.abstractmethod
    def point(self, uniforms: Float[Array, "steps"]) -> Inputs:
        """The point that these numbers make, in raw units."""

    @abc.abstractmethod
    def accepts(self, x: Inputs) -> Bool[Array, ""]:
        """Whether a point of the box may be used."""

    @abc.abstractmethod
    def describe(self) -> str:
        """Verb phrase that completes "points that ...", for readers."""

    @abc.abstractmethod
    def record(self) -> dict[str, Any]:
        """Its settings as plain values, for a manifest."""


def draw_accepted(
    density: AbstractDensity,
    accepts: Callable[[Inputs], Bool[Array, ""]],
    draw: Draw,
    key: Key,
    num_samples: int,
) -> Float[Array, "samples inputs"]:
    """The first `num_samples` accepted points of a density.

    Args:
        density: makes the points
        accepts: which of them are let in
        draw: key, number of points and of numbers each, to uniform numbers
        key: of the draws
        num_samples: how many points

    Returns:
        Points in raw units.

    Raises:
        ValueError: where fewer than one in a hundred is accepted
    """
    kept: list[np.ndarray] = []
    found = tried = 0
    while found < num_samples:
        key, now = jax.random.split(key)
        size = max(1024, int(1.2 * (num_samples - found) * max(tried, 1) / max(found, 1)))
        uniforms = _padded(np.asarray(draw(now, size, density.num_uniforms)))
        points, let_in = (np.asarray(a)[:size] for a in _attempt(density, accepts, uniforms))
        kept.append(points[let_in])
        found, tried = found + len(kept[-1]), tried + size
        if found < _LEAST_ACCEPTED * tried:
            raise ValueError(
                f"The domain's density must accept at least {_LEAST_ACCEPTED:.0%} of its draws, but accepted {found} "
                f"of {tried} points that {density.describe()}."
            )
    return jnp.asarray(np.concatenate(kept)[:num_samples])


def acceptance(
    density: AbstractDensity, accepts: Callable[[Inputs], Bool[Array, ""]], key: Key, size: int
) -> float:
    """Share of the density's draws that are let in, of `size` of them."""
    uniforms = jax.random.uniform(key, (size, density.num_uniforms), jnp.float64)
    return float(jnp.mean(_attempt(density, accepts, uniforms)[1]))


def _padded(uniforms: Float[np.ndarray, "samples steps"]) -> Float[np.ndarray, "padded steps"]:
    """As many rows as the next power of two: of few sizes, few programs are compiled."""
    size, steps = uniforms.shape
    filled = np.full((1 << (size - 1).bit_length(), steps), 0.5)
    filled[:size] = uniforms
    return filled


@eqx.filter_jit
def _attempt(
    density: AbstractDensity,
    accepts: Callable[[Inputs], Bool[Array, ""]],
    uniforms: Float[Array | np.ndarray, "samples steps"],
) -> tuple[Float[Array, "samples inputs"], Bool[Array, "samples"]]:
    points = jax.vmap(density.point)(jnp.asarray(uniforms))
    return points, jax.vmap(accepts)(points)
