"""Differential regression: exact where it can be, better than values alone under noise."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

KEY = jax.random.key(5)


def cubic(x: jax.Array) -> jax.Array:
    """Two outputs of different size, total degree three."""
    return jnp.stack([1.0 + x[0] * x[1] ** 2 - 2.0 * x[2], 1e-3 * (x[0] ** 3 + x[1] * x[2])])


@functools.cache
def labels(num_samples: int, noise: float = 0.0) -> nr.learning.Labels:
    return nr.learning.Labels.from_arrays(*drawn(num_samples, noise))


@functools.partial(jax.jit, static_argnums=(0, 1))
def drawn(num_samples: int, noise: float) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Points, values and slopes of the cubic."""
    x = jax.random.uniform(KEY, (num_samples, 3), jnp.float64, -1.0, 2.0)
    value, slope = jax.vmap(cubic)(x), jax.vmap(jax.jacobian(cubic))(x)
    keys = jax.random.split(jax.random.fold_in(KEY, 1))
    value += noise * jnp.std(value, axis=0)[None, :] * jax.random.normal(keys[0], value.shape)
    size = jnp.std(slope, axis=0)[None, :, :]
    slope += noise * size * jax.random.normal(keys[1], slope.shape)
    return x, value, slope


def misfit(polynomial: nr.surrogates.DifferentialPolynomial) -> np.ndarray:
    at = labels(512)
    return np.sqrt(np.mean(np.asarray(values_of(polynomial, at.x) - at.value) ** 2, axis=0))


@jax.jit
def values_of(polynomial: nr.surrogates.DifferentialPolynomial, x: jax.Array) -> jax.Array:
    return jax.vmap(polynomial)(x)


@pytest.mark.parametrize("weight", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("degree", [3, 4])
def test_a_polynomial_is_recovered(weight: float, degree: int) -> None:
    fitted = nr.learning.fit_polynomial(labels(2000), degree, weight)
    assert np.all(misfit(fitted) < 1e-10 * np.array([1.0, 1e-3]))
    x = jnp.array([0.3, -0.2, 0.7])
    slopes = jax.jit(lambda fitted, x: jax.jacobian(fitted)(x))(fitted, x)
    np.testing.assert_allclose(slopes, jax.jit(jax.jacobian(cubic))(x), atol=1e-9)


def test_derivatives_make_up_for_samples() -> None:
    """Ten samples of four numbers each determine the twenty coefficients; ten values do not."""
    few = labels(10)
    assert np.all(misfit(nr.learning.fit_polynomial(few, 3)) < 1e-9)
    assert np.all(np.isfinite(misfit(nr.learning.fit_polynomial(few, 3, weight=0.0))))


def test_differentials_beat_values_alone_under_noise() -> None:
    noisy = labels(400, noise=1.0)
    both, values = (nr.learning.fit_polynomial(noisy, 3, weight) for weight in (1.0, 0.0))
    assert np.all(misfit(both) < 0.8 * misfit(values))


def test_values_suffice_where_the_weight_is_zero() -> None:
    full = labels(200)
    bare = nr.learning.Labels.from_arrays(full.x, full.value)
    assert np.all(misfit(nr.learning.fit_polynomial(bare, 3, 0.0)) < 1e-9)
    with pytest.raises(ValueError, match="must carry gradients"):
        nr.learning.fit_polynomial(bare, 3)


@pytest.mark.parametrize(("degree", "weight"), [(0, 1.0), (2, -1.0), (2, float("nan"))])
def test_settings_are_checked(degree: int, weight: float) -> None:
    with pytest.raises(ValueError, match="Argument"):
        nr.learning.fit_polynomial(labels(20), degree, weight)
