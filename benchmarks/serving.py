"""What a served price costs: one warm row, a batch of a thousand, and load and first price in a new process.

    python -m benchmarks.serving               # every shipped bundle; the exact engine beside `bermudan`
    python -m benchmarks.serving bermudan      # some of them, put beside what is kept of the others

Value and all derivatives, through `Bundle.price`. Other work on the machine slows some rounds: of each figure the best of seven
rounds is reported, a median within the round; the 99th percentile is that of the same round. Wall time throughout.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import jax
import numpy as np
from benchmarks.support.results import save, save_part
from rich.console import Console
from rich.table import Table

import neuralrates as nr
from neuralrates.bundles.reference import reference_prices

ROUNDS, ROWS = 7, 1_000
PEER = "bermudan"
FIRST = """
import time
start = time.perf_counter()
import neuralrates as nr
bundle = nr.bundles.load({name!r})
bundle.price({point!r})
print(time.perf_counter() - start)
"""
COLUMNS = {
    "one_row_median_us": "one row, us",
    "one_row_99_percent_us": "99 %, us",
    "batch_us_a_row": "1,000 rows, us a row",
    "first_price_s": "load and first price, s",
    "exact_one_row_ms": "exact engine, one row, ms",
    "exact_batch_us_a_row": "exact, 1,000 rows, us a row",
}


def best(run: Callable[[], object], calls: int) -> tuple[float, float]:
    """Median and 99th percentile of a call in seconds, of the round with the least median."""
    run()
    return min(_round(run, calls) for _ in range(ROUNDS))


def _round(run: Callable[[], object], calls: int) -> tuple[float, float]:
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), float(np.quantile(seconds, 0.99))


def first_price(name: str, point: list[float]) -> float:
    """Seconds from the import to the first price, in a new process: files have been read, and Python has kept its bytecode."""
    with tempfile.TemporaryDirectory() as kept:
        environment = {
            **os.environ,
            "PYTHONPYCACHEPREFIX": kept,
            "PYTHONDONTWRITEBYTECODE": "",
        }
        runs = [
            subprocess.run(
                [sys.executable, "-c", FIRST.format(name=name, point=point)],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
            )
            for _ in range(6)
        ]
    return min(float(run.stdout) for run in runs[1:])


def measured(name: str) -> dict[str, float]:
    """Every figure of a bundle."""
    bundle = nr.bundles.load(name)
    points = np.asarray(bundle.domain.sample(jax.random.key(0), ROWS))
    rows = iter(np.tile(points, (40, 1)))
    median, high = best(lambda: bundle.price(next(rows)), 2_000 if bundle.graph else 20)
    figures = {
        "one_row_median_us": 1e6 * median,
        "one_row_99_percent_us": 1e6 * high,
        "batch_us_a_row": 1e6 * best(lambda: bundle.price(points), 10)[0] / ROWS,
        "first_price_s": first_price(name, points[0].tolist()),
        "graph_bytes": float(len(bundle.graph or b"")),
    }
    if name == PEER:
        one = best(lambda: reference_prices(bundle.problem, points[:1]), 50)[0]
        many = best(lambda: reference_prices(bundle.problem, points), 1)[0]
        figures |= {"exact_one_row_ms": 1e3 * one, "exact_batch_us_a_row": 1e6 * many / ROWS}
    return figures


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="bundles; all without")
    asked = parser.parse_args().names or list(nr.bundles.shipped())
    table = Table("bundle", *COLUMNS.values())
    results = {}
    for name in asked:
        figures = results[name] = measured(name)
        cells = [f"{figures[column]:.3g}" if column in figures else "" for column in COLUMNS]
        table.add_row(name, *cells)
    Console().print(table)
    if set(asked) == set(nr.bundles.shipped()):
        kept = save("serving", results)
    else:
        kept = [save_part("serving", name, figures) for name, figures in results.items()][-1]
    print(f"Best of {ROUNDS} rounds, each a median. Kept in {kept}.")


if __name__ == "__main__":
    main()
