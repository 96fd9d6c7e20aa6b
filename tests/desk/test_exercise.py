"""Exercise probabilities: a closed form, conservation of paths, and a simulation in the bank-account measure."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from desk.pricing_setting import (
    MEAN_REVERSION,
    PRICER,
    SETTINGS,
    SIZE,
    pad,
    shape_and_inputs,
    trades,
)
from engines.traced import Fit, fit, numbers_of
from neuralrates.calibration.volatility import short_rate_volatilities
from neuralrates.pricers.gaussian.backward_induction import Induction, induce
from neuralrates.pricers.gaussian.batched.averages import Grid, Segments
from neuralrates.pricers.gaussian.batched.forward import probabilities
from neuralrates.pricers.gaussian.batched.induction import induce as induce_all
from neuralrates.pricers.gaussian.batched.state_space import Rights
from neuralrates.trades.padded_trade import PaddedTrade

EXACT = 1e-7
STANDARD_ERRORS = 4.0
PATHS = 200_000
NAME = "single curve, USD"
BERMUDAN, EUROPEAN, _ = range(3)


class Run(NamedTuple):
    """A trade's fit, its backward induction and its exercise probabilities."""

    fit: Fit
    induction: Induction
    probabilities: np.ndarray


@eqx.filter_jit
def _traced(shape, trade, inputs) -> tuple[Fit, Induction, jax.Array]:
    fitted = fit(shape, trade, inputs)
    induction = induce(PRICER, fitted.variances, fitted.loadings, fitted.present_values)
    _, facts = numbers_of(shape, trade, inputs)
    return fitted, induction, facts.mean_loadings


def run(which: int, last_is_taken: bool = False) -> Run:
    shape, inputs = shape_and_inputs(SETTINGS[NAME])
    fitted, traced, means = _traced(shape, *jax.tree.map(jnp.asarray, (padded_one(which), inputs)))
    count = len(trades(NAME)[which].exercise_dates)
    numbers = (fitted.variances, fitted.loadings, fitted.present_values)
    rights = Rights(np.array([count]), *(np.asarray(part)[None] for part in numbers))
    found = induce_all(PRICER.rule, rights, with_adjoint=False, keep=True)
    if last_is_taken:
        here = found.space.at(0)
        everywhere = Segments(here.low[:, None], here.high[:, None])
        forced = found.levels[0]._replace(grid=Grid.over(everywhere, 128), num_held=0)
        before = found.levels[1]._replace(
            averages=None
        )  # computed again, to the nodes of all states
        none_ends = (found.first[0][0], np.zeros((0, 128)))
        found = found._replace(
            levels=[forced, before, *found.levels[2:]], first=[none_ends, *found.first[1:]]
        )
    return Run(fitted, traced, probabilities(found, np.asarray(means)[None])[0])


def padded_one(which: int) -> PaddedTrade:
    return jax.tree.map(jnp.asarray, pad(trades(NAME)[which], SIZE))


def test_every_path_is_exercised_once_or_never() -> None:
    """Exercise forced at the last date takes exactly the paths that would never have been exercised."""
    free, forced = np.asarray(run(BERMUDAN).probabilities), run(BERMUDAN, True).probabilities
    assert np.all(free > 0.0)
    assert np.sum(forced) == pytest.approx(1.0, abs=EXACT)
    np.testing.assert_allclose(forced[:-1], free[:-1], rtol=1e-12)
    never = float(forced[-1]) - free[-1]
    assert 0.0 < never < 1.0
    assert np.sum(free) + never == pytest.approx(1.0, abs=EXACT)


def test_european_is_the_digital_on_the_short_rate() -> None:
    """Payer exercised where the short rate ends above its break-even.

    In the bank-account measure $r(T) - f(0, T)$ is normal with mean $\\sigma^2 (1 - e^{-\\kappa T})^2 / (2 \\kappa^2)$.

    Source: Brigo and Mercurio (2006), equations 3.36, 3.37 and 3.39.
    """
    result, trade = run(EUROPEAN), trades(NAME)[EUROPEAN]
    kappa, expiry = MEAN_REVERSION, float(result.fit.expiries[0])
    variance = float(result.fit.variances[0]) * np.exp(-2.0 * kappa * expiry)
    mean = variance / -np.expm1(-2.0 * kappa * expiry) * np.expm1(-kappa * expiry) ** 2 / kappa
    curve = SETTINGS[NAME].curves().discount
    product = trade.product(curve.discount_factor, curve.discount_factor)
    times = np.asarray(product.flow_times)
    discount = np.array([float(curve.discount_factor(t)) for t in times])
    slope = -np.expm1(-kappa * (times - expiry)) / kappa

    def payoff(rate: float) -> float:
        bonds = discount * np.exp(-slope * rate - 0.5 * variance * slope**2)
        return float(product.flows[0] @ bonds)

    above = norm.sf((brentq(payoff, -0.3, 0.3, xtol=1e-15) - mean) / np.sqrt(variance))
    assert float(result.probabilities[0]) == pytest.approx(above, abs=EXACT)
    assert np.all(result.probabilities[1:] == 0.0)
    assert np.all(result.induction.exercised[1:] == 0.0)


def _boundary(induction: Induction, fitted: Fit, exercise: int) -> float:
    """State in which exercise is worth what waiting is, from values at the next date's nodes."""
    variances, h = np.asarray(fitted.variances), np.asarray(fitted.loadings)
    flows = np.asarray(fitted.present_values[exercise])

    def gain(state: float) -> float:
        worth = np.sum(flows * np.exp(-h * state - 0.5 * h**2 * variances[exercise]))
        if exercise + 1 == variances.shape[0]:
            return float(worth)
        step = variances[exercise + 1] - variances[exercise]
        nodes, weights, value = (
            np.asarray(part[exercise + 1])
            for part in (induction.states, induction.weights, induction.value)
        )
        waiting = np.sum(weights * value * norm.pdf(nodes, state, np.sqrt(step)))
        return float(worth - waiting)

    deviation = np.sqrt(variances[exercise])
    return brentq(gain, -5.0 * deviation, 5.0 * deviation, xtol=1e-14)


def test_simulation_in_the_bank_account_measure_agrees() -> None:
    """The state drifts by minus the integral of H - H(end) against its variance; 200,000 paths."""
    result = run(BERMUDAN)
    last = _loading(float(result.fit.end))
    expiries = np.asarray(result.fit.expiries)
    volatility = np.asarray(
        short_rate_volatilities(MEAN_REVERSION, result.fit.expiries, result.fit.variances)
    )
    random = np.random.default_rng(20240319)
    states, alive = np.zeros(PATHS), np.ones(PATHS, dtype=bool)
    found, before = [], 0.0
    for k, expiry in enumerate(expiries):
        drift, _ = quad(
            lambda s: (_loading(s) - last) * _variance_rate(s, volatility[k]),  # noqa: B023
            before,
            expiry,
        )
        step, _ = quad(lambda s: _variance_rate(s, volatility[k]), before, expiry)  # noqa: B023
        states = states - drift + np.sqrt(step) * random.standard_normal(PATHS)
        taken = alive & (states < _boundary(result.induction, result.fit, k))
        found.append(np.mean(taken))
        alive &= ~taken
        before = expiry
    expected = np.append(result.probabilities, 1.0 - np.sum(result.probabilities))
    errors = np.sqrt(expected * (1.0 - expected) / PATHS)
    assert np.all(np.abs([*found, np.mean(alive)] - expected) < STANDARD_ERRORS * errors)


def _loading(time: float) -> float:
    return -np.expm1(-MEAN_REVERSION * time) / MEAN_REVERSION


def _variance_rate(time: float, volatility: float) -> float:
    return volatility**2 * np.exp(2.0 * MEAN_REVERSION * time)
