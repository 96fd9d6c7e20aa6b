"""Points of a bundle's problem in a file: one trade a row, by the names of the inputs."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.market.market import CurrencyMarket
from neuralrates.products.reader import Row, read_rows
from neuralrates.serving.bundle import Bundle
from neuralrates.serving.compilation_cache import enable_compilation_cache
from neuralrates.serving.forward_market import (
    TERMS,
    check_on_forward_curve,
    fault_of_terms,
    points_on_market,
)
from neuralrates.serving.serve import Engine, serve

NAME = "trade_id"


def price_points(
    bundle: Bundle,
    path: str | Path,
    engine: Engine = "auto",
    market: CurrencyMarket | None = None,
) -> pd.DataFrame:
    """Every row of a file priced by a bundle: its surrogate on its domain, its reference elsewhere.

    Args:
        bundle: surrogate, problem and certificate
        path: `.csv`, or `.json` laid out as a book, with a column for each input of the bundle, in its units, and
            perhaps `trade_id`; with a market only `expiry`, `length` and `strike`
        engine: `auto`, `surrogate` or `reference`, as `serve` knows them
        market: for bundles on the forward curve: where forward rates and volatility come from, as `points_on_market`

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
    enable_compilation_cache()
    columns = bundle.domain.names if market is None else TERMS
    names, x = read_points(path, columns)
    if market is not None:
        x = _on_market(bundle, market, x, names, Path(path))
    table = serve(bundle, x, engine)
    table.insert(0, NAME, names)
    table.attrs["units"] = {
        "value": "per unit notional",
        "error_band": "per unit notional",
        **{f"d {axis.name}": f"per unit notional and {axis.unit}" for axis in bundle.domain.axes},
    }
    return table


def _on_market(
    bundle: Bundle, market: CurrencyMarket, terms: np.ndarray, names: list[str], path: Path
) -> np.ndarray:
    """Points of contracts, where the market's quotes can be met."""
    shape = check_on_forward_curve(bundle)
    for name, row in zip(names, terms.tolist(), strict=True):
        fault = fault_of_terms(shape, row)
        if fault is not None:
            raise InputError(f"trade {name}: {fault[1]}", file=path, column=fault[0])
    x = points_on_market(bundle, market, terms)
    for name, row in zip(names, x, strict=True):
        if not np.all(np.isfinite(row)):
            raise InputError(
                f"trade {name}: expected a quote that some scale of the volatility meets, found none",
                file=path,
            )
    return x


def read_points(path: str | Path, columns: tuple[str, ...]) -> tuple[list[str], np.ndarray]:
    """Names and numbers of the rows of a file.

    Args:
        path: `.csv` or `.json`
        columns: names of the columns

    Returns:
        Names, and numbers of shape (points, columns).

    Raises:
        InputError: file, line and field of what is no number or missing
    """
    path = Path(path)
    rows = read_rows(path, (NAME, *columns), columns)
    x = [[_number(row, name, path) for name in columns] for row in rows]
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
