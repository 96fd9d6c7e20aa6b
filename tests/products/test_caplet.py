"""Caplets, floorlets, caps and floors: what they pay, and what they refuse to be."""

import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

PERIOD = 1.0, 1.5


def bond_at(rate: float):
    """Bonds at the start of the period when its simple rate is this one."""
    return lambda end: jnp.where(end > 1.0, 1.0 / (1.0 + 0.5 * rate), 1.0)


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.07])
def test_what_is_paid_at_the_end_is_worth_the_exercise_value_at_the_start(rate: float) -> None:
    """The rate less the strike, on the year fraction, discounted at the rate; the floorlet's is the negative."""
    bond = bond_at(rate)
    for kind, sign in ((nr.products.Caplet, 1.0), (nr.products.Floorlet, -1.0)):
        value = float(kind(*PERIOD, 0.03).exercise_value(1.0, bond))
        assert value == pytest.approx(sign * 0.5 * (rate - 0.03) / (1.0 + 0.5 * rate), abs=1e-15)


def test_a_year_fraction_of_its_own_multiplies_the_strike_alone() -> None:
    caplet = nr.products.Caplet(*PERIOD, 0.03, accrual=0.51)
    np.testing.assert_allclose(caplet.flows, [[1.0, -(1.0 + 0.03 * 0.51)]], rtol=0.0, atol=1e-16)
    assert (float(caplet.start), float(caplet.end), float(caplet.accrual)) == (1.0, 1.5, 0.51)


def test_a_caplet_is_a_payer_swaption_of_one_period() -> None:
    for kind, side in ((nr.products.Caplet, "payer"), (nr.products.Floorlet, "receiver")):
        option = kind(*PERIOD, 0.03)
        swaption = nr.products.Swaption([1.0], [1.5], [0.5], 0.03, side)
        for name in ("exercise_times", "flow_times", "flows", "annuity_weights", "sign"):
            np.testing.assert_array_equal(getattr(option, name), getattr(swaption, name))


def test_a_cap_and_a_floor_are_made_of_their_periods() -> None:
    for kind, part in (
        (nr.products.Cap, nr.products.Caplet),
        (nr.products.Floor, nr.products.Floorlet),
    ):
        one = kind([0.5, 1.0], [1.0, 1.5], 0.03, accruals=[0.5, 0.51]).caplet(1.0, 1.5, 0.51)
        assert type(one) is part
        np.testing.assert_array_equal(one.flows, part(*PERIOD, 0.03, 0.51).flows)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: nr.products.Caplet(1.5, 1.0, 0.03), "`end` must be after `start`"),
        (lambda: nr.products.Floorlet(-0.5, 1.0, 0.03), "`start` must be at least 0.0"),
        (lambda: nr.products.Caplet(1.0, 1.5, 3.0), "`strike` must be a decimal"),
        (lambda: nr.products.Caplet(1.0, 1.5, np.nan), "`strike` must be finite"),
        (lambda: nr.products.Caplet(1.0, 1.5, 0.03, 0.0), "`accrual` must be above 0.0"),
        (lambda: nr.products.Caplet([1.0], 1.5, 0.03), "`start` of Caplet must be a number"),
        (lambda: nr.products.Cap([0.5, 1.0], [1.0], 0.03), "one element per period"),
        (lambda: nr.products.Floor([0.5, 1.0], [1.0, 1.0], 0.03), "`end_times` must be after"),
        (lambda: nr.products.Cap([0.5], [1.0], [0.03]), "`strike` of Cap must be a number"),
    ],
)
def test_what_is_no_caplet_is_refused(make, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()
