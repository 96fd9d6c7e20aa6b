"""The array vocabulary: the only axis names that annotations use.

nodes, periods, flows, exercises, times, paths, factors, states, inputs, outputs, samples, batch, steps, experts.
"""

from collections.abc import Callable
from typing import TypeAlias

from jaxtyping import Array, Float, PRNGKeyArray

Scalar: TypeAlias = Float[Array, ""]
Nodes: TypeAlias = Float[Array, "nodes"]
Times: TypeAlias = Float[Array, "times"]
Periods: TypeAlias = Float[Array, "periods"]
Exercises: TypeAlias = Float[Array, "exercises"]
Inputs: TypeAlias = Float[Array, "inputs"]
Outputs: TypeAlias = Float[Array, "outputs"]
Key: TypeAlias = PRNGKeyArray

Bond: TypeAlias = Callable[[Scalar], Scalar]
"""Maturity to zero-coupon bond price P(t, T), at one time t and in one state."""
