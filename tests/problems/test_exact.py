"""Exact labels are the reference's own prices and slopes, and go on where they were stopped."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

KEY = jax.random.key(2)


def build(x):
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.02, x[1])
    return model, nr.products.Swaption([2], [3, 4], [1, 1], strike=0.03, side="payer")


def annuity(model, product):
    return jax.vmap(model.curve.discount_factor)(jnp.array([3.0, 4.0]))


def make_problem(high=0.05):
    axes = (
        nr.problems.Axis("rate", "decimal", 0.0, high),
        nr.problems.Axis("volatility", "per square root of year", 0.004, 0.016),
    )
    control_prices = nr.problems.ControlPrices(
        ("bond_3y", "bond_4y"), annuity, are_lower_bounds=False
    )
    return nr.problems.Problem(
        "example", nr.problems.Domain(axes), build, nr.pricers.Jamshidian(), control_prices
    )


def test_values_and_slopes_are_the_references():
    problem = make_problem()
    labels = nr.learning.exact_labels(problem, KEY, 10, batch=4, joint=True)
    assert labels.value.shape == (10, 3)
    assert labels.gradient.shape == (10, 3, 2)
    np.testing.assert_array_equal(labels.x, problem.domain.sample(KEY, 10))
    x = labels.x[7]
    np.testing.assert_allclose(labels.value[7, 0], problem(x).value, rtol=1e-12)
    np.testing.assert_allclose(labels.value[7, 1], np.exp(-3.0 * x[0]), rtol=1e-14)
    np.testing.assert_allclose(labels.gradient[7, 2], [-4.0 * labels.value[7, 2], 0.0], rtol=1e-14)
    slope = jax.grad(lambda x: problem(x).value)(x)
    np.testing.assert_allclose(labels.gradient[7, 0], slope, rtol=1e-10)
    assert np.all(labels.error[:, 1:] == 0.0)


def test_points_may_be_drawn_from_a_part_of_the_domain():
    part = make_problem(high=0.01).domain
    labels = nr.learning.exact_labels(make_problem(), KEY, 10, batch=4, domain=part)
    np.testing.assert_array_equal(labels.x, part.sample(KEY, 10))


def test_an_interrupted_run_goes_on_and_other_settings_are_refused(tmp_path):
    problem = make_problem()

    def interrupt(done, total):
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nr.learning.exact_labels(problem, KEY, 10, batch=4, folder=tmp_path, progress=interrupt)
    assert len(list(tmp_path.glob("shard-*"))) == 2
    seen = []
    resumed = nr.learning.exact_labels(
        problem, KEY, 10, batch=4, folder=tmp_path, progress=lambda *done: seen.append(done)
    )
    whole = nr.learning.exact_labels(problem, KEY, 10, batch=4)
    assert seen == [(4, 10), (8, 10), (10, 10)]
    assert jax.tree.all(jax.tree.map(np.array_equal, resumed, whole))
    for other in (make_problem(0.06), problem):
        key = KEY if other is not problem else jax.random.key(3)
        with pytest.raises(ValueError, match="other settings"):
            nr.learning.exact_labels(other, key, 10, batch=4, folder=tmp_path)


def test_a_reference_that_fails_is_named():
    def broken(x):
        model, product = build(x)
        return nr.models.HullWhite(model.curve, jnp.nan * x[0], x[1]), product

    problem = nr.problems.Problem("broken", make_problem().domain, broken, nr.pricers.Jamshidian())
    with pytest.raises(ValueError, match="`value` must be finite"):
        nr.learning.exact_labels(problem, KEY, 4)
