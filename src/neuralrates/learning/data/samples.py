"""Labels in correction space: what a function of the features has to say at each sample, worked out once."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Outputs
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.corrected import Baseline, MakeBaseline

_BATCH_SIZE = 256

Values = Float[Array, "samples outputs"]
Gradients = Float[Array, "samples outputs inputs"]


class Predicted(NamedTuple):
    """What a function says of a batch of samples.

    Args:
        residual: its corrections, in raw units
        slope: one mix of the outputs per sample to the derivatives of that mix to the inputs, raw units
        jacobian: derivatives of all outputs to the inputs, raw units; None where nobody asked for them
    """

    residual: Values
    slope: Callable[[Values], Float[Array, "samples inputs"]]
    jacobian: Gradients | None = None


class Samples(eqx.Module):
    """What is left to learn of some labels once a baseline is known: a function f with baseline + scale f(features) = label.

    Without a baseline the features are the inputs, and f is the label itself.

    Args:
        features: coordinates that f sees
        residual: label less baseline, raw units
        gradient: derivatives of `residual` to the inputs; None where they are not known
        known: features, baseline and scale; None without a baseline
        along: derivatives of these to the inputs; None where they are not needed
    """

    features: Float[Array, "samples features"]
    residual: Values
    gradient: Gradients | None
    known: Baseline | None = None
    along: Baseline | None = None

    @classmethod
    def of(
        cls,
        labels: Labels,
        baseline: MakeBaseline | None = None,
        *,
        slopes: bool = True,
        single: bool = False,
    ) -> "Samples":
        """Samples of labels.

        Args:
            labels: the data
            baseline: raw inputs to what is known
            slopes: whether differentials are wanted
            single: whether what is worked out in double precision is kept in single

        Raises:
            ValueError: where differentials are wanted and the labels carry none

        Example:
            >>> import jax.numpy as jnp
            >>> import neuralrates as nr
            >>> from neuralrates.learning.data.samples import Samples
            >>> labels = nr.learning.Labels.from_arrays([[1.0], [2.0]], [[1.5], [2.0]])
            >>> def baseline(x):
            ...     return nr.surrogates.Baseline(x, x, jnp.ones(1))
            >>> print(Samples.of(labels, baseline, slopes=False).residual[:, 0])
            [0.5 0. ]
        """
        if slopes and labels.gradient is None:
            raise ValueError(
                "Argument `labels` must carry gradients, but has none: use value_loss."
            )
        if not slopes:
            labels = Labels(labels.x, labels.value, None, labels.error)
        if baseline is None and not single:
            return cls(labels.x, labels.value, labels.gradient)
        return _worked_out(cls, labels, baseline, single)

    def __len__(self) -> int:
        return int(self.features.shape[0])

    @property
    def slopes(self) -> Gradients:
        """The derivatives, where they are known."""
        if self.gradient is None:
            raise ValueError("These samples carry no differentials.")
        return self.gradient

    def take(self, chosen: Any) -> "Samples":
        """The samples at the given positions."""
        taken: Samples = jax.tree.map(lambda array: array[chosen], self)
        return taken

    def predicted(self, function: Callable[..., Any], *, jacobian: bool = False) -> Predicted:
        """What a function of the features says of all these samples.

        Args:
            function: features of one sample to its correction
            jacobian: whether the derivatives of all outputs are wanted, one reverse sweep each; else `slope` gives those of
                mixes
        """
        if self.gradient is None:
            return Predicted(self._scaled(jax.vmap(function)(self.features)), _unknown)
        if jacobian:
            correction, slopes = jax.vmap(lambda z: _value_and_jacobian(function, z))(self.features)
            whole = self._chained(correction, slopes)
            return Predicted(
                self._scaled(correction), lambda mix: jnp.einsum("so,soi->si", mix, whole), whole
            )
        correction, pullback = jax.vjp(jax.vmap(function), self.features)

        def slope(mix: Values) -> Float[Array, "samples inputs"]:
            if self.known is None or self.along is None:
                return pullback(mix)[0]
            (of_features,) = pullback(mix * self.known.scale)
            direct = jnp.einsum("so,soi->si", mix * correction, self.along.scale)
            return direct + jnp.einsum("sf,sfi->si", of_features, self.along.features)

        return Predicted(self._scaled(correction), slope)

    def _chained(self, correction: Values, slopes: Array) -> Gradients:
        """Derivatives to the inputs from those of a correction to the features."""
        if self.known is None or self.along is None:
            return slopes
        direct = correction[:, :, None] * self.along.scale
        of_features = jnp.einsum("sof,sfi->soi", slopes, self.along.features)
        return direct + self.known.scale[:, :, None] * of_features

    def _scaled(self, correction: Values) -> Values:
        return correction if self.known is None else self.known.scale * correction


def _unknown(mix: Values) -> Any:
    raise ValueError("Slopes of mixes are not known of these samples.")


def _value_and_jacobian(function: Callable[..., Any], z: Inputs) -> tuple[Outputs, Array]:
    """Outputs and their derivatives, one reverse sweep per output."""
    value, pullback = jax.vjp(function, z)
    (slopes,) = jax.vmap(pullback)(jnp.eye(value.shape[0], dtype=value.dtype))
    return value, slopes


@eqx.filter_jit
def _worked_out(
    make: type[Samples], labels: Labels, baseline: MakeBaseline | None, single: bool
) -> Samples:
    """Samples point by point, so that nothing is kept in a precision that nobody asked for."""

    def one(at: tuple[Inputs, Outputs, Array | None]) -> tuple[Any, ...]:
        x, value, gradient = at
        found: tuple[Any, ...] = (x, value, gradient)
        if baseline is not None:
            known, tangent = jax.linearize(baseline, x)
            if known.value.shape != value.shape:
                raise ValueError(
                    f"Argument `baseline` must have {value.shape[0]} outputs, as the labels, but has {known.value.shape[0]}."
                )
            found = known.features, value - known.value, None, known, None
            if gradient is not None:
                along: Baseline = jax.vmap(tangent, out_axes=-1)(jnp.eye(x.shape[0]))
                found = (*found[:2], gradient - along.value, known, along)
        return jax.tree.map(lambda a: a.astype(jnp.float32) if single else a, found)

    parts = labels.x, labels.value, labels.gradient
    return make(*jax.lax.map(one, parts, batch_size=_BATCH_SIZE))
