"""Manifests and certificates altered and signed again are refused in one line, naming the file."""

import copy
import hashlib
import json
import os
import shutil

import pytest

import neuralrates as nr
from neuralrates.bundles.bundle import _shipped_folder
from neuralrates.core.archive import write_archive
from neuralrates.core.errors import InputError

SHIPPED = _shipped_folder()
WRONG = (None, True, -1, 10**30, "tanh", "a\0b", [], {}, [[]], {"a": {"b": 1}})


def signed(manifest):
    """The manifest with a digest of its own, as whoever alters it would make it."""
    content = {name: part for name, part in manifest.items() if name != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return {**content, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def paths(value, before=()):
    """Places in a document: every key, and the first two entries of every list."""
    keys = value.keys() if isinstance(value, dict) else range(min(len(value), 2))
    for key in keys:
        yield (*before, key)
        if isinstance(value[key], dict | list):
            yield from paths(value[key], (*before, key))


def changed(document, path, value, *, remove=False):
    document = copy.deepcopy(document)
    place = document
    for key in path[:-1]:
        place = place[key]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def refused(folder):
    with pytest.raises(InputError) as caught:
        nr.bundles.load(folder)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1500
    assert str(folder) in str(caught.value)
    return caught.value


def write(folder, manifest, certificate=None):
    """Put an altered manifest, and perhaps an altered certificate, in the folder."""
    manifest = copy.deepcopy(manifest)
    if certificate is not None:
        text = json.dumps(certificate).encode()
        (folder / "certificate.json").write_bytes(text)
        manifest["files"]["certificate.json"] = hashlib.sha256(text).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(signed(manifest)))


@pytest.fixture(params=["bermudan", "nine_instruments"])
def folder(request, tmp_path):
    return shutil.copytree(SHIPPED / request.param, tmp_path / "mine")


def test_every_place_of_a_manifest_is_checked(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    tried = 0
    for path in paths(manifest):
        if path[-1] in ("reference", "sha256") or "density" in path[3:]:
            continue
        for number, value in enumerate(WRONG[len(path) % 3 :: 3]):
            if (path[-1], value) in (("residual", True), ("density", None), ("arrays", None)):
                continue
            if number == 0 and path[-1] in ("arrays", "surrogate.onnx"):  # bundles may lack both
                continue
            write(folder, changed(manifest, path, value, remove=number == 0))
            refused(folder)
            tried += 1
    assert tried >= 75


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("activation", "tanh"),
        ("residual", False),
        ("top", 2),
        ("columns", [34, 33, 32, 31, 30, 29, 28, 27, 26]),
    ],
)
def test_the_certificate_covers_the_architecture(tmp_path, setting, value):
    folder = shutil.copytree(SHIPPED / "nine_instruments", tmp_path / "mine")
    manifest = json.loads((folder / "manifest.json").read_text())
    write(
        folder, changed(manifest, ("record", "surrogate", "surrogate", "network", setting), value)
    )
    assert "another surrogate" in str(refused(folder))


CERTIFICATES = {
    "band of nothing": (("outputs", 0, "bound_99"), 0.0),
    "tiny band": (("outputs", 0, "bound_99"), 1e-12),
    "negative band": (("outputs", 0, "bound_99"), -1.0),
    "no number": (("outputs", 0, "bound_99"), float("nan")),
    "infinite": (("outputs", 0, "largest"), float("inf")),
    "text": (("outputs", 0, "bound_99"), "0.0001"),
    "no outputs": (("outputs",), []),
    "other output": (("outputs", 0, "output"), "delta"),
    "no samples": (("num_samples",), 0),
    "certain": (("confidence",), 1.0),
    "no problem": (("problem",), {}),
    "other domain": (("problem", "domain", 0, "high"), 0.2),
    "more": (("more",), 1),
    "share": (("arbitrage", 0, "fraction"), 1.5),
    "digest": (("surrogate",), "x"),
    "worst": (("outputs", 0, "worst_point"), [0.0]),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_without_meaning_is_refused(tmp_path, name):
    folder = shutil.copytree(SHIPPED / "bermudan", tmp_path / "mine")
    manifest, certificate = (
        json.loads((folder / f"{one}.json").read_text()) for one in ("manifest", "certificate")
    )
    write(folder, manifest, changed(certificate, *CERTIFICATES[name]))
    assert "certificate.json" in str(refused(folder))


@pytest.mark.parametrize("name", ["manifest.json", "certificate.json", "arrays.safetensors"])
def test_a_pipe_or_a_link_in_place_of_a_file_is_refused(tmp_path, name):
    folder = shutil.copytree(SHIPPED / "bermudan", tmp_path / "mine")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder)
    if name != "manifest.json":
        (folder / name).unlink()
        (folder / name).symlink_to(SHIPPED / "bermudan" / name)
        assert "out of it" in str(refused(folder))


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "", "../bermudan"])
def test_names_that_are_no_bundle(name):
    with pytest.raises(InputError) as caught:
        nr.bundles.load(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../out", "a/b", "a\0b", "", "a" * 300, ".."])
def test_names_of_files_stay_inside(tmp_path, name):
    folder = shutil.copytree(SHIPPED / "bermudan", tmp_path / "mine")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = "0" * 64
    write(folder, manifest)
    refused(folder)


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="empty folder"):
        write_archive(tmp_path / "home", {}, {"kind": "example"})
    assert (tmp_path / "home" / "letter.txt").read_text() == "dear"
