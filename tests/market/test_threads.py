"""Markets loaded by many threads at once are those that each would be alone."""

import datetime
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import neuralrates as nr

QUOTES = [
    {"kind": "deposit", "tenor": "1D", "value": 0.053},
    {"kind": "ois", "tenor": "1Y", "value": 0.05},
    {"kind": "ois", "tenor": "5Y", "value": 0.04},
    {"kind": "ois", "tenor": "10Y", "value": 0.039},
]


def write(folder: Path, day: int) -> Path:
    date = datetime.date(2024, 1, 31) + datetime.timedelta(days=30 * day)
    curve = {"index": "USD-SOFR", "quotes": QUOTES}
    content = {
        "schema": "neuralrates.market/1",
        "valuation_date": date.isoformat(),
        "currencies": {"USD": {"discount": curve}},
    }
    path = folder / f"{day}.json"
    path.write_text(json.dumps(content))
    return path


def test_eight_threads_with_eight_dates(tmp_path: Path) -> None:
    def nodes(path: Path) -> np.ndarray:
        curve = nr.market.load(path)["USD"].curves.discount
        return np.stack([np.asarray(curve.times), np.asarray(curve.zero_rates)])

    paths = [write(tmp_path, day) for day in range(8)]
    alone = [nodes(path) for path in paths]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(nodes, paths * 6))
    for place, found in enumerate(together):
        np.testing.assert_array_equal(found, alone[place % 8])
