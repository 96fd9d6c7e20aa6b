"""Annual Bermudans on any curve: the fit to the Europeans, what the price depends on, the domain, the baseline."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from neuralrates.calibration.coterminal import Coterminals
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.problems.annual.bermudan import REFERENCE, build
from neuralrates.problems.annual.inputs import AnnualInputs

PROBLEM = nr.problems.annual_bermudan("receiver")
POINTS = PROBLEM.domain.sample(jax.random.key(0), 64)


def _each(function, points=POINTS):
    return jax.jit(lambda x: jax.lax.map(function, x, batch_size=8))(points)


def _numpy(tree):
    return jax.tree.map(np.asarray, tree)


@pytest.mark.parametrize("side", ["receiver", "payer"])
def test_europeans_are_bacheliers(side):
    problem, x = nr.problems.annual_bermudan(side), POINTS[0]

    @jax.jit
    def parts(x):
        inputs = AnnualInputs.of(x)
        quoted = inputs.swap_rates, inputs.total_volatilities, inputs.annuities
        return inputs.strike, quoted, problem.control_values(x)

    strike, quoted, found = parts(x)
    kind = ql.Option.Put if side == "receiver" else ql.Option.Call
    right = [
        ql.bachelierBlackFormula(kind, float(strike), float(rate), float(total), float(annuity))
        for rate, total, annuity in zip(*map(np.asarray, quoted), strict=True)
    ]
    np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12)


def test_curve_has_the_forward_rates():
    @jax.jit
    def curve_and_inputs(x):
        model, product = build(x, "receiver")
        times, inputs = product.flow_times, AnnualInputs.of(x)
        forwards = jax.vmap(model.curve.forward_rate)(times[:-1], times[1:])
        return forwards, jax.vmap(model.curve.discount_factor)(times), inputs, inputs.swap_rates

    forwards, factors, inputs, swap_rates = map(_numpy, curve_and_inputs(POINTS[1]))
    np.testing.assert_allclose(forwards, inputs.forwards, rtol=1e-12)
    rate = (factors[0] - factors[-1]) / (inputs.spacings @ factors[1:])
    assert abs(rate - swap_rates[0]) < 1e-14
    assert factors[0] == 1.0


def test_slopes_are_derivatives_of_swap_rates_in_the_state():
    @jax.jit
    def slopes(x):
        inputs = AnnualInputs.of(x)

        def rates(state):
            factors = inputs.discount_factors * jnp.exp(-inputs.loadings * state)
            weights = (inputs.spacings * factors[1:])[::-1]
            return (factors[:-1] - factors[-1]) / jnp.cumsum(weights)[::-1]

        return inputs.slopes, jax.jvp(rates, (jnp.zeros(()),), (jnp.ones(()),))[1]

    np.testing.assert_allclose(*slopes(POINTS[2]), rtol=1e-12)


@pytest.fixture(scope="module")
def values():
    """Reference prices of the first points."""
    return _each(lambda x: PROBLEM(x).value, POINTS[:16])


def test_price_does_not_depend_on_time_zero(values):
    def other(x):
        return REFERENCE(*build(x, "receiver", 0.37)).value

    np.testing.assert_allclose(_each(other, POINTS[:16]), values, atol=1e-13)


def test_settled_reference_is_converged(values):
    fine = BackwardInduction(tolerance=1e-11, num_points=128, num_boundaries=1)
    finer = _each(lambda x: fine(*PROBLEM.build(x)).value, POINTS[:16])
    assert float(jnp.max(jnp.abs(values - finer))) < 1e-7


def test_whatever_is_accepted_can_be_calibrated():
    points = PROBLEM.domain.sample(jax.random.key(1), 4096)

    def fitted(x):
        inputs = AnnualInputs.of(x)
        model, product = build(x, "receiver")
        coterminals = Coterminals.of(product, inputs.discount_factors)
        loadings = jax.vmap(model.loading)(product.flow_times)
        variances = jax.vmap(model.variance)(product.exercise_times)
        quotes = inputs.total_volatilities / jnp.sqrt(product.exercise_times)
        return variances, coterminals.misfits(loadings, variances, quotes)

    variances, misfits = jax.jit(jax.vmap(fitted))(points)
    assert bool(jnp.all(jnp.diff(variances, axis=1) > 0.0))
    assert float(jnp.max(jnp.abs(misfits))) < 1e-8


def test_domain_turns_away_what_cannot_be_calibrated():
    x = POINTS[3]
    assert PROBLEM.domain.contains(x)
    later = PROBLEM.domain.index("total_volatility_5")
    falling = x.at[later].set(0.8 * x[later - 1])
    assert not PROBLEM.domain.contains(falling)
    assert "variance" in PROBLEM.domain.outside(np.asarray(falling))[0]
    strike = PROBLEM.domain.index("strike")
    assert not PROBLEM.domain.contains(x.at[strike].add(0.05))


def test_domain_turns_away_what_is_far_from_what_was_learned():
    inputs = AnnualInputs.of(POINTS[4])
    assert PROBLEM.domain.contains(POINTS[4])
    jumps = jnp.array([0.006, -0.006] * 4 + [0.006])
    kinked = inputs._replace(forwards=inputs.forwards + jumps)
    kinked = kinked._replace(strike=kinked.swap_rates[0])
    assert "smooth curve" in PROBLEM.domain.outside(np.asarray(kinked.point))[0]
    wobbling = inputs.total_volatilities * (1.0 + 5.0 * jumps)
    assert not PROBLEM.domain.contains(inputs._replace(total_volatilities=wobbling).point)
    # A curve with a kink or two, as bootstrapping leaves them, lies inside.
    bent = inputs._replace(forwards=jnp.array([0.03] * 4 + [0.032] * 3 + [0.031] * 2))
    assert PROBLEM.domain.contains(bent._replace(strike=bent.swap_rates[0]).point)


def test_parts_and_point_are_inverse():
    np.testing.assert_array_equal(AnnualInputs.of(POINTS[0]).point, POINTS[0])


def test_baseline_of_one_live_exercise_is_its_european():
    # All others far out of the money: a last period at a forward rate far above the strike, for a payer, is what is left.
    x = jnp.array([0.02, 0.01, 0.06, 0.002, 0.01, 0.05, 1.0, 1.0])
    problem = nr.problems.annual_bermudan("payer", 2)
    known, european = jax.jit(lambda x: (problem.baseline(x), problem.control_values(x)))(x)
    assert float(european[0]) < 1e-9
    assert abs(float(known.value[0]) - float(european[1])) < 1e-6


def test_model_is_hull_white_with_a_volatility_between_exercises():
    model, product = PROBLEM.build(POINTS[0])
    assert isinstance(model, HullWhite)
    np.testing.assert_array_equal(model.volatility_times, product.exercise_times[:-1])
    assert nr.problems.load("annual_bermudan_9_receiver").record() == PROBLEM.record()
    with pytest.raises(ValueError, match="num_exercises"):
        nr.problems.annual_bermudan("payer", 1)
