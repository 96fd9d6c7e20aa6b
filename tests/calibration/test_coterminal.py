"""Variances that give coterminal Europeans their quotes, and how they move with quotes and mean reversion."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from calibration.independent import European, swaption
from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.functions import decay_integral

pytestmark = pytest.mark.traced

RESIDUAL = 1e-8  # normal volatility
DERIVATIVE = 1e-6  # relative
MOST = 30
OFFSETS = (-0.03, -0.015, -1e-4, 0.0, 0.015, 0.03)
MEAN_REVERSIONS = (-0.03, 0.0, 1e-9, 0.03, 0.1)


class Case(eqx.Module):
    """Curve, coterminals at a distance from the money, quotes and mean reversion."""

    curve: nr.market.NelsonSiegel
    trade: nr.products.Swaption
    quotes: jax.Array
    mean_reversion: jax.Array


def random_case(random: np.random.Generator) -> Case:
    """Thirty exercises, first one between a week and five years away; rates down to minus two percent."""
    level, slope, hump = random.uniform([-0.015, -0.02, -0.02], [0.05, 0.02, 0.02])
    curve = nr.market.NelsonSiegel(level, slope, hump, random.uniform(1.0, 4.0))
    first, length = random.choice([1.0 / 52.0, 0.25, 1.0, 5.0]), random.choice([0.25, 0.5, 1.0])
    trade = swaption(MOST, first=first, length=length)
    discount = jax.vmap(curve.discount_factor)(trade.flow_times)
    forward = (trade.floating_weights[0] @ discount) / (trade.annuity_weights[0] @ discount)
    strike = forward + random.choice(OFFSETS)
    return Case(
        curve,
        eqx.tree_at(lambda one: one.strike, trade, strike),
        jnp.asarray(random.uniform(0.002, 0.015) * random.uniform(0.95, 1.05, MOST)),
        jnp.asarray(random.choice(MEAN_REVERSIONS)),
    )


@eqx.filter_jit
def _solve(case: Case) -> tuple[jax.Array, jax.Array]:
    coterminals, loadings = _coterminals(case)
    variances = coterminals.variances(loadings, case.quotes)
    return variances, coterminals.misfits(loadings, variances, case.quotes)


def _coterminals(case: Case) -> tuple[Coterminals, jax.Array]:
    times = case.trade.flow_times
    discount = jax.vmap(case.curve.discount_factor)(times)
    loadings = jax.vmap(lambda t: decay_integral(case.mean_reversion, t))(times)
    return Coterminals.of(case.trade, discount), loadings


@pytest.fixture(scope="module")
def solved() -> list[tuple[Case, np.ndarray, np.ndarray]]:
    random = np.random.default_rng(20240319)
    cases = [random_case(random) for _ in range(60)]
    return [(case, *map(np.asarray, _solve(case))) for case in cases]


def test_every_quote_is_met(solved) -> None:
    worst = max(float(np.max(np.abs(misfit))) for _, _, misfit in solved)
    assert worst < RESIDUAL
    assert all(np.all(variances > 0.0) for _, variances, _ in solved)


def test_quadrature_agrees(solved) -> None:
    """Where the option is worth anything; a variance is turned into a model with that variance at its expiry."""
    checked = 0
    for case, variances, _ in solved[::4]:
        for exercise in (0, 13, 29):
            expiry = float(case.trade.exercise_times[exercise])
            kappa = float(case.mean_reversion)
            growth = float(decay_integral(-2.0 * kappa, expiry))
            volatility = np.sqrt(variances[exercise] / growth)
            model = nr.models.HullWhite(case.curve, kappa, volatility)
            european = European(model, case.trade, exercise)
            quote = float(case.quotes[exercise])
            if european.by_bachelier(quote)[0] > 1e-14:
                assert abs(european.misfit(quote)) < RESIDUAL
                checked += 1
    assert checked > 30


@pytest.mark.parametrize("offset", [-0.03, 0.03])
def test_an_option_worth_nothing_is_no_reason_to_refuse(offset: float) -> None:
    """Exercise tomorrow, three hundred basis points from the money: forty standard deviations."""
    trade = swaption(MOST, first=1.0 / 365.0, strike=0.03 + offset)
    case = Case(
        nr.market.NelsonSiegel(0.03, 0.0, 0.0, 1.0),
        trade,
        jnp.asarray(np.full(MOST, 0.01)),
        jnp.asarray(np.float64(0.03)),
    )
    variances, misfit = _solve(case)
    assert np.all(np.diff(variances) > 0.0)
    assert np.max(np.abs(misfit)) < RESIDUAL


def test_far_strikes_and_long_expiries_are_solved_under_strong_mean_reversion() -> None:
    """The strike is a rate of minus four percent, the last exercise thirty years away."""
    for offset in (-0.06, -0.03, 0.03, 0.06):
        trade = swaption(MOST, strike=0.02 + offset)
        curve = nr.market.NelsonSiegel(0.02, 0.0, 0.0, 1.0)
        _, misfit = _solve(
            Case(curve, trade, jnp.asarray(np.full(MOST, 0.008)), jnp.asarray(np.float64(0.1)))
        )
        assert np.max(np.abs(misfit)) < RESIDUAL


# Derivatives: five exercises, weights that tell them apart.

QUOTES = jnp.asarray([0.0075, 0.0081, 0.0083, 0.0086, 0.0088])
WEIGHTS = jnp.asarray([1.0, -0.7, 0.5, 0.9, -0.4])
STEP = 2e-4


@eqx.filter_jit
def _derivatives(point: jax.Array, strike: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Weighted variances of five exercises in quotes and mean reversion; gradient and Hessian."""
    curve = nr.market.NelsonSiegel(0.03, -0.012, 0.01, 2.0)
    trade = eqx.tree_at(lambda one: one.strike, swaption(5, extra=2), strike)

    def weighted(point: jax.Array) -> jax.Array:
        case = Case(curve, trade, point[:-1], point[-1])
        coterminals, loadings = _coterminals(case)
        return WEIGHTS @ coterminals.variances(loadings, case.quotes)

    def slope(point: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        value, gradient = jax.value_and_grad(weighted)(point)
        return gradient, (value, gradient)

    hessian, (value, gradient) = jax.jacfwd(slope, has_aux=True)(point)
    return value, gradient, hessian


@pytest.mark.parametrize("strike", [0.0, 0.0271, 0.06])
@pytest.mark.parametrize("mean_reversion", [-0.02, 0.0, 0.05])
def test_derivatives_equal_central_differences(strike: float, mean_reversion: float) -> None:
    point = jnp.append(QUOTES, mean_reversion)
    at = jnp.asarray(strike)
    _, gradient, hessian = _derivatives(point, at)
    for k in range(point.shape[0]):
        differences = {0: 0.0, 1: 0.0}
        for reach, share in ((1.0, 2.0 / 3.0), (2.0, -1.0 / 12.0)):
            up, down = (
                _derivatives(point.at[k].add(side * reach * STEP), at) for side in (1.0, -1.0)
            )
            for order in differences:
                differences[order] += share * (up[order] - down[order]) / STEP
        assert abs(differences[0] - gradient[k]) < DERIVATIVE * np.max(np.abs(gradient))
        assert np.max(np.abs(differences[1] - hessian[k])) < DERIVATIVE * np.max(np.abs(hessian))
