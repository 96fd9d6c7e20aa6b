"""Hedges flatten the Greeks that they are asked to flatten, and stay within their bounds."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

TODAY = datetime.date(2024, 3, 19)
TENORS = {"2Y": 2026, "5Y": 2029, "10Y": 2034}


def market(bump=0.0):
    quotes = [nr.market.Quote("ois", "USD-SOFR", tenor, 0.04 + bump) for tenor in TENORS]
    usd = nr.market.CurrencyMarket("USD", nr.market.bootstrap(TODAY, quotes))
    return nr.market.Market(TODAY, {"USD": usd})


def swap(name, end, side="payer", strike=0.04):
    return nr.trades.SwapTrade(
        trade_id=name, currency="USD", index="USD-SOFR", side=side, notional=1e6, strike=strike,
        start_date="2024-03-21", maturity_date=f"{end}-03-21",
    )  # fmt: skip


def tables():
    held = nr.trades.Book((swap("A", 2031, strike=0.03), swap("B", 2027, "receiver", 0.05)))
    named = nr.trades.Book(tuple(swap(name, end) for name, end in TENORS.items()))
    return tuple(nr.price(book, market(), greeks=["par_delta"]) for book in (held, named))


def test_as_many_swaps_as_quotes_leave_no_delta():
    held, named = tables()
    found = nr.desk.hedge(held, named, ["par_delta"])
    left = found.attrs["greeks"]
    assert np.abs(left["before"]).max() > 100.0
    assert left["after"].to_numpy() == pytest.approx(0.0, abs=1e-6)
    assert found.notional.to_numpy() == pytest.approx(1e6 * found.multiple.to_numpy())


def test_the_hedged_book_does_not_move_with_the_quotes():
    """What convexity leaves of a basis point both ways is its square: its half sum is none of the delta's."""
    held, named = tables()
    multiples = nr.desk.hedge(held, named, ["par_delta"]).multiple.to_numpy()

    def value(bump):
        books = [
            (swap("A", 2031, strike=0.03), swap("B", 2027, "receiver", 0.05)),
            tuple(swap(name, end) for name, end in TENORS.items()),
        ]
        worth = [nr.price(nr.trades.Book(trades), market(bump)).value for trades in books]
        return worth[0].sum() + multiples @ worth[1].to_numpy()

    moved = 0.5 * (value(1e-4) - value(-1e-4))
    assert moved == pytest.approx(0.0, abs=1e-3)


def test_bounds_hold_and_the_rest_is_still_the_least():
    """At the least squares within bounds, no multiple within them could be better: the gradient there is zero."""
    held, named = tables()
    found = nr.desk.hedge(held, named, ["par_delta"], bounds={"10Y": (-0.1, 0.1)})
    assert abs(found.multiple[2]) <= 0.1
    moves = named[found.attrs["greeks"].index].to_numpy().T
    gradient = moves.T @ found.attrs["greeks"]["after"].to_numpy()
    inside = np.abs(found.multiple.to_numpy()) < 0.0999
    inside[:2] = True
    assert gradient[inside] == pytest.approx(0.0, abs=1e-4 * np.abs(moves).max() ** 2)
    assert abs(gradient[2]) > 1e3


@pytest.mark.parametrize(
    ("greeks", "bounds", "message"),
    [
        (["vega"], {}, "expected the Greek vega"),
        (["par_delta"], {"7Y": (0, 1)}, "expected bounds of instruments among 2Y, 5Y, 10Y"),
        (["par_delta"], {"2Y": (1, 0)}, "expected a least multiple below the largest"),
    ],
)
def test_what_does_not_fit_is_named(greeks, bounds, message):
    held, named = tables()
    with pytest.raises(InputError, match=message):
        nr.desk.hedge(held, named, greeks, bounds=bounds)
