"""Least-squares Monte Carlo against closed forms, in standard errors with fixed keys."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.simulation.least_squares import LongstaffSchwartz
from neuralrates.products.swaption import Swaption

STANDARD_ERRORS = 4.0
MODEL = HullWhite(NelsonSiegel(0.02, -0.03, 0.01, 2.0), 0.03, [0.008, 0.012], [2.5])
LSM = LongstaffSchwartz(num_paths=32768, key=jax.random.key(7))


def european(model: HullWhite, trade: Swaption) -> float:
    """Jamshidian's decomposition, for a trade with one exercise."""
    time = float(trade.exercise_times[0])
    flows = np.asarray(trade.flows[0])
    deviation = float(jnp.sqrt(model.variance(time)))
    bonds = jax.jit(jax.vmap(lambda end, x: model.deflated_bond(time, end, x), in_axes=(0, None)))
    root = brentq(lambda x: float(flows @ bonds(trade.flow_times, x)), -1.0, 1.0, xtol=1e-15)
    discount = np.asarray(jax.vmap(model.curve.discount_factor)(trade.flow_times))
    loading = np.asarray(jax.vmap(model.loading)(trade.flow_times))
    chance = norm.cdf(trade.sign * (root / deviation + loading * deviation))
    return float(np.sum(flows * discount * chance))


def trade(exercise_times: list[float], strike: float, side: str, last: int = 6) -> Swaption:
    payments = np.arange(2.0, last + 1.0)
    return Swaption(exercise_times, payments, np.ones_like(payments), strike, side)


TIMES = [1.0, 2.0, 3.0, 4.0, 5.0]
BERMUDAN = trade(TIMES, 0.015, "receiver")


@pytest.mark.traced
@pytest.mark.parametrize("side", ["payer", "receiver"])
@pytest.mark.parametrize("strike", [-0.005, 0.015, 0.03])
def test_european_is_jamshidian(side: str, strike: float) -> None:
    one = trade([1.0], strike, side)
    price = LSM(MODEL, one)
    assert abs(price.value - european(MODEL, one)) < STANDARD_ERRORS * price.error


def test_bermudan_lies_between_best_european_and_their_sum() -> None:
    price = LSM(MODEL, BERMUDAN)
    coterminal = [european(MODEL, trade([t], 0.015, "receiver")) for t in TIMES]
    assert price.value > max(coterminal) - STANDARD_ERRORS * price.error
    assert price.value < sum(coterminal)


def test_fitted_rule_is_not_rewarded_for_looking_ahead() -> None:
    # Far too many regressors for the paths: a rule judged on its own paths would be high, this one is low.
    truth = LSM(MODEL, BERMUDAN)
    keys = jax.random.split(jax.random.key(1), 64)
    overfitted = jax.vmap(lambda key: LongstaffSchwartz(64, key, 9)(MODEL, BERMUDAN).value)(keys)
    error = jnp.std(overfitted) / 8.0
    assert jnp.mean(overfitted) < truth.value + STANDARD_ERRORS * error


def test_exercise_today_is_intrinsic() -> None:
    now = trade([0.0], 0.03, "receiver")
    price = LSM(MODEL, now)
    np.testing.assert_allclose(
        price.value, now.exercise_value(0.0, MODEL.curve.discount_factor), rtol=1e-12
    )
    assert price.error < 1e-15


def test_worthless_right_costs_nothing() -> None:
    quiet = HullWhite(MODEL.curve, 0.03, [1e-7, 1e-7], [2.5])
    assert LSM(quiet, trade([1.0], -0.02, "receiver")).value == 0.0


def test_error_falls_with_the_root_of_paths() -> None:
    few = LongstaffSchwartz(LSM.num_paths // 16, jax.random.key(3))
    errors = [pricer(MODEL, BERMUDAN).error for pricer in (few, LSM)]
    order = jnp.log(errors[0] / errors[1]) / jnp.log(16.0)
    assert abs(order - LSM.order()) < 0.03


def test_same_key_same_price() -> None:
    again = LongstaffSchwartz(LSM.num_paths, jax.random.key(7))
    assert eqx.tree_equal(LSM(MODEL, BERMUDAN), again(MODEL, BERMUDAN))


@pytest.mark.parametrize(("num_paths", "degree"), [(3, 4), (101, 4), (100, 0)])
def test_settings_are_checked(num_paths: int, degree: int) -> None:
    with pytest.raises(ValueError, match="Argument"):
        LongstaffSchwartz(num_paths, jax.random.key(0), degree)
