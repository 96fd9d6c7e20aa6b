"""A certificate repeated: what holds passes, and each planted fault is named."""

import dataclasses

import jax
import jax.numpy as jnp
import pytest

import neuralrates as nr
from certificates.european import PROBLEM, Dented
from neuralrates.certificates.repetition import refuted
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer

unit = nr.core.basis_point
HONEST = Dented(jnp.asarray(unit), 1.0)


class Drifted(AbstractPricer):
    """The reference as it is after a change of code: a hundredth of a basis point dearer."""

    def __call__(self, model, product):
        price = nr.pricers.Jamshidian()(model, product)
        return Price(price.value + 0.01 * unit, price.error)

    def order(self):
        return None

    def __repr__(self):
        return repr(PROBLEM.pricer)


@pytest.fixture(scope="module")
def stated():
    return nr.certificates.certify(
        HONEST, PROBLEM, key=jax.random.key(7), num_samples=500, by_second_code=2
    )


def repeated(surrogate, problem, stated):
    return nr.certificates.repeat(
        surrogate, problem, stated, nr.certificates.Served(), key=jax.random.key(8), num_samples=500
    )


def test_what_is_stated_holds(stated):
    found = repeated(HONEST, PROBLEM, stated)
    assert found.complaints == ()
    assert found.notes == ()
    assert found.certificate.evidence.digests == stated.evidence.digests
    assert found.certificate.key != stated.key


def test_a_stale_reference_is_caught(stated):
    """A hundredth of a basis point breaks no band, yet no point that was kept has its price any more."""
    changed = dataclasses.replace(PROBLEM, pricer=Drifted())
    (complaint,) = repeated(HONEST, changed, stated).complaints
    assert complaint.startswith("the reference is stale")
    assert "0.010000 bp" in complaint


def test_a_changed_weight_is_caught_by_its_digest(stated):
    changed = repeated(Dented(jnp.asarray(1.0001 * unit), 1.0), PROBLEM, stated)
    assert changed.complaints == ("the digest of the weights is another",)


def test_a_changed_static_setting_is_caught_by_its_digest(stated):
    domain = nr.problems.Domain(
        (*PROBLEM.domain.axes[:2], dataclasses.replace(PROBLEM.domain.axes[2], high=0.0501))
    )
    changed = repeated(HONEST, dataclasses.replace(PROBLEM, domain=domain), stated)
    assert "the digest of the settings is another" in changed.complaints


def test_errors_that_have_grown_break_bands_and_statements(stated):
    complaints = repeated(Dented(jnp.asarray(5.0 * unit), 1.0), PROBLEM, stated).complaints
    assert any(text.startswith("the band of price") for text in complaints)
    assert any(text.startswith("price is off by more than 1 bp") for text in complaints)
    assert any(text.startswith("the surrogate is stale") for text in complaints)


def test_only_a_contradiction_counts():
    """1 percent of 1,000 is 10: twice that has a probability of 0.3 percent, three times of 1e-7."""
    assert not refuted(20, 1000, 0.01)
    assert refuted(30, 1000, 0.01)


def test_evidence_goes_with_the_certificate(stated):
    evidence = stated.evidence
    again = nr.certificates.Certificate.from_json(stated.to_json())
    assert again == stated
    assert again.schema == "neuralrates.certificate/2"
    assert evidence.distribution == "uniform over the box of its 3 inputs"
    by_error = {
        round(one.error / unit, 2): one for one in evidence.statements if one.output == "price"
    }
    assert by_error[2.0].failures == 0
    assert by_error[2.0].bound < 0.014
    assert {one.coordinate for one in evidence.regions} == set(PROBLEM.domain.names)
    assert sum(one.samples for one in evidence.regions) == 3 * 500
    assert evidence.floor.samples == 2
    assert evidence.floor.largest < 0.05 * unit
    assert evidence.band is None
    assert evidence.guard is None
    assert evidence.attack is None
