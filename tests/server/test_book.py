"""Books over HTTP: the desk's table, and the faults of every row."""

import json

import pytest

import neuralrates as nr
from neuralrates.desk.example import example_files

SWAP = {
    "kind": "swap",
    "trade_id": "S1",
    "currency": "USD",
    "index": "USD-SOFR",
    "side": "payer",
    "notional": 1e7,
    "strike": 0.0385,
    "start_date": "2024-03-21",
    "maturity_date": "2029-03-21",
}


@pytest.fixture(scope="module")
def market():
    return json.loads(example_files()[1].read_text())


@pytest.fixture(scope="module")
def expected(market):
    book = nr.trades.book.parse([SWAP])
    loaded = nr.market.load(example_files()[1])
    return nr.price(book, loaded, greeks=["par_delta"])


def csv(*trades):
    return "\n".join([",".join(SWAP), *(",".join(map(str, one.values())) for one in trades)])


@pytest.mark.parametrize(
    "book", [[SWAP], {"schema": "neuralrates.book/1", "trades": [SWAP]}, csv(SWAP)]
)
def test_a_book_is_priced_as_the_desk_prices_it(client, market, expected, book):
    body = {"book": book, "market": market, "greeks": ["par_delta"]}
    answer = client.post("/v1/book", json=body).json()
    (trade,) = answer["trades"]
    assert trade["value"] == expected["value"][0]
    assert trade["par_delta"] == expected["par_delta"][0]
    assert trade["status"] == "ok"
    assert answer["units"] == expected.attrs["units"]
    assert answer["errors"] == []


def test_a_market_may_be_the_text_of_its_file(client, expected):
    body = {"book": json.dumps([SWAP]), "market": example_files()[1].read_text(), "report": True}
    answer = client.post("/v1/book", json=body).json()
    assert answer["trades"][0]["value"] == expected["value"][0]
    assert answer["report"].startswith("<!doctype html>")


def test_bad_rows_are_all_named_and_good_ones_priced_where_asked(client, market):
    rows = [{**SWAP, "strike": 3.85}, SWAP, {**SWAP, "trade_id": "S2", "notional": "much"}]
    body = {"book": rows, "market": market}
    refused = client.post("/v1/book", json=body)
    assert refused.status_code == 422
    fields = [one["field"] for one in refused.json()["errors"]]
    assert fields == ["book.trades[0].strike", "book.trades[2].notional"]
    answer = client.post("/v1/book", json={**body, "keep_going": True}).json()
    assert [one["trade_id"] for one in answer["trades"]] == ["S1"]
    assert [one["field"] for one in answer["errors"]] == ["trades[0].strike", "trades[2].notional"]


def test_a_fault_in_a_text_has_its_line(client, market):
    body = {"book": csv(SWAP, {**SWAP, "side": "both"}), "market": market}
    answer = client.post("/v1/book", json=body).json()
    assert (answer["error"]["field"], answer["error"]["line"]) == ("book.side", 3)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"book": None}, "book"),
        ({"book": []}, "book"),
        ({"book": ""}, "book"),
        ({"book": [1]}, "book.trades[0]"),
        ({"book": {"trades": 1}}, "book.trades"),
        ({"book": "\x00"}, "book"),
        ({"book": "[" * 5000}, None),
        ({"market": {}}, "market.schema"),
        ({"market": 7}, "market"),
        ({"market": ""}, "market"),
        ({"market": "/etc/passwd"}, "market"),
        ({"greeks": ["colour"]}, "greeks"),
        ({"greeks": 7}, "greeks"),
        ({"engine": "quick"}, "engine"),
        ({"model": "other"}, None),
        ({"mean_reversion": "fit"}, "mean_reversion"),
        ({"mean_reversion": 3.0}, "mean_reversion"),
        ({"mean_reversion": {"EUR": 0.03}}, "mean_reversion"),
        ({"mean_reversion": {"USD": None}}, "mean_reversion"),
        ({"mean_reversion": 10**400}, "mean_reversion"),
        ({"keep_going": "yes"}, "keep_going"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_fault_is_named_by_its_field(client, market, change, field):
    answer = client.post("/v1/book", json={"book": [SWAP], "market": market, **change})
    assert answer.status_code in (400, 422), answer.text
    fault = answer.json()["error"]
    assert fault["field"] == field or str(fault["field"]).startswith(f"{field}.")
    assert "/" not in fault["expected"] or "etc" not in fault["expected"]


def test_a_field_that_stands_twice_is_refused(client, market):
    body = '{"book": [], "book": []}'
    answer = client.post("/v1/book", content=body, headers={"content-type": "application/json"})
    assert answer.json() == {"error": {"field": "book", "expected": "expected each field once"}}


def test_an_integer_of_any_size_is_named(client, market):
    content = json.dumps({"book": [SWAP], "market": {**market, "version": -(2**70)}})
    answer = client.post("/v1/book", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"].startswith("market")


def test_more_trades_than_a_request_may_have_are_refused(serving, market):
    rows = [{**SWAP, "trade_id": f"S{number}"} for number in range(3)]
    answer = serving(largest_book=2).post("/v1/book", json={"book": rows, "market": market})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "book"
