"""Points over HTTP: the numbers of the bundle, by rows or columns, in JSON or Arrow."""

import numpy as np
import pytest

import neuralrates as nr

pa = pytest.importorskip("pyarrow")
ARROW = "application/vnd.apache.arrow.stream"


def stream(columns, **options):
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def served(bundle, points):
    return nr.bundles.serve(bundle, np.array(points))


@pytest.fixture(scope="module")
def columns(bundle, points):
    return dict(zip(bundle.domain.names, np.array(points).T.tolist(), strict=True))


def check(answer, served, bundle):
    assert answer["value"] == served["value"].tolist()
    assert answer["error_band"] == served["error_band"].tolist()
    assert answer["engine"] == ["learned"] * 3
    assert answer["in_domain"] == [True] * 3
    assert answer["status"] == ["ok"] * 3
    for name in bundle.domain.names:
        assert answer["derivatives"][name] == served[f"d {name}"].tolist()
        assert answer["units"]["derivatives"][name].startswith("per unit notional and ")


def test_rows_give_what_the_bundle_gives(client, bundle, points, served):
    answer = client.post("/v1/points/bermudan", json={"points": points})
    assert answer.status_code == 200
    check(answer.json(), served, bundle)


def test_columns_in_any_order_give_the_same(client, bundle, columns, served):
    backwards = dict(reversed(columns.items()))
    answer = client.post("/v1/points/bermudan", json={"columns": backwards, "engine": "learned"})
    check(answer.json(), served, bundle)


def test_arrow_gives_the_same_and_comes_back_where_asked_for(client, columns, served):
    headers = {"content-type": ARROW, "accept": ARROW}
    answer = client.post("/v1/points/bermudan", content=stream(columns), headers=headers)
    table = pa.ipc.open_stream(answer.content).read_all()
    assert answer.headers["content-type"] == ARROW
    assert table["value"].to_pylist() == served["value"].tolist()
    assert table["d tau"].to_pylist() == served["d tau"].tolist()
    assert table.schema.field("d tau").metadata == {b"unit": b"per unit notional and years"}


def test_the_reference_answers_where_it_is_asked(client, points):
    body = {"points": points[:1], "engine": "reference"}
    reference = client.post("/v1/points/bermudan", json=body).json()
    learned = client.post("/v1/points/bermudan", json={"points": points[:1]}).json()
    assert reference["engine"] == ["reference"]
    gap = abs(reference["value"][0] - learned["value"][0])
    assert 0 < gap <= 2 * learned["error_band"][0]


ROW = [0.05] * 10


@pytest.mark.parametrize(
    ("body", "field", "line"),
    [
        ({"points": []}, "points", None),
        ({"points": [[]]}, "points", None),
        ({"points": "0.05"}, "points", None),
        ({"points": [ROW, ROW[:9]]}, "points", 2),
        ({"points": [ROW[:9]]}, "points", None),
        ({"points": [ROW, [True] * 10]}, "points", 2),
        ({"points": [ROW, ["0.05"] * 10]}, "points", 2),
        ({"points": [ROW, [None] * 10]}, "points", 2),
        ({"points": [ROW, {"tau": 1}]}, "points", 2),
        ({"points": [[1e308, *ROW[1:]]]}, "points.mean_reversion", 1),
        ({"points": [[0.05, 5.0, *ROW[2:]]]}, "points.volatility_1", 1),
        ({"points": [ROW], "engine": "quick"}, "engine", None),
        ({"points": [ROW], "engine": 1}, "engine", None),
        ({"points": [ROW], "more": 1}, "more", None),
        ({"points": [ROW], "columns": {}}, "points", None),
        ({"columns": {"tau": [1.0]}}, "columns.mean_reversion", None),
        ({"columns": {"other": [1.0]}}, "columns.other", None),
        ({"columns": [1.0]}, "columns", None),
        ({}, "points", None),
    ],
)
def test_a_fault_is_named_by_its_field_and_row(client, body, field, line):
    answer = client.post("/v1/points/bermudan", json=body)
    fault = answer.json()["error"]
    assert answer.status_code == 422
    assert (fault["field"], fault.get("line")) == (field, line)
    assert fault["expected"]


TWICE = {
    "points": b'{"points": [[1]], "points": [[2]]}',
    "engine": b'{"points": [[1]], "engine": "auto", "\\u0065ngine": "reference"}',
    "tau": b'{"columns": {"tau": [1.0], "tau": [2.0]}}',
    "strike": b'{"strike": 0.03, "strike": 0.04}',
    "columns": b'{"columns": {}, "columns": [' + b"1.5, " * 100_000 + b"1.5]}",
}


@pytest.mark.parametrize("field", TWICE)
def test_a_field_that_is_there_twice_is_refused_by_name(client, field):
    address = "/v1/trade" if field == "strike" else "/v1/points/bermudan"
    headers = {"content-type": "application/json"}
    answer = client.post(address, content=TWICE[field], headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field
    assert "once" in answer.json()["error"]["expected"]


def test_an_engine_that_is_asked_for_twice_is_refused(client, columns):
    answer = client.post(
        "/v1/points/bermudan?engine=learned&engine=reference",
        content=stream(columns),
        headers={"content-type": ARROW},
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "engine"


def test_a_body_with_quotation_marks_in_its_texts_is_read(client, points):
    body = {"points": points, "engine": '"learned"'}
    answer = client.post("/v1/points/bermudan", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "engine"


def test_points_that_are_tried_at_once_and_then_wait_are_counted_once(serving, points):
    client = serving()
    route = client.app._app
    route._pace["bermudan"] = 0.0
    outside = [*points[0][:-1], 0.0151]
    for asked in ([points[0]], [points[1], outside]):
        answer = client.post("/v1/points/bermudan", json={"points": asked})
        assert answer.status_code == 200
    assert answer.json()["engine"] == ["learned", "reference"]
    assert route._rooms.shelf["bermudan"].counters.read() == (3, 1, 0)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"points": [[NaN]]}', "application/json", 400),
        (b'{"points": [[Infinity]]}', "application/json", 400),
        (b'{"points": [[1e999]]}', "application/json", 400),
        (b'{"points": "\x00"}', "application/json", 400),
        (b'{"points": "\\u0000"}', "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"a,b", "text/csv", 415),
        (b"no arrow", ARROW, 400),
        (b"", ARROW, 400),
    ],
)
def test_a_body_that_is_none_is_refused(client, content, kind, status):
    headers = {"content-type": kind}
    answer = client.post("/v1/points/bermudan", content=content, headers=headers)
    assert answer.status_code == status
    assert "expected" in answer.json()["error"]


def test_another_kind_of_answer_is_refused(client, points):
    headers = {"accept": "text/html"}
    answer = client.post("/v1/points/bermudan", json={"points": points}, headers=headers)
    assert answer.status_code == 406


@pytest.mark.parametrize("name", ["other", "..%2fbermudan", "%00", "%2Fetc%2Fpasswd", "."])
def test_a_bundle_is_looked_up_by_name_and_never_by_path(client, points, name):
    answer = client.post(f"/v1/points/{name}", json={"points": points})
    assert answer.status_code in (404, 405)


def test_a_compressed_or_cut_stream_is_refused(client, columns):
    headers = {"content-type": ARROW}
    whole = stream(columns)
    for content, status in (
        (stream(columns, compression="zstd"), 422),
        (whole[: len(whole) // 2], 400),
        (stream({**columns, "tau": ["1", "2", "3"]}), 422),
        (stream({**columns, "tau": pa.array([1.0, None, 2.0])}), 422),
        (stream({**columns, "tau": [1.0, float("nan"), 2.0]}), 422),
        (stream({**columns, "tau": pa.array([1.0] * 3).dictionary_encode()}), 422),
        (stream({"tau": [1.0]}), 422),
    ):
        answer = client.post("/v1/points/bermudan", content=content, headers=headers)
        assert answer.status_code == status, answer.text


def test_more_points_than_a_request_may_have_are_refused(serving, points):
    answer = serving(largest_points=2).post("/v1/points/bermudan", json={"points": points})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "points"
