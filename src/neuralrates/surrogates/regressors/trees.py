"""Sums of decision trees, all their nodes in one table."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from pydantic import Field

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.registry import Size, register
from neuralrates.surrogates.surrogate import AbstractSurrogate

Nodes = Int[Array, "nodes"]
Table = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Of one tree: input and threshold of each node, its two children (a leaf's are itself), its value."""


class TreesRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["trees"]
    nodes: Size
    trees: Size
    depth: Annotated[int, Field(ge=0, le=10**4)]
    rounded: bool


@register("trees")
class Trees(AbstractSurrogate):
    """A constant plus the values of the leaves that a point falls into, one per tree.

    A sum of steps has no useful derivatives.

    Args:
        inputs: number of the input that a node looks at
        thresholds: a point whose input is at most this goes left
        left: node to the left; a leaf points at itself
        right: node to the right
        values: raw output of a leaf
        roots: first node of each tree
        constant: raw output added to all
        depth: steps from a root to the farthest leaf
        rounded: whether inputs are rounded to single precision first, as scikit-learn's trees do

    Source: Breiman, Friedman, Olshen and Stone (1984), chapter 8.
    """

    differentiable: ClassVar[bool] = False
    schema: ClassVar[type[Strict]] = TreesRecord
    frozen: ClassVar[bool] = True
    inputs: Nodes
    thresholds: Float[Array, "nodes"]
    left: Nodes
    right: Nodes
    values: Float[Array, "nodes"]
    roots: Int[Array, "trees"]
    constant: Scalar
    depth: int = eqx.field(static=True)
    rounded: bool = eqx.field(static=True)

    @classmethod
    def of(
        cls, tables: list[Table], constant: float, scale: float, depth: int, rounded: bool
    ) -> "Trees":
        """Trees out of one table each.

        Args:
            tables: nodes of each tree, numbered within it
            constant: added to the sum, raw
            scale: raw output per unit of a table's values
            depth: steps from a root to the farthest leaf
            rounded: whether inputs are rounded to single precision first
        """
        starts = np.cumsum([0, *(len(table[0]) for table in tables[:-1])])
        inputs, thresholds, left, right, values = (
            np.concatenate(column) for column in zip(*tables, strict=True)
        )
        shift = np.repeat(starts, [len(table[0]) for table in tables])
        return cls(
            _numbers(inputs),
            jnp.asarray(thresholds),
            _numbers(left + shift),
            _numbers(right + shift),
            jnp.asarray(scale * values),
            _numbers(starts),
            jnp.asarray(float(constant)),
            depth,
            rounded,
        )

    def __call__(self, x: Inputs) -> Outputs:
        z = x.astype(jnp.float32).astype(x.dtype) if self.rounded else x

        def descend(_: Any, at: Int[Array, "trees"]) -> Int[Array, "trees"]:
            goes_left = z[self.inputs[at]] <= self.thresholds[at]
            return jnp.where(goes_left, self.left[at], self.right[at])

        leaves = jax.lax.fori_loop(0, self.depth, descend, self.roots)
        return (self.constant + jnp.sum(self.values[leaves]))[None]

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        sizes = {"nodes": self.inputs.shape[0], "trees": self.roots.shape[0], "depth": self.depth}
        return {"architecture": "trees", **sizes, "rounded": self.rounded}

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Trees":
        """Trees of the shape that a record states, their arrays to be filled in."""
        none, no = jnp.zeros(record["nodes"], jnp.int32), jnp.zeros(record["nodes"])
        roots = jnp.zeros(record["trees"], jnp.int32)
        depth, rounded = record["depth"], record["rounded"]
        return cls(none, no, none, none, no, roots, jnp.zeros(()), depth, rounded)


def _numbers(array: np.ndarray) -> Array:
    return jnp.asarray(np.asarray(array, dtype=np.int32))
