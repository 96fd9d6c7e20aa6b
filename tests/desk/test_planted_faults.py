"""Faults planted in the desk, one at a time: verification shares no code with it, so it must object to every one."""

import copy
import dataclasses
import datetime
import json
import sys

import equinox as eqx
import numpy as np
import pytest

import neuralrates as nr
from cli.two_currencies import EUR, HEADER, MARKET, USD
from neuralrates.conventions import swap as conventions
from neuralrates.desk.verification import verify as verification
from neuralrates.desk.verification.verify import verify
from neuralrates.desk.verification.volatility import QuotedVolatility
from neuralrates.engines import batches
from neuralrates.market.bootstrapping import bootstrap as bootstrapping
from neuralrates.market.bootstrapping import convexity
from neuralrates.market.files import assembly
from neuralrates.trades import exercise
from neuralrates.trades import trade as trade_room
from neuralrates.trades.trade import AbstractTrade

ROWS = (
    f"swap,SWAP,{USD},payer,1e7,0.04,2024-03-31,2029-03-31,,,0.001,1e7;8e6;6e6;4e6;2e6,",
    f"swap,BEGUN,{USD},payer,1e7,0.04,2023-09-21,2028-09-21,,,,,0.0532",
    f"swap,TERM,{EUR},receiver,1e7,0.002,2023-11-21,2028-11-21,,,0.0005,,0.0391",
    f"european,EUROPEAN,{USD},payer,1e7,0.04,2025-03-21,2030-03-21,,,,,",
)
PLAIN = tuple(row.replace(",1e7;8e6;6e6;4e6;2e6", ",") for row in ROWS)
FUTURES = [
    {"kind": "future", "tenor": "3M", "start": start, "value": value}
    for start, value in (("2024-06", 94.9), ("2024-09", 95.2), ("2024-12", 95.5), ("2025-03", 95.8))
]
QUOTES = [
    {"kind": "deposit", "tenor": "1D", "value": 0.0531},
    *FUTURES,
    *(
        {"kind": "ois", "tenor": tenor, "value": value}
        for tenor, value in (("2Y", 0.0457), ("3Y", 0.043), ("5Y", 0.0405), ("10Y", 0.0391))
    ),
]


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """Trades are taken apart anew, by whatever is planted."""
    for name in ("dated_swap", "_resolved"):
        monkeypatch.setattr(trade_room, name, getattr(trade_room, name).__wrapped__)


def written(folder, quotes=QUOTES):
    content = copy.deepcopy(MARKET)
    content["currencies"]["USD"]["discount"] = {"index": "USD-SOFR", "quotes": quotes}
    path = folder / "market.json"
    path.write_text(json.dumps(content))
    return path


def book(folder, *rows):
    path = folder / "book.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return nr.trades.load(path)


def status(trades, market, priced=None):
    """Status by trade; `priced` is the market as the desk saw it."""
    table = nr.price(trades, market if priced is None else priced)
    assert set(table["status"]) == {"ok"}
    return verify(trades, market, table).set_index("trade_id")["status"]


def test_without_a_fault_all_agree(tmp_path):
    found = status(book(tmp_path, *ROWS), nr.market.load(written(tmp_path)))
    assert set(found) == {"agrees"}


@pytest.mark.parametrize(
    ("index", "trade", "change"),
    [
        ("USD-SOFR", "SWAP", {"payment_lag": 0}),
        ("USD-SOFR", "SWAP", {"fixed_day_count": "30/360"}),
        ("USD-SOFR", "SWAP", {"floating_day_count": "Act/365F"}),
        ("USD-SOFR", "SWAP", {"roll_rule": "following"}),
        ("USD-SOFR", "SWAP", {"fixed_months": 6}),
        ("USD-SOFR", "EUROPEAN", {"spot_lag": 5}),
        ("EUR-EURIBOR-6M", "TERM", {"floating_months": 3}),
        ("EUR-EURIBOR-6M", "TERM", {"fixed_day_count": "Act/365F"}),
    ],
    ids=str,
)
def test_a_wrong_convention(monkeypatch, tmp_path, index, trade, change):
    market = nr.market.load(written(tmp_path))
    wrong = dataclasses.replace(conventions.swap_convention(index), **change)
    monkeypatch.setitem(conventions._CONVENTIONS, index, wrong)
    found = status(book(tmp_path, *(row for row in PLAIN if f",{trade}," in row)), market)
    assert found[trade] == "differs"


@pytest.mark.parametrize(
    ("trade", "change"),
    [
        ("SWAP", {"spread": 0.0}),
        ("SWAP", {"notionals": (8e6, 6e6, 4e6, 2e6, 2e6)}),
        ("SWAP", {"notionals": None}),
        ("SWAP", {"start_date": datetime.date(2024, 3, 26)}),
        ("SWAP", {"maturity_date": datetime.date(2029, 4, 2)}),
        ("BEGUN", {"current_fixing": 0.0}),
        ("TERM", {"current_fixing": 0.0}),
        ("TERM", {"stub": "short back", "start_date": datetime.date(2023, 11, 14)}),
        ("EUROPEAN", {"maturity_date": datetime.date(2029, 3, 21)}),
    ],
    ids=str,
)
def test_a_field_lost_on_the_way(monkeypatch, tmp_path, trade, change):
    market = nr.market.load(written(tmp_path))
    rows = ROWS if "notionals" in change else PLAIN
    trades = book(tmp_path, *(row for row in rows if f",{trade}," in row))
    resolve = AbstractTrade.resolve
    monkeypatch.setattr(
        AbstractTrade,
        "resolve",
        lambda self, date: resolve(self.model_copy(update=change), date),
    )
    assert status(trades, market)[trade] == "differs"


def test_a_projection_over_the_index_period_lost(monkeypatch, tmp_path):
    """Both codes project over the index's own period where a trade says so, swaps and options with a stub alike."""
    market = nr.market.load(written(tmp_path))
    fields = {"currency": "EUR", "index": "EUR-EURIBOR-6M", "side": "payer", "notional": 1e7}
    fields |= {"strike": 0.002, "start_date": "2025-03-21", "maturity_date": "2029-07-03"}
    fields |= {"stub": "short back"}
    kinds = (nr.trades.SwapTrade, nr.trades.EuropeanSwaptionTrade)
    trades = nr.trades.Book(
        tuple(one(trade_id=one.__name__, projection="index", **fields) for one in kinds)
    )
    assert set(status(trades, market)) == {"agrees"}
    resolve = AbstractTrade.resolve
    monkeypatch.setattr(
        AbstractTrade,
        "resolve",
        lambda self, date: resolve(self.model_copy(update={"projection": "accrual"}), date),
    )
    assert set(status(trades, market)) == {"differs"}


@pytest.mark.parametrize("fault", ["a period lost", "a week early"])
def test_an_exercise_mapped_wrongly(monkeypatch, tmp_path, fault):
    market = nr.market.load(written(tmp_path))
    after, length = exercise.DatedRight.after, 365

    def wrong(self, date):
        right = after(self, date)
        if fault == "a week early":
            return dataclasses.replace(right, exercises=right.exercises - np.timedelta64(7, "D"))
        return dataclasses.replace(right, starts=right.starts + np.timedelta64(length, "D"))

    monkeypatch.setattr(exercise.DatedRight, "after", wrong)
    assert status(book(tmp_path, ROWS[-1]), market)["EUROPEAN"] == "differs"


FOUR = (
    *(row for row in PLAIN if ",SWAP," in row or ",EUROPEAN," in row),
    f"bermudan,BERMUDAN,{USD},payer,1e7,0.04,2024-03-21,2030-03-21,2026-03-21,,,,",
    f"cancellable,CANCELLABLE,{USD},payer,1e7,0.04,2024-03-21,2030-03-21,2026-03-21,,,,",
)


def planted(monkeypatch, name, wrong):
    """A function replaced wherever the package has it, the second code included."""
    for module in [one for key, one in sys.modules.items() if key.startswith("neuralrates")]:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, wrong)


def test_a_payer_taken_for_a_receiver(monkeypatch, tmp_path):
    trades, market = book(tmp_path, *FOUR), nr.market.load(written(tmp_path))
    assert set(status(trades, market)) == {"agrees"}
    planted(monkeypatch, "side_sign", lambda side: 1.0)
    assert set(status(trades, market)) == {"differs"}


def test_a_right_to_cancel_taken_for_one_to_double(monkeypatch, tmp_path):
    """Wherever a side is turned into the other one."""
    stacked = batches.stacked

    def wrong(*given):
        trade = stacked(*given)
        same = np.asarray(abs(trade.swap_sign) * trade.swap_sign)
        return eqx.tree_at(lambda one: one.option_sign, trade, same)

    trades, market = book(tmp_path, FOUR[-1]), nr.market.load(written(tmp_path))
    planted(monkeypatch, "opposite", lambda side: side)
    assert status(trades, market)["CANCELLABLE"] == "agrees"
    monkeypatch.setattr(batches, "stacked", wrong)
    assert status(trades, market)["CANCELLABLE"] == "differs"


def test_an_exercise_frequency_misread(monkeypatch, tmp_path):
    """Every two years read as every year."""
    fields = {"currency": "USD", "index": "USD-SOFR", "side": "payer", "notional": 1e7}
    fields |= {"strike": 0.04, "start_date": "2024-03-21", "maturity_date": "2030-03-21"}
    fields |= {"first_exercise_date": "2026-03-21", "exercise_frequency": "2Y"}
    trades = nr.trades.Book((nr.trades.BermudanSwaptionTrade(trade_id="B", **fields),))
    market = nr.market.load(written(tmp_path))
    assert status(trades, market)["B"] == "agrees"
    planted(monkeypatch, "tenor_months", lambda tenor: 12)
    assert status(trades, market)["B"] == "differs"


def test_an_exercise_today_dropped(monkeypatch, tmp_path):
    market = nr.market.load(written(tmp_path))
    row = f"bermudan,TODAY,{USD},receiver,1e7,0.04,2024-03-21,2029-03-21,,2024-03-19;2025-03-19,,,"

    def dropping(self, date):
        alive = self.exercises > np.datetime64(date, "D")
        changes = {
            field.name: getattr(self, field.name)[alive] for field in dataclasses.fields(self)
        }
        return dataclasses.replace(self, **changes)

    monkeypatch.setattr(exercise.DatedRight, "after", dropping)
    found = status(book(tmp_path, row), market)["TODAY"]
    assert found == "not compared: an exercise falls on the valuation date 2024-03-19"


def test_volatilities_dated_wrongly(monkeypatch, tmp_path):
    times = assembly.expiry_times
    monkeypatch.setattr(assembly, "expiry_times", lambda *given: times(*given) - 0.5)
    market = nr.market.load(written(tmp_path))
    assert status(book(tmp_path, ROWS[-1]), market)["EUROPEAN"] == "differs"


def test_a_smile_lost(tmp_path):
    market = nr.market.load(written(tmp_path))
    content = json.loads((tmp_path / "market.json").read_text())
    content["currencies"]["USD"]["swaption_volatility"]["smile"] = {
        "offsets": [-0.02, 0.02],
        "expiries": ["1Y"],
        "tenors": ["2Y"],
        "volatilities": [[[0.0145]], [[0.0135]]],
    }
    path = tmp_path / "smile.json"
    path.write_text(json.dumps(content))
    row = ROWS[-1].replace("0.04,2025", "0.05,2025")
    found = status(book(tmp_path, row), nr.market.load(path), priced=market)
    assert found["EUROPEAN"] == "differs"


def test_lognormal_volatility_converted_at_the_money(monkeypatch, tmp_path):
    """At the money the two kinds of quote have one price; a percent away they have not."""
    market = nr.market.load(written(tmp_path))
    forward, quoted = 0.0385, 0.25
    normal = np.full((1, 1), forward * quoted)
    volatility = nr.market.SwaptionVolatility([1.0], [5.0], normal)
    usd = dataclasses.replace(market["USD"], swaption_volatility=volatility)
    market = dataclasses.replace(market, currencies={"USD": usd})
    one = np.ones(1)
    stated = QuotedVolatility("lognormal", np.zeros(1), one, one, np.full((1, 1), quoted))
    monkeypatch.setattr(verification, "quoted_volatility", lambda *given, **more: stated)
    row = ROWS[-1].replace("0.04,2025", "0.05,2025")
    assert status(book(tmp_path, row), market)["EUROPEAN"] == "differs"


def test_zero_rates_taken_as_they_are_compounded(monkeypatch, tmp_path):
    content = copy.deepcopy(MARKET)
    path, trades = tmp_path / "market.json", book(tmp_path, PLAIN[0])
    for compounding in ("simple", "annual", "semiannual"):
        content["currencies"]["USD"]["discount"]["compounding"] = compounding
        path.write_text(json.dumps(content))
        assert status(trades, nr.market.load(path))["SWAP"] == "agrees"
        with monkeypatch.context() as patch:
            patch.setattr(assembly, "continuous_rates", lambda times, rates, compounding: rates)
            assert status(trades, nr.market.load(path))["SWAP"] == "differs"


@pytest.mark.parametrize("quoted", ["normal", "lognormal"])
@pytest.mark.parametrize(
    "wrong",
    [lambda *given: 0.0, lambda volatility, start, end: 0.5 * volatility**2 * start * end],
    ids=["lost", "of a rate fixed at the start"],
)
def test_a_wrong_convexity(monkeypatch, tmp_path, wrong, quoted):
    """Hull's equation 6.3 is right for another future: by half of sigma squared times the quarter's length, and more."""
    trades, path = book(tmp_path, PLAIN[0]), written(tmp_path)
    content = json.loads(path.read_text())
    matrix = content["currencies"]["USD"]["swaption_volatility"]
    if quoted == "lognormal":
        table = [[25.0 * one for one in row] for row in matrix["volatilities"]]
        matrix.update(type="lognormal", volatilities=table)
    path.write_text(json.dumps(content))
    assert status(trades, nr.market.load(path))["SWAP"] == "agrees"
    monkeypatch.setattr(convexity, "future_convexity", wrong)
    assert status(trades, nr.market.load(path))["SWAP"] == "differs"


def test_a_smile_taken_over_the_matrix(monkeypatch, tmp_path):
    """Its spreads are over its own middle, a basis point above the matrix here."""
    path = written(tmp_path)
    content = json.loads(path.read_text())
    matrix = content["currencies"]["USD"]["swaption_volatility"]
    middle = matrix["volatilities"][0][0] + 0.0001
    smile = {"offsets": [-0.02, 0.0, 0.02], "expiries": ["1Y"], "tenors": ["2Y"]}
    tables = [[[middle + spread]] for spread in (0.002, 0.0, 0.001)]
    matrix["smile"] = smile | {"volatilities": tables}
    path.write_text(json.dumps(content))
    trades = book(tmp_path, PLAIN[-1].replace("0.04,2025", "0.05,2025"))
    assert status(trades, nr.market.load(path))["EUROPEAN"] == "agrees"
    made = assembly._smile

    def wrong(date, index, entry, smile):
        tables = [smile.volatilities[0], smile.volatilities[2]]
        offsets = [smile.offsets[0], smile.offsets[2]]
        changes = {"offsets": offsets, "volatilities": tables}
        return made(date, index, entry, smile.model_copy(update=changes))

    monkeypatch.setattr(assembly, "_smile", wrong)
    assert status(trades, nr.market.load(path))["EUROPEAN"] == "differs"


def _selecting(used):
    """A choice of quotes, in the order of their ends in these files."""

    def select(today, quotes, *more):
        kept = tuple(quote for quote in quotes if used(quote))
        return kept, tuple(quote for quote in quotes if not used(quote))

    return select


def test_an_ois_dropped_that_nothing_overlaps(monkeypatch, tmp_path):
    fault = _selecting(lambda quote: (quote.kind, quote.tenor) != ("ois", "3Y"))
    monkeypatch.setattr(bootstrapping, "select", fault)
    found = status(book(tmp_path, ROWS[0]), nr.market.load(written(tmp_path)))["SWAP"]
    assert found.startswith("not compared: the quote USD-SOFR OIS 3Y is left out")


def test_futures_displace_swaps(monkeypatch, tmp_path):
    far = [
        {"kind": "future", "tenor": "3M", "start": f"{year}-{month}", "value": 96.0}
        for year in (2025, 2026)
        for month in ("06", "09", "12", "03")
        if (year, month) != (2025, "03")
    ]
    far.sort(key=lambda quote: quote["start"])
    fault = _selecting(lambda quote: (quote.kind, quote.tenor) != ("ois", "2Y"))
    monkeypatch.setattr(bootstrapping, "select", fault)
    market = nr.market.load(written(tmp_path, QUOTES[:5] + far + QUOTES[5:]))
    found = status(book(tmp_path, ROWS[0]), market)["SWAP"]
    assert found.startswith("not compared: the future USD-SOFR future 20")


def test_a_bootstrap_that_misses_a_quote(monkeypatch, tmp_path):
    solve = bootstrapping._bootstrap_one

    def wrong(today, quotes, *more):
        moved = [dataclasses.replace(q, value=q.value + 1e-5) for q in quotes]
        found = solve(today, moved, *more)
        return dataclasses.replace(found, quotes=tuple(quotes))

    market = nr.market.load(written(tmp_path))
    monkeypatch.setattr(bootstrapping, "_bootstrap_one", wrong)
    system = bootstrapping.bootstrap(market.valuation_date, market["USD"].curves.quotes)
    usd = dataclasses.replace(market["USD"], curves=system)
    wrong_market = dataclasses.replace(market, currencies={"USD": usd})
    assert status(book(tmp_path, ROWS[0]), wrong_market)["SWAP"] == "differs"
