"""What every request passes: key, size, time, and the counters."""

import asyncio
import re
import threading
import time

import pytest

from neuralrates.core.errors import InputError
from neuralrates.core.wanted import UnwantedError, check_wanted
from neuralrates.server.doorway import Doorway
from neuralrates.server.faults import FaultError, without_paths
from neuralrates.server.metrics import Metrics
from neuralrates.server.settings import Settings, read_key
from neuralrates.server.work import Work

KEY = "a-key-of-sixteen-characters"


def test_a_key_opens_and_another_does_not(serving):
    client = serving(key=KEY)
    for headers, status in (
        ({}, 401),
        ({"x-api-key": ""}, 401),
        ({"x-api-key": KEY[:-1]}, 401),
        ({"x-api-key": KEY.upper()}, 401),
        ({"x-api-key": KEY}, 200),
        ({"authorization": f"Bearer {KEY}"}, 200),
    ):
        for address in ("/v1/models", "/metrics"):
            assert client.get(address, headers=headers).status_code == status
    assert client.get("/health").status_code == client.get("/").status_code == 200
    assert KEY not in repr(Settings(key=KEY))


def test_a_key_file_holds_one_long_word(tmp_path):
    file = tmp_path / "key.txt"
    file.write_text(KEY + "\n")
    assert read_key(file) == KEY
    for content in ("", "short", "two words in one line", "ä" * 20, "a" * 5000):
        file.write_text(content)
        with pytest.raises(InputError):
            read_key(file)


def test_a_body_that_says_it_is_too_large_is_not_read(serving):
    client = serving(largest_body=2000)
    answer = client.post("/v1/points/bermudan", content=b" " * 2001)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def call(application, receive, method="POST", headers=()):
    """Status and body of an answer, without a client in between."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        **{"type": "http", "method": method, "path": "/v1/trade", "headers": list(headers)},
        **{"query_string": b"", "http_version": "1.1", "scheme": "http", "raw_path": b"/v1/trade"},
        **{"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "root_path": ""},
    }
    asyncio.run(application(scope, receive, send))
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)


async def nothing(scope, receive, send):
    raise AssertionError("must not be asked")


def test_a_body_in_parts_is_refused_as_soon_as_it_is_too_large():
    read = []

    async def receive():
        read.append(1)
        return {"type": "http.request", "body": b" " * 1000, "more_body": True}

    application = Doorway(nothing, Settings(largest_body=2500), Metrics())
    assert call(application, receive)[0] == 413
    assert len(read) == 3


def test_a_slow_body_runs_out_of_time():
    async def receive():
        await asyncio.sleep(60)

    application = Doorway(nothing, Settings(timeout=0.05), Metrics())
    assert call(application, receive)[0] == 408


def test_a_length_that_is_no_number_is_not_trusted():
    async def receive():
        return {"type": "http.request", "body": b" " * 3000, "more_body": False}

    application = Doorway(nothing, Settings(largest_body=2500), Metrics())
    for stated in (b"-1", b"9" * 500, "\u0663".encode(), b""):
        assert call(application, receive, headers=[(b"content-length", stated)])[0] == 413


def test_what_goes_wrong_inside_shows_nothing_of_the_inside():
    async def broken(scope, receive, send):
        raise RuntimeError("/srv/someone/secret.py, line 7")

    async def receive():
        return {"type": "http.request", "body": b""}

    status, body = call(Doorway(broken, Settings(), Metrics()), receive)
    assert status == 500
    assert b"secret" not in body


def test_paths_are_left_out_of_what_is_said():
    said = without_paths("cannot read /srv/me/book.csv or C:\\Users\\me\\book.csv: 3/4 of 1/2")
    assert said == "cannot read a file or a file: 3/4 of 1/2"


def test_requests_and_rows_are_counted(serving, points):
    client = serving()
    client.post("/v1/points/bermudan", json={"points": points})
    client.post("/v1/points/bermudan", json={"points": 1})
    text = client.get("/metrics").text
    counts = dict(re.findall(r"^(neuralrates_\S+) (\S+)$", text, re.MULTILINE))
    assert counts['neuralrates_requests_total{endpoint="points"}'] == "2"
    assert counts['neuralrates_errors_total{endpoint="points"}'] == "1"
    assert counts['neuralrates_rows_total{engine="learned"}'] == "3"
    assert float(counts['neuralrates_request_seconds_total{endpoint="points"}']) > 0
    assert all(line.startswith(("#", "neuralrates_")) for line in text.splitlines())


def test_workers_count_together(tmp_path):
    one, other = Metrics(str(tmp_path)), Metrics(str(tmp_path))
    one.priced(3, 1)
    other.priced(4, 0)
    (tmp_path / "half.counts").write_bytes(b"1234")
    assert 'rows_total{engine="learned"} 7' in one.text()
    assert one.text() == other.text()


def test_what_took_too_long_ends_at_its_next_part():
    ended = threading.Event()

    def parts():
        try:
            while True:
                check_wanted()
                time.sleep(0.001)
        finally:
            ended.set()

    async def ask(close):
        work = Work(threads=1, timeout=60.0 if close else 0.05)
        asked = asyncio.ensure_future(work.run(parts))
        await asyncio.sleep(0.05)
        if close:
            work.close()
            with pytest.raises(UnwantedError):
                await asked
        else:
            with pytest.raises(FaultError):
                await asked
        assert await asyncio.to_thread(ended.wait, 60.0)

    for close in (False, True):
        asyncio.run(ask(close))
        ended.clear()


def test_what_takes_too_long_or_waits_too_long_is_refused():
    release = threading.Event()

    async def ask():
        work = Work(threads=1, timeout=0.05)
        with pytest.raises(FaultError) as slow:
            await work.run(release.wait)
        waiting = [asyncio.create_task(work.run(release.wait)) for _ in range(70)]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        release.set()
        work.close()
        return slow.value, found

    slow, found = asyncio.run(ask())
    assert slow.status == 503
    assert {one.status for one in found} == {503}
    assert sum("fewer requests" in one.expected for one in found) == 70 - 64
