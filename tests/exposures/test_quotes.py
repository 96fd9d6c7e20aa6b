"""Greeks to quotes of special kinds: futures, spreads near zero, curves of one name."""

import dataclasses

import numpy as np
import pytest

import neuralrates as nr
from exposures.cases import FIVE_YEARS, TODAY, swap
from neuralrates.exposures.adjoint.quotes import Greek
from neuralrates.exposures.netting import netting_of
from neuralrates.exposures.results import greeks_table
from neuralrates.market.bootstrapping.quotes import Quote

SWAPS = [Quote("ois", "USD-SOFR", tenor, 0.04) for tenor in ("1M", "2Y", "10Y")]
FUTURES = [
    Quote("future", "USD-SOFR", "3M", 95.6 + 0.1 * number, month)
    for number, month in enumerate(("2024-03", "2024-06", "2024-09"))
]
MODEL = {"mean_reversion": 0.03, "volatility": 0.009}


def run(quotes, more=None, **asked):
    """Exposure of a swap on a market of quotes."""
    system = nr.market.bootstrap(TODAY, quotes)
    market = nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", system)})
    bank = {"netting_set": "BANK", "trades": ["S"], "counterparty": {"spreads": {"5Y": 0.01}}}
    netting = netting_of(
        {
            "schema": "neuralrates.netting/1",
            "base_currency": "USD",
            "models": {"USD": MODEL},
            "netting_sets": [bank],
        }
        | (more or {})
    )
    book = nr.trades.Book((swap(**(FIVE_YEARS | {"notional": 1e6, "side": "payer"})),))
    return nr.exposure(book, market, netting, **{"dates": "1Y", "paths": 64} | asked)


def test_a_future_moves_by_a_cent_down_in_price():
    """The desk's unit: its rate rises by a basis point, so that the deltas of all quotes add up."""
    greeks = run([*SWAPS, *FUTURES], greeks=True).greeks
    deltas = greeks[greeks["greek"] == "par_delta"].set_index("quote")
    assert set(deltas["unit"]) == {"basis point of rate"}
    name = "USD-SOFR future 2024-06+3M"
    assert name in deltas.index

    def moved(price):
        futures = [
            dataclasses.replace(one, value=one.value + price) if one.name == name else one
            for one in FUTURES
        ]
        return run([*SWAPS, *futures]).figures["cva"][0]

    step = 1e-4
    by_bump = 0.01 * (moved(-step) - moved(step)) / (2.0 * step)
    assert by_bump != 0.0
    assert deltas["cva"][name] == pytest.approx(by_bump, rel=1e-4)


def test_a_spread_near_zero_has_a_greek():
    """No smaller than the step of the difference: DVA is in proportion to it, as to any small spread."""
    slopes = []
    for spread in (4e-7, 1e-4):
        own = {"own_credit": {"spreads": {"5Y": spread}}}
        greeks = run([*SWAPS, *FUTURES], own, greeks=True).greeks
        slopes.append(greeks.set_index("greek")["dva"]["own_credit"])
    assert slopes[0] > 0.0
    assert slopes[0] == pytest.approx(slopes[1], rel=0.01)


def test_quotes_of_one_name_in_a_group_stay_apart():
    """Curves named alike have nodes named alike; the same node of another group of netting sets is added."""
    one, two = (Greek("zero_delta", "X", "unit", np.full(3, size)) for size in (1.0, 10.0))
    table = greeks_table([[one, two], [one, two]])
    assert list(table["cva"]) == [2.0, 20.0]
