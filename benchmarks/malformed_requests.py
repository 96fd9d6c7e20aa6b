"""Ten thousand requests made from the server's own description, right ones and wrong ones: never a fault of the server.

    python -m benchmarks.malformed_requests [--requests 10000]

Schemathesis draws them (`pip install schemathesis`). Counted: answers by status; those of 500 and more, and those that are no
JSON, must be none. Prices of points are held against the bundle's own, those of trades and books against `nr.price`,
certificates against the bundle's, and no file of the package may have changed.
"""

import argparse
import hashlib
import itertools
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import schemathesis
from benchmarks.support.results import save
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

import neuralrates as nr
from neuralrates.desk.example import example_files
from neuralrates.server.settings import Settings
from neuralrates.server.slider_market import SliderTrade

BUNDLE = "bermudan"
SHARES = {"/v1/points/{bundle}": 0.4, "/v1/trade": 0.3, "/v1/book": 0.25, "/v1/models/{name}": 0.05}
"""Of all requests, by address; half of them as the description says, half against it."""
ACCURACY = 1e-12
PACKAGE = Path(nr.__file__).parent
_CHECKS = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
]


class Tally:
    """What came back."""

    def __init__(self, bundle: nr.bundles.Bundle) -> None:
        self.bundle = bundle
        self.market = nr.market.load(example_files()[1])
        self.statuses: dict[str, Counter[int]] = {}
        self.faults: list[str] = []
        self.prices: Counter[str] = Counter()
        self.wrong = 0

    def add(self, address: str, body: Any, answer: Any) -> None:
        """Count one answer, and look at its prices."""
        self.statuses.setdefault(address, Counter())[answer.status_code] += 1
        try:
            content = answer.json()
        except ValueError:
            content = None
        if answer.status_code >= 500 or content is None:
            self.faults.append(f"{address} {answer.status_code} {answer.text[:200]}")
        elif answer.status_code == 200:
            match address.split("/")[2]:
                case "points":
                    self._compare_points(body, content)
                case "trade":
                    self._compare_trade(body, content)
                case "book":
                    self._compare_book(body, content)
                case "models":
                    right = self.bundle.certificate.surrogate
                    self._count("certificates", [content["certificate"]["surrogate"] == right])

    def _compare_points(self, body: Any, content: dict[str, Any]) -> None:
        points = np.asarray(body["points"], dtype=np.float64)
        if points.size == 0:
            return
        right = self.bundle.price(points)
        learned = np.array(content["engine"]) == "learned"
        found = np.array(content["value"], dtype=np.float64)
        near = (np.abs(found - right.value) <= ACCURACY) & right.in_domain
        self._count("points", near[learned])

    def _compare_trade(self, body: Any, content: dict[str, Any]) -> None:
        sliders = SliderTrade.model_validate(body)
        settings = {"engine": sliders.engine, "mean_reversion": sliders.mean_reversion}
        book, market = nr.trades.Book((sliders.trade(),)), sliders.market()
        right = nr.price(book, market, greeks=sliders.greeks, **settings)
        self._compare_rows("trades", right, [content])

    def _compare_book(self, body: Any, content: dict[str, Any]) -> None:
        if body.get("market") != example_files()[1].read_text("utf-8"):
            return
        asked = {name: body[name] for name in ("engine", "greeks") if name in body}
        right = nr.price(nr.trades.book.parse(body["book"]), self.market, **asked)
        self._compare_rows("books", right, content["trades"])

    def _compare_rows(self, kind: str, right: Any, found: list[dict[str, Any]]) -> None:
        for (_, row), one in zip(right.iterrows(), found, strict=True):
            near = abs(row["value"] - one["value"]) <= ACCURACY * row["notional"]
            self._count(kind, [near and row["engine"] == one["engine"]])

    def _count(self, kind: str, right: Any) -> None:
        self.prices[kind] += len(right)
        self.wrong += len(right) - int(np.count_nonzero(right))


def send(schema: Any, tally: Tally, address: str, mode: GenerationMode, count: int) -> None:
    """So many requests to one address; the shipped bundle's name in place of what was drawn, mostly."""
    operation = next(one.ok() for one in schema.get_all_operations() if one.ok().path == address)

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=_CHECKS,
    )
    @given(case=operation.as_strategy(generation_mode=mode), named=st.integers(0, 9))
    def run(case: Any, named: int) -> None:
        for one in {"bundle", "name"} & set(case.path_parameters or {}):
            if named:
                case.path_parameters[one] = BUNDLE
        tally.add(address, case.body, case.call(timeout=600.0))

    run()


def near_right(schema: Any, tally: Tally, count: int) -> None:
    """Points of the domain with one thing wrong, or none."""
    operation = next(one.ok() for one in schema.get_all_operations() if "points" in one.ok().path)
    random = np.random.default_rng(11)
    low, high = tally.bundle.domain.low, tally.bundle.domain.high
    spoilt = itertools.cycle([None, "text", float("nan"), None, 1e308, [], True, None, -1e9, {}])
    for _, wrong in zip(range(count), spoilt, strict=False):
        points = (low + random.uniform(size=(3, low.size)) * (high - low)).tolist()
        if wrong is not None:
            points[random.integers(3)][random.integers(low.size)] = wrong
        body = json.dumps({"points": points})
        case = operation.Case(path_parameters={"bundle": BUNDLE}, media_type="application/json")
        answer = case.call(timeout=600.0, data=body, headers={"content-type": "application/json"})
        tally.add(operation.path, {"points": points}, answer)


def near_right_books(schema: Any, tally: Tally, count: int) -> None:
    """Trades of the example on its market with one cell wrong, or none."""
    operation = next(one.ok() for one in schema.get_all_operations() if one.ok().path == "/v1/book")
    random = np.random.default_rng(12)
    header, *rows = example_files()[0].read_text("utf-8").splitlines()
    market = example_files()[1].read_text("utf-8")
    spoilt = itertools.cycle([None, None, "text", None, "-1", "", None, "2024-02-30", "1e400"])
    for number, wrong in zip(range(count), spoilt, strict=False):
        cells = rows[number % len(rows)].split(",")
        if wrong is not None:
            cells[random.integers(len(cells))] = wrong
        body: dict[str, Any] = {"book": f"{header}\n{','.join(cells)}\n", "market": market}
        body |= {"greeks": ["zero_delta"]} if number % 4 == 0 else {}
        answer = operation.Case(media_type="application/json", body=body).call(timeout=600.0)
        tally.add(operation.path, body, answer)


def fingerprint(folder: Path) -> str:
    """Digest of every file below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.malformed_requests")
    parser.add_argument("--requests", type=int, default=10_000)
    total = parser.parse_args().requests
    before = fingerprint(PACKAGE)
    tally = Tally(nr.bundles.load(BUNDLE))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = nr.server.create(Settings(bundles=(BUNDLE,), timeout=600.0, monitor=folder))
        schema = schemathesis.openapi.from_asgi("/openapi.json", server)
        near_right(schema, tally, total // 10)
        near_right_books(schema, tally, total // 50)
        for address, share in SHARES.items():
            modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            for mode in modes if address != "/v1/models/{name}" else modes[:1]:
                send(schema, tally, address, mode, round(0.48 * share * total))
                print(address, mode.value, dict(tally.statuses[address]), flush=True)
    result = {
        "requests": sum(sum(counted.values()) for counted in tally.statuses.values()),
        "statuses": {name: dict(sorted(c.items())) for name, c in tally.statuses.items()},
        "faults_of_the_server": len(tally.faults),
        "compared": dict(sorted(tally.prices.items())),
        "wrong": tally.wrong,
        "files_changed": fingerprint(PACKAGE) != before,
    }
    print(*tally.faults[:10], sep="\n")
    save("malformed_requests", result)
    print(result)


if __name__ == "__main__":
    main()
