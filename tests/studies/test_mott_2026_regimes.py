"""A schedule of regimes goes on exactly where it was cut short, and is shortened in proportion."""

import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from studies.mott_2026.regimes import Regime, fit_regimes

import neuralrates as nr
from neuralrates.surrogates import digest

REGIMES = (Regime(2, 1e-3, 8, 5), Regime(2, 1e-4, 8, 5))


def network():
    inputs = nr.surrogates.Scaling.from_bounds([0.0, 0.0], [0.1, 10.0])
    unit = nr.surrogates.Scaling([0.0], [1.0])
    return nr.surrogates.Network.random(inputs, unit, [8, 8], key=jax.random.key(0))


def simple(batch):
    def objective(surrogate, key):
        x = jax.random.uniform(key, (batch, 2), dtype=float)
        return jnp.mean((jax.vmap(surrogate)(x)[:, 0] - x[:, 0] * x[:, 1]) ** 2)

    return objective


def train(objective=simple, **options):
    options = {"key": jax.random.key(3), "chunk": 5, "weight_decay": 1e-5} | options
    return fit_regimes(network(), objective, REGIMES, **options)


def test_a_resumed_schedule_equals_an_uninterrupted_one(tmp_path):
    whole, histories = train(checkpoint=tmp_path)
    assert [history.num_steps for history in histories] == [10, 10]
    shutil.rmtree(tmp_path / "regime-2")
    resumed, courses = train(checkpoint=tmp_path)
    again, _ = train(checkpoint=tmp_path, progress=pytest.fail)
    assert digest(again) == digest(resumed) == digest(whole)
    for course, history in zip(courses, histories, strict=True):
        np.testing.assert_array_equal(course.losses, history.losses)


def test_a_schedule_is_shortened_in_proportion():
    assert [regime.shortened(0.5).num_steps for regime in REGIMES] == [5, 5]
    assert REGIMES[0].shortened(1e-9).epochs == 1
