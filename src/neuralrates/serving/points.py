"""Points of a bundle's problem in a file: one trade a row, by the names of the inputs."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.problems.domain import Domain
from neuralrates.products.reader import Row, read_rows
from neuralrates.serving.bundle import Bundle
from neuralrates.serving.serve import Engine, serve

NAME = "trade_id"


def price_points(bundle: Bundle, path: str | Path, engine: Engine = "auto") -> pd.DataFrame:
    """Every row of a file priced by a bundle: its surrogate on its domain, its reference elsewhere.

    Args:
        bundle: surrogate, problem and certificate
        path: `.csv`, or `.json` laid out as a book, with a column for each input of the bundle, in its units, and
            perhaps `trade_id`
        engine: `auto`, `surrogate` or `reference`, as `serve` knows them

    Returns:
        What `serve` returns, after a column `trade_id` (the row's number where the file has none); units in
        `attrs["units"]`.

    Raises:
        InputError: file, line and field of what is no number or missing

    Example:
        >>> import pathlib, tempfile
        >>> import neuralrates as nr
        >>> bundle = nr.serving.load("bermudan")
        >>> middle = 0.5 * (bundle.domain.low + bundle.domain.high)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "points.csv"
        ...     lines = [bundle.domain.names, [repr(float(value)) for value in middle]]
        ...     _ = path.write_text("\\n".join(map(",".join, lines)))
        ...     table = nr.serving.price_points(bundle, path)
        >>> list(table.columns[:5]), table.engine[0]
        (['trade_id', 'value', 'error_band', 'engine', 'in_domain'], 'surrogate')
    """
    names, x = read_points(path, bundle.domain)
    table = serve(bundle, x, engine)
    table.insert(0, NAME, names)
    table.attrs["units"] = {
        "value": "per unit notional",
        "error_band": "per unit notional",
        **{f"d {axis.name}": f"per unit notional and {axis.unit}" for axis in bundle.domain.axes},
    }
    return table


def read_points(path: str | Path, domain: Domain) -> tuple[list[str], np.ndarray]:
    """Names and inputs of the rows of a file.

    Args:
        path: `.csv` or `.json`
        domain: its axes name the columns

    Returns:
        Names, and inputs of shape (points, inputs) in raw units.

    Raises:
        InputError: file, line and field of what is no number or missing
    """
    path = Path(path)
    rows = read_rows(path, (NAME, *domain.names), domain.names)
    x = [[_number(row, name, path) for name in domain.names] for row in rows]
    names = [str(row.fields.get(NAME, number)) for number, row in enumerate(rows, 1)]
    return names, np.array(x, dtype=np.float64)


def _number(row: Row, name: str, path: Path) -> float:
    """A finite number from one cell."""
    line = row.place.line
    if row.fault is not None:
        raise InputError(row.fault.expected, file=path, line=line, column=row.fault.column)
    cell = row.fields.get(name)
    try:
        value = float(str(cell))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        expected = f"expected a finite number, found {'nothing' if cell is None else repr(cell)}"
        raise InputError(expected, file=path, line=line, column=row.place.prefix + name)
    return value
