"""Wrong-way risk against quadrature, and in the direction that its name says."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

import neuralrates as nr
from exposures.cases import FIVE_YEARS, swap
from exposures.test_figures import MARKET, SET, STATED
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.exposures.netting import netting_of
from neuralrates.exposures.wrong_way import likelihood

SENSITIVITY = 0.8


def run(side, wrong_way, **asked):
    one = SET | {"wrong_way": wrong_way}
    book = nr.trades.Book((swap(**(FIVE_YEARS | {"side": side})),))
    netting = netting_of(STATED | {"netting_sets": [one]})
    return nr.exposure(book, MARKET, netting, **{"dates": "3M", "paths": 2048} | asked)


def test_one_interval_is_a_quadrature():
    """Survival by one exponential of the state, its level found by another solver on Gauss-Hermite nodes; payoff $x^+$."""
    variance, alive, loading = 0.04, 0.9, 0.7
    paths = norm.ppf((np.arange(2**14) + 0.5) / 2**14)[None, :] * np.sqrt(variance)
    states = np.concatenate([np.zeros_like(paths), paths])
    numeraire = np.exp(loading * states + 0.5 * loading**2 * np.array([[0.0], [variance]]))
    times = np.array([0.0, variance])
    found = likelihood(SENSITIVITY, np.array([1.0, alive]), states, times, numeraire)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    hazard = 0.5 * (1.0 + np.exp(SENSITIVITY * nodes))
    deflator = np.exp(-loading * nodes * np.sqrt(variance) - 0.5 * loading**2 * variance)

    def left(level):
        return np.exp(-level * hazard)

    level = brentq(lambda k: weights @ (left(k) * deflator) - alive, 0.0, 5.0, xtol=1e-15)
    exact = norm_expectation(lambda y: 1.0 - np.exp(-level * 0.5 * (1.0 + np.exp(SENSITIVITY * y))))
    defaulted = np.mean(found[1] * (1.0 - alive) * np.maximum(states[1], 0.0))
    assert defaulted == pytest.approx(exact * np.sqrt(variance), rel=1e-3)


def norm_expectation(weight):
    """$E[w(y) y^+]$ on a fine grid."""
    y = np.linspace(0.0, 9.0, 20_001)
    return np.trapezoid(weight(y) * y * norm.pdf(y), y)


def test_defaults_are_those_of_the_spreads():
    """The deflated survival that the ratios add up to is the market's, date by date."""
    random = np.random.default_rng(1)
    times, survival = np.linspace(0.0, 5.0, 21), np.exp(-0.03 * np.linspace(0.0, 5.0, 21))
    states = np.cumsum(random.normal(0.0, 0.05, (21, 4000)), axis=0)
    states[0] = 0.0
    numeraire = np.exp(1.5 * states)
    found = likelihood(SENSITIVITY, survival, states, 0.0025 * np.arange(21.0), numeraire)
    falls = -np.diff(survival)
    both = np.append(falls, 0.0) + np.append(0.0, falls)
    drops = found * both[:, None]
    path = np.zeros(states.shape[1])
    left = np.ones(states.shape[1])
    for date in range(times.size - 1):
        path = drops[date] - path
        left = left - path
        mean = np.sum(left / numeraire[date + 1]) / np.sum(1.0 / numeraire[date + 1])
        assert mean == pytest.approx(survival[date + 1], abs=1e-12)


def test_default_where_rates_are_high_makes_payers_dearer_and_receivers_cheaper():
    for side, sign in (("payer", 1.0), ("receiver", -1.0)):
        alone = run(side, 0.0).figures
        up, down = run(side, SENSITIVITY).figures, run(side, -SENSITIVITY).figures
        assert alone["cva"][0] == alone["cva_independent"][0] == up["cva_independent"][0]
        assert sign * (up["cva"][0] / alone["cva"][0] - 1.0) > 0.2
        assert sign * (down["cva"][0] / alone["cva"][0] - 1.0) < -0.2
        tiny = run(side, 1e-9).figures
        assert tiny["cva"][0] == pytest.approx(alone["cva"][0], rel=1e-7)


def test_shares_of_trades_add_up_and_greeks_are_refused_by_name():
    found = run("payer", SENSITIVITY, allocate=True)
    assert found.trades["cva"].sum() == pytest.approx(found.figures["cva"][0], rel=1e-12)
    with pytest.raises(RefusalError, match="no `wrong_way` in netting set BANK, found 0.8"):
        run("payer", SENSITIVITY, greeks=True)
    with pytest.raises(InputError, match="wrong_way"):
        run("payer", 4.0)
