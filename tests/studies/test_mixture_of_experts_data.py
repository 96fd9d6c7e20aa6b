"""The panel of the study of mixtures of experts: real days, exact prices, no look-ahead, and clear errors."""

import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import neuralrates as nr
from neuralrates.core import InputError


@pytest.fixture(scope="module")
def world(shared_data):
    from studies.mixture_of_experts.world import load_world

    return load_world(shared_data)


def test_regimes_follow_one_another_without_overlap():
    from studies.mixture_of_experts.regimes import REGIMES, days_of, regime_of

    for before, after in zip(REGIMES[:-1], REGIMES[1:], strict=True):
        assert (after.first - before.last).days == 1
    days = pd.to_datetime(["2020-02-19", "2020-02-20", "2021-05-01", "2022-12-31"])
    assert regime_of(days).tolist() == [-1, 0, 2, -1]
    with pytest.raises(InputError, match="rebound"):
        days_of(days, 1)


def test_the_evidence_for_the_regimes(shared_data):
    from studies.mixture_of_experts.regimes import evidence

    found = evidence(shared_data)
    assert found["covid_collapse"].loc["DGS2", "change"] < -1.0
    assert found["rebound"].loc["T10Y2Y", "change"] > 1.0
    assert found["term_premium_collapse"].loc["FORWARD_9Y1Y", "change"] < -0.5
    assert found["term_premium_collapse"].loc["T10YIE", "change"] > 0.0
    assert found["inflation_shock"].loc["FEDFUNDS", "change"] > 3.0


def test_every_day_has_every_number_and_nothing_looks_ahead(world):
    for table in (world.rates, world.index, world.gold, world.macro):
        assert np.isfinite(table.to_numpy()).all()
    assert np.bincount(world.regime).tolist() == [50, 229, 190, 249]
    # Unemployment of April 2020, 14.8 percent, was published in May.
    assert world.macro.unemployment["2020-05-05"] < 0.05
    assert world.macro.unemployment["2020-05-15"] == pytest.approx(0.148)


def test_a_missing_day_is_named(shared_data, tmp_path):
    from studies.mixture_of_experts.regimes import MissingDataError
    from studies.mixture_of_experts.world import load_world

    with pytest.raises(MissingDataError, match="sveny"):
        load_world(tmp_path)
    for part in ("gsw", "rates_history", "treasury_auctions", "sofr", "fred"):
        shutil.copytree(shared_data / part, tmp_path / part, copy_function=shutil.copyfile)
    for folder in tmp_path.iterdir():
        folder.chmod(0o755)
    sofr = tmp_path / "sofr" / "sofr_2018_2024.csv"
    lines = [line for line in sofr.read_text().splitlines() if not line.startswith("2021-07")]
    sofr.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="SOFR.*2021-07"):
        load_world(tmp_path)


def test_rows_are_priced_exactly_and_kept(world, shared_data, tmp_path, monkeypatch):
    from studies.mixture_of_experts import panel as made
    from studies.mixture_of_experts import world as worlds

    real = made.evaluate

    def evaluate(acting, name):
        """Bonds as ever; the others, whose prices are tested elsewhere, at one."""
        if name == "fixed_rate_bond":
            return real(acting, name)
        return np.ones(len(acting)), np.ones(len(acting)), np.zeros_like(acting)

    monkeypatch.setattr(made, "evaluate", evaluate)
    monkeypatch.setattr(made, "load_world", lambda data: world)
    panel = made.make_panel(6, jax.random.key(5), tmp_path, shared_data)
    assert len(panel) == 9 * 4 * 6
    assert panel.features[: made.NUM_ACTING] == made.INPUTS
    assert panel.features[made.NUM_ACTING :] == worlds.MACRO
    row = int(np.flatnonzero(panel.group == 1)[0])
    assert float(made.price(np.asarray(panel.x[row]), 1)) == pytest.approx(
        panel.value[row], abs=1e-14
    )
    day = pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(panel.day[row]))
    assert np.array_equal(panel.x[row, :10], world.rates.loc[day].to_numpy()[:10])
    assert np.all(panel.gradient[:, made.NUM_ACTING :] == 0.0)
    domain = nr.problems.nine_instruments().domain
    acting = jnp.asarray(panel.x[:, : made.NUM_ACTING])
    assert bool(jnp.all(jax.jit(jax.vmap(domain.contains))(acting)))
    again = made.make_panel(6, jax.random.key(5), tmp_path, tmp_path / "nowhere")
    assert np.array_equal(again.value, panel.value)
    with pytest.raises(InputError, match="found 12"):
        made.price(np.zeros(made.NUM_ACTING), 12)


def test_the_treasury_formula_and_its_inverse(shared_data):
    from studies.mixture_of_experts import notes_at_auction as notes

    settlement, maturity = pd.Timestamp("2020-02-28"), pd.Timestamp("2022-01-31")
    days, elapsed = notes.periods(settlement, maturity)
    assert days.tolist() == [90.0, 92.0, 92.0, 92.0, 89.0, 92.0, 92.0, 92.0]
    assert elapsed == 28.0
    price = notes.price_at(settlement, maturity, 0.015, 0.0004)
    assert notes.excess_of(settlement, maturity, 0.015, price) == pytest.approx(0.0004, abs=1e-8)
    assert price - 1.0 == pytest.approx(0.0004 * 702 / 360, rel=0.03)


def test_reopenings_use_nothing_of_the_auction_day(shared_data):
    from studies.mixture_of_experts.notes_at_auction import Published

    published = Published(shared_data)
    day = pd.Timestamp("2020-03-25")
    before = published.features(day)
    published.par.loc[day:] = 9.0
    published.sofr.loc[day:] = 9.0
    published.bill.loc[day:] = 9.0
    assert published.features(day) == before


def test_errors_at_a_budget_of_time():
    from studies.mixture_of_experts.rival_engines import at_budget

    def row(engine, seconds, error):
        return {"engine": engine, "seconds": seconds, "mean_absolute_error": error}

    rows = [row("Monte Carlo", 4e-4, 1e-3), row("finite differences", 1e-3, 1e-4)]
    assert at_budget(rows, 2e-3) == 1e-4
    assert at_budget(rows, 5e-4) == 1e-3
    assert at_budget(rows, 1e-4) == pytest.approx(2e-3)
    assert at_budget(rows[1:], 1e-4) is None
