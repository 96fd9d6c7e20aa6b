"""ONNX models as the bytes that they are: nodes, constants, inputs and outputs, read without the package `onnx`."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

_TYPES = {1: "f4", 6: "i4", 7: "i8", 9: "?", 11: "f8"}
_STORED = {4: "f4", 5: "i4", 7: "i8", 10: "f8"}


class Node(NamedTuple):
    """One operation.

    Args:
        operator: of ONNX
        inputs: names of what it reads
        outputs: names of its results
        attributes: whole numbers, numbers, lists of them, arrays, or a `Model` for a branch
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


class Model(NamedTuple):
    """A graph, or a branch of one.

    Args:
        nodes: each after those that it needs
        constants: by name
        inputs: name of each to how many numbers a point has
        outputs: names
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, np.ndarray]
    inputs: Mapping[str, int]
    outputs: tuple[str, ...]


def read_model(content: bytes) -> Model:
    """The graph of an ONNX file.

    Args:
        content: of the file

    Raises:
        ValueError: where it is none

    Source: ONNX 1.16, onnx.proto; Protocol Buffers, encoding.
    """
    try:
        fields = _collected(bytes(content))
        return _graph(fields[7][0])
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise ValueError("The content is no ONNX model.") from error


def _graph(part: bytes) -> Model:
    fields = _collected(part)
    constants = dict(_constant(one) for one in fields.get(5, ()))
    inputs = {}
    for one in fields.get(11, ()):
        name, size = _input(one)
        inputs[name] = size
    outputs = tuple(_text(_collected(one)[1][0]) for one in fields.get(12, ()))
    return Model(tuple(_node(one) for one in fields.get(1, ())), constants, inputs, outputs)


def _node(part: bytes) -> Node:
    fields = _collected(part)
    inputs, outputs = (tuple(map(_text, fields.get(k, ()))) for k in (1, 2))
    return Node(_text(fields[4][0]), inputs, outputs, _Attributes(fields.get(5, ())))


class _Attributes(Mapping[str, Any]):
    """Attributes of a node, each read when it is first asked for: a branch may never be."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        found = [_collected(part) for part in parts]
        self._unread = {_text(fields[1][0]): fields for fields in found}
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = _attribute(self._unread[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unread)

    def __len__(self) -> int:
        return len(self._unread)


def _attribute(fields: dict[int, list[Any]]) -> Any:
    if 6 in fields:
        return _graph(fields[6][0])
    if 5 in fields:
        return _constant(fields[5][0])[1]
    if 8 in fields:
        return _numbers(fields[8])
    if 4 in fields:
        return _text(fields[4][0])
    if 2 in fields:
        return struct.unpack("<f", fields[2][0])[0]
    return _signed(fields[3][0]) if 3 in fields else 0


def _constant(part: bytes) -> tuple[str, np.ndarray]:
    fields = _collected(part)
    shape, kind = _numbers(fields.get(1, [])), np.dtype(_TYPES[fields[2][0]])
    name = _text(fields[8][0]) if 8 in fields else ""
    if 9 in fields:
        return name, np.frombuffer(fields[9][0], kind).reshape(shape)
    for field, stored in _STORED.items():
        if field in fields:
            return name, _values(fields[field], stored).astype(kind).reshape(shape)
    return name, np.zeros(shape, kind)


def _values(parts: list[Any], stored: str) -> np.ndarray:
    """Numbers of a constant that are stored in a list of their own, packed or one by one."""
    if stored[0] == "i":
        return np.array(_numbers(parts), np.int64)
    return np.concatenate([np.frombuffer(part, stored) for part in parts])


def _input(part: bytes) -> tuple[str, int]:
    """Name of an input, and its numbers at a point."""
    fields = _collected(part)
    tensor = _collected(_collected(fields[2][0])[1][0])
    last = _collected(_collected(tensor[2][0])[1][-1])
    return _text(fields[1][0]), last[1][0]


def _text(part: bytes) -> str:
    return part.decode()


def _numbers(parts: list[Any]) -> list[int]:
    """Whole numbers, packed or one by one."""
    found = []
    for part in parts:
        if isinstance(part, int):
            found.append(_signed(part))
            continue
        place = 0
        while place < len(part):
            value, place = _varint(part, place)
            found.append(_signed(value))
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _collected(part: bytes) -> dict[int, list[Any]]:
    """Values of a message by the number of their field."""
    fields: dict[int, list[Any]] = {}
    place, end = 0, len(part)
    while place < end:
        key, place = _varint(part, place) if part[place] > 127 else (part[place], place + 1)
        value: Any
        match key & 7:
            case 0:
                value, place = _varint(part, place)
            case 1:
                value, place = part[place : place + 8], place + 8
            case 2:
                size, place = (
                    _varint(part, place) if part[place] > 127 else (part[place], place + 1)
                )
                value, place = part[place : place + size], place + size
            case 5:
                value, place = part[place : place + 4], place + 4
            case _:
                raise ValueError("The content is no ONNX model.")
        if place > end:
            raise ValueError("The content is no ONNX model.")
        if key >> 3 in fields:
            fields[key >> 3].append(value)
        else:
            fields[key >> 3] = [value]
    return fields


def _varint(part: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = part[place]
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:
            return value, place
        shift += 7
