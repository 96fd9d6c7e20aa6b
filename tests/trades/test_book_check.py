"""What `check` says of a book before anything is priced."""

import datetime

import pytest

import neuralrates as nr

HEADER = "kind,trade_id,currency,index,side,notional,strike,start_date,maturity_date,exercise_dates"
GOOD = "swap,GOOD,USD,USD-SOFR,payer,1e6,0.04,2024-03-21,2029-03-21,"
BAD = "swap,BAD,USD,USD-SOFR,payer,-5,4.0,2024-03-21,2029-03-21,"
ODD = "note,ODD,USD,USD-SOFR,payer,1e6,0.04,2024-03-21,2029-03-21,"
OVER = "swap,OVER,USD,USD-SOFR,payer,1e6,0.04,2019-03-21,2024-03-15,"
FAR = "swap,FAR,USD,USD-SOFR,payer,1e6,0.04,2024-03-21,2064-03-21,"
OPTION = "bermudan,OPT,USD,USD-SOFR,payer,1e6,0.04,2025-03-21,2030-03-21,2026-03-19;2027-03-19"
LARGE = "swap,LARGE,USD,USD-SOFR,payer,1e6,0.1838,2024-03-21,2029-03-21,"
ROWS = (GOOD, BAD, ODD, OVER, FAR, OPTION, LARGE)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("\n".join((HEADER, *ROWS)) + "\n")
    return path


def market(volatility=None):
    curve = nr.market.ZeroCurve([1.0, 30.0], [0.04, 0.04])
    curves = nr.market.CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR")
    usd = nr.market.CurrencyMarket("USD", curves, volatility)
    return nr.market.Market(datetime.date(2024, 3, 19), {"USD": usd})


def test_fields_alone(path):
    table = nr.trades.check(path)
    stopped = table[table.verdict == "stopped"]
    assert stopped[["place", "trade_id", "kind", "field"]].values.tolist() == [
        ["line 3", "BAD", "swap", "notional"],
        ["line 3", "BAD", "swap", "strike"],
        ["line 4", "ODD", "note", "kind"],
    ]
    assert set(table.verdict) == {"stopped", "read"}
    assert table.trade_id.drop_duplicates().tolist() == [row.split(",")[1] for row in ROWS]


def test_on_a_market_it_says_what_pricing_would(path):
    table = nr.trades.check(path, market()).set_index("trade_id")
    assert table.loc["GOOD", "verdict"] == table.loc["LARGE", "verdict"] == "will be priced"
    assert table.loc["OVER", "field"] == "maturity_date"
    assert "ends after 30.00 years" in table.loc["FAR", "reason"]
    assert "need swaption volatilities" in table.loc["OPT", "reason"]
    assert "18.38 percent" in table.loc["LARGE", "warnings"]


def test_what_will_be_priced_is_what_is_priced(path):
    flat = nr.market.SwaptionVolatility([1.0], [1.0], [[0.01]])
    known = market(flat)
    said = nr.trades.check(path, known).drop_duplicates("trade_id").set_index("trade_id").verdict
    table = nr.price(nr.trades.load(path, keep_going=True), known, keep_going=True)
    done = table.set_index("trade_id").status
    assert {name: said[name] == "will be priced" for name in done.index} == dict(done == "ok")


def test_trades_of_json_have_their_place(tmp_path):
    path = tmp_path / "book.json"
    path.write_text('[{"kind": "swap", "trade_id": "A"}, 7]')
    table = nr.trades.check(path)
    assert set(table.place) == {"trades[0]", "trades[1]"}
    assert "currency" in set(table.field)


def test_the_command_counts_and_lists(path, tmp_path):
    from typer.testing import CliRunner

    from neuralrates.cli.app import app

    result = CliRunner().invoke(app, ["book", "check", str(path)])
    assert result.exit_code == 1, result.output
    assert "5 of 7 read: 4 swap, 1 bermudan" in result.stdout
    assert "2 of 7 stopped: 1 swap, 1 note" in result.stdout
    assert "notional" in result.stdout
