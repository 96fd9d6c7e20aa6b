"""Limits: no mean reversion, no volatility, exercise now, exercise that can never pay or always pays."""

import numpy as np
import pytest

import neuralrates as nr
from identities.setting import CURVES, bermudan, european, model, swap_value, value

pytestmark = pytest.mark.traced

DEFAULT = 1e-6

each_side = pytest.mark.parametrize("side", ["payer", "receiver"])


@each_side
@pytest.mark.parametrize("small", [1e-4, 1e-6, 1e-9, 1e-12])
def test_price_is_continuous_where_mean_reversion_vanishes(side: str, small: float) -> None:
    at_zero = value(model(mean_reversion=0.0), bermudan(side))
    for mean_reversion in (-small, small):
        price = value(model(mean_reversion=mean_reversion), bermudan(side))
        assert abs(price - at_zero) < 0.2 * small + 2.0 * DEFAULT


@each_side
@pytest.mark.parametrize("strike", [0.01, 0.03, 0.05])
def test_without_volatility_the_best_exercise_is_known_today(side: str, strike: float) -> None:
    swaps = [swap_value(CURVES["usual"], european(side, strike, expiry=y)) for y in range(1, 8)]
    best = max(0.0, *swaps)
    assert abs(value(model(scale=0.0), bermudan(side, strike)) - best) < 1e-7


@each_side
def test_price_tends_to_its_value_without_volatility(side: str) -> None:
    limit = float(value(model(scale=0.0), bermudan(side)))
    scales = np.array([1e-1, 1e-2, 1e-3])
    gaps = [float(value(model(scale=scale), bermudan(side))) - limit for scale in scales]
    assert np.all(np.asarray(gaps) >= -DEFAULT)
    assert np.all(np.asarray(gaps) <= 0.1 * scales + DEFAULT)


@each_side
def test_a_right_that_never_pays_is_worth_nothing(side: str) -> None:
    strike = 0.4 if side == "payer" else -0.4
    price = value(model(), bermudan(side, strike))
    assert price + 1e-15 >= 0.0
    assert price < 1e-12


@each_side
def test_a_right_that_always_pays_is_the_swap(side: str) -> None:
    """Far in the money at positive rates, every period counts: exercise at once."""
    strike = 0.3 if side == "receiver" else -0.3
    trade = bermudan(side, strike)
    assert abs(value(model(), trade) - swap_value(CURVES["usual"], trade)) < DEFAULT


@each_side
def test_exercise_now_is_worth_what_it_pays(side: str) -> None:
    now = nr.products.Swaption([0.0], [1.0, 2.0, 3.0], [1.0] * 3, strike=0.05, side=side)
    assert abs(value(model(), now) - max(0.0, swap_value(CURVES["usual"], now))) < 1e-12
