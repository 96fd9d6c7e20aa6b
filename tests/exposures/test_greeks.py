"""Greeks of valuation adjustments against quotes moved by hand, the same random numbers, and closed forms."""

import dataclasses

import numpy as np
import pytest

import neuralrates as nr
from exposures.cases import (
    EURIBOR,
    FIVE_YEARS,
    SEASONED,
    TODAY,
    bermudan,
    cancellable,
    cap,
    european,
    swap,
)
from neuralrates.exposures.adjoint.decisions import Decisions
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

TIMES = [1.0, 5.0, 10.0, 30.0]
QUOTES = {
    "usd": np.array([0.045, 0.038, 0.036, 0.035]),
    "eur": np.array([0.030, 0.031, 0.032, 0.033]),
    "euribor": np.array([0.032, 0.033, 0.034, 0.035]),
    "usd_volatility": np.array([[0.011, 0.010], [0.0095, 0.009]]),
    "eur_volatility": np.array([[0.009, 0.008], [0.0085, 0.008]]),
    "spot": np.array([1.1]),
    "fx_volatility": np.array([0.1]),
    "spreads": np.array([0.010, 0.012]),
    "own": np.array([0.008]),
}
WHERE = {
    "usd": ("zero_delta", "USD-SOFR", 1e-4),
    "eur": ("zero_delta", "EUR-ESTR", 1e-4),
    "euribor": ("zero_delta", "EUR-EURIBOR-6M", 1e-4),
    "usd_volatility": ("vega", "USD", 1e-4),
    "eur_volatility": ("vega", "EUR", 1e-4),
    "spot": ("fx_delta", "EURUSD", 0.011),
    "fx_volatility": ("fx_vega", "EURUSD", 0.01),
    "spreads": ("credit", "BANK", 1e-4),
    "own": ("own_credit", "ourselves", 1e-4),
}
MILLION = {"notional": 1e6}
ADJUSTMENTS = ["cva", "dva", "fva"]


def market_of(quotes):
    """Two currencies, the second with two curves."""
    usd, eur, euribor = (
        nr.market.ZeroCurve(TIMES, quotes[name]) for name in ("usd", "eur", "euribor")
    )
    usd_volatility, eur_volatility = (
        nr.market.SwaptionVolatility([1.0, 5.0], [2.0, 5.0], quotes[name])
        for name in ("usd_volatility", "eur_volatility")
    )
    dollars = nr.market.CurveSystem(usd, usd, "USD-SOFR", "USD-SOFR")
    euros = nr.market.CurveSystem(eur, euribor, "EUR-ESTR", "EUR-EURIBOR-6M")
    return nr.market.Market(
        TODAY,
        {
            "USD": nr.market.CurrencyMarket("USD", dollars, usd_volatility),
            "EUR": nr.market.CurrencyMarket("EUR", euros, eur_volatility),
        },
    )


def run(trades, quotes=QUOTES, annex=None, **asked):
    """Exposure of some trades in one netting set."""
    one = {
        "netting_set": "BANK",
        "trades": [trade.trade_id for trade in trades],
        "counterparty": {"spreads": dict(zip(("1Y", "5Y"), quotes["spreads"], strict=True))},
    }
    rate = {"spot": quotes["spot"][0], "volatility": quotes["fx_volatility"][0]}
    stated = {
        "schema": "neuralrates.netting/1",
        "base_currency": "USD",
        "funding_spread": 0.004,
        "own_credit": {"spreads": {"5Y": quotes["own"][0]}},
        "exchange_rates": {trade.currency: rate for trade in trades if trade.currency != "USD"},
        "netting_sets": [one if annex is None else one | {"collateral": annex}],
    }
    asked = {"dates": "6M", "paths": 256, **asked}
    book = nr.trades.Book(tuple(trades))
    return nr.exposure(book, market_of(quotes), nr.exposures.netting_of(stated), **asked)


def adjustments(found):
    """CVA, DVA and FVA."""
    return found.figures[ADJUSTMENTS].to_numpy()[0]


def by_bumps(trades, name, direction, step, **asked):
    """Derivative along a direction of the quotes of one kind, central."""
    ends = [
        adjustments(run(trades, QUOTES | {name: QUOTES[name] + move * direction}, **asked))
        for move in (step, -step)
    ]
    return (ends[0] - ends[1]) / (2.0 * step)


def by_adjoint(found, name, direction):
    """The same from the table of Greeks."""
    greek, quote, unit = WHERE[name]
    table = found.greeks
    rows = table[(table["greek"] == greek) & table["quote"].str.startswith(f"{quote}")]
    if name in ("usd", "eur", "euribor"):
        assert len(rows) == 4
    return direction.ravel() @ rows[ADJUSTMENTS].to_numpy() / unit


def directions(name):
    """Of a different size for every quote, so that none stands in for another."""
    size = QUOTES[name].size
    return (1.0 + np.arange(size) * np.where(np.arange(size) % 2, -0.7, 0.6)).reshape(
        QUOTES[name].shape
    )


EVERY_KIND_BUT_RIGHTS = (
    swap(**(FIVE_YEARS | MILLION)),
    swap(**(SEASONED | MILLION), trade_id="T", side="payer"),
    cap(nr.trades.CapTrade, **(EURIBOR | MILLION)),
    cap(nr.trades.FloorTrade, **MILLION, trade_id="F", position="short"),
    swap(**(EURIBOR | FIVE_YEARS | MILLION), trade_id="E", side="payer", spread=0.001),
    nr.trades.ForwardRateAgreementTrade(
        **(EURIBOR | MILLION), trade_id="A", side="payer", start_date="2025-03-21",
        maturity_date="2025-09-22",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def linear():
    return run(EVERY_KIND_BUT_RIGHTS, greeks=True)


@pytest.mark.parametrize("name", [*QUOTES])
def test_greeks_are_bumps_with_the_same_random_numbers(linear, name):
    """Every kind of quote, through calibration and scenarios; steps so small that no path changes its sign."""
    direction = directions(name)
    expected = by_bumps(EVERY_KIND_BUT_RIGHTS, name, direction, 1e-7)
    found = by_adjoint(linear, name, direction)
    size = np.abs(expected).max()
    assert size > 0.0
    np.testing.assert_allclose(found, expected, atol=1e-5 * size)


def test_greeks_of_collateralised_sets_are_bumps():
    annex = {"currency": "USD", "threshold": 5000, "margin_period_days": 10}
    trades = [swap(**(FIVE_YEARS | MILLION))]
    found = run(trades, annex=annex, greeks=True)
    for name in ("usd", "usd_volatility"):
        direction = directions(name)
        expected = by_bumps(trades, name, direction, 1e-8, annex=annex)
        size = np.abs(expected).max()
        assert size > 0.0
        found_here = by_adjoint(found, name, direction)
        np.testing.assert_allclose(found_here, expected, atol=1e-4 * size)


def test_lognormal_quotes_with_a_smile_have_greeks(monkeypatch):
    """Vegas per 0.01 of lognormal volatility, the smile's spreads as they are; deltas move the strikes that it is read at."""
    spreads = np.array([[[0.02, 0.02]] * 2, [[0.0, 0.0]] * 2, [[0.01, 0.01]] * 2])
    smile = VolatilitySmile([-0.01, 0.0, 0.01], [1.0, 5.0], [2.0, 5.0], spreads)
    quoted = np.array([[0.30, 0.28], [0.26, 0.25]])

    def lognormal(curves, volatilities, normal=market_of):
        market = normal(curves)
        matrix = nr.market.SwaptionVolatility(
            [1.0, 5.0], [2.0, 5.0], volatilities, smile, quote_type="lognormal"
        )
        usd = dataclasses.replace(market["USD"], swaption_volatility=matrix)
        return dataclasses.replace(market, currencies={**market.currencies, "USD": usd})

    trades = [swap(**(FIVE_YEARS | MILLION)), cap(nr.trades.CapTrade, **MILLION)]

    def at(volatilities, quotes=QUOTES, **asked):
        with monkeypatch.context() as patch:
            patch.setitem(globals(), "market_of", lambda curves: lognormal(curves, volatilities))
            return run(trades, quotes, **asked)

    greeks, step = at(quoted, greeks=True), 1e-7
    direction = directions("usd_volatility")
    ends = [adjustments(at(quoted + move * direction)) for move in (step, -step)]
    expected = (ends[0] - ends[1]) / (2.0 * step)
    found = by_adjoint(greeks, "usd_volatility", direction) * 1e-4 / 0.01
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    slope = directions("usd")
    ends = [
        adjustments(at(quoted, QUOTES | {"usd": QUOTES["usd"] + move * slope}))
        for move in (step, -step)
    ]
    expected = (ends[0] - ends[1]) / (2.0 * step)
    found = by_adjoint(greeks, "usd", slope)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


EVERY_RIGHT = (
    bermudan(**MILLION, exercise_fees=[0.002]),
    cancellable(**MILLION, position="short"),
    european(**MILLION, settlement="cash collateralised"),
    bermudan(**(EURIBOR | MILLION), trade_id="E6", side="receiver"),
)


@pytest.mark.parametrize("name", ["usd", "eur", "euribor", "usd_volatility", "eur_volatility"])
def test_rights_are_bumps_where_every_path_exercises_as_before(name, monkeypatch):
    """Without the decisions, and by steps too small to change one: through the inductions, fees and what is entered late."""
    monkeypatch.setattr(Decisions, "pull_back", lambda *_: None)
    asked = {"dates": "2M", "paths": 128}
    direction = directions(name)
    found = by_adjoint(run(EVERY_RIGHT, greeks=True, **asked), name, direction)
    expected = by_bumps(EVERY_RIGHT, name, direction, 1e-8, **asked)
    size = np.abs(expected).max()
    assert size > 1e-3
    np.testing.assert_allclose(found, expected, atol=1e-5 * size)


def test_rights_move_with_their_exercises():
    """A Bermudan's vegas against bumps over several seeds: without the decisions to exercise they are off by a tenth."""
    trades, direction = [bermudan(**MILLION)], np.array([[0.0, 1.0], [-1.0, 0.0]])
    misses, found = [], []
    for seed in range(1, 9):
        asked = {"paths": 8192, "seed": seed}
        greeks = by_adjoint(run(trades, greeks=True, **asked), "usd_volatility", direction)
        found.append(greeks[0])
        misses.append(by_bumps(trades, "usd_volatility", direction, 2e-4, **asked)[0] - greeks[0])
    size, error = np.mean(found), np.std(misses, ddof=1) / np.sqrt(len(misses))
    frozen = frozen_vega(trades, direction)
    assert abs(np.mean(misses)) < 3.0 * error + 0.01 * abs(size)
    assert abs(frozen - size) > 6.0 * error


def frozen_vega(trades, direction):
    """The same where no path may change its exercise: a step too small for that."""
    return by_bumps(trades, "usd_volatility", direction, 1e-9, paths=8192)[0]


def test_the_credit_greek_is_that_of_a_flat_hazard_rate():
    """$S = e^{-\\lambda t}$ with $\\lambda$ in proportion to the one spread; but for the convention of days, one percent."""
    quotes = QUOTES | {"spreads": np.array([0.012, 0.012])}
    trades = [swap(**(FIVE_YEARS | MILLION))]
    found = run(trades, quotes, greeks=True)
    profile = found.profiles
    times, exposure = (profile[name].to_numpy() for name in ("time", "discounted_exposure"))
    hazard = 0.012 * 365.0 / 360.0 / 0.6
    slope = -times * np.exp(-hazard * times) * hazard / 0.012
    middle = 0.5 * (exposure[:-1] + exposure[1:])
    closed = 1e-4 * 0.6 * np.sum(-np.diff(slope) * middle)
    rows = found.greeks[found.greeks["quote"].str.startswith("BANK ")]
    assert rows["cva"].sum() == pytest.approx(closed, rel=0.01)
    assert (rows[["dva", "fva"]] == 0.0).all(axis=None)


def test_a_stated_volatility_and_curves_of_quotes_have_greeks():
    """The example market's curve is made of quotes; its model's volatility is stated: one vega, and par deltas."""
    book_file, market_file = nr.desk.example_files()
    market = nr.market.load(market_file)
    trade = swap(**(FIVE_YEARS | MILLION))

    def at(volatility, **asked):
        stated = {
            "schema": "neuralrates.netting/1",
            "base_currency": "USD",
            "models": {"USD": {"mean_reversion": 0.03, "volatility": volatility}},
            "netting_sets": [
                {
                    "netting_set": "BANK",
                    "trades": ["S"],
                    "counterparty": {"spreads": {"5Y": 0.01}},
                }
            ],
        }
        netting = nr.exposures.netting_of(stated)
        return nr.exposure(nr.trades.Book((trade,)), market, netting, dates="1Y", paths=64, **asked)

    greeks = at(0.009, greeks=True).greeks.set_index("quote")
    moved = at(0.009 + 1e-8).figures["cva"][0] - at(0.009 - 1e-8).figures["cva"][0]
    assert greeks["cva"]["USD stated"] == pytest.approx(moved * 1e-4 / 2e-8, rel=1e-5)
    assert list(greeks["greek"][greeks["greek"] != "par_delta"]) == ["vega", "credit"]
    assert len(greeks) == len(market["USD"].curves.quotes) + 2
