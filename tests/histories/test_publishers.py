"""Downloads against a server on this machine: cached, checked, and clear about what failed."""

import datetime
import hashlib
import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neuralrates.core import InputError, NeuralratesError
from neuralrates.histories.publishers import PUBLISHERS, cache_folder, fetch

TODAY = datetime.date(2024, 3, 19)
CSV = b"observation_date,DGS10\n2024-03-18,4.34\n"


class Publisher(http.server.BaseHTTPRequestHandler):
    """Serves one table with an ETag and counts what it was asked for."""

    answers: list[int]
    content: bytes

    def do_GET(self) -> None:
        etag = f'"{hashlib.sha256(self.content).hexdigest()}"'
        status = 304 if self.headers.get("If-None-Match") == etag else 200
        self.answers.append(status)
        self.send_response(status)
        self.send_header("ETag", etag)
        self.end_headers()
        if status == 200:
            self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[Any]:
    handler = type("Handler", (Publisher,), {"answers": [], "content": CSV})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def opener(request: urllib.request.Request, *, timeout: float) -> Any:
            local = f"http://127.0.0.1:{server.server_port}/{request.selector}"
            return direct.open(
                urllib.request.Request(local, headers=dict(request.header_items())), timeout=5.0
            )

        handler.opener = staticmethod(opener)
        yield handler
        server.shutdown()


def unreachable(request: urllib.request.Request, *, timeout: float) -> Any:
    raise urllib.error.URLError("no network")


def test_files_arrive_with_their_digests(tmp_path: Path, publisher: Any) -> None:
    (download,) = fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    path = Path(download.path)
    assert path == tmp_path / "gsw" / "feds200628.csv"
    assert path.read_bytes() == CSV
    assert download.sha256 == hashlib.sha256(CSV).hexdigest()
    manifest = json.loads((path.parent / "manifest.json").read_text())
    assert manifest["feds200628.csv"]["url"].startswith("https://www.federalreserve.gov/")
    assert download.fresh


def test_unchanged_files_are_not_sent_again(tmp_path: Path, publisher: Any) -> None:
    for _ in range(2):
        (download,) = fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    assert publisher.answers == [200, 304]
    assert not download.fresh


def test_a_spoilt_copy_is_fetched_again(tmp_path: Path, publisher: Any) -> None:
    (download,) = fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    Path(download.path).write_bytes(b"spoilt")
    fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    assert publisher.answers == [200, 200]
    assert Path(download.path).read_bytes() == CSV


def test_offline_says_so_in_one_line_and_keeps_what_is_there(
    tmp_path: Path, publisher: Any
) -> None:
    fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    with pytest.raises(
        NeuralratesError, match="cannot be reached.*no network.*earlier copy"
    ) as caught:
        fetch("gsw", cache=tmp_path, opener=unreachable, today=TODAY)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "gsw" / "feds200628.csv").read_bytes() == CSV


def test_a_web_page_is_not_a_table(tmp_path: Path, publisher: Any) -> None:
    publisher.content = b"<!DOCTYPE html><html></html>"
    with pytest.raises(NeuralratesError, match="sent no CSV"):
        fetch("fred", cache=tmp_path, opener=publisher.opener, today=TODAY)
    assert list((tmp_path / "fred").iterdir()) == []


def test_a_damaged_manifest_is_replaced(tmp_path: Path, publisher: Any) -> None:
    (tmp_path / "sofr").mkdir()
    (tmp_path / "sofr" / "manifest.json").write_text("[]")
    fetch("sofr", cache=tmp_path, opener=publisher.opener, today=TODAY)
    assert "sofr.csv" in json.loads((tmp_path / "sofr" / "manifest.json").read_text())


def test_unknown_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gsw, sofr, treasury, fred, found 'ecb'"):
        fetch("ecb", cache=tmp_path)


def test_addresses_follow_the_day() -> None:
    assert "endDate=2024-03-19" in PUBLISHERS["sofr"](TODAY)["sofr.csv"]
    assert list(PUBLISHERS["treasury"](TODAY))[-1] == "par_yields_2024.csv"


def test_cache_folder_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEURALRATES_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("NEURALRATES_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/cache")
    assert cache_folder() == Path("/tmp/cache/neuralrates")


class Answer:
    """What a publisher sends, read whole."""

    def __init__(self, content: bytes, headers: dict[str, str]) -> None:
        self.content, self.headers = content, headers

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, size: int) -> bytes:
        return self.content[:size]


SPOILT: dict[str, tuple[bytes, dict[str, str]]] = {
    "short": (CSV, {"Content-Length": str(len(CSV) + 10)}),
    "page": (b"  <html>", {}),
    "JSON": (b'{"error": "busy"}', {}),
    "words": (b"Service unavailable, please try later\n", {}),
    "gzip": (b"\x1f\x8b\x08" + CSV, {}),
    "encoded": (CSV, {"Content-Encoding": "br"}),
    "NULs": (CSV + b"\0", {}),
    "empty": (b"\n", {}),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_no_whole_table_never_replaces_a_good_copy(
    tmp_path: Path, publisher: Any, name: str
) -> None:
    fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    with pytest.raises(NeuralratesError, match="sent no CSV.*earlier copy") as caught:
        fetch("gsw", cache=tmp_path, opener=lambda *_, **__: Answer(*SPOILT[name]), today=TODAY)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "gsw" / "feds200628.csv").read_bytes() == CSV


def test_a_mark_with_line_breaks_is_not_kept(tmp_path: Path, publisher: Any) -> None:
    answer = Answer(CSV, {"ETag": '"a"\r\nX-Other: 1'})
    (download,) = fetch("gsw", cache=tmp_path, opener=lambda *_, **__: answer, today=TODAY)
    assert download.etag == ""
    fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    assert publisher.answers == [200]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"feds200628.csv": {"path": {}}}', '{"a": 1'])
def test_a_nested_or_foreign_manifest_counts_as_none(
    tmp_path: Path, publisher: Any, text: str
) -> None:
    (tmp_path / "gsw").mkdir()
    (tmp_path / "gsw" / "manifest.json").write_text(text)
    fetch("gsw", cache=tmp_path, opener=publisher.opener, today=TODAY)
    assert publisher.answers == [200]


def test_an_empty_cache_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURALRATES_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/cache")
    assert cache_folder() == Path("/tmp/cache/neuralrates")
