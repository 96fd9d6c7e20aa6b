"""The array vocabulary: the only axis names that annotations use.

nodes, periods, flows, exercises, times, paths, factors, states, inputs, features, outputs, samples, batch,
steps, experts.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import jaxtyping
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

ArrayLike: TypeAlias = jaxtyping.ArrayLike | Sequence[Any]
"""What a constructor turns into an array: arrays, numbers, lists of numbers."""

if TYPE_CHECKING:
    Scalar: TypeAlias = Any
else:
    Scalar: TypeAlias = Float[Array, ""] | float | int
"""A traced or concrete number; Python numbers are welcome at every door."""

if TYPE_CHECKING:
    HostArray: TypeAlias = Any
else:
    HostArray: TypeAlias = Array | np.ndarray
"""An array on the host or on a device: what dated trades hold, and batches put on a device together."""
HostScalar: TypeAlias = Float[HostArray, ""]
HostPeriods: TypeAlias = Float[HostArray, "periods"]
HostExercises: TypeAlias = Float[HostArray, "exercises"]

Nodes: TypeAlias = Float[Array, "nodes"]
Times: TypeAlias = Float[Array, "times"]
Periods: TypeAlias = Float[Array, "periods"]
Exercises: TypeAlias = Float[Array, "exercises"]
Inputs: TypeAlias = Float[Array, "inputs"]
Outputs: TypeAlias = Float[Array, "outputs"]
Key: TypeAlias = PRNGKeyArray

Bond: TypeAlias = Callable[[Scalar], Scalar]
"""Maturity to zero-coupon bond price P(t, T), at one time t and in one state."""
