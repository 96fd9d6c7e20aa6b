"""The paper's trainer under other conditions: constant volatility in closed form, a swaption's terminal condition."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from studies.mott_2026 import history
from studies.mott_2026.claims import claims
from studies.mott_2026.judge import Drawn
from studies.mott_2026.other_conditions import (
    SWAPTIONS,
    SwaptionContracts,
    _intrinsic,
    gaussian_caplet,
)
from studies.mott_2026.paper_network import Contracts, Grid

import neuralrates as nr

NAMES = ["beta0", "beta1", "beta2", "beta3", "tau1", "tau2"]
DAYS = pd.DataFrame([[0.04, -0.01, 0.005, 0.01, 1.5, 6.0]] * 2, columns=NAMES)
FLAT = nr.models.TenorVolatility([[0.01]], 30.0)


def swaptions(volatility=FLAT):
    return SwaptionContracts.of(SWAPTIONS, DAYS, volatility, 0.25)


def test_constant_volatility_is_the_model_of_ho_and_lee():
    """One factor without reversion: the exact price of the same caplet by the engine of Gaussian factors."""
    curve = nr.market.Svensson(*DAYS.iloc[0])
    model = nr.models.HullWhite(curve, mean_reversion=1e-9, volatility=0.01)
    for start, accrual, strike in ((1.0, 0.5, 0.03), (4.0, 0.25, 0.05)):
        x = jnp.concatenate([jnp.asarray(DAYS.iloc[0]), jnp.array([start, accrual, strike])])
        caplet = nr.products.Caplet(start, start + accrual, strike)
        exact = nr.pricers.GaussianCaplet()(model, caplet).value
        assert gaussian_caplet(FLAT, x) == pytest.approx(float(exact), rel=1e-6)


def test_constant_moves_do_not_depend_on_the_forwards():
    of = Contracts.of(Grid(24), DAYS, FLAT, 0.25, constant=True)
    day, pair, strike = of.contracts(jax.random.key(0), 8)
    flow = of.flow(of.points(day, pair, strike), day)
    np.testing.assert_allclose(flow.loadings[0, :, :24], 0.01, rtol=1e-12)
    tenors = Grid(24).tenors
    carried = flow.drift[:, :24] - of.slopes[day]
    np.testing.assert_allclose(carried, np.tile(1e-4 * tenors, (8, 1)), rtol=1e-9, atol=1e-15)


def test_absolute_changes_are_those_of_neighbours():
    rates = history.forwards(DAYS.assign(beta0=[0.04, 0.041]), history.ANNUAL)
    kept = DAYS.assign(beta0=[0.04, 0.041]).set_index(pd.bdate_range("2001-01-02", periods=2))
    found = history.absolute_changes(kept, kept.index)
    np.testing.assert_allclose(found, np.diff(rates, axis=0), atol=1e-15)


def test_swaps_last_whole_years_and_end_on_the_grid():
    terms = SWAPTIONS.pairs * SWAPTIONS.spacing
    assert set(terms[:, 1]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert terms[:, 0].min() == SWAPTIONS.spacing
    assert terms[:, 0].max() == 5.0
    assert terms.sum(axis=1).max() == SWAPTIONS.horizon


@pytest.mark.parametrize("length", [1.0, 3.0, 5.0])
def test_the_terminal_condition_is_the_swap_where_it_is_positive(length):
    of = swaptions()
    rate = 0.03
    for strike in (0.0, 0.02, 0.035):
        x = jnp.concatenate([jnp.full(of.num_nodes + 6, rate), jnp.array([0.0, length, strike])])
        years = np.arange(1, round(length) + 1)
        swap = 1.0 - np.exp(-rate * length) - strike * np.exp(-rate * years).sum()
        assert of.payoff(x) == pytest.approx(max(swap, 0.0), abs=1e-12)


def test_time_is_worth_something_beyond_the_intrinsic_value():
    """Against Jamshidian's price under Ho and Lee on the same curve, which no volatility takes below it."""
    drawn = Drawn.of(swaptions(), 40, 3)
    curve = nr.market.Svensson(*DAYS.iloc[0])
    model = nr.models.HullWhite(curve, mean_reversion=1e-9, volatility=0.01)
    intrinsic = _intrinsic(drawn)
    for x, least in zip(np.asarray(drawn.x), intrinsic, strict=True):
        start, length, strike = x[-3:]
        ends = start + np.arange(1.0, round(length) + 1)
        swaption = nr.products.Swaption([start], ends, np.ones(len(ends)), strike, "payer")
        value = float(nr.pricers.Jamshidian()(model, swaption).value)
        assert value > least - 1e-5  # what trapezoids miss of the curve


def conditions(error):
    sizes = {"mean_absolute": error, "quantiles": {"0.99": error}}
    part = {"network": sizes, "intrinsic": {"mean_absolute": 1e-3}, "mean_price": 1e-2}
    return {
        "constant_volatility": {"same_days": part, "held_out": part},
        "residual_swaption": {"held_out": part, "ours": {"mean_absolute": 1e-6}},
    }


@pytest.mark.parametrize(
    ("error", "verdicts"),
    [(5e-4, ["reproduced", "shown"]), (2e-3, ["not reproduced", "not shown"])],
)
def test_verdicts_follow_from_the_errors(error, verdicts):
    assert [row["verdict"] for row in claims(conditions(error))] == verdicts
