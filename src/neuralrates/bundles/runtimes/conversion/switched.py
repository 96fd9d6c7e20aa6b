"""Mixtures of experts as branches, so that a graph computes only the expert that is asked."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from neuralrates.bundles.runtimes.conversion.networks import expert
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.networks.mixture_of_experts import MixtureOfExperts
from neuralrates.surrogates.surrogate import AbstractSurrogate


class Switched(AbstractSurrogate):
    """A mixture that asks one expert, of one output, as a switch between its experts.

    Args:
        mixture: of which the largest logit chooses
    """

    mixture: MixtureOfExperts

    def __call__(self, x: Inputs) -> Outputs:
        z, hidden = self.mixture.hidden(x)
        chosen = jnp.argmax(self.mixture.logits(z, hidden))
        scaled = _switch(self._answers(), jax.lax.stop_gradient(chosen), hidden)
        inverse: Any = self.mixture.output_scaling.inverse
        return inverse(x, jnp.reshape(scaled.astype(x.dtype), (1,)))

    def _answers(self) -> tuple[Callable[[Any], Scalar], ...]:
        def answer(number: int) -> Callable[[Any], Scalar]:
            layers = jax.tree.map(lambda array: array[number], self.mixture.experts)
            return lambda hidden: expert(layers, self.mixture.head, hidden)[0]

        return tuple(map(answer, range(self.mixture.num_experts)))


def switched(surrogate: AbstractSurrogate) -> AbstractSurrogate:
    """The surrogate with each mixture inside it that asks one expert written as a switch."""

    def asks_one(part: Any) -> bool:
        match part:
            case MixtureOfExperts(top=1):
                return True
        return False

    def written(part: Any) -> Any:
        return Switched(part) if asks_one(part) else part

    made: AbstractSurrogate = jax.tree.map(written, surrogate, is_leaf=asks_one)
    return made


def _switch(answers: tuple[Callable[[Any], Scalar], ...], chosen: Any, hidden: Any) -> Scalar:
    """What the chosen one says, its derivative from its own branch."""

    @jax.custom_jvp
    def one(at: Any) -> Scalar:
        return jax.lax.switch(chosen, answers, at)

    @one.defjvp
    def moves(point: tuple[Any], change: tuple[Any]) -> tuple[Scalar, Scalar]:
        both = [jax.value_and_grad(answer) for answer in answers]
        value, slope = jax.lax.switch(chosen, both, point[0])
        return value, slope @ change[0]

    return one(hidden)
