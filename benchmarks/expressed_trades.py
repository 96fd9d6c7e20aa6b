"""Share of the trades of another engine's public portfolios that can be expressed here, and what stops the others.

    python -m benchmarks.expressed_trades FOLDER

Every XML file under the folder whose root is `Portfolio` is read. A trade counts as expressed where all its fields are read and
fit each other; whether a market can price it is another question. The portfolios are not part of this project.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text
from neuralrates.core.xml import Element, parse_xml

ON_SWAPS = ("Swap", "Swaption", "CallableSwap")
_MOST_REASONS = 40


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.expressed_trades")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    if not folder.is_dir():
        raise SystemExit(f"expected a folder of portfolios, found none at {folder}")
    result = expressed(folder)
    if not result["trades"]:
        raise SystemExit(f"expected portfolios under {folder}, found none")
    save("expressed_trades", result)
    print(result)


def expressed(folder: Path) -> dict[str, Any]:
    """Counts over all portfolios of a folder, by type of trade and by field that stops them."""
    known, read = Counter[str](), Counter[str]()
    reasons = Counter[str]()
    portfolios = sorted(path for path in folder.rglob("*.xml") if _root(path) is not None)
    for path in portfolios:
        root = _root(path)
        assert root is not None
        book = nr.trades.load(path, keep_going=True)
        stopped = {one.place.line: one for one in book.left_out}
        for trade in root.children:
            kind = next((one.text for one in trade.children if one.name == "TradeType"), "")
            known[kind] += 1
            if trade.line not in stopped:
                read[kind] += 1
            else:
                reasons[f"{kind}: {stopped[trade.line].errors[0].column}"] += 1
    swaps = sum(known[kind] for kind in ON_SWAPS)
    return {
        "portfolios": len(portfolios),
        "trades": known.total(),
        "expressed": read.total(),
        "share": read.total() / max(known.total(), 1),
        "share_of_swaps_swaptions_callables": sum(read[kind] for kind in ON_SWAPS) / max(swaps, 1),
        "by_type": {kind: [read[kind], count] for kind, count in known.most_common()},
        "stopped_by": dict(reasons.most_common(_MOST_REASONS)),
    }


def _root(path: Path) -> Element | None:
    """The portfolio of a file; None where it holds none."""
    try:
        root = parse_xml(read_text(path), path)
    except InputError:
        return None
    return root if root.name == "Portfolio" and root.children else None


if __name__ == "__main__":
    main()
