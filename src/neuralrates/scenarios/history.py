"""Scenarios of past days: what rates did from one to the next."""

import csv
import io
import re
from pathlib import Path

import numpy as np

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text
from neuralrates.scenarios.scenario import Scenario

_TENOR = re.compile(r"([1-9][0-9]?)([DWMY])")
_PER_YEAR = {"D": 365.0, "W": 365.0 / 7.0, "M": 12.0, "Y": 1.0}


@door
def historical(path: str | Path) -> tuple[Scenario, ...]:
    """A scenario for each day of a file of rates, of the changes since the day before.

    Args:
        path: CSV; the first column holds dates in increasing order, each other one rates in decimals, named by its tenor

    Returns:
        One scenario a day from the second on, named by its date.

    Raises:
        InputError: naming the line and the column of a cell that is no decimal, or dates that do not increase
    """
    path = Path(path)
    rows = list(csv.reader(io.StringIO(read_text(path), newline="")))
    if len(rows) < 3 or len(rows[0]) < 2:
        raise InputError("expected a header and two days of rates at least", file=path)
    times = [tenor_years(cell.strip(), path) for cell in rows[0][1:]]
    days, rates = [], []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise InputError(
                f"expected {len(rows[0])} cells, found {len(row)}", file=path, line=number
            )
        if (
            days
            and row[0].strip() <= days[-1]
            or not re.fullmatch(r"\d{4}-\d\d-\d\d", row[0].strip())
        ):
            raise InputError(
                f"expected increasing dates like 2024-03-19, found {row[0]!r}",
                file=path,
                line=number,
            )
        days.append(row[0].strip())
        pairs = zip(rows[0][1:], row[1:], strict=True)
        rates.append([_rate(cell, path, number, name) for name, cell in pairs])
    order = np.argsort(times)
    changes = np.diff(np.array(rates), axis=0)[:, order]
    sorted_times = tuple(float(times[place]) for place in order)
    return tuple(
        Scenario(day, sorted_times, tuple(map(float, change)))
        for day, change in zip(days[1:], changes, strict=True)
    )


def tenor_years(text: str, file: Path) -> float:
    """Years of a tenor like 6M or 10Y."""
    found = _TENOR.fullmatch(text)
    if found is None:
        raise InputError(f"expected a tenor like 6M or 10Y, found {text!r}", file=file)
    return int(found[1]) / _PER_YEAR[found[2]]


def _rate(cell: str, file: Path, line: int, column: str) -> float:
    try:
        rate = float(cell)
    except ValueError:
        rate = np.nan
    if not abs(rate) <= 0.5:
        raise InputError(
            f"expected a decimal from -0.5 to 0.5, found {cell!r}",
            file=file,
            line=line,
            column=column,
        )
    return rate
