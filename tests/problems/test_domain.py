"""Domains sample inside, guard outside, and survive a manifest."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

AXES = (
    nr.problems.Axis("rate", "decimal", -0.01, 0.1),
    nr.problems.Axis("time", "years", 1.0, 5.0),
)


@pytest.mark.parametrize("sampling", ["uniform", "sobol"])
def test_samples_fill_the_box_and_repeat(sampling):
    domain = nr.problems.Domain(AXES)
    x = domain.sample(jax.random.key(3), 1000, sampling)
    assert x.shape == (1000, 2)
    assert x.dtype == jnp.float64
    assert bool(jnp.all(jax.vmap(domain.contains)(x)))
    middle = 0.5 * (domain.low + domain.high)
    # Standard error of a uniform mean: width / sqrt(12 samples); five of them.
    bound = 5.0 * (domain.high - domain.low) / np.sqrt(12_000)
    assert np.all(np.abs(np.mean(x, axis=0) - middle) < bound)
    np.testing.assert_array_equal(x, domain.sample(jax.random.key(3), 1000, sampling))
    assert not np.array_equal(x, domain.sample(jax.random.key(4), 1000, sampling))


def test_contains_takes_faces_and_refuses_outside_and_nan():
    domain = nr.problems.Domain(AXES)
    assert domain.contains(jnp.array([-0.01, 5.0]))
    assert not domain.contains(jnp.array([-0.011, 5.0]))
    assert not domain.contains(jnp.array([jnp.nan, 2.0]))
    assert domain.outside(np.array([0.2, 2.0])) == ["rate = 0.2 is outside [-0.01, 0.1]"]
    assert domain.outside(np.array([np.nan, 2.0])) == ["rate = nan is outside [-0.01, 0.1]"]


def test_record_and_back():
    domain = nr.problems.Domain(AXES)
    assert nr.problems.Domain.from_record(domain.to_record()) == domain
    assert hash(domain) == hash(nr.problems.Domain(AXES))


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, np.inf), (np.nan, 1.0)])
def test_axis_refuses_empty_or_unbounded_ranges(low, high):
    with pytest.raises(ValueError, match="`rate`"):
        nr.problems.Axis("rate", "decimal", low, high)


def test_domain_refuses_repeated_names_and_unknown_ones():
    with pytest.raises(ValueError, match="unique"):
        nr.problems.Domain(AXES + AXES[:1])
    with pytest.raises(ValueError, match="`name`"):
        nr.problems.Domain(AXES).index("strike")
    with pytest.raises((ValueError, TypeError)):
        nr.problems.Domain(AXES).sample(jax.random.key(0), 4, "grid")
