"""What is served, and what is known of it; the document of the interface; the page's files."""

import hashlib
import json
import re
import shutil

import pytest

import neuralrates as nr
from neuralrates.core.archive import MANIFEST, _canonical
from neuralrates.core.errors import InputError
from neuralrates.server.shelf import Shelf


def test_models_are_listed_with_their_bands(client, bundle):
    (model,) = client.get("/v1/models").json()["models"]
    assert model["name"] == "bermudan"
    assert model["inputs"] == list(bundle.domain.names)
    assert model["error_band"] == bundle.certificate.error_band


def test_a_model_shows_its_certificate(client, bundle):
    found = client.get("/v1/models/bermudan").json()
    assert found["certificate"]["surrogate"] == bundle.certificate.surrogate
    assert [one["name"] for one in found["inputs"]] == list(bundle.domain.names)
    assert client.get("/v1/models/other").status_code == 404


def test_a_damaged_bundle_is_refused_and_the_rest_is_served(serving, tmp_path, points):
    origin = nr.bundles.bundle._shipped_folder() / "bermudan"
    shutil.copytree(origin, tmp_path / "mine")
    arrays = tmp_path / "mine" / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-1])
    client = serving(bundles=("bermudan", str(tmp_path / "mine")))
    answer = client.post("/v1/points/mine", json={"points": points})
    assert answer.status_code == 409
    assert str(tmp_path) not in answer.text
    assert client.post("/v1/points/bermudan", json={"points": points}).status_code == 200
    models = client.get("/v1/models").json()["models"]
    assert [sorted(one) for one in models if one["name"] == "mine"] == [["fault", "name"]]


def test_a_bundle_whose_certificate_is_none_does_not_take_the_list_with_it(
    serving, tmp_path, monkeypatch
):
    """Whole by its digests: the certificate's fields are what is wrong, and they are checked when it is asked for."""
    origin = nr.bundles.bundle._shipped_folder() / "bermudan"
    for name in ("bermudan", "spoilt"):
        shutil.copytree(origin, tmp_path / name)
    file, manifest = (tmp_path / "spoilt" / name for name in ("certificate.json", MANIFEST))
    content = {**json.loads(file.read_text("utf-8")), "num_samples": "many"}
    file.write_text(json.dumps(content), "utf-8")
    record = json.loads(manifest.read_text("utf-8"))
    record["files"]["certificate.json"] = hashlib.sha256(file.read_bytes()).hexdigest()
    del record["sha256"]
    record["sha256"] = hashlib.sha256(_canonical(record)).hexdigest()
    manifest.write_text(json.dumps(record), "utf-8")
    monkeypatch.setattr(nr.bundles.bundle, "_shipped_folder", lambda: tmp_path)
    client = serving(bundles=("bermudan", "spoilt"))
    answer = client.get("/v1/models")
    assert answer.status_code == 200
    assert [sorted(one)[:2] for one in answer.json()["models"]] == [
        ["error_band", "inputs"],
        ["fault", "name"],
    ]
    assert client.get("/v1/models/spoilt").status_code == 409
    assert client.get("/v1/models/bermudan").status_code == 200


def test_two_bundles_of_one_name_are_refused():
    with pytest.raises(InputError, match="different names"):
        Shelf(["bermudan", "elsewhere/bermudan"])


def test_all_shipped_bundles_are_served_where_none_is_named():
    assert Shelf().names == nr.bundles.shipped()


def test_the_interface_is_described(client):
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) >= {"/v1/points/{bundle}", "/v1/book", "/v1/trade", "/v1/models"}
    body = document["paths"]["/v1/points/{bundle}"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "application/vnd.apache.arrow.stream"}


def test_the_page_fetches_nothing_from_elsewhere(client):
    page = client.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert set(files) == {"page.css", "trade.js", "book.js", "watch.js", "data:,"}
    for name in ("page.css", "trade.js", "book.js", "watch.js", "shared.js"):
        text = client.get(f"/{name}").text
        assert "//" not in re.sub(
            r"^\s*//.*$|; //.*$|// annual.*$|// the quick.*$", "", text, flags=re.M
        )
        assert "http" not in text


def test_every_control_of_the_page_has_a_label(client):
    text = client.get("/").text
    for one in re.findall(r'<(?:input|select)[^>]* id="([\w-]+)"', text):
        assert f'for="{one}"' in text, one


@pytest.mark.parametrize("address", ["/nothing", "/docs", "/redoc", "/../etc/passwd", "/%00"])
def test_what_is_not_there_is_said_in_the_same_words(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json()["error"]["field"] is None


def test_the_example_can_be_taken(client):
    example = client.get("/v1/example").json()
    assert nr.trades.book.parse(example["book"]).trades
    assert client.get("/health").json()["status"] == "ok"
