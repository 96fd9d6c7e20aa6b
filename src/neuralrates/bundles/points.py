"""Points of a bundle's problem in a file: one trade a row, by the names of the inputs."""

import math
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from neuralrates.bundles.bundle import Bundle
from neuralrates.bundles.forward_market import (
    TERMS,
    check_on_forward_curve,
    fault_of_terms,
    points_on_market,
)
from neuralrates.bundles.guard import Engine, serve
from neuralrates.bundles.limits import fault_of_input
from neuralrates.bundles.runtimes.compilation_cache import enable_compilation_cache
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.market.market import CurrencyMarket
from neuralrates.problems.domain import Axis
from neuralrates.trades.fields import EXPECTED, Name, shown
from neuralrates.trades.reader import Row, read_rows

NAME = "trade_id"
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@door
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
        engine: `auto`, `learned` or `reference`, as `serve` knows them
        market: for bundles on the forward curve: where forward rates and volatility come from, as `points_on_market`

    Returns:
        What `serve` returns, after a column `trade_id` (the row's number where the file has none); units in
        `attrs["units"]`.

    Raises:
        InputError: file, line and field of what is no number, missing, or beyond what its unit allows

    Example:
        >>> import pathlib, tempfile
        >>> import neuralrates as nr
        >>> bundle = nr.bundles.load("bermudan")
        >>> middle = 0.5 * (bundle.domain.low + bundle.domain.high)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "points.csv"
        ...     lines = [bundle.domain.names, [repr(float(value)) for value in middle]]
        ...     _ = path.write_text("\\n".join(map(",".join, lines)))
        ...     table = nr.bundles.price_points(bundle, path)
        >>> list(table.columns[:5]), table.engine[0]
        (['trade_id', 'value', 'error_band', 'engine', 'in_domain'], 'learned')
    """
    enable_compilation_cache()
    columns = bundle.domain.names if market is None else TERMS
    names, x = read_points(path, columns, {} if market else _axes(bundle))
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


def _axes(bundle: Bundle) -> dict[str, Axis]:
    return {axis.name: axis for axis in bundle.domain.axes}


def read_points(
    path: str | Path, columns: tuple[str, ...], axes: Mapping[str, Axis] | None = None
) -> tuple[list[str], np.ndarray]:
    """Names and numbers of the rows of a file.

    Args:
        path: `.csv` or `.json`
        columns: names of the columns
        axes: units of the columns, where their values are to be checked by them

    Returns:
        Names, and numbers of shape (points, columns).

    Raises:
        InputError: file, line and field of what is no number or missing
    """
    path = Path(path)
    rows = read_rows(path, (NAME, *columns), columns)
    x = [[_number(row, name, path, (axes or {}).get(name)) for name in columns] for row in rows]
    names: dict[str, None] = {}
    for number, row in enumerate(rows, 1):
        names[_name(row, number, path, names)] = None
    return list(names), np.array(x, dtype=np.float64)


def _name(row: Row, number: int, path: Path, earlier: Mapping[str, None]) -> str:
    """The name of a row, its number where it has none; unlike all before it."""
    try:
        name = _NAME.validate_python(str(row.fields.get(NAME, number)))
    except ValidationError:
        expected = f"expected {EXPECTED[NAME]}, found {shown(row.fields.get(NAME))}"
        raise _fault(row, NAME, path, expected) from None
    if name in earlier:
        raise _fault(row, NAME, path, f"expected a name of its own, found {name} again")
    return name


def _fault(row: Row, name: str, path: Path, expected: str) -> InputError:
    place = row.place
    return InputError(expected, file=path, line=place.line, column=place.prefix + name)


def _number(row: Row, name: str, path: Path, axis: Axis | None) -> float:
    """A finite number from one cell, of a size that its unit allows."""
    if row.fault is not None:
        column = row.fault.column
        raise InputError(row.fault.expected, file=path, line=row.place.line, column=column)
    cell = row.fields.get(name)
    value = float(str(cell)) if _DECIMAL.fullmatch(str(cell)) else math.nan
    if not math.isfinite(value):
        found = "nothing" if cell is None else shown(cell)
        raise _fault(row, name, path, f"expected a finite number, found {found}")
    expected = "" if axis is None else fault_of_input(axis, value)
    if expected:
        raise _fault(row, name, path, expected)
    return value
