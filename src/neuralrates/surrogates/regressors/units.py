"""Amounts measured in units of one of them: what is left to learn does not know the currency's size."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from pydantic import Field

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.registry import Place, blank, register
from neuralrates.surrogates.surrogate import AbstractSurrogate

Rows = Float[Array, "*batch inputs"]
Warp = Literal["plain", "log", "arctan", "sign"]
Column = tuple[Warp, int, int | None]
"""A warp, the number of an input, and the number of the input that divides it first, if any."""

_WARPS = {
    "plain": lambda ratio: ratio,
    "log": lambda ratio: jnp.log(jnp.abs(ratio)),
    "arctan": lambda ratio: jnp.arctan(0.5 * ratio),
    "sign": jnp.sign,
}


class UnitsRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["in_units"]
    inner: dict[str, Any]
    columns: list[Annotated[tuple[Warp, Place, Place | None], Field(strict=False)]] = Field(
        min_length=1, max_length=1000
    )
    unit: Place


@register("in_units")
class InUnits(AbstractSurrogate):
    r"""$x_k f(z)$ with each $z_j$ a warp of an input or of a ratio of two.

    The warps are the identity, $\log |r|$, $\arctan (r / 2)$, which takes far in and far out of the
    money to finite ends, and the sign.

    Args:
        inner: the function f
        columns: how each of its inputs is made
        unit: number k of the input, positive, that is the unit

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> from neuralrates.surrogates.regressors.units import InUnits
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> first = nr.surrogates.Polynomial(unit, jnp.array([[1]]), jnp.ones(1), jnp.array(0.0), 1)
        >>> print(InUnits(first, (("plain", 0, 1),), 1)(jnp.array([3.0, 2.0])))
        [3.]
    """

    schema: ClassVar[type[Strict]] = UnitsRecord
    inner: AbstractSurrogate
    columns: tuple[Column, ...] = eqx.field(static=True)
    unit: int = eqx.field(static=True)

    def __call__(self, x: Inputs) -> Outputs:
        return x[self.unit] * self.inner(in_units(x, self.columns))

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        inner: Any = self.inner
        columns = [list(column) for column in self.columns]
        own = {"architecture": "in_units", "columns": columns, "unit": self.unit}
        return {**own, "inner": inner.record()}

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "InUnits":
        """Surrogate of the shape that a record states, its arrays to be filled in."""
        return cls(blank(record["inner"]), tuple(map(tuple, record["columns"])), record["unit"])


def in_units(x: Rows, columns: tuple[Column, ...]) -> Float[Array, "*batch columns"]:
    """Warped ratios of inputs, or of rows of them."""

    def made(warp: Warp, place: int, over: int | None) -> Array:
        ratio = x[..., place] if over is None else x[..., place] / x[..., over]
        return _WARPS[warp](ratio)

    return jnp.stack([made(*column) for column in columns], axis=-1)
