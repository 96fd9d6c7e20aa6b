"""A surrogate held between two bounds that are known exactly, by construction."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool

from neuralrates.core.errors import InputError
from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.registry import blank, register
from neuralrates.surrogates.surrogate import AbstractSurrogate


class Bounds(NamedTuple):
    """Between which the target lies without arbitrage, raw units.

    Args:
        low: infinite where there is none
        high: infinite where there is none
    """

    low: Scalar
    high: Scalar


MakeBounds = Callable[[Inputs], Bounds]


class BoundedRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["bounded"]
    surrogate: dict[str, Any]
    room: dict[str, Any] | None


@register("bounded")
class Bounded(AbstractSurrogate):
    """A surrogate whose first output is moved to the nearer bound where it lies beyond one; derivatives follow what is served.

    Args:
        bounds: raw inputs to the bounds, the problem's
        surrogate: what is held between them
        room: raw inputs to a number below zero wherever the surrogate may come near a bound: elsewhere they need not be
            computed; they always are without

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> line = nr.surrogates.Polynomial(unit, jnp.array([[1]]), jnp.ones(1), jnp.array(0.0), 1)
        >>> def bounds(x):
        ...     return nr.surrogates.Bounds(jnp.zeros(()), jnp.ones(()))
        >>> bounded = nr.surrogates.Bounded(bounds, line)
        >>> print(*(bounded(jnp.array([x]))[0] for x in (-2.0, 0.5, 2.0)))
        0.0 0.5 1.0
    """

    schema: ClassVar[type[Strict]] = BoundedRecord
    bounds: MakeBounds = eqx.field(static=True)
    surrogate: AbstractSurrogate
    room: AbstractSurrogate | None = None

    def __call__(self, x: Inputs) -> Outputs:
        outputs = self.surrogate(x)
        held = self._held(x, outputs[0])
        return outputs.at[0].set(held) if outputs.shape[0] > 1 else jnp.reshape(held, (1,))

    def _held(self, x: Inputs, value: Scalar) -> Scalar:
        if self.room is None:
            return _between(value, self.bounds(x))
        near = jax.lax.stop_gradient(self.room(x)[0]) < 0.0
        return _chosen(self.bounds, near, x, value)

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the bounds are the problem's."""
        surrogate: Any = self.surrogate
        room: Any = self.room
        return {
            "architecture": "bounded",
            "surrogate": surrogate.record(),
            "room": None if room is None else room.record(),
        }

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Bounded":
        """Surrogate of the shape that a record states, its arrays and its bounds to be filled in."""
        room = record["room"]
        return cls(_unknown, blank(record["surrogate"]), None if room is None else blank(room))

    def on_problem(self, baseline: Any, bounds: MakeBounds | None) -> "Bounded":
        """The same on the baseline and between the bounds of a problem.

        Raises:
            InputError: where the problem has none
        """
        if bounds is None:
            raise InputError("expected a problem with bounds", column="architecture")
        return Bounded(bounds, self.surrogate.on_problem(baseline, bounds), self.room)


def _between(value: Scalar, bounds: Bounds) -> Scalar:
    return jnp.minimum(jnp.maximum(value, bounds.low), bounds.high)


def _chosen(bounds: MakeBounds, near: Bool[Array, ""], x: Inputs, value: Scalar) -> Scalar:
    """The value, held between the bounds where they are near; its derivative from its own branch."""

    def held(x: Inputs, value: Scalar) -> Scalar:
        return _between(value, bounds(x))

    def as_it_is(x: Inputs, value: Scalar) -> Scalar:
        return value

    @jax.custom_jvp
    def one(x: Inputs, value: Scalar) -> Scalar:
        return jax.lax.cond(near, held, as_it_is, x, value)

    @one.defjvp
    def moves(point: tuple[Any, Any], change: tuple[Any, Any]) -> tuple[Scalar, Scalar]:
        both = [jax.value_and_grad(branch, argnums=(0, 1)) for branch in (held, as_it_is)]
        found, slopes = jax.lax.cond(near, *both, *point)
        return found, slopes[0] @ change[0] + slopes[1] * change[1]

    return one(x, value)


def _unknown(x: Inputs) -> Bounds:
    """In place of bounds until `on_problem`."""
    raise ValueError("The bounds of this surrogate are its problem's: call on_problem first.")
