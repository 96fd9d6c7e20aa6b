"""The desk against a second code on random trades whose dates fall on any day, priced from the trades' own fields.

    python -m benchmarks.random_trades [--count 2000]
    python -m benchmarks.random_trades --again       # those that did not agree, from the results that are kept

Swaps, Europeans, Bermudans and cancellables on every index: begun, with the fixings that they need, and forward; month ends,
weekends and holidays; stubs, spreads, amortisation. A trade is priced by both codes and agrees, or is refused by both. Batches
are kept as they end, and an interrupted run goes on where it was.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
from benchmarks.support.random_books import KINDS, Setting, random_trades, settings
from benchmarks.support.results import save

from neuralrates.core.errors import NeuralratesError
from neuralrates.desk.pricing import price
from neuralrates.desk.verification.verify import verify
from neuralrates.trades.book import Book
from neuralrates.trades.trade import AbstractTrade

BATCH = 100
_KEPT = Path(__file__).resolve().parent / "results" / "random_trades.partial.jsonl"
_EXAMPLES = 20


def compare(setting: Setting, trades: list[AbstractTrade]) -> list[dict[str, Any]]:
    """One row a trade: what the desk said, what the second code said, and the difference in basis points of notional."""
    resolved = {trade.trade_id: _refusal(trade, setting) for trade in trades}
    alive = tuple(trade for trade in trades if resolved[trade.trade_id] is None)
    tables = [_priced(setting, alive)] if alive else []
    refused = [trade for trade in trades if resolved[trade.trade_id] is not None]
    if refused:
        tables.append(_unpriced(refused))
    table = pd.concat(tables, ignore_index=True)
    check = verify(Book(tuple(trades)), setting.market, table).set_index("trade_id")
    rows = []
    for trade in trades:
        theirs = check.loc[trade.trade_id]
        ours = resolved[trade.trade_id] or "ok"
        rows.append(
            {
                "trade_id": trade.trade_id,
                "kind": trade.kind,
                "index": trade.index,
                "desk": ours,
                "second": "ok" if theirs["status"] in ("agrees", "differs") else theirs["status"],
                "difference": None if pd.isna(theirs["difference"]) else theirs["difference"],
                "agrees": theirs["status"] == "agrees",
                "trade": trade.model_dump_json(exclude_none=True),
            }
        )
    return rows


def _refusal(trade: AbstractTrade, setting: Setting) -> str | None:
    try:
        trade.resolve(setting.market.valuation_date)
    except NeuralratesError as error:
        return str(error)
    return None


def _priced(setting: Setting, trades: tuple[AbstractTrade, ...]) -> pd.DataFrame:
    table = price(Book(trades), setting.market, keep_going=True)
    return table[["trade_id", "kind", "currency", "value", "status"]]


def _unpriced(trades: list[AbstractTrade]) -> pd.DataFrame:
    """What the desk refuses is handed to the second code all the same: it must refuse it too."""
    return pd.DataFrame(
        {
            "trade_id": [trade.trade_id for trade in trades],
            "kind": [trade.kind for trade in trades],
            "currency": [trade.currency for trade in trades],
            "value": 0.0,
            "status": "ok",
        }
    )


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts, worst differences by kind, and examples of whatever is not as it should be."""
    both = [row for row in rows if row["desk"] == "ok" and row["second"] == "ok"]
    refused = [row for row in rows if row["desk"] != "ok" and row["second"] != "ok"]
    wrong = [row for row in both if not row["agrees"]]
    one = [row for row in rows if (row["desk"] == "ok") != (row["second"] == "ok")]
    return {
        "trades": len(rows),
        "agree": len(both) - len(wrong),
        "refused_by_both": len(refused),
        "differ": len(wrong),
        "refused_by_one": len(one),
        "kinds": dict(Counter(row["kind"] for row in rows)),
        "indices": dict(Counter(row["index"] for row in rows)),
        "worst_difference_basis_points": {
            kind: max((abs(row["difference"]) for row in both if row["kind"] == kind), default=0.0)
            for kind in KINDS
        },
        "examples": [*wrong, *one][:_EXAMPLES],
    }


def again() -> None:
    """Compare once more what did not agree when it was measured."""
    kept = json.loads((_KEPT.parent / "random_trades.json").read_text(encoding="utf-8"))
    everywhere = settings()
    for row in kept["results"]["examples"]:
        batch = int(row["trade_id"][1:].split("-")[0])
        trade = KINDS[row["kind"]].model_validate_json(row["trade"])
        (found,) = compare(everywhere[batch % len(everywhere)], [trade])
        print(found["trade_id"], found["second"], found["difference"], found["agrees"], flush=True)


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000, help="random trades to compare")
    parser.add_argument("--again", action="store_true", help="only what did not agree before")
    arguments = parser.parse_args()
    if arguments.again:
        again()
        return
    count = arguments.count
    done = _KEPT.read_text(encoding="utf-8").splitlines() if _KEPT.exists() else []
    batches = [json.loads(line) for line in done]
    everywhere = settings()
    for number in range(len(batches), -(-count // BATCH)):
        setting = everywhere[number % len(everywhere)]
        rows = compare(setting, random_trades(setting, number, BATCH))
        batches.append(rows)
        with _KEPT.open("a", encoding="utf-8") as file:
            file.write(json.dumps(rows) + "\n")
        found = summary(rows)
        print(f"  batch {number + 1}: {found['agree']} agree, {found['differ']} differ,", end=" ")
        print(f"{found['refused_by_both']} and {found['refused_by_one']} refused", flush=True)
    found = summary([row for rows in batches for row in rows][:count])
    path = save("random_trades", found)
    _KEPT.unlink(missing_ok=True)
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
