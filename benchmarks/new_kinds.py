"""Kinds of trades by period, of single, zero-coupon, basis and compounding legs, bonds and rights, against QuantLib.

    python -m benchmarks.new_kinds [--linear 200] [--rights 200] [--anew] [--only KIND ...]

The random trades are those of `test_by_period`, `test_floating_legs`, `test_projection_curves`, `test_par_yield` and
`test_bonds` in `tests/desk`, priced by the desk and, from their fields on, by the second code. Differences are in basis points
of notional; where QuantLib needs a grid its own error is beside them. What was compared is kept in `build/new_kinds`, by the
code that compared it.
"""

import argparse
import functools
import hashlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.core.files import atomic_write

_ROOT = Path(__file__).resolve().parents[1]
_TESTS, _KEPT = _ROOT / "tests", _ROOT / "build" / "new_kinds"
_AT_ONCE = 20


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.new_kinds")
    parser.add_argument("--linear", type=int, default=200)
    parser.add_argument("--rights", type=int, default=200)
    parser.add_argument("--anew", action="store_true", help="compare again what is kept")
    parser.add_argument("--only", nargs="*", help="kinds; the results of the others stay")
    asked = parser.parse_args()
    if asked.anew:
        shutil.rmtree(_KEPT, ignore_errors=True)
    sys.path.insert(0, str(_TESTS))
    from desk import (
        test_bonds,
        test_by_period,
        test_floating_legs,
        test_par_yield,
        test_projection_curves,
    )

    makers: dict[str, tuple[Callable[[int], Any], int]] = {
        "swap by period or of one leg": (_of(test_by_period, "swap"), asked.linear),
        "zero-coupon swap": (test_by_period.zero_coupon, asked.linear),
        "european by period": (_of(test_by_period, "european"), asked.linear),
        "basis swap": (test_floating_legs.basis_swap, asked.linear),
        "basis swap on five curves": (test_projection_curves.basis_swap, asked.linear),
        "compounding swap": (test_floating_legs.compounding_swap, asked.linear),
        "european by par yield": (test_par_yield.random_trade, asked.linear),
        "bond": (_of(test_bonds, "bond"), asked.linear),
        "floating bond": (_of(test_bonds, "floating_bond"), asked.linear),
        "bermudan by period": (_of(test_by_period, "bermudan"), asked.rights),
        "cancellable by period": (_of(test_by_period, "cancellable"), asked.rights),
        "callable bond": (_of(test_bonds, "callable_bond"), asked.rights),
        "puttable bond": (_of(test_bonds, "puttable_bond"), asked.rights),
    }
    markets = dict.fromkeys(makers, test_by_period.market())
    markets |= dict.fromkeys(("basis swap", "compounding swap"), test_floating_legs.market())
    markets["basis swap on five curves"] = test_projection_curves.market()
    stated = _ROOT / "benchmarks" / "results" / "new_kinds.json"
    results = json.loads(stated.read_text(encoding="utf-8"))["results"] if asked.only else {}
    for name in asked.only or makers:
        make, count = makers[name]
        results[name] = _compared(name, make, count, markets[name])
        save("new_kinds", results)  # what is done stays where a run is cut off


def _of(module: Any, kind: str) -> Callable[[int], Any]:
    return lambda number: module.random_trade(number, kind)


def _compared(
    name: str, make: Callable[[int], Any], count: int, market: nr.market.Market
) -> dict[str, Any]:
    """The trades of one kind, so many at once."""
    rows: list[dict[str, Any]] = []
    for first in range(0, count, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, count))
        file = _KEPT / _code() / f"{name.replace(' ', '_')}_{numbers[0]}_{len(numbers)}.json"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(file, json.dumps(_checked(make, numbers, market)))
        rows += json.loads(file.read_text(encoding="utf-8"))
    compared = [row for row in rows if row["difference"] is not None]
    others = Counter(row["status"] for row in rows if row["difference"] is None)
    found = {
        "trades": len(rows),
        "compared": len(compared),
        "agree": sum(row["status"] == "agrees" for row in rows),
        "largest_difference_basis_points": max(abs(row["difference"]) for row in compared),
        "largest_error_of_quantlib_basis_points": max(row["quantlib_error"] for row in compared),
        "not_compared": dict(others),
    }
    print(name, found, flush=True)
    return found


def _checked(
    make: Callable[[int], Any], numbers: range, market: nr.market.Market
) -> list[dict[str, Any]]:
    """Difference, QuantLib's own error and verdict of each trade; none where there is no comparison."""
    book = nr.trades.Book(tuple(make(number) for number in numbers))
    check = nr.desk.verify(
        book, market, nr.price(book, market, engine="reference", keep_going=True)
    )
    columns = check[["trade_id", "difference", "quantlib_error", "status"]].astype(object)
    return columns.where(columns.notna(), None).to_dict(orient="records")


@functools.cache
def _code() -> str:
    """Digest of the package and of the tests' trades: what other code compared is no result of this one."""
    files = [*(_ROOT / "src" / "neuralrates").rglob("*.py"), *(_TESTS / "desk").glob("*.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]


if __name__ == "__main__":
    main()
