"""Tables as streams of Arrow: columns of plain numbers in, a table with units out."""

import struct
from typing import Any

import numpy as np

from neuralrates.core.extras import extra
from neuralrates.server.faults import FaultError, bad

with extra("server"):
    import pyarrow as pa

ARROW = "application/vnd.apache.arrow.stream"
_LENGTH, _COMPRESSION, _HEADER = 0, 3, 2


def read_arrow(body: bytes) -> tuple[list[str], dict[str, np.ndarray]]:
    """Columns of a stream of Arrow.

    A compressed stream is refused before it is unpacked: what it unpacks to is bounded by nothing.

    Args:
        body: schema and record batches

    Returns:
        Names as they stand, and finite numbers by name.

    Raises:
        FaultError: where it is no such stream, or a column holds anything else
    """
    try:
        reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
        schema, batches = None, []
        for message in reader:
            if message.type == "schema" and schema is None:
                schema = pa.ipc.read_schema(message)
                _check_plain(schema)
            elif message.type == "record batch" and schema is not None:
                _check_unpacked(message.metadata.to_pybytes())
                batches.append(pa.ipc.read_record_batch(message, schema))
            else:
                raise _damaged(f"found a message of kind {message.type}")
        if schema is None:
            raise _damaged("found none")
        table = pa.Table.from_batches(batches, schema)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, MemoryError, struct.error):
        raise _damaged("which this is not") from None
    return list(schema.names), {name: _numbers(table, name) for name in schema.names}


def _damaged(found: str) -> FaultError:
    return FaultError(400, f"expected a stream of Arrow: a schema and record batches, {found}")


def _check_plain(schema: Any) -> None:
    """Raise unless every column is of numbers of a fixed width."""
    for field in schema:
        if not (pa.types.is_floating(field.type) or pa.types.is_integer(field.type)):
            raise bad(f"expected numbers, found {field.type}", f"columns.{field.name[:100]}")
    if len(set(schema.names)) < len(schema.names):
        raise bad("expected each column once", "columns")


def _numbers(table: Any, name: str) -> np.ndarray:
    column = table.column(name)
    array: np.ndarray = np.asarray(column.to_numpy(), dtype=np.float64)
    good = np.isfinite(array)
    if column.null_count or not good.all():
        row = int(np.argmin(good)) + 1
        raise bad("expected a finite number", f"columns.{name[:100]}", row)
    return array


def _check_unpacked(metadata: bytes) -> None:
    """Raise where the flat buffer of a record batch names a compression."""
    (message,) = struct.unpack_from("<I", metadata, 0)
    at = _field(metadata, message, _HEADER)
    if at is None:
        raise _damaged("found a batch without a header")
    batch = at + struct.unpack_from("<I", metadata, at)[0]
    if _field(metadata, batch, _COMPRESSION) is not None:
        raise bad("expected a stream without compression", "body")


def _field(data: bytes, table: int, number: int) -> int | None:
    """Where a field of a table in a flat buffer stands; none where it is left out."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    (size,) = struct.unpack_from("<H", data, vtable)
    entry = 4 + 2 * number
    if entry + 2 > size:
        return None
    (offset,) = struct.unpack_from("<H", data, vtable + entry)
    return table + offset if offset else None


def write_arrow(columns: dict[str, Any], units: dict[str, str]) -> bytes:
    """A stream of Arrow of one batch, units in the metadata of its fields.

    Args:
        columns: arrays or lists by name
        units: by name, where there is one
    """
    arrays = [pa.array(column) for column in columns.values()]
    fields = [
        pa.field(name, array.type, metadata={"unit": units[name]} if name in units else None)
        for name, array in zip(columns, arrays, strict=True)
    ]
    batch = pa.record_batch(arrays, pa.schema(fields))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content
