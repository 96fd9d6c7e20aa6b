"""The basket: exact and simulated prices agree, derivatives are right, and no split of it leaks."""

import datetime

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from studies.aiolfi_2024.basket_labels import BasketLabels, basket_labels
from studies.aiolfi_2024.bermudan_basket import Contract, basket
from studies.aiolfi_2024.natural_hedges import (
    FEATURES,
    WITH_NORM,
    natural_hedges,
    refuse_one_side,
)

import neuralrates as nr
from compiled import at_each
from neuralrates.core.errors import InputError
from neuralrates.learning.data.splits import refuse_leaks, split_groups

TODAY = datetime.date(2024, 3, 19)
CONTRACTS = [Contract(10, 2, 0.002, "payer"), Contract(4, 1, -0.005, "receiver")]


@pytest.fixture(scope="module")
def trades():
    quotes = [nr.market.Quote("ois", "EUR-ESTR", t, r) for t, r in (("5Y", 0.02), ("30Y", 0.03))]
    return basket(CONTRACTS, TODAY, nr.market.bootstrap(TODAY, quotes))


@pytest.fixture(scope="module")
def samples(trades):
    models = jnp.array([[0.01, 0.008, 0.0, 0.0, 0.0], [0.05, 0.006, 0.0, 0.0, 0.0]])
    return basket_labels(trades, models, natural_hedges, jax.random.key(0), num_paths=4096)


def test_simulation_agrees_with_the_reference(samples):
    miss = np.abs(samples.simulated.value - samples.labels.value)
    assert np.all(miss < 4.0 * samples.simulated.error + 5e-5)
    assert np.all(samples.labels.error < 1e-7)
    np.testing.assert_array_equal(samples.groups, [0, 0, 1, 1])


def test_the_price_is_above_its_best_european(samples):
    maximum = samples.labels.x[:, FEATURES.index("maximum_european")]
    assert np.all(samples.labels.value[:, 0] > maximum)


def test_the_norm_is_that_of_more_than_one_european(samples):
    maximum, mean, norm = (
        samples.labels.x[:, WITH_NORM.index(f"{name}_european")]
        for name in ("maximum", "mean", "norm")
    )
    count = samples.labels.x[:, WITH_NORM.index("num_exercises")]
    assert np.all(norm > maximum)
    assert np.all(norm < maximum * count**0.2)
    assert np.all(norm >= mean * count**0.2)


@eqx.filter_jit
def built(trade, x):
    return trade.build(x)


def test_padding_changes_nothing(trades):
    model, padded = built(trades[1], jnp.array([0.01, 0.008, 0.0, 0.0, 0.0]))
    alive = int(trades[1].alive.sum())
    product = nr.products.Swaption.from_weights(
        padded.exercise_times[:alive],
        padded.flow_times,
        padded.annuity_weights[:alive],
        padded.floating_weights[:alive],
        padded.strike,
        "receiver",
    )
    price = nr.pricers.BackwardInduction(1e-8, 56, 1)
    assert alive == 3
    np.testing.assert_allclose(price(model, product).value, price(model, padded).value, atol=1e-9)


def test_slopes_and_directions_match_differences(trades, samples):
    x, step = np.asarray(samples.parameters[0]), np.full(5, 1e-6)
    price = nr.pricers.BackwardInduction(1e-8, 56, 1)
    bumps = step * np.eye(5)[2:]

    def both(at):
        return price(*trades[0].build(at)).value, natural_hedges(trades[0], at)

    up, down = (at_each(both, x + sign * bumps) for sign in (1.0, -1.0))
    for i in (2, 3, 4):
        slope, moved = (
            (u[i - 2] - d[i - 2]) / (2.0 * step[i]) for u, d in zip(up, down, strict=True)
        )
        np.testing.assert_allclose(samples.slopes[0, i - 2], slope, rtol=1e-4)
        np.testing.assert_allclose(samples.directions[0, :, i - 2], moved, rtol=1e-4, atol=1e-6)


def test_disk_and_back(samples, tmp_path):
    samples.save(tmp_path / "a", {"num_paths": 4096})
    copy, record = BasketLabels.load(tmp_path / "a")
    assert record["num_paths"] == 4096
    for name in ("slopes", "directions"):
        np.testing.assert_allclose(getattr(copy, name), getattr(samples, name), rtol=1e-6)
    same = [eqx.tree_at(_single, one, (0, 0)) for one in (copy, samples)]
    assert nr.surrogates.digest(same[0]) == nr.surrogates.digest(same[1])
    with pytest.raises(InputError, match="expected kind"):
        nr.learning.Labels.load(tmp_path / "a")


def _single(samples):
    return samples.slopes, samples.directions


def test_one_side_alone_is_refused(samples):
    refuse_one_side(samples.labels.x)
    with pytest.raises(ValueError, match="no receiver"):
        refuse_one_side(samples.labels.x[:2])


def test_contracts_that_leave_no_choice_are_refused():
    with pytest.raises(ValueError, match="two exercises"):
        Contract(4, 3, 0.0, "payer")


def test_groups_stay_whole():
    groups = np.repeat(np.arange(10), 3)
    first, second = split_groups(groups, 2, seed=1)
    assert (len(first), len(second)) == (24, 6)
    assert not set(groups[first]) & set(groups[second])
    with pytest.raises(ValueError, match="both sides"):
        split_groups(groups, 10, seed=1)


def test_leaks_are_refused():
    x, groups = np.arange(12.0).reshape(6, 2), np.array([0, 0, 1, 1, 2, 2])
    refuse_leaks(x[:4], x[4:], groups[:4], groups[4:])
    with pytest.raises(ValueError, match="1 groups are on both sides"):
        refuse_leaks(x[:3], x[3:], groups[:3], groups[3:])
    with pytest.raises(ValueError, match="1 samples are on both sides"):
        refuse_leaks(x[:4], np.concatenate([x[4:], x[:1]]), groups[:4], np.array([2, 2, 3]))
