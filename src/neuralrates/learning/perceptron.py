"""The paper's network: rectified, Nadam, small batches, stopped early. A regressor like the others."""

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.core.extras import extra
from neuralrates.core.types import Key
from neuralrates.core.units import basis_point
from neuralrates.surrogates.frozen import trainable
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.scaling import Scaling

with extra("regressors"):
    from sklearn.base import BaseEstimator, RegressorMixin

_HELD_OUT = 0.1


@dataclass(frozen=True)
class Perceptron(AbstractRegressor):
    """Fully connected network with rectified neurons, on standardised inputs and values.

    Nadam on the mean squared error, in epochs of shuffled batches; the weights of the epoch with the
    lowest error on a tenth of the samples, kept aside, are the result.

    Args:
        num_layers: hidden layers
        num_neurons: neurons of each
        rate: learning rate
        batch: samples per step
        patience: epochs without progress before the end
        num_epochs: most epochs

    Source: Aiolfi et al. (2024), appendix D.7; weights as in He et al. (2015); Dozat (2016).
    """

    num_layers: int = 3
    num_neurons: int = 100
    rate: float = 0.01
    batch: int = 32
    patience: int = 30
    num_epochs: int = 500

    def estimator(self, seed: int) -> "PerceptronEstimator":
        return PerceptronEstimator(self, seed)

    def freeze(self, fitted: "PerceptronEstimator") -> Network:
        scaling = fitted.network_.output_scaling
        raw = Scaling(basis_point * scaling.shift, basis_point * scaling.scale)
        return eqx.tree_at(lambda one: one.output_scaling, fitted.network_, raw)


class PerceptronEstimator(RegressorMixin, BaseEstimator):
    """`Perceptron` with the manners of scikit-learn."""

    def __init__(self, settings: Perceptron, seed: int = 0) -> None:
        self.settings = settings
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray) -> "PerceptronEstimator":
        """Train until the error on the samples kept aside stops falling."""
        start, training = jax.random.split(jax.random.key(self.seed))
        points, values = jnp.asarray(x), jnp.asarray(y)[:, None]
        widths = [self.settings.num_neurons] * self.settings.num_layers
        scalings = Scaling.from_samples(points), Scaling.from_samples(values)
        network = _rectified(Network.random(*scalings, widths, key=start, activation="relu"))
        self.network_, self.num_epochs_ = _train(self.settings, network, points, values, training)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs of the network."""
        return np.asarray(_outputs(self.network_, jnp.asarray(x)))[:, 0]


class _State(NamedTuple):
    parameters: Any
    optimiser: Any


def _rectified(network: Network) -> Network:
    """Weights of variance 2 / inputs in the hidden layers, as rectified neurons want them."""

    def double(one: Network) -> Any:
        return [layer.weight for layer in one.layers[:-1]]

    return eqx.tree_at(double, network, [jnp.sqrt(2.0) * weight for weight in double(network)])


def _train(
    settings: Perceptron, network: Network, x: Array, y: Array, key: Key
) -> tuple[Network, int]:
    aside = max(1, round(_HELD_OUT * len(x)))
    order = jax.random.permutation(jax.random.fold_in(key, 0), len(x))
    kept, used = (x[order[:aside]], y[order[:aside]]), (x[order[aside:]], y[order[aside:]])
    parameters, frozen = eqx.partition(network, trainable(network))
    state = _State(parameters, _nadam(settings.rate).init(parameters))
    best, lowest, age, epoch = parameters, np.inf, 0, 0
    for epoch in range(1, settings.num_epochs + 1):
        step = jax.random.fold_in(key, epoch)
        batch = min(settings.batch, len(used[0]))
        state, error = _epoch(state, frozen, used, kept, step, batch, settings.rate)
        best, age = (state.parameters, 0) if float(error) < lowest else (best, age + 1)
        lowest = min(lowest, float(error))
        if age >= settings.patience:
            break
    return eqx.combine(best, frozen), epoch


@functools.cache
def _nadam(rate: float) -> optax.GradientTransformation:
    return optax.nadam(rate)


@eqx.filter_jit
def _epoch(
    state: _State,
    frozen: Any,
    used: tuple[Array, Array],
    kept: tuple[Array, Array],
    key: Key,
    batch: int,
    rate: float,
) -> tuple[_State, Array]:
    """One pass over the samples, and the error on those kept aside."""
    num_batches = len(used[0]) // batch
    order = jax.random.permutation(key, len(used[0]))[: num_batches * batch]

    def step(state: _State, chosen: Array) -> tuple[_State, None]:
        slope = jax.grad(_error)(state.parameters, frozen, used[0][chosen], used[1][chosen])
        with jax.numpy_dtype_promotion("standard"):  # optax mixes integers and floats
            moves, optimiser = _nadam(rate).update(slope, state.optimiser, state.parameters)
        return _State(optax.apply_updates(state.parameters, moves), optimiser), None

    state, _ = jax.lax.scan(step, state, jnp.reshape(order, (num_batches, batch)))
    return state, _error(state.parameters, frozen, *kept)


def _error(parameters: Any, frozen: Any, x: Array, y: Array) -> Float[Array, ""]:
    """Mean squared error in units of the values' spread."""
    network = eqx.combine(parameters, frozen)
    misses = jax.vmap(network)(x) - y
    return jnp.mean((misses / network.output_scaling.scale[None, :]) ** 2)


@eqx.filter_jit
def _outputs(network: Network, x: Array) -> Array:
    return jax.vmap(network)(x)
