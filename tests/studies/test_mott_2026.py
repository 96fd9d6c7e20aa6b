"""The data of the study of Mott (2026): filters, changes, factors, and the formulas against a simulation."""

import numpy as np
import pandas as pd
import pytest
from studies.mott_2026 import baselines, history

import neuralrates as nr

NAMES = ["beta0", "beta1", "beta2", "beta3", "tau1", "tau2"]


def parameters(num_days):
    """Plausible parameters that differ from day to day."""
    drawn = np.random.default_rng(0).normal(size=(num_days, 6))
    centre = np.array([0.05, -0.01, 0.005, 0.005, 1.5, 11.0])
    width = np.array([0.002, 0.001, 0.001, 0.001, 0.05, 0.3])
    days = pd.bdate_range("2001-01-02", periods=num_days, name="Date")
    return pd.DataFrame(centre + width * drawn, index=days, columns=NAMES)


def test_every_filter_says_what_it_removes():
    days = parameters(400)
    days.iloc[10, 2:4] = [-9e4, 9e4]
    days.iloc[20] = np.nan
    days.loc[days.index[100:160], "beta1"] = -0.047
    days.loc[days.index[200:260], "beta3"] = 0.6
    found = history.filtered(days)
    assert len(days) - sum(found.removed.values()) == len(found.parameters) > 0
    assert found.removed["degenerate fit"] == 2
    assert found.removed["a forward below 0.5 percent"] > 0
    assert found.removed["a beta above 50 percent"] > 0
    assert found.parameters["beta3"].max() < 0.5
    assert history.forwards(found.parameters, history.GRID).min() >= history.SMALLEST_FORWARD
    sound = days.drop(days.index[[10, 20]])
    low, high = sound.quantile(0.05), sound.quantile(0.95)
    assert (found.parameters >= low).all(axis=None)
    assert (found.parameters <= high).all(axis=None)


def test_changes_are_taken_between_neighbours_only():
    days = parameters(8)
    kept = days.drop(days.index[[3, 6]])
    changes = history.proportional_changes(kept, days.index)
    rates = history.forwards(days, history.ANNUAL)
    expected = [(rates[d + 1] - rates[d]) / np.sqrt(rates[d]) for d in (0, 1, 4)]
    np.testing.assert_allclose(changes, expected, atol=1e-15)


def test_the_factors_of_cubic_loadings_are_found_again():
    """Changes of one factor of cubic loading, every sign as often, have that loading as their first component."""
    coefficients = np.array([0.05, 0.01, -0.02, 0.003])
    loading = np.polynomial.chebyshev.chebval(history.ANNUAL / 15.0 - 1.0, coefficients)
    daily = loading / np.sqrt(history.TRADING_DAYS)
    found = history.volatility(np.stack([daily, -daily]))
    np.testing.assert_allclose(found.coefficients[0], coefficients, atol=1e-12)
    np.testing.assert_allclose(found.explained, [1.0, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found.by_tenor.coefficients, found.coefficients)


def test_the_report_on_the_real_history(shared_data):
    days = history.published(shared_data / "gsw")
    lines = history.report(shared_data / "gsw").splitlines()
    removed = sum(int(line.split()[0]) for line in lines if "removed:" in line)
    left = next(int(line.split()[0]) for line in lines if " left," in line)
    assert removed + left == len(days) > 6000
    assert removed > 0.3 * len(days)


def test_a_missing_history_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"needs the Federal Reserve's curves: .*svensson_refit"):
        history.published(tmp_path)


def test_both_formulas_find_the_price_that_the_simulation_finds():
    """Formula less its simulated error is the model's price, whichever formula: and one is close by itself."""
    curve = nr.market.Svensson(0.045, -0.02, 0.01, 0.03, 1.5, 11.0)
    coefficients = [
        [0.045, 0.013, 0.016, 0.001],
        [0.006, -0.049, -0.013, -0.005],
        [-0.007, 0.016, -0.026, 0.008],
    ]
    model = nr.models.ForwardCurve(curve, nr.models.TenorVolatility(coefficients))
    strikes = np.array([0.03, 0.06, 0.09])
    found = baselines.errors(baselines.Period(model, 4.0, 4.5), strikes)
    frozen, square_root = (
        np.array(
            [float(pricer(model, nr.products.Caplet(4.0, 4.5, strike)).value) for strike in strikes]
        )
        for pricer in (nr.pricers.FrozenCaplet(), nr.pricers.SquareRootCaplet())
    )
    between = (frozen - found.frozen) - (square_root - found.square_root)
    assert np.all(np.abs(between) < 4.0 * found.frozen_deviation + 5e-6)
    assert abs(found.drift) < 1e-5
    assert np.all(np.abs(found.square_root) < 1e-5)
    assert np.max(np.abs(found.frozen)) > 10.0 * np.max(np.abs(found.square_root))
