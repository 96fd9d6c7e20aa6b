"""Domains: named axes with units and bounds, what can be sampled and what can be guarded."""

import dataclasses
import functools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.core.checks import as_array, check_choice
from neuralrates.core.doors import door
from neuralrates.core.types import Inputs, Key
from neuralrates.problems.density import AbstractDensity, draw_accepted

Samples = Float[Array, "samples inputs"]
Sampling = Literal["uniform", "sobol"]


@door
@dataclass(frozen=True)
class Axis:
    """One input: its name, its unit and its closed range, in raw units.

    Args:
        name: name, unique within a domain
        unit: unit in words, for readers
        low: lowest value
        high: highest value, above the lowest
    """

    name: str
    unit: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(
                f"Axis `{self.name}` must have finite bounds with low < high, "
                f"but they are {self.low} and {self.high}."
            )


@door
@dataclass(frozen=True)
class Domain:
    """Where inputs live, the same for labels, certificate, guard and fall-back: a box, or part of one.

    Args:
        axes: the inputs in order
        density: how points are drawn and which ones are let in; uniform over the whole box without

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> axes = (nr.problems.Axis("rate", "decimal", 0.0, 0.1), nr.problems.Axis("time", "years", 1.0, 5.0))
        >>> domain = nr.problems.Domain(axes)
        >>> x = domain.sample(jax.random.key(0), 100)
        >>> x.shape, bool(domain.contains(x[0])), domain.index("time")
        ((100, 2), True, 1)
    """

    axes: tuple[Axis, ...]
    density: AbstractDensity | None = None

    def __post_init__(self) -> None:
        if not self.axes or len(set(self.names)) != len(self.axes):
            raise ValueError(f"Argument `axes` must have unique names, but they are {self.names}.")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs in order."""
        return tuple(axis.name for axis in self.axes)

    @cached_property
    def low(self) -> np.ndarray:
        """Lower bounds in order."""
        return np.array([axis.low for axis in self.axes], dtype=np.float64)

    @cached_property
    def high(self) -> np.ndarray:
        """Upper bounds in order."""
        return np.array([axis.high for axis in self.axes], dtype=np.float64)

    def index(self, name: str) -> int:
        """Position of an input."""
        check_choice("name", name, self.names)
        return self.names.index(name)

    def contains(self, x: Inputs) -> Bool[Array, ""]:
        """Whether a point lies in the domain, the box's faces included; False where anything is NaN."""
        inside = jnp.all((x >= self.low) & (x <= self.high))
        if self.density is None:
            return inside
        middle = jnp.asarray(0.5 * (self.low + self.high))
        return inside & self.density.accepts(jnp.where(inside, x, middle))

    def outside(self, x: np.ndarray) -> list[str]:
        """Which inputs of one point leave the box, each with its value and its range."""
        values = zip(self.axes, np.asarray(x), strict=True)
        return [
            f"{axis.name} = {value:g} is outside [{axis.low:g}, {axis.high:g}]"
            for axis, value in values
            if not axis.low <= value <= axis.high
        ] or self._turned_away(x)

    def sample(self, key: Key, num_samples: int, sampling: Sampling = "uniform") -> Samples:
        """Points of the domain.

        Args:
            key: of the draw
            num_samples: how many points
            sampling: `uniform`, independent numbers; or `sobol`, scrambled low-discrepancy ones

        Returns:
            Points in raw units.

        Raises:
            ValueError: where the density turns away nearly all that it draws

        Source: Owen (1998) for the scrambling.
        """
        check_choice("sampling", sampling, ("uniform", "sobol"))
        draw = _uniform if sampling == "uniform" else _scrambled_sobol
        if self.density is not None:
            return draw_accepted(self.density, self.contains, draw, key, num_samples)
        units = np.asarray(draw(key, num_samples, len(self.axes)))
        return as_array(self.low + units * (self.high - self.low))

    def _turned_away(self, x: np.ndarray) -> list[str]:
        """What the density has against a point of the box."""
        if self.density is None or bool(_lies_inside(self, as_array(x))):
            return []
        return [f"the point is none that {self.density.describe()}"]

    def to_record(self) -> list[dict[str, Any]]:
        """The axes as plain values, for a manifest."""
        return [dataclasses.asdict(axis) for axis in self.axes]

    @classmethod
    def from_record(cls, record: list[dict[str, Any]]) -> "Domain":
        """The domain that a manifest describes."""
        return cls(tuple(Axis(**entry) for entry in record))


@functools.partial(jax.jit, static_argnums=0)
def _lies_inside(domain: Domain, x: Inputs) -> Bool[Array, ""]:
    return domain.contains(x)


def _uniform(key: Key, num_samples: int, num_inputs: int) -> Samples:
    return jax.random.uniform(key, (num_samples, num_inputs), jnp.float64)


def _scrambled_sobol(key: Key, num_samples: int, num_inputs: int) -> Samples:
    seed = np.asarray(jax.random.bits(key, (4,)), dtype=np.uint32)
    from scipy.stats import qmc  # a second to import, for whoever only loads a domain

    sampler = qmc.Sobol(num_inputs, rng=np.random.default_rng(seed))
    power = math.ceil(math.log2(max(num_samples, 1)))
    return as_array(sampler.random_base2(power)[:num_samples])
