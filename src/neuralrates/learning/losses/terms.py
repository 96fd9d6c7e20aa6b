"""Terms of a loss: squared residuals of values and of differentials, each in units of its own size."""

import abc
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.learning.data.samples import Predicted, Samples

Jacobian = Float[Array, "outputs inputs"]


class AbstractTerm(eqx.Module):
    """A mean over samples of what a prediction leaves of them; `jacobian` says whether it wants all derivatives."""

    jacobian: ClassVar[bool] = False

    @abc.abstractmethod
    def __call__(self, samples: Samples, predicted: Predicted, key: Key) -> Scalar:
        """The term on these samples.

        Args:
            samples: a batch
            predicted: what the function says of it
            key: of whatever the term draws
        """


class ValueTerm(AbstractTerm):
    """Squared residuals of the outputs over their units.

    Args:
        unit: of each output
        share: weight of each output
    """

    unit: Outputs
    share: Outputs

    def __call__(self, samples: Samples, predicted: Predicted, key: Key) -> Scalar:
        left = (predicted.residual - samples.residual) / self.unit[None, :]
        return jnp.mean(left**2 @ self.share)


class SlopeTerm(AbstractTerm):
    """Squared residuals of every derivative over its unit, summed over the inputs, averaged over the outputs.

    Args:
        unit: of each derivative; infinite where it is left out
    """

    jacobian: ClassVar[bool] = True
    unit: Jacobian

    def __call__(self, samples: Samples, predicted: Predicted, key: Key) -> Scalar:
        left = (jnp.asarray(predicted.jacobian) - samples.slopes) / self.unit[None, :, :]
        return jnp.mean(jnp.sum(left**2, axis=(1, 2))) / self.unit.shape[0]


class MixedSlopeTerm(AbstractTerm):
    """Squared residuals of the derivatives of the first output, and of one random mix of all others per sample.

    Each of the others enters with a random sign over its unit: the expected squared residual of the mix is the sum of
    theirs, so that any number of them costs one reverse sweep.

    Args:
        first: unit of each derivative of the first output
        mixed: unit of each derivative of the mix
        unit: of each output

    Source: Huge and Savine (2020), for directional differentials of many outputs.
    """

    first: Inputs
    mixed: Inputs
    unit: Outputs

    def __call__(self, samples: Samples, predicted: Predicted, key: Key) -> Scalar:
        gradient = samples.slopes
        others = (len(samples), self.unit.shape[0] - 1)
        signs = jax.random.rademacher(jax.random.fold_in(key, 1), others, dtype=jnp.float64)
        mix = jnp.concatenate([jnp.zeros((others[0], 1)), signs / self.unit[None, 1:]], axis=1)
        target = jnp.zeros_like(mix).at[:, 0].set(1.0)
        of_target = (predicted.slope(target) - gradient[:, 0]) / self.first[None, :]
        wanted = jnp.einsum("so,soi->si", mix, gradient)
        of_mix = (predicted.slope(mix) - wanted) / self.mixed[None, :]
        return jnp.mean(jnp.sum(of_target**2 + of_mix**2 / others[1], axis=1))
