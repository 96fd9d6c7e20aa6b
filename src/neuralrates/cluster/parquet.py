"""Labels as Parquet: a column per input, output, derivative and error, each with its unit; and whose shard they are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuralrates.cluster.plan import Plan
from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra

Arrays = Mapping[str, np.ndarray]
"""Labels on the host: `x`, `value`, `error` and perhaps `gradient`, shaped as in `Labels`."""


def to_parquet(arrays: Arrays, plan: Plan, number: int) -> bytes:
    """Content of the Parquet file of a shard."""
    with extra("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    rows = arrays["x"].shape[0]
    parts = [arrays["x"], arrays["value"], arrays["error"]]
    parts += [arrays["gradient"].reshape(rows, -1)] if plan.slopes else []
    columns = np.asfortranarray(np.concatenate(parts, axis=1))
    schema = pa.schema(
        [pa.field(n, pa.float64(), False, metadata={"unit": u}) for n, u in _columns(plan)],
        metadata=_origin(plan, number),
    )
    table = pa.Table.from_arrays([pa.array(column) for column in columns.T], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none", use_dictionary=False)
    return bytes(sink.getvalue())


def is_shard(content: bytes, plan: Plan, number: int) -> bool:
    """Whether a file's content says that it is a shard of a plan, with all of its rows."""
    with extra("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    try:
        footer = pq.read_metadata(pa.BufferReader(content))
    except pa.ArrowInvalid:
        return False
    return _is_shard(footer, plan, number)


def from_parquet(content: bytes, plan: Plan, number: int, file: Path) -> Arrays:
    """Labels of the content of a shard's file, on the host.

    Raises:
        InputError: where it is another shard, another plan's, or holds other columns than the plan says
    """
    with extra("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    try:
        opened = pq.ParquetFile(pa.BufferReader(content))
        table = opened.read(use_threads=False)  # the threads are the training's
    except pa.ArrowInvalid as error:
        raise InputError(f"expected a Parquet file, but {error}", file=file) from None
    if not _is_shard(opened.metadata, plan, number):
        raise InputError(f"expected shard {number} of this store, found other labels", file=file)
    names = [name for name, _ in _columns(plan)]
    if table.column_names != names:
        raise InputError("expected the columns that the manifest tells of", file=file)
    columns = np.stack([column.to_numpy() for column in table.columns], axis=1)
    inputs, outputs = len(plan.inputs), len(plan.outputs)
    x, value, errors, slopes = np.split(
        columns, np.cumsum([inputs, outputs, outputs]).tolist(), axis=1
    )
    arrays = {"x": x, "value": value, "error": errors}
    return arrays | ({"gradient": slopes.reshape(-1, outputs, inputs)} if plan.slopes else {})


def _is_shard(footer: Any, plan: Plan, number: int) -> bool:
    told = _origin(plan, number).items() <= (footer.metadata or {}).items()
    return bool(told and footer.num_rows == plan.rows(number))


def _origin(plan: Plan, number: int) -> dict[bytes, bytes]:
    """What a file's metadata says of where its labels belong."""
    return {b"plan": plan.sha256.encode(), b"shard": str(number).encode()}


def _columns(plan: Plan) -> Iterator[tuple[str, str]]:
    """Name and unit of every column, in order."""
    for one in (*plan.inputs, *plan.outputs):
        yield one.name, one.unit
    for output in plan.outputs:
        yield f"error of {output.name}", output.unit
    for output in plan.outputs if plan.slopes else ():
        for one in plan.inputs:
            yield f"d {output.name} / d {one.name}", f"{output.unit} per {one.unit}"
