"""Stochastic grid bundling against the exact reference, in standard errors with fixed keys."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.pricers.simulation.stochastic_grid_bundling import (
    Estimates,
    StochasticGridBundling,
)

STANDARD_ERRORS = 4.0
BIAS = 0.3 * basis_point  # what the pricer promises of its bias
CURVE = nr.market.NelsonSiegel(0.02, -0.03, 0.01, 2.0)
MODEL = nr.models.HullWhite(CURVE, 0.03, [0.008, 0.012], [2.5])
TWO = nr.models.GaussianFactors(CURVE, [0.5, 0.03], [0.010, 0.009], [[1.0, -0.6], [-0.6, 1.0]])
SGB = StochasticGridBundling(jax.random.key(7))


def trade(exercise_times: list[float], strike: float, side: str) -> nr.products.Swaption:
    payments = np.arange(2.0, 7.0)
    return nr.products.Swaption(exercise_times, payments, np.ones(5), strike, side)


BERMUDAN = trade([1.0, 2.0, 3.0, 4.0, 5.0], 0.015, "receiver")


@pytest.fixture(scope="module")
def estimates() -> Estimates:
    return SGB.estimates(MODEL, BERMUDAN)


@pytest.fixture(scope="module")
def exact() -> float:
    return float(nr.pricers.BackwardInduction()(MODEL, BERMUDAN).value)


def test_direct_estimator_is_exact_but_for_its_bias(estimates: Estimates, exact: float) -> None:
    price = estimates.direct
    assert abs(price.value - exact) < STANDARD_ERRORS * price.error + BIAS


@pytest.mark.traced
def test_path_and_dual_enclose_the_price(estimates: Estimates, exact: float) -> None:
    low, high = estimates.path, estimates.dual
    assert exact - 2.0 * basis_point < low.value < exact + STANDARD_ERRORS * low.error
    assert exact - STANDARD_ERRORS * high.error < high.value < exact + 3.0 * basis_point


def test_control_takes_most_of_the_variance_away(estimates: Estimates) -> None:
    plain = nr.pricers.LongstaffSchwartz(4 * SGB.num_paths, jax.random.key(0))(MODEL, BERMUDAN)
    assert estimates.path.error < 0.2 * plain.error


def test_estimates_agree_with_the_price(estimates: Estimates) -> None:
    price = SGB(MODEL, BERMUDAN)
    assert abs(price.value - estimates.direct.value) < 1e-14
    assert abs(price.error - estimates.direct.error) < 1e-14


def test_two_factor_european() -> None:
    one = trade([2.0], 0.02, "payer")
    exact = nr.pricers.GaussianEuropean()(TWO, one).value
    price = SGB(TWO, one)
    assert abs(price.value - exact) < STANDARD_ERRORS * price.error + BIAS


def test_exercise_today_is_intrinsic() -> None:
    now = trade([0.0], 0.03, "receiver")
    price = SGB(MODEL, now)
    intrinsic = now.exercise_value(0.0, CURVE.discount_factor)
    assert abs(price.value - intrinsic) < 1e-9 * intrinsic
    assert price.error < 1e-15


def test_error_falls_at_least_with_the_root_of_paths() -> None:
    sizes = [(256, jax.random.key(1)), (4096, jax.random.key(2))]
    errors = [StochasticGridBundling(k, n, 4, 4, 16)(MODEL, BERMUDAN).error for n, k in sizes]
    # Sixteen repetitions know their spread to a fifth.
    assert jnp.log(errors[0] / errors[1]) / jnp.log(16.0) > SGB.order() - 0.15


class Squared(nr.models.AbstractModel):
    """A model whose state moves by the square of its normal."""

    inner: nr.models.HullWhite

    @property
    def initial_state(self) -> jax.Array:
        return self.inner.initial_state

    def bond(self, start, end, state):
        return self.inner.bond(start, end, state)

    def numeraire(self, time, state):
        return self.inner.numeraire(time, state)

    def transition(self, start, end, state, normal):
        return self.inner.transition(start, end, state, normal**2)


def test_other_laws_are_refused() -> None:
    with pytest.raises(Exception, match="affine in its normals"):
        SGB(Squared(MODEL), BERMUDAN)


@pytest.mark.parametrize(
    "settings", [(1000, 4), (1024, 3), (1024, 4, 0), (32, 4), (1024, 4, 4, 1)], ids=str
)
def test_settings_are_checked(settings: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Argument"):
        StochasticGridBundling(jax.random.key(0), *settings)
