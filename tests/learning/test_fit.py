"""`fit` learns, trains only what may be trained, resumes exactly, and stops where it diverges."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.surrogates.surrogate import named_leaves


def function(x):
    return jnp.stack([jnp.sin(x[0]) * x[1], jnp.cos(x[0] + x[1])])


@functools.cache
def make_labels(num_samples=256, gradient=True):
    @jax.jit
    def drawn():
        x = jax.random.uniform(jax.random.key(5), (num_samples, 2), minval=-1.0, maxval=1.0)
        return x, jax.vmap(function)(x), jax.vmap(jax.jacrev(function))(x)

    x, value, slopes = drawn()
    return nr.learning.Labels.from_arrays(x, value, slopes if gradient else None)


@functools.cache
def make_network():
    inputs = nr.surrogates.Scaling.from_bounds([-1.0, -1.0], [1.0, 1.0])
    outputs = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
    return nr.surrogates.Network.random(inputs, outputs, [12, 12], key=jax.random.key(0))


def run(objective, steps=40, **options):
    options.setdefault("optimiser", optax.adam(1e-2))
    options.setdefault("key", jax.random.key(1))
    optimiser = options.pop("optimiser")
    return nr.learning.fit(
        make_network(), objective, optimiser, num_steps=steps, chunk=20, **options
    )


def mean_error(surrogate):
    return float(_mean_error(surrogate))


@jax.jit
def _mean_error(surrogate):
    x = jax.random.uniform(jax.random.key(9), (500, 2), minval=-1.0, maxval=1.0)
    return jnp.mean(jnp.abs(jax.vmap(surrogate)(x) - jax.vmap(function)(x)))


def test_differentials_teach_several_outputs_better_than_values_do():
    few = make_labels(24)
    plain, _ = run(nr.learning.value_loss(few), 600)
    differential, history = run(nr.learning.differential_loss(few), 600)
    assert mean_error(differential) < 0.5 * mean_error(plain)
    assert history.losses[-1] < 1e-2 * history.losses[0]


def test_full_batch_lbfgs_is_an_optimiser_like_any_other():
    trained, _ = run(nr.learning.differential_loss(make_labels()), 200, optimiser=optax.lbfgs())
    assert mean_error(trained) < 2e-3


def test_scalings_do_not_move():
    trained, _ = run(nr.learning.value_loss(make_labels(), batch=32))
    before, after = named_leaves(make_network()), named_leaves(trained)
    for name in before:
        assert np.array_equal(before[name], after[name]) != name.startswith(".layers")


def test_a_loss_that_needs_gradients_says_so():
    with pytest.raises(ValueError, match="`labels` must carry gradients"):
        nr.learning.differential_loss(make_labels(gradient=False))


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path):
    objective = nr.learning.differential_loss(make_labels(), batch=32)
    whole, history = run(objective, 60)

    def interrupt(history, num_steps):
        if history.num_steps == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(objective, 60, checkpoint=tmp_path / "run", progress=interrupt)
    resumed, course = run(objective, 60, checkpoint=tmp_path / "run")
    assert nr.surrogates.digest(resumed) == nr.surrogates.digest(whole)
    np.testing.assert_array_equal(course.losses, history.losses)


FIELDS = {
    "optimiser": "program",
    "key": "key",
    "labels": "objective",
    "steps": "num_steps",
    "batch": "program",
}


@pytest.mark.parametrize("change", FIELDS)
def test_resuming_with_other_settings_is_refused(tmp_path, change):
    labels = make_labels()
    run(nr.learning.value_loss(labels, batch=32), checkpoint=tmp_path / "run")
    other = {"optimiser": optax.adam(2e-2)} if change == "optimiser" else {}
    other |= {"key": jax.random.key(2)} if change == "key" else {}
    labels = make_labels(255) if change == "labels" else labels
    objective = nr.learning.value_loss(labels, batch=16 if change == "batch" else 32)
    with pytest.raises(
        InputError, match=f"field `record.settings.{FIELDS[change]}`: .*other settings"
    ):
        run(objective, 60 if change == "steps" else 40, checkpoint=tmp_path / "run", **other)


def test_the_monitor_chooses_the_best():
    scores = iter([3.0, 1.0, 2.0])
    seen = []

    def monitor(surrogate):
        seen.append(nr.surrogates.digest(surrogate))
        return next(scores)

    best, history = run(nr.learning.value_loss(make_labels(), batch=32), 60, monitor=monitor)
    assert nr.surrogates.digest(best) == seen[1]
    np.testing.assert_array_equal(history.scores, [3.0, 1.0, 2.0])
    np.testing.assert_array_equal(history.steps, [20.0, 40.0, 60.0])


def test_divergence_stops_the_run_and_keeps_what_was_best(tmp_path):
    objective = nr.learning.value_loss(make_labels())

    def explode(step):
        return jnp.where(step < 30, 1e-2, -1e6)

    with pytest.raises(nr.learning.DivergenceError, match="diverged at step 3") as caught:
        run(objective, 60, optimiser=optax.sgd(explode), checkpoint=tmp_path / "run")
    assert caught.value.history.num_steps == 20
    assert np.isfinite(mean_error(caught.value.best))
    assert (tmp_path / "run").is_dir()


def test_a_loss_below_zero_is_no_divergence():
    """A log-likelihood may be negative, and is often above its best."""
    labels = make_labels()
    squares = nr.learning.value_loss(labels, batch=32)
    _, history = run(lambda surrogate, key: squares(surrogate, key) - 1.0, 60)
    assert history.losses[-1] < 0.0

    def explode(step):
        return jnp.where(step < 30, 1e-2, -1e6)

    with pytest.raises(nr.learning.DivergenceError, match="diverged at step 3"):
        run(
            lambda surrogate, key: squares(surrogate, key) - 1.0,
            60,
            optimiser=optax.sgd(explode),
        )


def test_an_objective_is_any_function_of_surrogate_and_key():
    def objective(surrogate, key):
        x = jax.random.uniform(key, (32, 2), minval=-1.0, maxval=1.0)
        return jnp.mean((jax.vmap(surrogate)(x) - jax.vmap(function)(x)) ** 2)

    trained, _ = run(objective, 600)
    assert mean_error(trained) < 2e-2
