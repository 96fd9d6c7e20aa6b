"""Fixed-rate bonds: by hand, and continuous when a coupon drops off."""

import numpy as np
import pytest

import neuralrates as nr

DISCOUNT = nr.market.FlatCurve(0.03).discount_factor


def test_a_bond_is_its_payments():
    bond = nr.products.FixedRateBond(0.05, 1.2, longest=2)
    expected = 0.025 * sum(np.exp(-0.03 * t) for t in (0.2, 0.7, 1.2)) + np.exp(-0.036)
    assert float(bond.value(DISCOUNT)) == pytest.approx(expected, abs=1e-15)
    assert float(bond.accrued_interest) == pytest.approx(0.05 * 0.3, abs=1e-15)


def test_the_clean_price_does_not_jump_where_a_coupon_drops_off():
    before, after = (
        nr.products.FixedRateBond(0.05, maturity, longest=2).clean_price(DISCOUNT)
        for maturity in (1.0 - 1e-9, 1.0 + 1e-9)
    )
    assert float(before) == pytest.approx(float(after), abs=1e-8)


def test_bad_bonds_are_refused():
    with pytest.raises(ValueError, match="longest"):
        nr.products.FixedRateBond(0.05, 3.0, longest=2)
    with pytest.raises(ValueError, match="decimal"):
        nr.products.FixedRateBond(5.0, 1.0, longest=2)
