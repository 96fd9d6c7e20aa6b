"""Folders of arrays on disk: safetensors and a JSON manifest with digests, written at one stroke."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from neuralrates.core.errors import InputError
from neuralrates.core.files import decoded, read_bytes, read_text
from neuralrates.core.folders import atomic_folder
from neuralrates.core.schema import Digest, Label, Strict, first_fault
from neuralrates.core.strict_json import parse_json

MANIFEST = "manifest.json"
ARRAYS = "arrays.safetensors"
_GRAPH = ".onnx"
_LARGEST_TEXT, _LARGEST_ARRAYS = 16 * 1024**2, 16 * 1024**3
_Name = Annotated[str, Field(max_length=100, pattern=r"^\w[\w.-]*$")]
"""Of a file; the length apart from the pattern, in which it would take a twentieth of a second to compile."""


class _Manifest(Strict):
    """What every manifest holds: a record, the digests of the files, and its own."""

    record: dict[Label, Any] = Field(min_length=1, max_length=100)
    files: dict[_Name, Digest] = Field(min_length=1, max_length=100)
    sha256: Digest


def write_archive(
    folder: str | Path,
    arrays: Mapping[str, np.ndarray],
    record: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
    graphs: Mapping[str, bytes] | None = None,
) -> None:
    """Write a folder of arrays, a record and further text files; all of it or nothing.

    Args:
        folder: where to; what is there is replaced in the end, not before
        arrays: named arrays
        record: plain values to keep beside them
        texts: further files, name to content
        graphs: ONNX models, name ending in `.onnx` to content

    Example:
        >>> import tempfile, numpy as np
        >>> from neuralrates.core.archive import read_archive, write_archive
        >>> with tempfile.TemporaryDirectory() as place:
        ...     write_archive(place + "/a", {"x": np.ones(2)}, {"kind": "example"})
        ...     arrays, record, _ = read_archive(place + "/a", "example")
        >>> arrays["x"]
        array([1., 1.])
    """
    folder = Path(folder)
    _check_replaceable(folder)
    contents = {name: text.encode() for name, text in (texts or {}).items()}
    contents |= graphs or {}
    contents[ARRAYS] = save(
        {name: np.require(array, requirements="C") for name, array in arrays.items()}
    )
    files = {name: _sha256(content) for name, content in contents.items()}
    manifest: dict[str, Any] = {"record": dict(record), "files": files}
    manifest["sha256"] = _sha256(_canonical(manifest))
    contents[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    with atomic_folder(folder) as staged:
        for name, content in contents.items():
            (staged / name).write_bytes(content)


def read_archive(
    folder: str | Path, kind: str
) -> tuple[dict[str, np.ndarray], dict[str, Any], dict[str, str]]:
    """Arrays, record and texts of a folder, every file checked against its digest."""
    arrays, record, contents = read_contents(folder, kind)
    texts = {n: content for n, content in contents.items() if not n.endswith(_GRAPH)}
    return arrays, record, {n: decoded(text, Path(folder) / n) for n, text in texts.items()}


def read_contents(
    folder: str | Path, kind: str
) -> tuple[dict[str, np.ndarray], dict[str, Any], dict[str, bytes]]:
    """Arrays, record and further files of a folder, every file checked against its digest.

    Args:
        folder: what `write_archive` wrote
        kind: the `kind` its record must state

    Returns:
        Arrays by name, the record, and the further files' contents by name.

    Raises:
        InputError: where a file is missing, altered, truncated or of another kind
    """
    folder = Path(folder)
    manifest = _read_manifest(folder / MANIFEST)
    record = manifest.record
    if record.get("kind") != kind:
        found = record.get("kind")
        expected = f"expected kind {kind!r}, but it is {str(found)[:40]!r}"
        raise InputError(expected, file=folder / MANIFEST, column="record.kind")
    contents = {n: _read_checked(folder, n, digest) for n, digest in manifest.files.items()}
    try:
        arrays = load(contents.pop(ARRAYS))
    except (SafetensorError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"expected safetensors, but {error}", file=folder / ARRAYS) from None
    return arrays, record, contents


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_manifest(file: Path) -> _Manifest:
    document = parse_json(read_text(file, largest=_LARGEST_TEXT), file)
    try:
        manifest = _Manifest.model_validate(document)
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(fault.expected, file=file, column=fault.column) from None
    content = {"record": manifest.record, "files": manifest.files}
    if manifest.sha256 != _sha256(_canonical(content)):
        raise InputError("the manifest was altered: its SHA-256 digest differs", file=file)
    return manifest


def _read_checked(folder: Path, name: str, digest: str) -> bytes:
    file = folder / name
    try:
        is_inside = file.resolve().parent == folder.resolve()
    except (OSError, RuntimeError):  # a link to itself
        is_inside = False
    if not is_inside:
        raise InputError("expected a file inside the folder, found a link out of it", file=file)
    content = read_bytes(file, largest=_LARGEST_ARRAYS if name == ARRAYS else _LARGEST_TEXT)
    if _sha256(content) != digest:
        raise InputError("the file was altered or cut: its SHA-256 digest differs", file=file)
    return content


def _check_replaceable(folder: Path) -> None:
    """Raise where the name is taken by something that no archive is."""
    taken = folder.exists() or folder.is_symlink()
    if taken and not (
        folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))
    ):
        raise InputError(
            "expected a new name, an empty folder or one that was written here before, found another",
            file=folder,
        )
