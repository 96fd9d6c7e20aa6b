"""Trades whose dates once lost a period, a fixing or an exercise, priced to their right values on flat markets."""

import json

import pytest

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.desk.example import example_files

CENT = 0.006  # the right values are rounded to cents
TRADE = {"trade_id": "T", "side": "payer", "notional": 1e6}
USD = TRADE | {"currency": "USD", "index": "USD-SOFR"}
EUR = TRADE | {"currency": "EUR", "index": "EUR-EURIBOR-6M"}


def flat(folder, day, currency, rate, volatility):
    """A market of one continuous rate and one normal volatility."""
    nodes = {"times": [1.0, 50.0], "zero_rates": [rate, rate]}
    overnight, term = {"USD": ("USD-SOFR", None), "EUR": ("EUR-EONIA", "EUR-EURIBOR-6M")}[currency]
    curves = {"discount": {"index": overnight} | nodes}
    curves |= {"projection": {"index": term} | nodes} if term else {}
    matrix = {"type": "normal", "expiries": ["1Y", "30Y"], "tenors": ["1Y", "30Y"]}
    matrix["volatilities"] = [[volatility] * 2] * 2
    market = {"schema": "neuralrates.market/1", "valuation_date": day}
    market["currencies"] = {currency: curves | {"swaption_volatility": matrix}}
    path = folder / "market.json"
    path.write_text(json.dumps(market))
    return nr.market.load(path)


def values(market, *trades):
    named = [trade.model_copy(update={"trade_id": str(n)}) for n, trade in enumerate(trades)]
    table = nr.price(nr.trades.Book(tuple(named)), market)
    return list(table["value"])


def test_a_european_on_a_sunday_is_the_whole_swap(tmp_path):
    # QuantLib 1.44 from the trade's own fields, exercise rolled to 29 August.
    market = flat(tmp_path, "2024-03-19", "USD", 0.04, 0.009)
    fields = USD | {"strike": 0.035, "start_date": "2025-08-31", "maturity_date": "2033-08-31"}
    sunday = nr.trades.EuropeanSwaptionTrade(**fields, exercise_dates="2025-08-31")
    friday = nr.trades.EuropeanSwaptionTrade(**fields, exercise_dates="2025-08-29")
    on_sunday, on_friday = values(market, sunday, friday)
    assert on_sunday == pytest.approx(47_830.69, abs=CENT)
    assert on_sunday == on_friday


def test_cancellable_on_month_ends(tmp_path):
    # No second code gave the right value: one exercise moved by hand to the Friday must give the same.
    market = flat(tmp_path, "2025-01-15", "EUR", 0.03, 0.009)
    fields = EUR | {"notional": 1e7, "strike": 0.03}
    fields |= {"start_date": "2025-09-30", "maturity_date": "2040-09-30"}
    later = ";2036-09-30;2037-09-30;2038-09-30;2039-09-30"
    sunday = nr.trades.CancellableSwapTrade(**fields, exercise_dates="2035-09-30" + later)
    friday = nr.trades.CancellableSwapTrade(**fields, exercise_dates="2035-09-28" + later)
    on_sunday, on_friday = values(market, sunday, friday)
    assert on_sunday == on_friday
    assert on_sunday == pytest.approx(461_351.0, abs=1.0)


def test_a_european_from_a_month_end_at_a_weekend_keeps_parity():
    # Once 249,003, exercised a year late into four years; a payer less a receiver is the swap.
    fields = USD | {"notional": 1e7, "strike": 0.04}
    fields |= {"start_date": "2029-03-31", "maturity_date": "2034-03-31"}
    payer = nr.trades.EuropeanSwaptionTrade(**fields)
    receiver = nr.trades.EuropeanSwaptionTrade(**fields | {"side": "receiver"})
    swap = nr.trades.SwapTrade(**fields)
    market = nr.market.load(example_files()[1])
    bought, sold, held = values(market, payer, receiver, swap)
    assert bought == pytest.approx(286_690.0, abs=1.0)
    assert bought - sold - held == pytest.approx(0.0, abs=1e-5)


def test_known_fixings_and_a_sunday_on_a_real_market(shared_data):
    market = nr.market.load(shared_data / "ore" / "market_20160205.txt")
    fields = EUR | {"notional": 1e7}
    rolls = fields | {"strike": 0.01, "start_date": "2015-08-05", "maturity_date": "2025-08-05"}
    high = nr.trades.SwapTrade(**rolls, current_fixing=0.05)
    low = nr.trades.SwapTrade(**rolls, current_fixing=0.00008)
    runs = fields | {"strike": 0.02, "start_date": "2011-08-08", "maturity_date": "2021-08-08"}
    curves = market["EUR"].curves
    discount, projection = curves.discount.discount_factor, curves.projection.discount_factor
    # The period from 2016-02-08 to 2016-08-08 was fixed on 2016-02-04 at 0.002 percent.
    forward = float(projection(3 / 365) / projection(185 / 365) - 1.0) / (182 / 360)
    known, projected = (
        nr.trades.SwapTrade(**runs, current_fixing=0.00163, next_fixing=rate)
        for rate in (0.00002, forward)
    )
    option = fields | {"strike": 0.016, "start_date": "2027-10-31", "maturity_date": "2037-10-31"}
    sunday = nr.trades.EuropeanSwaptionTrade(**option, exercise_dates="2027-10-31")
    friday = nr.trades.EuropeanSwaptionTrade(**option, exercise_dates="2027-10-29")
    prices = values(market, high, low, known, projected, sunday, friday)
    coupon = 1e7 * (0.05 - 0.00008) * 182 / 360 * float(discount(182 / 365))
    assert prices[0] - prices[1] == pytest.approx(coupon, abs=1e-4)
    lower = 1e7 * (forward - 0.00002) * 182 / 360 * float(discount(185 / 365))
    assert prices[3] - prices[2] == pytest.approx(lower, abs=1e-4)
    assert lower / 1e7 == pytest.approx(1.1 * basis_point, abs=0.05 * basis_point)
    # 894,838 with the smile's spreads flat beyond its tenors; kept in proportion they are smaller by 1.4 percent here.
    assert prices[4] == prices[5] == pytest.approx(894_838.0, rel=1e-4)
