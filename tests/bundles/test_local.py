"""What a bundle serves point by point comes back with it, tied to its certificate, and is counted."""

import dataclasses
import json

import jax
import numpy as np
import pytest

import neuralrates as nr
from bundles.test_bundle import PROBLEM, make_certificate, make_network
from neuralrates.certificates.evidence import (
    BandEvidence,
    Digests,
    Evidence,
    Floor,
    GuardEvidence,
)
from neuralrates.certificates.local_band import BandRecord, LayerRecord, LocalBand
from neuralrates.certificates.nearness import fit_nearness
from neuralrates.core.errors import InputError

X = np.asarray(PROBLEM.domain.sample(jax.random.key(1), 4000))
LAYER = LayerRecord(weight=[[0.0]] * 9 + [[50.0]], bias=[-11.0])
BAND = LocalBand(BandRecord(level=0.99, factor=2.0, low=-20.0, high=-5.0, layers=[LAYER]))
SERVED = nr.certificates.Served(BAND, fit_nearness(X[:2000], X[2000:], (), 0.01))
NONE = "0" * 64


def with_evidence(certificate, served=SERVED):
    """The certificate with invented evidence of what is served."""
    evidence = Evidence(
        distribution="invented",
        statements=(),
        regions=(),
        band=BandEvidence(served.band.digest, 0.99, 99, 0.9, 1.0, 1e-5, 2e-5),
        guard=GuardEvidence(served.nearness.digest, 0.01, 100, 1, 0.05),
        floor=Floor(1e-9, "", 0, 0.0, 0.0, "invented"),
        probes=(),
        digests=Digests(NONE, NONE, NONE, NONE),
    )
    return dataclasses.replace(certificate, schema="neuralrates.certificate/2", evidence=evidence)


@pytest.fixture
def folder(tmp_path):
    network = make_network()
    certificate = with_evidence(make_certificate(network))
    nr.bundles.save(tmp_path / "mine", network, PROBLEM, certificate, SERVED)
    return tmp_path / "mine"


def test_each_point_has_its_band_and_the_far_ones_have_no_price(folder):
    bundle = nr.bundles.load(folder)
    beyond = X[0].copy()
    beyond[-1] = 0.02
    x = np.concatenate([X[:400], beyond[None, :]])
    near = SERVED.nearness(x)
    assert 0 < np.sum(~near[:400]) < 20
    prices = bundle.price(x)
    np.testing.assert_array_equal(prices.in_domain, near & (np.arange(401) < 400))
    expected = 2.0 * np.exp(50.0 * x[:, -1] - 11.0)
    np.testing.assert_allclose(
        prices.error_band[prices.in_domain], expected[prices.in_domain], rtol=1e-8
    )
    assert np.isnan(prices.value[~prices.in_domain]).all()
    counted = bundle.counters.read()
    assert counted == (401, 1, int(np.sum(~near[:400])))


def test_a_band_that_the_certificate_is_not_of_is_refused(folder):
    network = make_network()
    wider = dataclasses.replace(
        SERVED, band=LocalBand(BAND.record.model_copy(update={"factor": 3.0}))
    )
    certificate = with_evidence(make_certificate(network))
    with pytest.raises(ValueError, match="of another band"):
        nr.bundles.save(folder, network, PROBLEM, certificate, wider)
    nr.bundles.save(
        folder, network, PROBLEM, with_evidence(make_certificate(network), wider), wider
    )
    local = (folder / "local.json").read_text()
    nr.bundles.save(folder, network, PROBLEM, certificate, SERVED)
    sign(folder, local)
    with pytest.raises(InputError, match=r"local\.json.*the certificate is of another band"):
        nr.bundles.load(folder)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"kind": "neuralrates.local/1", "band": 3, "nearness": null}']
)
def test_a_damaged_file_is_refused_in_one_line(folder, content):
    sign(folder, content)
    with pytest.raises(InputError, match=r"local\.json"):
        nr.bundles.load(folder)


def sign(folder, local):
    """Put another file in place, under digests of its own."""
    import hashlib

    (folder / "local.json").write_text(local)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["local.json"] = hashlib.sha256(local.encode()).hexdigest()
    content = {name: part for name, part in manifest.items() if name != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    manifest["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
