"""The one-factor kernel in C against the same algorithm in NumPy."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from scipy.special import ndtr

from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.batched import compiled, coterminals, options
from neuralrates.pricers.gaussian.batched.coterminals import Quotes, meet
from neuralrates.pricers.gaussian.batched.options import valued, valued_again
from neuralrates.pricers.gaussian.batched.state_space import Rights, survey
from neuralrates.pricers.gaussian.rule import Rule

pytestmark = pytest.mark.skipif(
    compiled.KERNEL is None, reason="the kernel was not compiled: no compiler was found"
)


@contextmanager
def numpy_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(options, "takes", lambda rule: False)
        patch.setattr(options, "survey", survey)
        patch.setattr(coterminals, "KERNEL", None)
        yield


def swaptions(seed: int, *, odd: bool = False) -> tuple[Rights, np.ndarray]:
    """Random rights into what is left of swaps, padded to one size; odd ones get a large coupon and pay it back."""
    random = np.random.default_rng(seed)
    trades, most, flows = 12, 9, 12
    counts = random.integers(2, most + 1, trades)
    variances = np.cumsum(random.uniform(0.2, 2.0, (trades, most)) * 1e-4, axis=1)
    loadings = np.tile(np.linspace(-2.0, 3.0, flows), (trades, 1)) * random.uniform(
        0.5, 1.5, (trades, 1)
    )
    loadings -= loadings[:, -1:]
    present_values = np.zeros((trades, most, flows))
    for trade, count in enumerate(counts):
        coupons = random.uniform(0.01, 0.05, flows) * (1.0 if trade % 2 else -1.0)
        for exercise in range(count):
            paid = present_values[trade, exercise]
            paid[exercise + 1 : count + 2] = coupons[exercise + 1 : count + 2]
            paid[exercise], paid[count + 1] = 0.0, paid[count + 1] + np.sign(coupons[0])
            paid[exercise] = -np.sign(coupons[0]) * random.uniform(0.95, 1.05)
            if odd:
                paid[exercise + 1 : exercise + 3] += np.array([1.5, -1.4]) * np.sign(coupons[0])
    return Rights(counts, variances, loadings, present_values), random.uniform(
        -3, 0, (trades, most)
    )


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_values_errors_and_derivatives_are_numpys(seed, odd, monkeypatch):
    rights, mean_loadings = swaptions(seed, odd=odd)
    found, rules = valued(BackwardInduction(1e-9), rights, mean_loadings, True)
    with numpy_alone(monkeypatch):
        right, same = valued(BackwardInduction(1e-9), rights, mean_loadings, True)
    assert rules == same
    np.testing.assert_allclose(found.values, right.values, rtol=0, atol=1e-13)
    np.testing.assert_allclose(found.errors, right.errors, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.probabilities, right.probabilities, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.variances, right.variances, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.loadings, right.loadings, rtol=0, atol=1e-11)
    paid = (
        np.cumsum(rights.present_values != 0.0, axis=2) > 0
    )  # before the first flow NumPy knows other trades' flows
    paid &= np.flip(np.cumsum(np.flip(rights.present_values != 0.0, 2), axis=2) > 0, 2)
    apart = np.where(paid, found.present_values - right.present_values, 0.0)
    np.testing.assert_allclose(apart, 0.0, atol=1e-10)


@pytest.mark.parametrize("tolerance", [1e-6, 1e-5])
def test_coarse_rules_keep_to_what_they_state(tolerance):
    """With sixteen nodes at least for twenty-four; rights into one swap each, at par or near it."""
    within = []
    for seed in range(20, 23):
        rights, mean_loadings = swaptions(seed)
        entered = np.einsum("tee->te", rights.present_values[:, :, : rights.variances.shape[1]])
        entered[...] = np.sign(entered)
        found, _ = valued(BackwardInduction(tolerance), rights, mean_loadings, False)
        exact, _ = valued(BackwardInduction(1e-9), rights, mean_loadings, False)
        errors = np.abs(found.values - exact.values)
        assert errors.max() < tolerance
        within.extend(errors <= found.errors)
    assert np.mean(within) > 0.95


def by_uniform_grid(rights: Rights, trade: int) -> float:
    """Value by the trapezoidal rule on a wide uniform grid, which looks for no boundary."""
    count, loadings = rights.counts[trade], rights.loadings[trade]
    variances = np.concatenate([[0.0], rights.variances[trade, :count]])
    value = np.zeros(1)
    for exercise in range(count, 0, -1):
        ends = 8.0 * np.sqrt(variances[exercise]) + np.abs(loadings).max() * variances[exercise]
        states, width = np.linspace(-ends, ends, 2_001, retstep=True)
        waiting = np.zeros(states.shape) if exercise == count else average(states)
        exponents = -loadings * (states[:, None] + 0.5 * loadings * variances[exercise])
        received = np.exp(exponents) @ rights.present_values[trade, exercise - 1]
        value = width * np.maximum(np.maximum(received, waiting), 0.0)
        step = variances[exercise] - variances[exercise - 1]

        def average(states, nodes=states, value=value, step=step):
            density = np.exp(-0.5 * (nodes - states[:, None]) ** 2 / step)
            return density @ value / np.sqrt(2.0 * np.pi * step)

    return float(average(np.zeros(1))[0])


@pytest.mark.parametrize(("seed", "trade"), [(21, 1), (2, 9), (144, 1), (176, 9), (236, 9)])
@pytest.mark.parametrize("tolerance", [1e-5, 1e-7])
def test_boundary_is_found_though_newtons_method_ends_elsewhere(
    seed, trade, tolerance, monkeypatch
):
    """Exercises worth 10 percent more or less than the next: the search ends at, or near, the end of the states."""
    rights, mean_loadings = swaptions(seed)
    expected = by_uniform_grid(rights, trade)
    found, _ = valued(BackwardInduction(tolerance), rights, mean_loadings, False)
    with numpy_alone(monkeypatch):
        same, _ = valued(BackwardInduction(tolerance), rights, mean_loadings, False)
    assert abs(found.values[trade] - expected) < BackwardInduction(tolerance).target()
    assert abs(found.values[trade] - same.values[trade]) < 1e-13


def test_several_boundaries_are_met(monkeypatch):
    rights, mean_loadings = swaptions(4, odd=True)
    _, rules = valued(BackwardInduction(1e-7), rights, mean_loadings, False)
    assert max(rule.num_boundaries for rule in rules.values()) > 1


def test_values_again_are_those_of_the_rules(monkeypatch):
    rights, mean_loadings = swaptions(5)
    found, rules = valued(BackwardInduction(1e-8), rights, mean_loadings, True)
    again = valued_again(rules, rights, True)
    np.testing.assert_array_equal(again.values, found.values)
    np.testing.assert_array_equal(again.variances, found.variances)


def test_what_is_no_number_stays_none():
    rights, mean_loadings = swaptions(6)
    rights.variances[0, 0] = np.nan
    rights.loadings[1, 3] = np.nan
    rights.present_values[2, 1, 4] = np.nan
    found, _ = valued(BackwardInduction(1e-7, 32, 1), rights, mean_loadings, True)
    assert np.isnan(found.values[:3]).all()
    assert np.isfinite(found.values[3:]).all()


@pytest.mark.parametrize("odd", [False, True])
def test_what_a_rule_has_to_resolve_is_numpys(odd):
    rights, _ = swaptions(9, odd=odd)
    rights.variances[0, 1] = np.nan
    widths, boundaries = compiled.survey(rights, 5.0)
    expected, many = survey(rights, 5.0)
    np.testing.assert_allclose(widths, expected, rtol=1e-12)
    np.testing.assert_array_equal(boundaries[1:], many[1:])
    assert np.isnan(widths[0])
    assert odd == (boundaries[1:].max() > 1)


def quotes(rows: int = 200) -> Quotes:
    random = np.random.default_rng(8)
    flows = 11
    present_values = np.full((rows, flows), 0.03) * random.uniform(0.5, 1.5, (rows, 1))
    present_values[:, -1] += 1.0
    present_values[:, 0] -= present_values.sum(axis=1) * random.uniform(0.95, 1.05, rows)
    loadings = np.cumsum(random.uniform(0.3, 1.0, (rows, flows)), axis=1)
    sides = np.where(present_values.sum(axis=1) > 0.0, -1.0, 1.0)
    deviations = random.uniform(3e-3, 0.03, rows)
    annuities = np.full(rows, 8.0)
    distances = np.abs(present_values.sum(axis=1)) / annuities / deviations
    density = np.exp(-0.5 * distances**2) / np.sqrt(2.0 * np.pi)
    targets = annuities * deviations * (density - distances * ndtr(-distances))
    still = random.uniform(size=rows) < 0.05
    targets[random.uniform(size=rows) < 0.05] = 0.0
    centres, slopes = loadings.mean(axis=1), random.uniform(2.0, 6.0, rows)
    return Quotes(
        present_values,
        loadings,
        targets,
        sides,
        centres,
        slopes,
        deviations,
        annuities * density,
        still,
    )


def test_quotes_are_met_as_by_numpy(monkeypatch):
    given = quotes()
    found = meet(given)
    with numpy_alone(monkeypatch):
        right = meet(given)
    np.testing.assert_allclose(found.variances, right.variances, rtol=1e-11)
    np.testing.assert_allclose(found.residuals, right.residuals, rtol=0, atol=1e-12)
    for one, other in zip(found.europeans, right.europeans, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-12)


def test_arrays_of_other_sizes_are_refused():
    assert compiled.KERNEL is not None
    rights, mean_loadings = swaptions(7)
    short = rights._replace(loadings=rights.loadings[:, :-1])
    with pytest.raises(ValueError, match="Argument `loadings` must hold"):
        compiled.induced(Rule(1e-7, 32, 1), None, short, mean_loadings, with_adjoint=True)
    many = rights._replace(counts=rights.counts + 9)
    with pytest.raises(ValueError, match="Argument `counts` must be of exercises that there are"):
        compiled.induced(Rule(1e-7, 32, 1), None, many, mean_loadings, with_adjoint=True)
