"""Folders of arrays on disk: safetensors and a JSON manifest with digests, written at one stroke."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from neuralrates.core.errors import InputError

MANIFEST = "manifest.json"
ARRAYS = "arrays.safetensors"


def write_archive(
    folder: str | Path,
    arrays: Mapping[str, np.ndarray],
    record: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write a folder of arrays, a record and further text files; all of it or nothing.

    Args:
        folder: where to; what is there is replaced in the end, not before
        arrays: named arrays
        record: plain values to keep beside them
        texts: further files, name to content

    Example:
        >>> import tempfile, numpy as np
        >>> from neuralrates.labels.archive import read_archive, write_archive
        >>> with tempfile.TemporaryDirectory() as place:
        ...     write_archive(place + "/a", {"x": np.ones(2)}, {"kind": "example"})
        ...     arrays, record, _ = read_archive(place + "/a", "example")
        >>> arrays["x"]
        array([1., 1.])
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    contents = {name: text.encode() for name, text in (texts or {}).items()}
    contents[ARRAYS] = save(
        {name: np.require(array, requirements="C") for name, array in arrays.items()}
    )
    files = {name: _sha256(content) for name, content in contents.items()}
    manifest: dict[str, Any] = {"record": dict(record), "files": files}
    manifest["sha256"] = _sha256(_canonical(manifest))
    contents[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    staged.chmod(0o755)
    try:
        for name, content in contents.items():
            (staged / name).write_bytes(content)
        _replace(staged, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def read_archive(
    folder: str | Path, kind: str
) -> tuple[dict[str, np.ndarray], dict[str, Any], dict[str, str]]:
    """Arrays, record and texts of a folder, every file checked against its digest.

    Args:
        folder: what `write_archive` wrote
        kind: the `kind` its record must state

    Returns:
        Arrays by name, the record, and the further files' texts by name.

    Raises:
        InputError: where a file is missing, altered, truncated or of another kind
    """
    folder = Path(folder)
    manifest = _read_manifest(folder / MANIFEST)
    record = manifest["record"]
    if record.get("kind") != kind:
        found = record.get("kind")
        raise InputError(f"expected kind {kind!r}, but it is {found!r}", file=folder / MANIFEST)
    contents = {n: _read_checked(folder / n, digest) for n, digest in manifest["files"].items()}
    try:
        arrays = load(contents.pop(ARRAYS))
    except (SafetensorError, KeyError) as error:
        raise InputError(f"expected safetensors, but {error}", file=folder / ARRAYS) from None
    return arrays, record, {name: content.decode() for name, content in contents.items()}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _replace(staged: Path, folder: Path) -> None:
    """Put the staged folder in place; the old one is moved aside first and then removed."""
    if not folder.exists():
        os.replace(staged, folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.replace(folder, aside / "old")
    os.replace(staged, folder)
    shutil.rmtree(aside, ignore_errors=True)


def _read_manifest(file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(file.read_text())
        stated = manifest.pop("sha256")
        record, files = manifest["record"], manifest["files"]
    except OSError:
        raise InputError("expected a manifest, but the file cannot be read", file=file) from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise InputError("expected a whole manifest, but it is damaged", file=file) from None
    if stated != _sha256(_canonical(manifest)):
        raise InputError("the manifest was altered: its SHA-256 digest differs", file=file)
    if not all(Path(name).name == name for name in files):
        raise InputError("file names must stay inside the folder", file=file)
    return {"record": record, "files": files}


def _read_checked(file: Path, digest: str) -> bytes:
    try:
        content = file.read_bytes()
    except OSError:
        raise InputError("a file that the manifest names is missing", file=file) from None
    if _sha256(content) != digest:
        raise InputError("the file was altered or cut: its SHA-256 digest differs", file=file)
    return content
