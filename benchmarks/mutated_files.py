"""Mutated books, markets and points files: each gives one clear line or a price that a second code repeats.

    python -m benchmarks.mutated_files [--files 10000] [--priced 40]

Bytes, fields, numbers, dates, types and lengths of the example files are changed at random and read again. What is refused
must be refused in lines that name the file; what is read is, for a sample of the books, priced and compared with QuantLib.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.bundles.points import _axes, read_points
from neuralrates.core.errors import NeuralratesError
from neuralrates.desk.example import example_files
from neuralrates.desk.verification.verify import verify

CELLS = (
    *(
        "",
        "0",
        "-1",
        "1e400",
        "nan",
        "5e-324",
        "1e13",
        "4.0",
        "0.039",
        "1_0",
        "\uff11",
        "=1",
        "[/x]",
    ),
    *(
        "2024-02-30",
        "2029-03-31",
        "1900-01-01",
        "2199-12-31",
        "1Y",
        "99Y",
        "payer",
        "true",
        "\x1b[31m",
    ),
)
VALUES = (None, True, [], {}, -1, 0.0, 1e308, "x", "2024-03-31", 0.04, 4.0, [[]], "1Y", 10**30)
SEED = 20241127


def main() -> None:
    """Mutate, read, price a sample, and write what came of it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--priced", type=int, default=40)
    asked = options.parse_args()
    found = run(asked.files, asked.priced)
    print(json.dumps(found, indent=1))
    save("mutated_files", found)


def run(files: int, priced: int) -> dict[str, object]:
    """Counts of what came of so many files; a mutation that ends in any other way raises."""
    draw = random.Random(SEED)
    book, market = example_files()
    bundle = nr.bundles.load("bermudan")
    axes = _axes(bundle)
    middle = [repr(0.5 * (axis.low + axis.high)) for axis in axes.values()]
    points = (
        ",".join(("trade_id", *axes))
        + "\n"
        + "".join(",".join((f"P{number}", *middle)) + "\n" for number in range(5))
    )
    kinds = {
        "book.csv": (book.read_text(), nr.trades.load),
        "market.json": (market.read_text(), nr.market.load),
        "points.csv": (points, lambda file: read_points(file, tuple(axes), axes)),
    }
    counts: Counter[str] = Counter()
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(files):
            name = list(kinds)[number % len(kinds)]
            text, read = kinds[name]
            file = Path(folder) / name
            file.write_bytes(mutated(text, name, draw))
            try:
                result = read(file)
            except NeuralratesError as error:
                _check_message(str(error), file)
                counts[f"{name} refused"] += 1
            else:
                counts[f"{name} read"] += 1
                survivors += [result] if name == "book.csv" else []
    return dict(counts) | compared(survivors, priced, nr.market.load(market), draw)


def compared(books: list, priced: int, market: nr.market.Market, draw: random.Random) -> dict:
    """Status of the trades of a sample of the books that could be read, priced together and by QuantLib."""
    originals = {trade.model_dump_json() for trade in nr.trades.load(example_files()[0])}
    changed = {
        t.model_dump_json(): t
        for book in books
        for t in book
        if t.model_dump_json() not in originals
    }
    chosen = draw.sample(sorted(changed), min(priced, len(changed)))
    trades = tuple(
        changed[one].model_copy(update={"trade_id": f"M{number}"})
        for number, one in enumerate(chosen)
    )
    book = nr.trades.Book(trades)
    table = nr.price(book, market, keep_going=True)
    check = verify(book, market, table)
    status = Counter(
        one if one in ("agrees", "differs") else one.partition(":")[0] for one in check["status"]
    )
    differs = check[check["status"] == "differs"]["difference"].abs()
    return (
        {"trades changed": len(trades)}
        | dict(status)
        | {
            "largest difference, bp": float(check["difference"].abs().max()),
            "differing": sorted(differs.tolist()),
        }
    )


def mutated(text: str, name: str, draw: random.Random) -> bytes:
    """A file changed at a random place in a random way."""
    way = draw.choice(("byte", "cut", "line", "digit", "digit", "field", "field"))
    content = text.encode()
    place = draw.randrange(len(content))
    if way == "byte":
        return content[:place] + bytes([draw.randrange(256)]) + content[place + 1 :]
    if way == "digit":
        digits = [at for at, byte in enumerate(content) if 48 <= byte <= 57]
        place = draw.choice(digits)
        return content[:place] + bytes([48 + draw.randrange(10)]) + content[place + 1 :]
    if way == "cut":
        return content[:place]
    if way == "line":
        lines = content.splitlines(keepends=True)
        draw.shuffle(lines) if draw.random() < 0.2 else lines.append(draw.choice(lines))
        return b"".join(lines)
    return _field_in_json(text, draw) if name.endswith(".json") else _field_in_csv(text, draw)


def _field_in_csv(text: str, draw: random.Random) -> bytes:
    rows = [line.split(",") for line in text.splitlines()]
    row = draw.choice(rows[1:])
    row[draw.randrange(len(row))] = draw.choice(CELLS)
    return "\n".join(map(",".join, rows)).encode()


def _field_in_json(text: str, draw: random.Random) -> bytes:
    document = json.loads(text)
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and draw.random() < 0.9:
            place = place[key]
            continue
        if draw.random() < 0.3:
            del place[key]
        else:
            place[key] = draw.choice(VALUES)
        return json.dumps(document).encode()


def _check_message(message: str, file: Path) -> None:
    lines = message.splitlines()
    told = all(str(file) in line or line.startswith("and ") for line in lines)
    if not lines or not told or max(map(len, lines)) > 1500:
        raise AssertionError(f"no clear line: {message[:500]}")


if __name__ == "__main__":
    main()
