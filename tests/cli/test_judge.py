"""`certify` and `attack` as a shell sees them: what holds, what does not, what is written."""

import dataclasses
import json

import jax
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from certificates.european import PROBLEM
from neuralrates.cli.app import app
from neuralrates.problems.catalogue import PROBLEMS

SMALL = dataclasses.replace(PROBLEM, name="european_of_the_judge")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """An untrained network, honestly certified."""
    if SMALL.name not in PROBLEMS:
        nr.problems.register(SMALL.name, lambda: SMALL)
    box = nr.surrogates.Scaling.from_bounds(SMALL.domain.low, SMALL.domain.high)
    unit = nr.surrogates.Scaling([0.01], [0.001])
    network = nr.surrogates.Network.random(box, unit, [4], key=jax.random.key(0))
    certificate = nr.certificates.certify(
        network, SMALL, key=jax.random.key(5), num_samples=500, by_second_code=2
    )
    folder = tmp_path_factory.mktemp("judge") / "mine"
    nr.bundles.save(folder, network, SMALL, certificate)
    return folder


def test_what_is_stated_holds(bundle, tmp_path):
    out = tmp_path / "certificate.json"
    done = run("certify", bundle, "--samples", 500, "--out", out)
    assert done.exit_code == 0, done.output
    assert "What the certificate states holds." in done.output
    fresh = nr.certificates.Certificate.from_json(out.read_text())
    assert fresh.num_samples == 500
    assert fresh.key != nr.bundles.load(bundle).certificate.key


def test_a_stale_reference_ends_with_code_one(bundle, tmp_path):
    """A certificate made when the reference was a hundredth of a basis point cheaper at every point."""
    whole = nr.bundles.load(bundle)
    evidence = whole.certificate.evidence
    older = [dataclasses.replace(p, reference=p.reference - 1e-6) for p in evidence.probes]
    stale = dataclasses.replace(
        whole.certificate, evidence=dataclasses.replace(evidence, probes=tuple(older))
    )
    nr.bundles.save(tmp_path / "stale", whole.surrogate, whole.problem, stale)
    done = run("certify", tmp_path / "stale", "--samples", 500)
    assert done.exit_code == 1
    assert "does not hold" in done.output
    assert "the reference is stale" in done.stderr


def test_findings_are_filed(bundle, tmp_path):
    out = tmp_path / "attacked.json"
    done = run("attack", bundle, "--starts", 3, "--steps", 2, "--out", out)
    assert done.exit_code == 0, done.output
    filed = nr.certificates.Certificate.from_json(out.read_text())
    worst = filed.evidence.attack.findings[0]
    assert worst.error > filed.outputs[0].median
    assert filed.outputs == nr.bundles.load(bundle).certificate.outputs
    assert json.loads(out.read_text())["evidence"]["attack"]["starts"] == 3


def test_a_bundle_that_is_none_is_bad_input(tmp_path):
    assert run("certify", tmp_path / "nothing").exit_code == 2
    assert run("attack", tmp_path / "nothing").exit_code == 2
