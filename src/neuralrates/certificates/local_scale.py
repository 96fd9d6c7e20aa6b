"""The local scale of a surrogate's errors: a small network of the inputs, fitted to several high quantiles at once."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.certificates.local_band import BandRecord, LayerRecord, LocalBand
from neuralrates.core.types import Key
from neuralrates.core.units import ROUNDING

Numbers = Float[np.ndarray, "samples"]
Layers = list[tuple[Array, Array]]
_WIDTH, _STEPS, _BATCH, _RATE = 32, 12_000, 4096, 3e-3
_QUANTILES = (0.9, 0.95, 0.98, 0.99)
_MIDDLE = 0.95


def fit_scale(x: Float[np.ndarray, "samples inputs"], errors: Numbers, key: Key) -> LocalBand:
    """Scale of errors as a function of the inputs; its factor is still to be calibrated.

    With s(x) a network of two hidden layers, $\\log |e|$ is to have the quantiles $s(x) + c_\\tau$ at levels $\\tau$ of 90, 95,
    98 and 99 percent: one shape, learned from far more points than lie beyond the highest.

    Args:
        x: points in raw units
        errors: absolute errors there
        key: of the first weights and of the batches

    Returns:
        A band of factor one.

    Source: Zou and Yuan (2008) for composite quantile regression; Koenker and Bassett (1978) for the loss.
    """
    low, high = x.min(axis=0), x.max(axis=0)
    half = np.where(high > low, 0.5 * (high - low), 1.0)
    middle = 0.5 * (low + high)
    logs = np.log(np.maximum(errors, ROUNDING))
    level = np.quantile(logs, _MIDDLE)
    z = jnp.asarray((x - middle) / half, jnp.float32)
    layers = _fitted(z, jnp.asarray(logs - level, jnp.float32), key)
    return _in_raw_units(layers, middle, half, float(level), np.asarray(_network(layers, z)))


def _fitted(z: Float[Array, "samples inputs"], y: Float[Array, "samples"], key: Key) -> Layers:
    start, batches = jax.random.split(key)
    offsets = jnp.quantile(y, jnp.asarray(_QUANTILES, jnp.float32))
    weights = (_first(start, z.shape[1]), offsets)
    optimiser = optax.adam(optax.cosine_decay_schedule(_RATE, _STEPS))
    fitted, _ = _run(weights, z, y, batches, optimiser)
    layers: Layers = fitted[0]
    return layers


def _first(key: Key, inputs: int) -> Layers:
    sizes = (inputs, _WIDTH, _WIDTH, 1)
    keys = jax.random.split(key, len(sizes) - 1)
    return [
        (
            jnp.sqrt(2.0 / rows) * jax.random.normal(one, (rows, columns), jnp.float32),
            jnp.zeros(columns, jnp.float32),
        )
        for one, rows, columns in zip(keys, sizes[:-1], sizes[1:], strict=True)
    ]


def _network(layers: Layers, z: Float[Array, "batch inputs"]) -> Float[Array, "batch"]:
    *hidden, (weight, bias) = layers
    for inner, shift in hidden:
        z = jax.nn.relu(z @ inner + shift[None, :])
    return (z @ weight)[:, 0] + bias[0]


@functools.partial(jax.jit, static_argnames="optimiser")
def _run(
    weights: tuple, z: Array, y: Array, key: Key, optimiser: optax.GradientTransformation
) -> tuple:
    levels = jnp.asarray(_QUANTILES, jnp.float32)[None, :]
    unit = jnp.sqrt(levels * (1.0 - levels))

    def loss(weights: tuple, chosen: Array) -> Array:
        layers, offsets = weights
        excess = (y[chosen] - _network(layers, z[chosen]))[:, None] - offsets[None, :]
        return jnp.mean(jnp.maximum(levels * excess, (levels - 1.0) * excess) / unit)

    def step(state: tuple, key: Key) -> tuple:
        weights, memory = state
        chosen = jax.random.randint(key, (_BATCH,), 0, len(y))
        slope = jax.grad(loss)(weights, chosen)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes integers and floats
            updates, memory = optimiser.update(slope, memory, weights)
        return (optax.apply_updates(weights, updates), memory), None

    state = (weights, optimiser.init(weights))
    (weights, memory), _ = jax.lax.scan(step, state, jax.random.split(key, _STEPS))
    return weights, memory


def _in_raw_units(
    layers: Layers, middle: np.ndarray, half: np.ndarray, level: float, seen: Numbers
) -> LocalBand:
    """The fitted network of raw inputs, held between the least and the largest scale that it took."""
    arrays = [(np.asarray(w, np.float64), np.asarray(b, np.float64)) for w, b in layers]
    weight, bias = arrays[0]
    arrays[0] = (weight / half[:, None], bias - (middle / half) @ weight)
    weight, bias = arrays[-1]
    arrays[-1] = (weight, bias + level)
    records = [LayerRecord(weight=_short(weight), bias=_short(bias)) for weight, bias in arrays]
    return LocalBand(
        BandRecord(
            level=0.5,
            factor=1.0,
            low=float(np.min(seen)) + level,
            high=float(np.max(seen)) + level,
            layers=records,
        )
    )


def _short(array: np.ndarray) -> list:
    """Numbers of nine digits: what a file holds is what was calibrated."""
    digits = np.vectorize(lambda value: float(f"{value:.9g}"))
    rounded: list = digits(array).tolist()
    return rounded
