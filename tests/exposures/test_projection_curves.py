"""Exposures of trades on a third curve: its own rate moves them, and nothing else's."""

import numpy as np
import pytest

import neuralrates as nr
from exposures.cases import TODAY, swap
from neuralrates.core import RefusalError

TIMES = [1.0, 5.0, 10.0, 30.0]
INDICES = ("EUR-ESTR", "EUR-EURIBOR-6M", "EUR-EURIBOR-3M", "EUR-EURIBOR-1M")
LEVELS = dict(zip(INDICES, (0.030, 0.0325, 0.0315, 0.0305), strict=True))
THREE = {
    "currency": "EUR", "index": "EUR-EURIBOR-3M", "notional": 1e6,
    "start_date": "2024-03-21", "maturity_date": "2029-03-21",
}  # fmt: skip


def run(trades, moved=None, step=0.0, **asked):
    curves = {
        index: nr.market.ZeroCurve(
            TIMES, level + 0.001 * np.arange(4) + (step if index == moved else 0.0)
        )
        for index, level in LEVELS.items()
    }
    pair = [curves.pop(index) for index in INDICES[:2]]
    system = nr.market.CurveSystem(*pair, *INDICES[:2], further=curves)
    volatility = nr.market.SwaptionVolatility([1.0, 5.0], [2.0, 5.0], np.full((2, 2), 0.009))
    market = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", system, volatility)})
    stated = {
        "schema": "neuralrates.netting/1",
        "base_currency": "EUR",
        "netting_sets": [
            {
                "netting_set": "BANK",
                "trades": [trade.trade_id for trade in trades],
                "counterparty": {"spreads": {"5Y": 0.012}},
            }
        ],
    }
    book, netting = nr.trades.Book(tuple(trades)), nr.exposures.netting_of(stated)
    return nr.exposure(book, market, netting, dates="6M", paths=256, **asked)


def test_deltas_of_every_curve_are_bumps():
    trades = [swap(**THREE), swap(**THREE | {"index": INDICES[1]}, trade_id="T", side="receiver")]
    found = run(trades, greeks=True).greeks
    for index in INDICES:
        ends = [run(trades, index, step).figures["cva"].iloc[0] for step in (1e-7, -1e-7)]
        rows = found[(found["greek"] == "zero_delta") & found["quote"].str.startswith(index)]
        assert len(rows) == len(TIMES)
        expected = (ends[0] - ends[1]) / 2e-7 * 1e-4
        assert rows["cva"].sum() == pytest.approx(expected, rel=1e-5, abs=1e-9)
    assert np.all(found[found["quote"].str.startswith(INDICES[3])]["cva"] == 0.0)


def test_basis_swaps_are_refused_by_name():
    trade = nr.trades.BasisSwapTrade(
        trade_id="B", second_index=INDICES[1], side="payer", **THREE,
    )  # fmt: skip
    with pytest.raises(RefusalError, match="trade B: field `kind`.*found basis_swap"):
        run([trade])
