"""Valuation adjustments on moved markets, and past days replayed."""

import datetime
import io
import lzma

import numpy as np
import pandas as pd
import pytest

import neuralrates as nr
from exposures.cases import FIVE_YEARS, bermudan, swap
from exposures.test_greeks import QUOTES, market_of
from neuralrates.core.errors import InputError
from neuralrates.exposures.netting import netting_of
from neuralrates.exposures.prepared import Prepared
from neuralrates.exposures.stress import changes

TRADES = (
    swap(**(FIVE_YEARS | {"notional": 1e6})),
    bermudan(notional=1e6),
    swap(**(FIVE_YEARS | {"trade_id": "T", "side": "payer", "notional": 1e6})),
)
BOOK = nr.trades.Book(TRADES)
NETTING = netting_of(
    {
        "schema": "neuralrates.netting/1",
        "base_currency": "USD",
        "own_credit": {"spreads": {"5Y": 0.008}},
        "netting_sets": [
            {"netting_set": "A", "trades": ["S", "B"], "counterparty": {"spreads": {"5Y": 0.01}}},
            {"netting_set": "C", "trades": ["T"], "counterparty": {"spreads": {"5Y": 0.02}}},
        ],
    }
)
ASKED = {"dates": "1Y", "paths": 256}


def stressed(moves, **asked):
    return nr.exposures.stressed(BOOK, market_of(QUOTES), NETTING, moves, **(ASKED | asked))


def test_each_scenario_is_a_run_on_the_market_that_it_makes():
    """Rates up by 50 basis points and volatilities by a tenth: the same figures as on quotes moved by hand."""
    both = nr.scenarios.Scenario("both", (10.0,), (0.005,), volatility_factor=1.1)
    table = stressed((both,))
    quotes = QUOTES | {
        name: QUOTES[name] + 0.005 for name in ("usd", "eur", "euribor")
    } | {name: 1.1 * QUOTES[name] for name in ("usd_volatility", "eur_volatility")}  # fmt: skip
    for name, moved in (("today", QUOTES), ("both", quotes)):
        figures = nr.exposure(BOOK, market_of(moved), NETTING, **ASKED).figures
        own = table[table["scenario"] == name]
        for column in ("value", "cva", "dva", "epe", "largest_pfe"):
            np.testing.assert_allclose(own[column], figures[column], rtol=1e-12)
    moved = changes(table).set_index("netting_set")
    assert moved["value"]["C"] > 1e3
    assert list(moved["scenario"]) == ["both", "both"]


def test_bad_scenarios_are_named():
    up = nr.scenarios.parallel(0.01)
    with pytest.raises(InputError, match="each with a name of its own"):
        stressed((up, up))
    with pytest.raises(InputError, match="not today"):
        stressed((nr.scenarios.parallel(0.01, "today"),))
    abroad = nr.scenarios.Scenario("yen", (1.0,), (0.01,), currency="JPY")
    with pytest.raises(InputError, match="in scenario yen, found JPY"):
        stressed((abroad,))
    with pytest.raises(InputError, match="volatilities that stay positive.*in scenario calm"):
        stressed((nr.scenarios.volatility(-0.05, name="calm"),))


def test_scenarios_without_a_market_are_refused_before_anything_is_drawn(monkeypatch):
    monkeypatch.setattr(Prepared, "simulated", None)
    good, wild = nr.scenarios.parallel(0.01), nr.scenarios.volatility(0.195, name="wild")
    with pytest.raises(InputError, match=r"^scenario wild: .*in scenario wild"):
        stressed((good, wild))
    with pytest.raises(InputError, match="expected 16 paths at least, found 8"):
        stressed((good,), paths=8)


def test_past_years_replayed_move_cva_as_its_greeks_say(shared_data, tmp_path):
    """Changes of the dollar curve over each year from 1990 to 2024, read as users read them.

    A single swap's CVA is curved in rates: only moves of less than 30 basis points are held against its deltas.
    """
    file = shared_data / "rates_history" / "usd_eur_gbp_1990_2024.csv.xz"
    table = pd.read_csv(io.BytesIO(lzma.decompress(file.read_bytes())))
    usd = table[(table["CURRENCY"] == "USD") & table["TERM"].isin(["1Y", "5Y", "10Y"])]
    wide = usd.pivot_table(index="DATE", columns="TERM", values="VALUE").dropna()
    yearly = wide.groupby(wide.index.str[:4]).last()[["1Y", "5Y", "10Y"]]
    days = [wide.index[wide.index.str[:4] == year].max() for year in yearly.index]
    yearly.index = pd.Index(days, name="date")
    path = tmp_path / "rates.csv"
    yearly.to_csv(path)
    moves = nr.scenarios.historical(path)
    assert len(moves) >= 34
    assert datetime.date.fromisoformat(moves[0].name).year == 1991
    shifts = np.array([move.shift([1.0, 5.0, 10.0, 30.0]) for move in moves])
    found = changes(stressed(moves, paths=128)).pivot(index="scenario", columns="netting_set")
    small = np.flatnonzero(np.abs(shifts).max(axis=1) < 0.003)
    assert small.size >= 2
    greeks = nr.exposure(
        nr.trades.Book(TRADES[2:]),
        market_of(QUOTES),
        NETTING.alone(NETTING.netting_sets[1]),
        greeks=True,
        **(ASKED | {"paths": 128}),
    ).greeks
    deltas = greeks[(greeks["greek"] == "zero_delta") & greeks["quote"].str.startswith("USD")]
    predicted = shifts @ deltas["cva"].to_numpy() / 1e-4
    cva = np.array([found["cva"]["C"][move.name] for move in moves])
    assert np.corrcoef(predicted, cva)[0, 1] > 0.9
    scale = np.abs(cva).max()
    assert np.abs(predicted - cva)[small].max() < 0.05 * scale
