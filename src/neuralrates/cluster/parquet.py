"""Labels as Parquet: a column per input, output, derivative and error, each with its unit."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from neuralrates.cluster.plan import Plan
from neuralrates.core.checks import as_array
from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.problems.labels import Labels

Arrays = Mapping[str, np.ndarray]
"""Labels on the host: `x`, `value`, `error` and perhaps `gradient`, shaped as in `Labels`."""


def to_parquet(arrays: Arrays, plan: Plan) -> bytes:
    """Content of a Parquet file of some labels."""
    with extra("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    rows = arrays["x"].shape[0]
    parts = [arrays["x"], arrays["value"], arrays["error"]]
    parts += [arrays["gradient"].reshape(rows, -1)] if plan.slopes else []
    columns = np.asfortranarray(np.concatenate(parts, axis=1))
    schema = pa.schema(
        [pa.field(n, pa.float64(), False, metadata={"unit": u}) for n, u in _columns(plan)]
    )
    table = pa.Table.from_arrays([pa.array(column) for column in columns.T], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none", use_dictionary=False)
    return bytes(sink.getvalue())


def from_parquet(content: bytes, plan: Plan, file: Path) -> Labels:
    """Labels of a Parquet file's content.

    Raises:
        InputError: where it holds other columns than the plan says
    """
    with extra("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    try:
        table = pq.read_table(pa.BufferReader(content))
    except pa.ArrowInvalid as error:
        raise InputError(f"expected a Parquet file, but {error}", file=file) from None
    names = [name for name, _ in _columns(plan)]
    if table.column_names != names:
        raise InputError("expected the columns that the manifest tells of", file=file)
    columns = np.stack([column.to_numpy() for column in table.columns], axis=1)
    inputs, outputs = len(plan.inputs), len(plan.outputs)
    x, value, errors, slopes = np.split(
        columns, np.cumsum([inputs, outputs, outputs]).tolist(), axis=1
    )
    gradient = as_array(slopes.reshape(-1, outputs, inputs)) if plan.slopes else None
    return Labels(as_array(x), as_array(value), gradient, as_array(errors))


def _columns(plan: Plan) -> Iterator[tuple[str, str]]:
    """Name and unit of every column, in order."""
    for one in (*plan.inputs, *plan.outputs):
        yield one.name, one.unit
    for output in plan.outputs:
        yield f"error of {output.name}", output.unit
    for output in plan.outputs if plan.slopes else ():
        for one in plan.inputs:
            yield f"d {output.name} / d {one.name}", f"{output.unit} per {one.unit}"
