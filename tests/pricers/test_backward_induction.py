"""What the reference promises beyond the systems it is crossed with: many boundaries, time zero, settings."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import neuralrates as nr
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction, induce, run_induction

BRUTE_FORCE_ERROR = 2e-8
CURVE = nr.market.FlatCurve(0.03)
MODEL = nr.models.HullWhite(CURVE, 0.02, 0.012)


def butterfly(side: str = "receiver") -> nr.products.Swaption:
    """Right to bonds that are worth something when rates are low and when they are high, not between."""
    maturities = [3.0, 10.0, 25.0]
    weights = np.array([[1.0, -2.05, 1.05]] * 2)
    return nr.products.Swaption.from_weights(
        [1.0, 2.0], maturities, weights, np.zeros((2, 3)), 0.1, side
    )


def brute_force(model: nr.models.HullWhite, product: nr.products.Swaption) -> float:
    """Trapezoids on twenty thousand states a date, fine enough for any kink."""
    times, maturities = np.asarray(product.exercise_times), np.asarray(product.flow_times)
    loadings = np.array([float(model.loading(t)) for t in maturities])
    factors = np.array([float(model.curve.discount_factor(t)) for t in maturities])
    variances = np.array([float(model.variance(t)) for t in times])
    states = [np.linspace(-9.0, 9.0, 20001) * np.sqrt(v) for v in variances]

    def exercise(i: int) -> np.ndarray:
        exponent = -np.outer(states[i], loadings) - 0.5 * loadings**2 * variances[i]
        return np.exp(exponent) @ (np.asarray(product.flows)[i] * factors)

    last = np.maximum(exercise(1), 0.0)
    step = variances[1] - variances[0]
    width = states[1][1] - states[1][0]
    coarse = states[0][::10]
    kernel = np.exp(-0.5 * (states[1][None, :] - coarse[:, None]) ** 2 / step)
    waiting = kernel @ last * width / np.sqrt(2.0 * np.pi * step)
    waiting = np.interp(states[0], coarse, waiting)
    first = np.maximum(exercise(0), waiting)
    density = np.exp(-0.5 * states[0] ** 2 / variances[0]) / np.sqrt(2.0 * np.pi * variances[0])
    return float(np.sum(first * density) * (states[0][1] - states[0][0]))


@pytest.mark.traced
def test_two_boundaries_are_found_and_located() -> None:
    product = butterfly()
    settled = BackwardInduction(1e-9).settle(MODEL, product)
    assert settled.num_boundaries == 2
    exact = brute_force(MODEL, product)
    assert abs(float(settled(MODEL, product).value) - exact) < BRUTE_FORCE_ERROR
    one = BackwardInduction(1e-9, settled.num_points, 1)(MODEL, product)
    assert abs(float(one.value) - exact) > 10.0 * BRUTE_FORCE_ERROR


def test_more_boundaries_than_there_are_change_nothing() -> None:
    product = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1] * 3, strike=0.03, side="payer")
    one = BackwardInduction(1e-10, 40, 1)(MODEL, product)
    three = BackwardInduction(1e-10, 40, 3)(MODEL, product)
    assert abs(float(one.value - three.value)) < 1e-10


def test_exercise_today_is_worth_at_least_its_value_today() -> None:
    product = nr.products.Swaption([0, 1, 2], [1, 2, 3], [1] * 3, strike=0.08, side="receiver")
    price = BackwardInduction(1e-10)(MODEL, product)
    today = product.exercise_value(0.0, CURVE.discount_factor)
    assert abs(float(price.value - today)) < 1e-9


def test_sub_bermudans_equal_the_swaptions_they_are() -> None:
    pricer = BackwardInduction(1e-9, 48, 1)
    whole = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1] * 3, strike=0.03, side="payer")
    parts = pricer.sub_bermudans(MODEL, whole)
    for first in range(3):
        part = nr.products.Swaption(
            list(range(first + 1, 4)), [2, 3, 4], [1] * 3, strike=0.03, side="payer"
        )
        assert abs(float(parts[first] - pricer(MODEL, part).value)) < 1e-9


@pytest.mark.traced
def test_gamma_is_the_difference_of_deltas() -> None:
    product = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1] * 3, strike=0.03, side="payer")
    pricer = BackwardInduction(1e-9, 40, 1)

    def value(rate: jax.Array) -> jax.Array:
        model = nr.models.HullWhite(nr.market.FlatCurve(rate), 0.02, 0.012)
        return pricer(model, product).value

    slope, step = jax.jit(jax.grad(value)), 1e-5
    rate = jnp.asarray(0.03)
    difference = (slope(rate + step) - slope(rate - step)) / (2.0 * step)
    assert float(jax.jit(jax.grad(slope))(rate)) == pytest.approx(float(difference), rel=1e-5)


def test_traced_exercise_times_need_settings() -> None:
    def value(shift: jax.Array) -> jax.Array:
        product = nr.products.Swaption([1, 2], [2, 3], [1] * 2, strike=0.03, side="payer")
        moved = nr.products.Swaption.from_weights(
            product.exercise_times + shift,
            product.flow_times + shift,
            product.annuity_weights,
            product.floating_weights,
            0.03,
            "payer",
        )
        return BackwardInduction()(MODEL, moved).value

    with pytest.raises(ValueError, match="num_points"):
        jax.grad(value)(jnp.asarray(0.0))


def test_tolerance_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        BackwardInduction(1.0)


@pytest.mark.traced
def test_a_step_of_next_to_no_variance_leaves_the_better_of_two_known_exercises() -> None:
    """A grid sized by time alone makes several hundred basis points of this; the right value is one integral."""
    model = nr.models.HullWhite(nr.market.FlatCurve(0.04), 0.03, [0.012, 1e-7], [1.0])
    product = nr.products.Swaption([1, 2], [2, 3, 4, 5], [1] * 4, strike=0.0405, side="payer")
    price = BackwardInduction()(model, product)
    loadings = np.array([float(model.loading(t)) for t in np.asarray(product.flow_times)])
    flows = np.asarray(product.flows) * np.exp(-0.04 * np.asarray(product.flow_times))
    variance = float(model.variance(1.0))

    def best(state: float) -> float:
        bonds = np.exp(-loadings * state - 0.5 * loadings**2 * variance)
        return max(0.0, *(flows @ bonds)) * norm.pdf(state, scale=np.sqrt(variance))

    exact = quad(best, -0.15, 0.15, points=[-0.01, 0.0, 0.01], limit=500, epsabs=1e-12)[0]
    assert abs(float(price.value) - exact) < min(float(price.error), 1e-6)


@pytest.mark.traced
@pytest.mark.parametrize(("mean_reversion", "quote"), [(0.3, 0.05), (1.0, 0.03), (1.5, 0.02)])
def test_strong_mean_reversion_has_the_price_of_quantlib(
    mean_reversion: float, quote: float
) -> None:
    """Loadings counted from today nearly agree here, and exponents of them overflow."""
    times = list(range(1, 7))
    product = nr.products.Swaption(times, [2, 3, 4, 5, 6, 7], [1] * 6, 0.042, side="payer")
    model = nr.calibration.calibrate(
        nr.market.FlatCurve(0.04), mean_reversion, product, np.full(6, quote)
    )
    price = BackwardInduction()(model, product)
    second = nr.pricers.QuantLibGaussian(size=256)(model, product)
    assert abs(float(price.value - second.value)) < float(price.error + 2.0 * second.error)
    assert float(price.error) < 1e-6


def test_an_exercise_into_what_the_next_one_enters_is_never_taken() -> None:
    """Three dates for one swap: the European of the last, whose formula knows no grid."""
    maturities = [4.0, 5.0, 6.0]
    weights = np.array([[0.0, 1.0, 1.0]] * 3)
    floating = np.array([[1.0, 0.0, -1.0]] * 3)
    right = nr.products.Swaption.from_weights(
        [1.0, 2.0, 3.9], maturities, weights, floating, 0.01, "payer"
    )
    last = nr.products.Swaption.from_weights(
        [3.9], maturities, weights[:1], floating[:1], 0.01, "payer"
    )
    price = BackwardInduction()(MODEL, right)
    exact = nr.pricers.Jamshidian()(MODEL, last)
    assert abs(float(price.value - exact.value)) < float(price.error)
    settled = BackwardInduction().settle(MODEL, right)
    run = run_induction(settled, MODEL, right)
    assert np.all(np.asarray(run.exercised)[:2] == 0.0)
    assert np.any(np.asarray(run.exercised)[2] == 1.0)


@pytest.mark.traced
def test_no_volatility_after_the_first_exercise_is_finite() -> None:
    pricer = BackwardInduction().resolving(np.inf, 1)
    assert pricer.local
    loadings = jnp.asarray(np.array([1.0, 2.0, 3.0]))
    flows = jnp.asarray(np.array([[-1.0, 0.5, 0.55]] * 3))
    run = induce(pricer, jnp.asarray(np.full(3, 1e-4)), loadings, flows)
    assert all(np.all(np.isfinite(leaf)) for leaf in run)


def test_the_grid_follows_the_narrowest_step_of_the_variance() -> None:
    product = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1] * 3, strike=0.03, side="payer")
    quiet = nr.models.HullWhite(CURVE, 0.02, [0.012, 0.0002], [1.0])
    assert not BackwardInduction().settle(MODEL, product).local
    assert BackwardInduction().settle(quiet, product).local


def test_refinement_ends() -> None:
    pricer, seen = BackwardInduction(1e-7, 32, 1), []
    while pricer is not None:
        seen.append((pricer.local, pricer.num_points))
        pricer = pricer.finer()
    assert seen[0] == (False, 32)
    assert [local for local, _ in seen[1:]] == [True] * len(seen[1:])
    assert sorted(seen) == seen
