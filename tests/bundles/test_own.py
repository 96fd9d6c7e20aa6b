"""A user's own problem and architecture are stored and loaded by name; what changed since the certificate is refused."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.problems.fingerprint import changed_part, fingerprint

AXES = (nr.problems.Axis("rate", "decimal per year", 0.0, 0.06),)


def build(x, side="payer", expiry=1.0):
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.03, 0.01)
    return model, nr.products.Swaption([expiry], [2.0], [1.0], strike=0.03, side=side)


def make(**changes):
    whole = nr.problems.Problem(
        "my_swaption", nr.problems.Domain(AXES), build, nr.pricers.Jamshidian()
    )
    return dataclasses.replace(whole, **changes)


@nr.surrogates.register("my_constant")
class Constant(nr.surrogates.AbstractSurrogate):
    level: object
    inputs: int = eqx.field(static=True, default=1)

    def __call__(self, x):
        return self.level

    def record(self):
        return {"architecture": "my_constant", "inputs": self.inputs}

    @classmethod
    def blank(cls, record):
        return cls(jnp.zeros(1), record["inputs"])


SURROGATE = Constant(jnp.full(1, 0.01))


def certificate(problem, surrogate=SURROGATE):
    """Invented numbers: what they say does not matter here."""
    errors = nr.certificates.OutputErrors(
        "price", 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 2e-5, None, (0.0,), ()
    )
    return nr.certificates.Certificate(
        problem=problem.record() | {"build": fingerprint(problem)},
        surrogate=nr.surrogates.digest(surrogate),
        key=(0, 1),
        num_samples=100,
        confidence=0.99,
        reference_error=1e-9,
        outputs=(errors,),
        arbitrage=(),
    )


@pytest.fixture
def registered(monkeypatch):
    """Registers what a user's module would, and forgets it again; called anew, that module has been edited."""
    monkeypatch.setattr(PROBLEMS, "_entries", dict(PROBLEMS._entries))

    def add(problem):
        PROBLEMS._entries.pop(problem.name, None)
        nr.problems.register(problem.name, lambda: problem)
        return problem

    return add


def test_to_disk_and_back(registered, tmp_path):
    problem = registered(make())
    nr.bundles.save(tmp_path / "mine", SURROGATE, problem, certificate(problem))
    bundle = nr.bundles.load(tmp_path / "mine")
    assert bundle.problem is problem
    value, slopes = bundle.runtime()(np.full((2, 1), 0.03))
    np.testing.assert_array_equal(value, [[0.01], [0.01]])
    np.testing.assert_array_equal(slopes, np.zeros((2, 1, 1)))


CHANGES = {
    "domain": {"domain": nr.problems.Domain((dataclasses.replace(AXES[0], high=0.07),))},
    "reference": {"pricer": nr.pricers.BackwardInduction()},
    "build, a number": {"build": functools.partial(build, expiry=1.5)},
    "build, a word": {"build": functools.partial(build, side="receiver")},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_problem_that_changed_since_its_certificate_is_refused(registered, tmp_path, change):
    problem = registered(make())
    former = certificate(problem)
    nr.bundles.save(tmp_path / "mine", SURROGATE, problem, former)
    changed = registered(make(**CHANGES[change]))
    part = change.split(",")[0]
    assert changed_part(changed, former.problem) == part
    with pytest.raises(InputError) as caught:
        nr.bundles.load(tmp_path / "mine")
    assert "\n" not in str(caught.value)
    assert part in str(caught.value)
    words = "another domain" if part == "domain" else f"its {part} has changed"
    with pytest.raises(ValueError, match=words):
        nr.bundles.save(tmp_path / "again", SURROGATE, changed, former)
    assert not (tmp_path / "again").exists()


def test_a_problem_other_than_the_one_registered_is_refused(registered, tmp_path):
    registered(make())
    other = make(pricer=nr.pricers.BackwardInduction())
    with pytest.raises(ValueError, match="registered as my_swaption, but its reference differs"):
        nr.bundles.save(tmp_path / "mine", SURROGATE, other, certificate(other))


def test_a_bundle_of_a_problem_that_nobody_registered_says_what_to_do(registered, tmp_path):
    problem = registered(make())
    nr.bundles.save(tmp_path / "mine", SURROGATE, problem, certificate(problem))
    del PROBLEMS._entries["my_swaption"]
    with pytest.raises(
        InputError, match=f"my_swaption to be registered.*import {__name__} first"
    ) as caught:
        nr.bundles.load(tmp_path / "mine")
    assert "\n" not in str(caught.value)


def test_names_are_given_once(registered):
    registered(make())
    with pytest.raises(ValueError, match="a problem 'my_swaption' is registered already"):
        nr.problems.register("my_swaption", make)
    with pytest.raises(ValueError, match="a problem 'nine_instruments' is registered already"):
        nr.problems.register("nine_instruments", make)
    with pytest.raises(ValueError, match="an architecture 'network' is registered already"):
        nr.surrogates.register("network")(Constant)
    nr.problems.register("other_name", make)
    with pytest.raises(ValueError, match="must be named so, not my_swaption"):
        nr.problems.load("other_name")
    with pytest.raises(ValueError, match="must be a word"):
        nr.problems.register("../mine", make)


def test_an_architecture_that_cannot_be_stored_is_refused(registered, tmp_path):
    with pytest.raises(ValueError, match="Class AbstractSurrogate must have record and blank"):
        nr.surrogates.register("mine")(nr.surrogates.AbstractSurrogate)

    class Unknown(nr.surrogates.AbstractSurrogate):
        level: object

        def __call__(self, x):
            return self.level

        def record(self):
            return {"architecture": "unheard_of"}

    problem, surrogate = registered(make()), Unknown(jnp.zeros(1))
    with pytest.raises(InputError, match="import it first.*'unheard_of'") as caught:
        nr.bundles.save(tmp_path / "mine", surrogate, problem, certificate(problem, surrogate))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "mine").exists()


def test_what_learn_returns_is_stored(registered, tmp_path):
    axes = (*AXES, nr.problems.Axis("idle", "decimal", -1.0, 1.0))
    problem = registered(make(domain=nr.problems.Domain(axes)))
    x = nr.problems.Domain(axes).sample(jax.random.key(0), 64)
    slopes = jnp.stack([jnp.cos(x[:, 0]), jnp.zeros(64)], axis=1)
    labels = nr.learning.Labels.from_arrays(x, jnp.sin(x[:, 0]), slopes)
    surrogate, _ = nr.learning.learn(labels, key=jax.random.key(1), widths=[4], num_steps=20)
    errors = dataclasses.replace(certificate(problem, surrogate).outputs[0], worst_point=(0.0, 0.0))
    found = dataclasses.replace(certificate(problem, surrogate), outputs=(errors,))
    nr.bundles.save(tmp_path / "mine", surrogate, problem, found)
    loaded = nr.bundles.load(tmp_path / "mine").surrogate
    assert nr.surrogates.digest(loaded) == nr.surrogates.digest(surrogate)
    assert loaded.projection.directions.shape == (1, 2)
    assert np.array_equal(loaded(x[0]), surrogate(x[0]))
