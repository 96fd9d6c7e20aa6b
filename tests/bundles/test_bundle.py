"""Bundles come back as they were, and whatever was touched is refused in one line."""

import dataclasses
import json

import jax
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

PROBLEM = nr.problems.ten_year_bermudan("receiver")


def make_network(seed=0):
    inputs = nr.surrogates.Scaling.from_bounds(PROBLEM.domain.low, PROBLEM.domain.high)
    outputs = nr.surrogates.Scaling([0.05], [0.03])
    return nr.surrogates.Network.random(inputs, outputs, [8, 8], key=jax.random.key(seed))


def make_certificate(network):
    """Invented numbers: what they say does not matter here."""
    errors = nr.certificates.OutputErrors(
        "price", 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 2e-5, None, (0.0,) * 10, ()
    )
    return nr.certificates.Certificate(
        problem=PROBLEM.record(),
        surrogate=nr.surrogates.digest(network),
        key=(0, 1),
        num_samples=100,
        confidence=0.99,
        reference_error=1e-9,
        outputs=(errors,),
        arbitrage=(),
    )


@pytest.fixture
def folder(tmp_path):
    network = make_network()
    nr.bundles.save(tmp_path / "mine", network, PROBLEM, make_certificate(network))
    return tmp_path / "mine"


def test_disk_and_back(folder):
    bundle = nr.bundles.load(folder)
    assert bundle.name == "mine"
    assert nr.surrogates.digest(bundle.surrogate) == nr.surrogates.digest(make_network())
    assert bundle.certificate == make_certificate(make_network())
    assert bundle.problem == PROBLEM
    x = PROBLEM.domain.sample(jax.random.key(0), 3)
    value, _ = bundle.runtime()(np.asarray(x))
    np.testing.assert_allclose(value, jax.vmap(make_network())(x), rtol=1e-12)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 20_000
    assert not list(folder.glob("*.p*kl*"))


def test_a_bundle_without_its_graph_says_so(tmp_path, monkeypatch):
    """Where a graph is too large it is left out, with the reason."""
    monkeypatch.setattr("neuralrates.bundles.runtimes.export._LARGEST", 10)
    network = make_network()
    with pytest.warns(UserWarning, match="'mine' has no graph .* JAX: The graph has .* bytes"):
        bundle = nr.bundles.save(tmp_path / "mine", network, PROBLEM, make_certificate(network))
    assert bundle.graph is None
    assert not (tmp_path / "mine" / "surrogate.onnx").exists()


@pytest.mark.parametrize("name", ["arrays.safetensors", "certificate.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "remove"])
def test_what_was_touched_is_refused(folder, name, damage):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    cut = bytes(content[: len(content) // 2])
    if damage == "remove":
        (folder / name).unlink()
    else:
        damaged = {"flip": bytes(content), "cut": cut, "empty": b""}[damage]
        (folder / name).write_bytes(damaged)
    with pytest.raises(InputError) as caught:
        nr.bundles.load(folder)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_certificate_of_something_else_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="another surrogate"):
        nr.bundles.save(tmp_path / "b", make_network(1), PROBLEM, make_certificate(make_network()))
    payer = nr.problems.ten_year_bermudan("payer")
    with pytest.raises(ValueError, match="another problem"):
        nr.bundles.save(tmp_path / "b", make_network(), payer, make_certificate(make_network()))
    assert not (tmp_path / "b").exists()


def test_a_certificate_of_another_domain_is_refused(tmp_path):
    certificate = make_certificate(make_network())
    problem = json.loads(json.dumps(certificate.problem))
    problem["domain"][0]["high"] = 0.2
    wider = dataclasses.replace(certificate, problem=problem)
    with pytest.raises(ValueError, match="another domain"):
        nr.bundles.save(tmp_path / "b", make_network(), PROBLEM, wider)


def test_unknown_names_say_what_there_is(tmp_path):
    with pytest.raises(InputError, match="name of a shipped one"):
        nr.bundles.load(tmp_path / "nowhere")


def test_problems_outside_the_catalogue_are_refused(tmp_path):
    mine = nr.problems.Problem("mine", PROBLEM.domain, PROBLEM.build, PROBLEM.pricer)
    with pytest.raises(ValueError, match="`problem`"):
        nr.bundles.save(tmp_path / "b", make_network(), mine, make_certificate(make_network()))
