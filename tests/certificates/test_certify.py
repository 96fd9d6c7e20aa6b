"""A certificate finds the errors that were put there, and survives its JSON."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from certificates.european import PROBLEM
from neuralrates.core.errors import InputError

KEY = jax.random.key(7)
NUM_SAMPLES = 500


class Spoilt(nr.surrogates.AbstractSurrogate):
    """The reference itself, plus `level` and a slope in the strike."""

    level: float
    slope: float
    joint: bool = eqx.field(static=True, default=False)

    def __call__(self, x):
        control_prices = PROBLEM.control_values(x) if self.joint else jnp.zeros(0)
        values = jnp.concatenate([jnp.reshape(PROBLEM(x).value, (1,)), control_prices])
        return values + self.level + self.slope * x[-1]


class Silent(nr.surrogates.AbstractSurrogate):
    """A constant that claims no derivatives."""

    differentiable = False
    value: float

    def __call__(self, x):
        return jnp.full(1, self.value)


@pytest.fixture(scope="module")
def certificate():
    return nr.certificates.certify(
        Spoilt(-2e-3, 0.05), PROBLEM, key=KEY, num_samples=NUM_SAMPLES, by_second_code=2
    )


def test_known_errors_are_found(certificate):
    x = PROBLEM.domain.sample(KEY, NUM_SAMPLES)
    errors = np.abs(-2e-3 + 0.05 * np.asarray(x)[:, -1])
    (target,) = certificate.outputs
    assert target.mean == pytest.approx(np.mean(errors), abs=1e-12)
    assert target.largest == pytest.approx(np.max(errors), abs=1e-12)
    assert target.worst_point == pytest.approx(x[int(np.argmax(errors))])
    assert target.bound_999 is None  # so few points cannot tell
    by_input = {greek.input: greek for greek in target.greeks}
    assert by_input["strike"].mean_error == pytest.approx(0.05, abs=1e-9)
    assert by_input["rate"].mean_error < 1e-12
    assert by_input["rate"].relative < 1e-8


def test_breaches_of_arbitrage_are_found(certificate):
    checks = {check.relation: check for check in certificate.arbitrage}
    assert checks["price at least every control price"].fraction > 0.0
    assert checks["price at least every control price"].deepest <= 2e-3 + 0.05 * 0.05
    assert checks["price rises with strike"].fraction == 0.0
    assert checks["price rises with strike"].bound > 0.0
    falling = nr.certificates.certify(
        Spoilt(0.0, -5.0), PROBLEM, key=KEY, num_samples=NUM_SAMPLES, by_second_code=2
    )
    checks = {check.relation: check for check in falling.arbitrage}
    assert checks["price rises with strike"].fraction > 0.5


def test_the_reference_passes_its_own_trial():
    perfect = nr.certificates.certify(
        Spoilt(0.0, 0.0, joint=True), PROBLEM, key=KEY, num_samples=NUM_SAMPLES
    )
    assert [output.output for output in perfect.outputs] == list(PROBLEM.output_names)
    assert all(output.largest < 1e-12 for output in perfect.outputs)
    assert all(check.fraction == 0.0 for check in perfect.arbitrage)
    assert perfect.reference_error < 1e-13


def test_a_surrogate_without_derivatives_gets_no_greeks():
    certificate = nr.certificates.certify(
        Silent(-0.01), PROBLEM, key=KEY, num_samples=NUM_SAMPLES, by_second_code=2
    )
    assert certificate.outputs[0].greeks == ()
    assert certificate.arbitrage[0].fraction == 1.0


def test_json_and_back(certificate):
    text = certificate.to_json()
    again = nr.certificates.Certificate.from_json(text)
    assert again == certificate
    assert again.error_band == certificate.error_band
    assert "strike" in certificate.summary()
    with pytest.raises(InputError, match="`confidence`.* found nothing"):
        nr.certificates.Certificate.from_json(text.replace('"confidence"', '"confidences"'))
    with pytest.raises(InputError):
        nr.certificates.Certificate.from_json(text[:-100])


def test_outputs_that_are_not_the_problems_are_refused():
    class Twofold(Spoilt):
        def __call__(self, x):
            return jnp.zeros(3)

    with pytest.raises(ValueError, match="1 output or 2"):
        nr.certificates.certify(
            Twofold(0.0, 0.0), PROBLEM, key=KEY, num_samples=NUM_SAMPLES, by_second_code=2
        )


def test_too_few_points_for_any_bound_are_refused():
    with pytest.raises(ValueError, match="at least 459"):
        nr.certificates.certify(Silent(0.0), PROBLEM, key=KEY, num_samples=458)
