"""Ten thousand requests made from the server's own description, right ones and wrong ones: never a fault of the server.

    python -m benchmarks.malformed_requests [--requests 10000]

Schemathesis draws them (`pip install schemathesis`). Counted: answers by status; those of 500 and more, and those that are no
JSON, must be none. Prices that come back are held against the bundle's own, and no file of the package may have changed.
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
from neuralrates.server.settings import Settings

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
        self.statuses: dict[str, Counter[int]] = {}
        self.faults: list[str] = []
        self.prices = self.wrong = 0

    def add(self, address: str, body: Any, answer: Any) -> None:
        """Count one answer, and look at its prices."""
        self.statuses.setdefault(address, Counter())[answer.status_code] += 1
        try:
            content = answer.json()
        except ValueError:
            content = None
        if answer.status_code >= 500 or content is None:
            self.faults.append(f"{address} {answer.status_code} {answer.text[:200]}")
        elif answer.status_code == 200 and "points" in address:
            self._compare(body, content)

    def _compare(self, body: Any, content: dict[str, Any]) -> None:
        points = np.asarray(body["points"], dtype=np.float64)
        if points.size == 0:
            return
        right = self.bundle.price(points)
        learned = np.array(content["engine"]) == "learned"
        found = np.array(content["value"], dtype=np.float64)
        self.prices += int(np.count_nonzero(learned))
        self.wrong += int(np.count_nonzero(learned & ~(np.abs(found - right.value) <= ACCURACY)))
        self.wrong += int(np.count_nonzero(learned & ~right.in_domain))


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
        if named and "bundle" in (case.path_parameters or {}):
            case.path_parameters["bundle"] = BUNDLE
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
        for address, share in SHARES.items():
            modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            for mode in modes if address != "/v1/models/{name}" else modes[:1]:
                send(schema, tally, address, mode, round(0.48 * share * total))
                print(address, mode.value, dict(tally.statuses[address]), flush=True)
    result = {
        "requests": sum(sum(counted.values()) for counted in tally.statuses.values()),
        "statuses": {name: dict(sorted(c.items())) for name, c in tally.statuses.items()},
        "faults_of_the_server": len(tally.faults),
        "prices_compared": tally.prices,
        "wrong_prices": tally.wrong,
        "files_changed": fingerprint(PACKAGE) != before,
    }
    print(*tally.faults[:10], sep="\n")
    save("malformed_requests", result)
    print(result)


if __name__ == "__main__":
    main()
