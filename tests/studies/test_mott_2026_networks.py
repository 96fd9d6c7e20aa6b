"""The paper's network and simulation: solutions solve its equation, the judge judges, training in miniature, verdicts."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from studies.mott_2026 import claims, paper_monte_carlo, paper_network, paper_training, settings
from studies.mott_2026.judge import Drawn, on_the_curve, on_the_nodes
from studies.mott_2026.regimes import Regime
from studies.mott_2026.study import Study

import neuralrates as nr
from neuralrates.learning import apply_generator

NAMES = ["beta0", "beta1", "beta2", "beta3", "tau1", "tau2"]
VOLATILITY = nr.models.TenorVolatility([[0.06, -0.02], [0.01, 0.03]])


def days(number):
    """Plausible parameters that differ from day to day."""
    drawn = np.random.default_rng(0).normal(size=(number, 6))
    centre = np.array([0.05, -0.01, 0.005, 0.005, 1.5, 11.0])
    width = np.array([0.002, 0.001, 0.001, 0.001, 0.05, 0.3])
    dates = pd.bdate_range("2001-01-02", periods=number, name="Date")
    return pd.DataFrame(centre + width * drawn, index=dates, columns=NAMES)


@functools.cache
def contracts(num_nodes):
    grid = paper_network.Grid(num_nodes)
    return paper_network.Contracts.of(grid, days(5), VOLATILITY, 0.25)


def discount(of, x, time):
    """Zero-coupon bond near a node, by the trapezoid rule up to it."""
    node = jnp.round(jax.lax.stop_gradient(time) / of.spacing).astype(int)
    return jnp.exp(
        -of.integration[node] @ x[: of.num_nodes] - (time - jax.lax.stop_gradient(time)) * x[node]
    )


def zero_strike(of, x):
    """A caplet that is always exercised: the difference of two bonds."""
    return discount(of, x, x[-3]) - discount(of, x, x[-3] + x[-2])


def test_zero_strikes_solve_the_equation_but_for_the_spacing():
    worst = []
    for num_nodes in (24, 47):
        of, day = contracts(num_nodes), np.arange(4)
        terms = np.asarray(of.pairs) * float(of.spacing)
        pair = np.array([np.argmin(np.abs(terms - (k, 0.5)).sum(axis=1)) for k in range(1, 5)])

        @jax.jit
        def missed(of, day, pair):
            flow = of.flow(of.points(day, pair, jnp.zeros(4)), day)
            expired = flow.x.at[:, -3].set(0.0)
            value, moved = apply_generator(lambda x: zero_strike(of, x)[None], flow, expired)
            terminal = value[4:] - jax.vmap(of.payoff)(expired)
            return moved - flow.rate * value[:4], terminal, value[:4] - of.zero_strike(day, pair)

        residual, terminal, known = missed(of, day, pair)
        np.testing.assert_allclose(terminal, 0.0, atol=1e-15)
        np.testing.assert_allclose(known, 0.0, atol=1e-15)
        worst.append(np.max(np.abs(residual)))
    assert worst[1] < 0.3 * worst[0] < 1e-5


def test_the_curve_its_nodes_and_the_simulation_have_nearly_one_price():
    of = contracts(47)
    x = Drawn.of(of, 1, 2).x[0].at[-3:].set(jnp.array([1.0, 0.5, 0.04]))

    @jax.jit
    def prices(of, x, key):
        gained = paper_monte_carlo.simulated(of, x, key, 2_000, "upwind", 52)
        deviation = jnp.std(gained) / jnp.sqrt(2_000.0)
        on_curve = on_the_curve(VOLATILITY, x)
        on_nodes = on_the_nodes(VOLATILITY, paper_network.Grid(47), x)
        return on_curve, on_nodes, jnp.mean(gained), deviation

    on_curve, on_nodes, gained, deviation = prices(of, x, jax.random.key(0))
    assert 1e-3 < on_curve < 1e-2
    assert abs(on_nodes - on_curve) < 1e-5
    assert abs(gained - on_nodes) < 4.0 * deviation


def test_training_runs_in_miniature_and_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "PAPER_SCHEDULE", (Regime(1, 1e-3, 4, 2),))
    small = dataclasses.replace(settings.SMOKE, width=4, schedule_share=1.0)
    told = []
    study = Study(small, tmp_path, told.append, days(300))
    assert 0.1 < study.apart.mean() < 0.3
    found = paper_training.paper_training(study)
    assert found["10"]["steps"] == [2.0]
    assert found["10"]["share"] == 1.0
    assert set(found["10"]["parts"]) == set(paper_training.PARTS)
    assert len(told) == 2
    again = Study(small, tmp_path, pytest.fail, days(300))
    assert paper_training.paper_training(again) == found


def test_verdicts_follow_the_figures():
    right = dict.fromkeys(("parallel", "parallel_with_parameters", "theta", "gamma"), 0.005)

    def errors(mean):
        return {"curve": {"mean_absolute": mean, "quantiles": {"0.99": mean}}, "mean_price": 0.01}

    def network(mean, bucket, share):
        judged = {"drawn": errors(mean), "zero_strike": errors(0.5 * mean)}
        greeks = right | {"buckets": {"0": bucket}}
        return {"held_out": judged, "same_days": judged, "greeks": greeks, "share": share}

    parts = dict.fromkeys(paper_training.PARTS, 5e-8)
    found = {
        "paper_training": {"10": {"parts": parts, "share": 1.0}},
        "paper_network": {"10": network(1e-3, 0.5, 1.0), "50": network(2e-3, 0.005, 0.15)},
        "inference": {k: {"price": 1.0, "price_and_greeks": 3.0} for k in ("10", "150")},
    }
    verdicts = [row["verdict"] for row in claims.claims(found)]
    assert verdicts == [
        "reproduced by its own schedule",  # the losses
        "reproduced by its own schedule",
        "not reached at 15% of its epochs",
        *["reproduced"] * 2,  # zero strikes are the tightest
        "free, but not right",
        "right",
        "measured",
        "reproduced",  # the cost of a price does not grow
    ]
    parts |= dict.fromkeys(parts, 1e-9)
    assert claims.claims(found)[0]["verdict"] == "50 times below the paper's by its own schedule"
