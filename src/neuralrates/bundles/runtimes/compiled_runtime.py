"""Surrogates that are no networks, served by the compiled function itself."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.problems.domain import Domain
from neuralrates.problems.exact_labels import value_and_jacobian
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

Points = Float[np.ndarray, "batch inputs"]
_BATCH_SIZE = 256


class CompiledRuntime:
    """Any surrogate, with the interface of `OnnxRuntime`; each batch size is compiled once.

    Args:
        surrogate: what to serve
        problem: what it stands for; gives the derivatives that a tree or nearest neighbours lack

    Example:
        >>> import jax, numpy as np
        >>> import neuralrates as nr
        >>> from neuralrates.bundles.runtimes.compiled_runtime import CompiledRuntime
        >>> from neuralrates.surrogates.regressors.classical import DecisionTree
        >>> problem = nr.problems.ten_year_bermudan("receiver")
        >>> x = np.asarray(problem.domain.sample(jax.random.key(0), 64))
        >>> runtime = CompiledRuntime(DecisionTree().fit(x, x[:, 0]), problem)
        >>> runtime.greeks_from_reference, runtime.value(x[:3]).shape
        (True, (3, 1))
    """

    def __init__(self, surrogate: AbstractSurrogate, problem: Problem) -> None:
        self._surrogate = surrogate
        self._problem = problem

    @property
    def greeks_from_reference(self) -> bool:
        """Whether the Jacobian is the reference's, for want of useful derivatives."""
        return not self._surrogate.differentiable

    def value(self, x: Points) -> Float[np.ndarray, "batch outputs"]:
        """Outputs at many points."""
        return np.asarray(_values(self._surrogate, jnp.asarray(x)))

    def __call__(
        self, x: Points
    ) -> tuple[Float[np.ndarray, "batch outputs"], Float[np.ndarray, "batch outputs inputs"]]:
        """Outputs and their derivatives to every input, at many points."""
        value, points = self.value(x), jnp.asarray(x)
        return value, np.asarray(self._jacobian(points))[:, : value.shape[1]]

    def _jacobian(self, x: Array) -> Array:
        if self.greeks_from_reference:
            return _reference_slopes(self._problem, x)
        return _slopes(self._surrogate, x)


def contained(domain: Domain, x: Points) -> np.ndarray:
    """Whether each point lies in a domain."""
    return np.asarray(_contained(domain, jnp.asarray(x)))


@eqx.filter_jit
def _contained(domain: Domain, x: Array) -> Array:
    return jax.vmap(domain.contains)(x)


@eqx.filter_jit
def _values(surrogate: AbstractSurrogate, x: Array) -> Array:
    return jax.lax.map(surrogate, x, batch_size=_BATCH_SIZE)


@eqx.filter_jit
def _slopes(surrogate: AbstractSurrogate, x: Array) -> Array:
    return jax.lax.map(jax.jacrev(surrogate), x, batch_size=_BATCH_SIZE)


@eqx.filter_jit
def _reference_slopes(problem: Problem, x: Array) -> Array:
    """Derivatives of the reference, its target first."""
    joint = problem.control_prices is not None
    one = functools.partial(value_and_jacobian, problem, joint=joint)
    return jax.lax.map(lambda point: one(point)[1], x, batch_size=8)
