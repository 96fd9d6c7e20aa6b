"""Twelve trades on two real markets, one curve and two, from file to every Greek."""

import dataclasses
import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import neuralrates as nr

BAND = 1e-6  # of the notional
ADDS_UP = 2e-8  # of the notional
GREEKS = ("zero_delta", "par_delta", "vega", "gamma", "theta", "mean_reversion")
NOTIONAL = 1e7


class Case(NamedTuple):
    """A market file, its currency, the index traded, and a strike near its ten-year rate."""

    file: str
    currency: str
    index: str
    strike: float
    europeans: bool


CASES = {
    "USD 2024-03-19": Case("market_20240319_usd.csv", "USD", "USD-SOFR", 0.038, False),
    "EUR 2016-02-05": Case("market_20160205.txt", "EUR", "EUR-EURIBOR-6M", 0.006, True),
}


def six_trades(case: Case, today: datetime.date) -> nr.trades.Book:
    """Swaps, Europeans or Bermudans, and what a cancellable is made of; two sides, two lengths."""
    convention = nr.conventions.swap_convention(case.index)
    spot = convention.spot_date(today)

    def after(years: int) -> datetime.date:
        return nr.conventions.add_months(spot, 12 * years, convention.calendar)

    def trade(kind, name, side, strike, start, end, **more) -> nr.trades.AbstractTrade:
        return kind(
            trade_id=name,
            currency=case.currency,
            index=case.index,
            side=side,
            notional=NOTIONAL,
            strike=strike,
            start_date=after(start) if start else spot,
            maturity_date=after(end),
            **more,
        )

    products, called = nr.products, {"first_exercise_date": after(2)}
    strike = case.strike
    return nr.trades.Book(
        (
            trade(products.SwapTrade, "SWAP", "payer", strike, 0, 9),
            trade(products.BermudanSwaptionTrade, "RIGHT", "receiver", strike, 0, 9, **called),
            trade(products.CancellableSwapTrade, "CANCELLABLE", "payer", strike, 0, 9, **called),
            trade(products.BermudanSwaptionTrade, "PAYER", "payer", strike + 0.01, 0, 6, **called),
            *(
                (
                    trade(products.EuropeanSwaptionTrade, "LOW", "receiver", -0.002, 1, 3),
                    trade(products.EuropeanSwaptionTrade, "LONG", "payer", strike, 5, 15),
                )
                if case.europeans
                else (
                    trade(products.SwapTrade, "FORWARD", "receiver", strike, 5, 30),
                    trade(
                        products.BermudanSwaptionTrade,
                        "DEEP",
                        "receiver",
                        strike + 0.03,
                        0,
                        9,
                        **called,
                    ),
                )
            ),
        )
    )


@pytest.fixture(scope="module", params=CASES)
def priced(request, shared_data: Path) -> tuple[nr.market.CurrencyMarket, pd.DataFrame]:
    case = CASES[request.param]
    market = nr.market.load_ore(shared_data / "ore" / case.file, case.currency)
    book = six_trades(case, market.valuation_date)
    return market[case.currency], nr.price(book, market, greeks=GREEKS).set_index("trade_id")


def test_everything_is_finite_and_every_band_is_narrow(priced) -> None:
    market, table = priced
    assert set(table["status"]) == {"ok"}
    assert np.all(table["error_band"] < BAND * NOTIONAL)
    options = table["kind"] != "swap"
    for greek in GREEKS:
        rows = table[options] if greek in ("vega", "mean_reversion") else table
        columns = [column for column in table if column.split(" ")[0] == greek]
        assert np.all(np.isfinite(rows[columns].to_numpy(dtype=float))), greek
    assert sum(column.startswith("par_delta ") for column in table) == len(market.curves.quotes)


def test_signs_and_sizes_are_those_of_a_desk(priced) -> None:
    """Payers gain where rates rise; options gain volatility; one basis point moves some thousands of currency units."""
    _, table = priced
    payer = table["side"] == "payer"
    option = table["kind"] != "swap"
    assert np.all((table["zero_delta"] > 0.0) == payer)
    assert np.all((table["par_delta"] > 0.0) == payer)
    assert np.all(table["vega"][option] > 0.0)
    moved = table["par_delta"].abs() / (NOTIONAL * nr.core.basis_point)
    assert np.all((moved > 0.1) & (moved < 25.0))


def test_the_cancellable_adds_up(priced) -> None:
    _, table = priced
    numbers = [c for c in table.select_dtypes("number") if c not in ("notional", "error_band")]
    whole, swap, right = (
        table.loc[name, numbers].astype(float) for name in ("CANCELLABLE", "SWAP", "RIGHT")
    )
    np.testing.assert_allclose(whole, swap.fillna(0.0) + right, rtol=1e-6, atol=ADDS_UP * NOTIONAL)


def test_the_euro_market_has_negative_rates(priced) -> None:
    market, table = priced
    rates = np.asarray(market.curves.discount.zero_rates)
    if market.currency == "USD":
        assert np.all(rates > 0.0)
        return
    assert np.min(rates) < -0.002
    assert not market.curves.single_curve
    assert table.loc["LOW", "value"] > 0.0


MODELS = ("one_factor", "two_factor", "forward_curve")


@pytest.fixture(scope="module", params=CASES)
def by_model(request, shared_data: Path) -> tuple[nr.market.Market, dict[str, pd.DataFrame]]:
    """The same trades under every model; on the forward curve by its correction, outside whose domain the deep one lies."""
    case = CASES[request.param]
    market = nr.market.load_ore(shared_data / "ore" / case.file, case.currency)
    book = six_trades(case, market.valuation_date)
    near = nr.trades.Book(tuple(trade for trade in book.trades if trade.trade_id != "DEEP"))
    return market, {
        model: nr.price(
            near if model == "forward_curve" else book,
            market,
            model=model,
            engine="learned" if model == "forward_curve" else "auto",
            greeks=("par_delta", "vega"),
            keep_going=True,
        ).set_index("trade_id")
        for model in MODELS
    }


def test_swaps_and_europeans_are_worth_the_same_under_every_model(by_model) -> None:
    """They are functions of the market's quotes alone, and their Greeks too."""
    _, tables = by_model
    plain = tables["one_factor"]["kind"].isin(["swap", "european"])
    numbers = [c for c in tables["one_factor"] if c.split(" ")[0] in ("value", "par_delta", "vega")]
    first = tables["one_factor"].loc[plain, numbers].astype(float).fillna(0.0)
    plain = first.index
    for model in MODELS[1:]:
        found = tables[model].loc[plain, numbers].astype(float).fillna(0.0)
        ok = tables[model].loc[plain, "status"] == "ok"
        np.testing.assert_allclose(found[ok], first[ok], rtol=1e-6, atol=ADDS_UP * NOTIONAL)
        assert ok.any()


def test_rights_are_priced_under_two_factors_and_cost_less_than_under_one(by_model) -> None:
    """Two factors with the default correlation leave less to wait for; the right deep in the money hardly any."""
    _, tables = by_model
    one, two = tables["one_factor"], tables["two_factor"]
    assert set(two["status"]) == {"ok"}
    rights = one["kind"] == "bermudan"
    assert np.all(two["error_band"] < BAND * NOTIONAL)
    lost = (one["value"] - two["value"])[rights] / NOTIONAL
    assert np.all((lost > 0.0) & (lost < 5e-3))
    assert np.all(two["vega"][rights] > 0.0)


def test_the_forward_curve_prices_dollars_and_asks_for_a_shift_in_euros(by_model) -> None:
    market, tables = by_model
    table = tables["forward_curve"]
    rights = table[table["kind"].isin(["bermudan", "cancellable"])]
    if "EUR" in market.currencies:
        assert all("`shift`" in status for status in rights["status"])
        return
    assert set(table["status"]) == {"ok"}
    assert set(rights["engine"]) == {"learned correction"}
    assert np.all(rights["error_band"] < 1e-3 * NOTIONAL)
    apart = (rights["value"] - tables["one_factor"].loc[rights.index, "value"]).abs() / NOTIONAL
    assert np.all((apart > 1e-5) & (apart < 1e-2))
    whole, swap, right = (table.loc[name, "value"] for name in ("CANCELLABLE", "SWAP", "RIGHT"))
    np.testing.assert_allclose(whole, swap + right, rtol=1e-6, atol=ADDS_UP * NOTIONAL)


def test_a_stated_shift_prices_europeans_in_euros_on_the_forward_curve(shared_data: Path) -> None:
    """The calibration of a Bermudan finds a scale for every exercise, though rates are negative."""
    case = CASES["EUR 2016-02-05"]
    market = nr.market.load_ore(shared_data / "ore" / case.file, case.currency)
    stated = dataclasses.replace(
        market["EUR"], forward_curve=nr.market.ForwardCurveParameters(shift=0.02)
    )
    market = dataclasses.replace(market, currencies={"EUR": stated})
    trades = six_trades(case, market.valuation_date).resolve(market.valuation_date).trades
    found = nr.desk.calibrated.calibrations(trades, market, model="forward_curve")
    assert np.all(found["curve_scale"] > 0.0)
    assert np.all(found["residual"].abs() < 1e-12)
    assert found["correlation_with_next"].between(0.05, 1.0).all()
