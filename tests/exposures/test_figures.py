"""Credit, collateral, netting and figures against closed forms."""

import datetime

import numpy as np
import pandas as pd
import pytest

import neuralrates as nr
from exposures.cases import CURVE, FIVE_YEARS, MODEL, TODAY, swap
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.exposures.collateral import collateralised
from neuralrates.exposures.credit import survival
from neuralrates.exposures.dates import exposure_dates
from neuralrates.exposures.figures import default_weights, profile
from neuralrates.exposures.netting import Collateral, Credit, netting_of

SET = {"netting_set": "BANK", "trades": ["S"], "counterparty": {"spreads": {"5Y": 0.012}}}
STATED = {
    "schema": "neuralrates.netting/1",
    "base_currency": "USD",
    "models": {"USD": {"mean_reversion": 0.03, "volatility": 0.009}},
    "netting_sets": [SET],
}
MARKET = nr.market.Market(
    TODAY,
    {
        "USD": nr.market.CurrencyMarket(
            "USD", nr.market.CurveSystem(CURVE, CURVE, "USD-SOFR", "USD-SOFR")
        )
    },
)


def run(trades, stated=STATED, **asked):
    """Exposure of some trades."""
    book = nr.trades.Book(tuple(trades))
    return nr.exposure(book, MARKET, netting_of(stated), **{"dates": "6M", "paths": 512} | asked)


@pytest.mark.parametrize(
    "today", ["2024-03-19", "2024-03-20", "2024-03-21", "2024-09-19", "2026-11-27"]
)
def test_survival_is_that_of_the_credit_triangle(today):
    """A flat spread s with recovery R has the hazard rate $s / (1 - R)$, but for the days counted, on any day of the quarter.

    Premiums in arrears take off half a quarter's interest, 0.6 percent of it, and the last day's accrual adds 0.06 percent.
    """
    start = datetime.date.fromisoformat(today)
    days = [start, start + datetime.timedelta(days=5 * 365)]
    found = survival(Credit(spreads={"5Y": 0.012}), "BANK", MODEL, start, days)
    assert found[0] == 1.0
    assert -np.log(found[1]) / 5.0 == pytest.approx(0.012 * 365.0 / 360.0 / 0.6, rel=0.008)


def test_a_spread_that_no_hazard_rate_explains_is_named():
    credit = Credit(spreads={"1Y": 0.2, "5Y": 0.001})
    with pytest.raises(InputError, match="of BANK"):
        survival(credit, "BANK", MODEL, TODAY, [TODAY])


def test_a_profile_of_normal_values_is_the_normal_one():
    generator = np.random.default_rng(0)
    values = np.array([[0.0], [1.0]]) * generator.standard_normal((2, 200_000))
    found = profile(values, np.ones_like(values), np.array([0.0, 1.0]), np.ones(2), 0.95)
    assert abs(found.expected[1] - 1.0 / np.sqrt(2.0 * np.pi)) < 3.0 * found.discounted_error[1]
    assert found.future[1] == pytest.approx(1.6449, abs=0.02)
    assert found.expected_positive_exposure == pytest.approx(found.expected[1] / 2.0)


@pytest.mark.parametrize("quantile", [0.01, 0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("spread", [0.0, 0.3, 3.0])
def test_the_quantile_is_the_weighted_one(quantile, spread):
    """Against NumPy's, weights even or such that few paths carry most, some values alike."""
    generator = np.random.default_rng(5)
    values = np.round(generator.standard_normal((6, 1000)), 2)
    numeraire = np.exp(spread * (values + generator.standard_normal((6, 1000))))
    found = profile(values / numeraire, numeraire, np.arange(6.0), np.ones(6), quantile).future
    weights = 1.0 / numeraire
    expected = np.quantile(values, quantile, axis=1, weights=weights, method="inverted_cdf")
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_certain_exposure_loses_what_defaults():
    alive = np.exp(-0.02 * np.arange(5.0))
    weights = default_weights(alive, 0.4)
    assert weights @ np.ones(5) == pytest.approx(0.6 * (1.0 - alive[-1]))


def test_collateral_leaves_the_threshold_and_the_move_over_the_margin_period():
    times = np.array([0.0, 0.5, 1.0])
    values = np.array([[0.0, 0.0], [10.0, -10.0], [20.0, -20.0]])
    annex = Collateral(currency="USD", threshold=3.0, margin_period_days=73)
    found = collateralised(values, times, annex)
    assert found[1] == pytest.approx([10.0 - (6.0 - 3.0), -10.0 + (6.0 - 3.0)])
    assert found[2] == pytest.approx([20.0 - 13.0, -20.0 + 13.0])
    lazy = Collateral(currency="USD", minimum_transfer=100.0, independent_amount=1.0)
    assert collateralised(values, times, lazy) == pytest.approx(values - 1.0)


def test_dates_run_to_the_last_payment():
    last = TODAY + datetime.timedelta(days=400)
    found = exposure_dates(TODAY, last, "6M")
    assert [day.isoformat() for day in found[:3]] == ["2024-03-19", "2024-09-19", "2025-03-19"]
    assert found[-1] == last
    with pytest.raises(InputError, match="up to the last payment"):
        exposure_dates(TODAY, last, [last + datetime.timedelta(days=1)])


def test_a_step_of_weeks_is_named_before_anything_is_valued():
    with pytest.raises(InputError, match="step between dates like 1M, 3M or 1Y, found '2W'"):
        run([swap(**FIVE_YEARS)], dates="2W")


def test_one_trade_against_its_opposite_nets_to_nothing():
    opposite = swap(trade_id="T", **FIVE_YEARS, position="short")
    both = STATED | {"netting_sets": [SET | {"trades": ["S", "T"]}]}
    found = run([swap(**FIVE_YEARS), opposite], both)
    assert abs(found.figures["cva"][0]) < 1e-15
    assert np.abs(found.profiles["discounted_exposure"]).max() < 1e-15


def test_shares_of_the_trades_add_up_to_the_adjustment():
    annex = {"currency": "USD", "threshold": 0.01}
    sets = [SET | {"trades": ["S", "T"]}, SET | {"netting_set": "B", "trades": ["U"]}]
    sets[1] |= {"collateral": annex}
    trades = [
        swap(**FIVE_YEARS),
        swap(trade_id="T", side="payer", start_date="2025-03-21", maturity_date="2028-03-21"),
        swap(trade_id="U", **FIVE_YEARS),
    ]
    found = run(trades, STATED | {"netting_sets": sets}, allocate=True)
    shares = found.trades.groupby("netting_set", sort=False)["cva"].sum()
    assert shares.to_numpy() == pytest.approx(found.figures["cva"].to_numpy(), abs=1e-12)
    assert isinstance(found.profiles, pd.DataFrame)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"netting_sets": [SET | {"trades": ["S", "X"]}]}, "found X"),
        ({"netting_sets": [SET, SET | {"netting_set": "B"}]}, "trade S in one netting set"),
        ({"netting_sets": [SET | {"collateral": {"currency": "XXX"}}]}, "found XXX"),
        ({"models": {}}, "for USD, found neither"),
        ({"base_currency": "EUR"}, "'EUR'"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_netting_is_named(change, said):
    with pytest.raises((InputError, RefusalError), match=said):
        run([swap(**FIVE_YEARS)], STATED | change)


def test_a_trade_in_no_set_and_too_many_paths_are_refused():
    with pytest.raises(InputError, match="trade T in a netting set, found it in none"):
        run([swap(**FIVE_YEARS), swap(trade_id="T", **FIVE_YEARS)])
    with pytest.raises(RefusalError, match="expected fewer paths"):
        run([swap(**FIVE_YEARS)], paths=10**8)


@pytest.mark.parametrize(
    ("spreads", "field"),
    [
        ({"5Y": -0.01}, "spreads.5Y"),
        ({"5Y": 1.2}, "spreads.5Y"),
        ({"5Y": float("nan")}, "spreads.5Y"),
        ({"5Y": "0.01"}, "spreads.5Y"),
        ({"five": 0.01}, "spreads.five"),
    ],
)
def test_a_spread_that_is_none_is_named_by_file_and_field(spreads, field):
    stated = {**STATED, "netting_sets": [SET | {"counterparty": {"spreads": spreads}}]}
    with pytest.raises(InputError) as refused:
        netting_of(stated, "netting.json")
    assert str(refused.value).startswith(
        f"netting.json, field `netting_sets.0.counterparty.{field}"
    )


def test_a_trade_of_no_book_is_named_with_the_file():
    netting = netting_of(STATED, "netting.json")
    with pytest.raises(InputError, match=r"netting\.json: expected trades of the book .* found S"):
        netting.check_trades(nr.trades.Book((swap(trade_id="T", **FIVE_YEARS),)))
