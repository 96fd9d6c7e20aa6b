"""An analytic approximation with a learned correction, in the approximation's own coordinates."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import equinox as eqx
from jaxtyping import Array, Float

from neuralrates.core.errors import InputError
from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.registry import blank, register
from neuralrates.surrogates.surrogate import AbstractSurrogate


class Baseline(NamedTuple):
    """What is known without learning, at one point.

    Args:
        features: coordinates in which the correction is smooth
        value: approximate outputs, raw units
        scale: how large a correction of size one is, per output, raw units; zero where the value is exact
    """

    features: Float[Array, "features"]
    value: Outputs
    scale: Outputs


MakeBaseline = Callable[[Inputs], Baseline]


class CorrectedRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["anchored"]
    network: dict[str, Any]


@register("anchored")
class Corrected(AbstractSurrogate):
    """Baseline plus scale times a network of features; only the network is trained.

    Args:
        baseline: raw inputs to what is known
        network: features to the correction, in units of the scale

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> network = nr.surrogates.Network.random(unit, unit, [4], key=jax.random.key(0))
        >>> def baseline(x):
        ...     return nr.surrogates.Baseline(x, jnp.exp(x), jnp.zeros(1))
        >>> float(nr.surrogates.Corrected(baseline, network)(jnp.zeros(1))[0])
        1.0
    """

    schema: ClassVar[type[Strict]] = CorrectedRecord
    baseline: MakeBaseline = eqx.field(static=True)
    network: AbstractSurrogate

    def __call__(self, x: Inputs) -> Outputs:
        features, value, scale = self.baseline(x)
        return value + scale * self.network(features)

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the baseline is the problem's."""
        network: Any = self.network
        return {"architecture": "anchored", "network": network.record()}

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Corrected":
        """Surrogate of the shape that a record states, its arrays and its baseline to be filled in."""
        return cls(_unknown, blank(record["network"]))

    def on_problem(self, baseline: MakeBaseline | None, bounds: Any) -> "Corrected":
        """The same network on this baseline.

        Raises:
            InputError: where the problem has none
        """
        if baseline is None:
            raise InputError("expected a problem with a baseline", column="architecture")
        return Corrected(baseline, self.network)


def _unknown(x: Inputs) -> Baseline:
    """In place of a baseline until `on_problem`."""
    raise ValueError("The baseline of this surrogate is its problem's: call on_problem first.")
