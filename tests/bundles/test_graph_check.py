"""A folder whose parts do not belong together is refused when it is loaded, however its digests were made."""

import hashlib
import json
import shutil

import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from bundles.test_altered_bundles import SHIPPED, write
from neuralrates.bundles import bundle as bundles
from neuralrates.bundles.graph_check import graph_complaint
from neuralrates.core.errors import InputError


def put(folder, name, content):
    """Another file in a bundle, its digest made anew."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / name).write_bytes(content)
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    write(folder, manifest)


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED / "bermudan", tmp_path / "mine")


GRAPHS = {
    "another's": lambda: (SHIPPED / "bermudan_payer" / "surrogate.onnx").read_bytes(),
    "of other inputs": lambda: (SHIPPED / "forward_caplet" / "surrogate.onnx").read_bytes(),
    "cut": lambda: (SHIPPED / "bermudan" / "surrogate.onnx").read_bytes()[:5000],
    "empty": lambda: b"",
    "noise": lambda: np.random.default_rng(0).bytes(4000),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_is_not_the_surrogate_s_is_refused(folder, name):
    put(folder, "surrogate.onnx", GRAPHS[name]())
    with pytest.raises(InputError, match=r"surrogate\.onnx: (the graph is of|expected a graph)"):
        nr.bundles.load(folder)


def test_a_bundle_as_it_was_made_loads_and_has_no_complaint(folder):
    assert graph_complaint(nr.bundles.load(folder), 3) == ""


def test_a_certificate_repeated_looks_at_the_graph(folder, monkeypatch):
    put(folder, "surrogate.onnx", GRAPHS["another's"]())
    monkeypatch.setattr("neuralrates.bundles.graph_check.check_graph", lambda *_: None)
    assert "not the certified surrogate's" in graph_complaint(nr.bundles.load(folder), 3)


LOCALS = {
    "no last layer": lambda d: d["band"]["layers"].pop(),
    "two numbers": lambda d: d["band"]["layers"][-1]["bias"].append(0.0),
    "ragged": lambda d: d["band"]["layers"][0]["weight"][0].pop(),
    "limits": lambda d: d["band"].update(low=5.0, high=-5.0),
    "unbounded": lambda d: d["band"].update(low=1e308, high=1e308),
    "no whitening": lambda d: d["nearness"]["kinds"][0].update(whitening=[[] for _ in range(29)]),
    "short mean": lambda d: d["nearness"]["kinds"][0]["mean"].pop(),
    "codes": lambda d: d["nearness"].update(codes=[999]),
}


@pytest.mark.parametrize("name", LOCALS)
def test_a_local_band_of_no_shape_is_refused(tmp_path, name):
    folder = shutil.copytree(SHIPPED / "annual_bermudan_payer", tmp_path / "mine")
    document = json.loads((folder / "local.json").read_text())
    LOCALS[name](document)
    put(folder, "local.json", json.dumps(document).encode())
    with pytest.raises(InputError, match=r"local\.json, field `(band|nearness)`: expected"):
        nr.bundles.load(folder)


STATED = [-1e-5, 0.0, 1e400, None, "x", True, []]


@pytest.mark.parametrize("band", STATED)
def test_a_shipped_certificate_without_a_band_is_refused_at_once(tmp_path, monkeypatch, band):
    """As a folder's is, though its other fields wait until they are asked for."""
    name = "forward_caplet"
    folder = shutil.copytree(SHIPPED / name, tmp_path / name)
    manifest, certificate = (
        json.loads((folder / f"{one}.json").read_text()) for one in ("manifest", "certificate")
    )
    certificate["outputs"][0]["bound_99"] = band
    write(folder, manifest, certificate)
    monkeypatch.setattr(bundles, "_shipped_folder", lambda: tmp_path)
    with pytest.raises(InputError, match=r"certificate\.json"):
        nr.bundles.load(name)


@pytest.mark.parametrize("document", [[], None, {}, {"outputs": []}, {"outputs": [{}]}])
def test_a_shipped_certificate_that_is_none_is_refused(tmp_path, monkeypatch, document):
    folder = shutil.copytree(SHIPPED / "bermudan", tmp_path / "bermudan")
    write(folder, json.loads((folder / "manifest.json").read_text()), document or {})
    monkeypatch.setattr(bundles, "_shipped_folder", lambda: tmp_path)
    with pytest.raises(InputError, match=r"certificate\.json"):
        nr.bundles.load("bermudan")


def test_a_link_to_itself_is_refused(folder):
    (folder / "surrogate.onnx").unlink()
    (folder / "surrogate.onnx").symlink_to("surrogate.onnx")
    with pytest.raises(InputError, match=r"surrogate\.onnx"):
        nr.bundles.load(folder)


POINT = [0.03, 0.008, 0.008, 0.008, 0.008, 0.03, 0.0, 0.0, 2.0, 0.0]


def test_the_reference_is_asked_where_it_is_asked_for():
    bundle = nr.bundles.load("bermudan")
    learned, reference = (bundle.price(POINT, engine) for engine in ("learned", "reference"))
    exact = bundle.problem(jnp.array(POINT))
    assert reference.value[0] == pytest.approx(float(exact.value), abs=1e-12)
    assert reference.error_band[0] < 1e-3 * learned.error_band[0]
    assert 0.0 < abs(learned.value[0] - reference.value[0]) <= learned.error_band[0]
    assert reference.in_domain.all()


@pytest.mark.parametrize(("place", "value"), [(1, -0.008), (8, -2.0), (9, 3.0), (5, 9.0)])
def test_what_is_no_point_has_no_price(place, value):
    """A negative volatility or time, percent for decimals: NaN, as the commands refuse them."""
    point = [*POINT]
    point[place] = value
    prices = nr.bundles.load("bermudan").price([point, POINT], "auto")
    assert np.isnan(prices.value[0])
    assert np.isnan(prices.error_band[0])
    assert np.isfinite(prices.value[1])
    assert prices.in_domain.tolist() == [False, True]
