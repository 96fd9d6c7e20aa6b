"""Tables of prices as files: CSV, Parquet, JSON; whole or not at all."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import atomic_path, atomic_write, check_ordinary, is_same
from neuralrates.desk.run_record import RunRecord

SCHEMA = "neuralrates.prices/1"


def as_json(
    table: pd.DataFrame,
    record: RunRecord | None = None,
    schema: str = SCHEMA,
    rows: str = "trades",
    **beside: object,
) -> str:
    """A table with its units and the record of its run, as one JSON text.

    Args:
        table: units in `attrs["units"]`
        record: what it was made from, where that is known
        schema: name and version of the format
        rows: key of the list of rows
        beside: what else stands beside them

    Returns:
        JSON; numbers that are missing are null.
    """
    content = {
        "schema": schema,
        **({"run": asdict(record)} if record is not None else {}),
        "units": table.attrs.get("units", {}),
        **beside,
        rows: [_plain(row) for row in records(table)],
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV, exercise probabilities as JSON in their cell."""
    atomic_write(path, _flat(table).to_csv(index=False, lineterminator="\n"))


def write_parquet(table: pd.DataFrame, record: RunRecord, path: str | Path) -> None:
    """Write a table as Parquet: units in the metadata of the columns, the record in that of the table.

    Raises:
        RefusalError: where the extra `parquet` is not installed
    """
    with extra("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    arrow = pa.Table.from_pandas(_flat(table), preserve_index=False)
    units = table.attrs.get("units", {})
    fields = [
        one.with_metadata({"units": units[one.name]}) if one.name in units else one
        for one in arrow.schema
    ]
    metadata = (arrow.schema.metadata or {}) | {
        b"neuralrates": json.dumps({"schema": SCHEMA, "run": asdict(record)}).encode()
    }
    with atomic_path(path) as temporary:
        pq.write_table(arrow.cast(pa.schema(fields, metadata)), temporary)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain mappings."""
    bare = pd.DataFrame(table)  # without the units, which pandas would copy
    names = [str(name) for name in bare.columns]
    return [dict(zip(names, row, strict=True)) for row in bare.to_numpy(dtype=object).tolist()]


def check_can_write(
    path: Path, suffixes: tuple[str, ...], inputs: Iterable[str | Path | None] = ()
) -> None:
    """Raise unless a file of this name can be written; asked before the work, not after it.

    Args:
        path: file name
        suffixes: endings that are known
        inputs: files and folders that are read, and must be there afterwards

    Raises:
        InputError: for another ending, a folder that is not there, or a file that is an input, by whatever name
        RefusalError: for a Parquet file, where the extra `parquet` is not installed
    """
    if path.suffix.lower() not in suffixes:
        known = ", ".join(suffixes)
        raise InputError(f"expected a file name ending in one of {known}", file=path)
    try:
        there, taken = path.parent.is_dir(), path.is_dir()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be written: {reason}", file=path) from None
    if not there:
        raise InputError(f"expected the folder {path.parent} to exist", file=path)
    if taken:
        raise InputError("expected a file name, found a folder", file=path)
    check_ordinary(path)
    if path.suffix.lower() == ".parquet":
        with extra("parquet"):
            import pyarrow  # noqa: F401  (asked before the work)
    for one in inputs:
        if one and is_same(path, Path(one)):
            raise InputError(f"expected another file than the input {one}", file=path)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with mappings as JSON texts."""
    flat = table.copy()
    for name in flat.columns[flat.map(lambda cell: isinstance(cell, dict)).any()]:
        flat[name] = [json.dumps(cell) if cell is not None else None for cell in flat[name]]
    return flat


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row without floats that JSON does not know."""
    return {name: None if _missing(value) else value for name, value in row.items()}


def _missing(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
