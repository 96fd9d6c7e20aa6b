"""The ten-year Bermudan: what it is made of, and that the real curves lie in its box."""

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import neuralrates as nr
from neuralrates.problems.bermudan import DOMAIN, at_the_money_rate, build

X = jnp.array([0.03, 0.010, 0.011, 0.012, 0.013, 0.04, -0.02, -0.02, 2.0, 0.005])


def test_the_vector_becomes_curve_model_and_trade():
    model, trade = build(X, "payer")
    assert float(model.curve.instantaneous_forward_rate(0.0)) == pytest.approx(0.02)
    assert float(model.variance(2.5)) < float(model.variance(9.0))
    rate = at_the_money_rate(model.curve)
    assert float(trade.strike) == pytest.approx(float(rate) + 0.005)
    np.testing.assert_array_equal(trade.exercise_times, np.arange(1.0, 10.0))
    # The first coterminal swap at the at-the-money rate is worth nothing today.
    bonds = jnp.stack([model.curve.discount_factor(t) for t in trade.flow_times])
    value = float(trade.flows[0] @ bonds)
    annuity = float(trade.annuity_weights[0] @ bonds)
    assert value == pytest.approx(-0.005 * annuity)


def test_the_catalogue_knows_both_sides():
    assert nr.problems.load("ten_year_bermudan_receiver").increasing == ("strike_spread",)
    assert nr.problems.load("ten_year_bermudan_payer").decreasing == ("strike_spread",)
    assert len(nr.problems.load("ten_year_bermudan_payer").output_names) == 10
    with pytest.raises(ValueError, match="`name`"):
        nr.problems.load("ten_year_bermudan")


def test_control_prices_bound_the_price_from_below():
    problem = nr.problems.ten_year_bermudan("receiver")
    price = problem(X)
    europeans = problem.control_values(X)
    assert europeans.shape == (9,)
    assert float(price.value) > float(jnp.max(europeans)) == float(problem.lower_bound(X))
    assert float(price.error) < 1e-7


def test_the_box_holds_the_real_curves(shared_data):
    yields = pd.read_csv(shared_data / "gsw" / "sveny_1961_2025.csv.gz")
    yields = yields[yields.Date >= "2001"].filter(regex="SVENY(0[1-9]|10)$").dropna() / 100.0
    fits, misfit = fit_nelson_siegel(yields.to_numpy())
    curve = slice(DOMAIN.index("beta0"), DOMAIN.index("tau") + 1)
    low, high = DOMAIN.low[curve], DOMAIN.high[curve]
    inside = np.all((fits >= low - 1e-12) & (fits <= high + 1e-12), axis=1)
    assert np.mean(inside) == pytest.approx(0.974, abs=2e-3)
    assert np.median(misfit) < 0.3 * nr.core.basis_point
    assert np.max(misfit) < 4.5 * nr.core.basis_point


def fit_nelson_siegel(yields):
    """Least-squares fits to yields of one to ten years, tau searched between one and four."""
    times = np.arange(1.0, 11.0)
    best, fits = np.full(len(yields), np.inf), np.zeros((len(yields), 4))
    for tau in np.linspace(1.0, 4.0, 61):
        decay = np.exp(-times / tau)
        slope = (1.0 - decay) * tau / times
        basis = np.stack([np.ones(10), slope, slope - decay], axis=1)
        betas = np.linalg.lstsq(basis, yields.T, rcond=None)[0]
        misfit = np.sqrt(np.mean((yields.T - basis @ betas) ** 2, axis=0))
        better = misfit < best
        best[better] = misfit[better]
        fits[better] = np.column_stack([betas.T, np.full(len(yields), tau)])[better]
    return fits, best
