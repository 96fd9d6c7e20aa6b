"""Kinds of trades by period, single and zero-coupon legs, bonds and rights on them against QuantLib, on random trades of each.

    python -m benchmarks.new_kinds [--linear 200] [--rights 200]

The trades are those of `tests/desk/test_by_period.py` and `tests/desk/test_bonds.py`: priced by the desk and, from their fields
on, by the second code. Differences are in basis points of notional; where QuantLib needs a grid its own error is beside them.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.support.results import save

import neuralrates as nr

_TESTS = Path(__file__).resolve().parents[1] / "tests"


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.new_kinds")
    parser.add_argument("--linear", type=int, default=200)
    parser.add_argument("--rights", type=int, default=200)
    asked = parser.parse_args()
    sys.path.insert(0, str(_TESTS))
    from desk import test_bonds, test_by_period

    makers: dict[str, tuple[Callable[[int], Any], int]] = {
        "swap by period or of one leg": (_of(test_by_period, "swap"), asked.linear),
        "zero-coupon swap": (test_by_period.zero_coupon, asked.linear),
        "european by period": (_of(test_by_period, "european"), asked.linear),
        "bond": (_of(test_bonds, "bond"), asked.linear),
        "floating bond": (_of(test_bonds, "floating_bond"), asked.linear),
        "bermudan by period": (_of(test_by_period, "bermudan"), asked.rights),
        "cancellable by period": (_of(test_by_period, "cancellable"), asked.rights),
        "callable bond": (_of(test_bonds, "callable_bond"), asked.rights),
        "puttable bond": (_of(test_bonds, "puttable_bond"), asked.rights),
    }
    market = test_by_period.market()
    results: dict[str, object] = {}
    for name, (make, count) in makers.items():
        results[name] = _compared(make, count, market)
        save("new_kinds", results)  # what is done stays where a run is cut off


def _of(module: Any, kind: str) -> Callable[[int], Any]:
    return lambda number: module.random_trade(number, kind)


def _compared(make: Callable[[int], Any], count: int, market: nr.market.Market) -> dict[str, Any]:
    book = nr.trades.Book(tuple(make(number) for number in range(count)))
    check = nr.desk.verify(
        book, market, nr.price(book, market, engine="reference", keep_going=True)
    )
    compared = check[check["difference"].notna()]
    others = check[check["difference"].isna()].status.value_counts()
    found = {
        "trades": count,
        "compared": len(compared),
        "agree": int((check.status == "agrees").sum()),
        "largest_difference_basis_points": float(compared["difference"].abs().max()),
        "largest_error_of_quantlib_basis_points": float(compared["quantlib_error"].max()),
        "not_compared": {str(reason): int(number) for reason, number in others.items()},
    }
    print(found, flush=True)
    return found


if __name__ == "__main__":
    main()
