"""Hundreds of malformed requests: an answer that says what was expected, never a fault of the server."""

import json
import string

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuralrates.desk.example import example_files
from server.test_book import SWAP  # noqa: I001
from server.test_points import ARROW, stream

ADDRESSES = ("/v1/points/bermudan", "/v1/book", "/v1/trade")
KINDS = ("application/json", ARROW, "text/plain", "", "application/json; charset=utf-16", "\x7f")
several = settings(max_examples=100, suppress_health_check=list(HealthCheck))
some = settings(max_examples=30, suppress_health_check=list(HealthCheck))
"""Of books: a market is built for each."""
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def check(answer):
    assert 200 <= answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        fault = answer.json()["error"]
        assert set(fault) <= {"field", "expected", "line"}
        assert "Traceback" not in answer.text
        assert "site-packages" not in answer.text


def post(client, address, content, kind="application/json"):
    check(client.post(address, content=content, headers={"content-type": kind}))


@several
@given(st.sampled_from(ADDRESSES), st.binary(max_size=300), st.sampled_from(KINDS))
def test_any_bytes(client, address, content, kind):
    post(client, address, content, kind)


@several
@given(st.sampled_from(ADDRESSES), values)
def test_any_json(client, address, value):
    post(client, address, json.dumps(value))


@several
@given(st.sampled_from(("points", "columns", "engine", "other")), values, st.booleans())
def test_any_value_in_a_field_of_points(client, points, field, value, beside):
    body = {"points": points} if beside else {}
    post(client, ADDRESSES[0], json.dumps({**body, field: value}))


@several
@given(st.integers(0, 2), st.integers(0, 11), values)
def test_any_value_among_the_numbers(client, points, row, place, value):
    rows = [list(one) for one in points]
    rows[row][place:place] = [value]
    post(client, ADDRESSES[0], json.dumps({"points": rows}))


TRADE_FIELDS = (
    *("level", "slope", "volatility", "strike", "first_call", "tenor", "side", "notional"),
    *("mean_reversion", "engine", "greeks", "valuation_date"),
)


@several
@given(st.sampled_from(TRADE_FIELDS), values)
def test_any_value_in_a_field_of_a_trade(client, field, value):
    post(client, ADDRESSES[2], json.dumps({"tenor": 2, "valuation_date": "x", field: value}))


@pytest.fixture(scope="module")
def market():
    return json.loads(example_files()[1].read_text())


@some
@given(st.sampled_from((*SWAP, "spread", "stub")), values, st.booleans())
def test_any_value_in_a_field_of_a_book(client, market, field, value, keep_going):
    body = {"book": [{**SWAP, field: value}], "market": market, "keep_going": keep_going}
    post(client, ADDRESSES[1], json.dumps(body))


@some
@given(st.sampled_from(("greeks", "engine", "model", "mean_reversion", "market", "report")), values)
def test_any_value_in_a_setting_of_a_book(client, market, field, value):
    post(client, ADDRESSES[1], json.dumps({"book": [SWAP], "market": market, field: value}))


@some
@given(st.text(st.sampled_from(string.printable), max_size=200))
def test_any_text_of_a_book(client, market, text):
    post(client, ADDRESSES[1], json.dumps({"book": text, "market": market}))
    post(client, ADDRESSES[1], json.dumps({"book": [SWAP], "market": text}))


@several
@given(st.integers(0, 10**6), st.integers(0, 255), st.integers(0, 10**6), st.booleans())
def test_any_byte_of_a_stream_changed_or_its_end_cut(client, bundle, points, place, byte, end, cut):
    columns = dict(zip(bundle.domain.names, map(pa.array, zip(*points, strict=True)), strict=True))
    content = bytearray(stream(columns))
    content[place % len(content)] = byte
    post(client, ADDRESSES[0], bytes(content[: end % len(content)] if cut else content), ARROW)


@several
@given(st.text(st.sampled_from(string.printable + "é\x00"), max_size=30))
def test_any_address(client, name):
    from urllib.parse import quote

    for address in (f"/v1/points/{quote(name, safe='')}", f"/{quote(name)}"):
        answer = client.get(address)
        assert answer.status_code < 500
