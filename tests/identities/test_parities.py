"""What must hold between prices, whatever they are."""

import equinox as eqx
import jax
import numpy as np
import pytest

import neuralrates as nr
from identities.setting import CURVES, bermudan, european, model, swap_value, value
from neuralrates.pricers.gaussian.jamshidian import coterminal_values

pytestmark = pytest.mark.traced

EXACT = 1e-11
DEFAULT = 1e-6

each_side = pytest.mark.parametrize("side", ["payer", "receiver"])
each_curve = pytest.mark.parametrize("curve", CURVES)


@each_curve
@pytest.mark.parametrize("strike", [-0.01, 0.02, 0.03, 0.06])
def test_payer_minus_receiver_is_the_swap(curve: str, strike: float) -> None:
    payer, receiver = european("payer", strike), european("receiver", strike)
    difference = value(model(curve), payer) - value(model(curve), receiver)
    assert abs(difference - swap_value(CURVES[curve], payer)) < EXACT


@each_curve
@each_side
def test_one_exercise_time_is_the_european(curve: str, side: str) -> None:
    trade = european(side)
    closed_form = nr.pricers.Jamshidian()(model(curve), trade).value
    assert abs(value(model(curve), trade) - closed_form) < EXACT


@each_side
def test_price_is_proportional_to_notional(side: str) -> None:
    trade = bermudan(side)
    weights = (trade.annuity_weights, trade.floating_weights)
    double = eqx.tree_at(
        lambda t: (t.annuity_weights, t.floating_weights), trade, tuple(2.0 * w for w in weights)
    )
    assert abs(value(model(), double) - 2.0 * value(model(), trade)) < 2.0 * DEFAULT


@each_curve
@each_side
def test_bermudan_is_between_its_best_european_and_their_sum(curve: str, side: str) -> None:
    trade = bermudan(side)
    europeans = coterminal_values(model(curve), trade)
    price = value(model(curve), trade)
    assert max(europeans) - DEFAULT <= price <= sum(europeans) + DEFAULT


@each_side
def test_more_exercise_times_are_worth_no_less(side: str) -> None:
    """Each right beside the same right without its first exercise time; the last one is a European."""
    trade = bermudan(side)
    prices = nr.pricers.BackwardInduction().sub_bermudans(model(), trade)
    assert np.all(np.diff(prices) < DEFAULT)
    assert abs(prices[0] - value(model(), trade)) < DEFAULT
    assert abs(prices[-1] - coterminal_values(model(), trade)[-1]) < DEFAULT


@each_side
def test_price_is_monotone_and_convex_in_strike(side: str) -> None:
    strikes = np.linspace(0.0, 0.06, 13)
    prices = jax.vmap(lambda strike: value(model(), _at_strike(bermudan(side), strike)))(strikes)
    rises = np.diff(prices) * (1.0 if side == "receiver" else -1.0)
    assert np.all(rises > -DEFAULT)
    assert np.all(np.diff(prices, 2) > -DEFAULT)


@each_side
def test_price_rises_with_volatility(side: str) -> None:
    prices = [
        float(value(model(scale=scale), bermudan(side))) for scale in (0.25, 0.5, 1.0, 1.5, 2.0)
    ]
    assert np.all(np.diff(prices) > 0.0)


@each_side
def test_waiting_without_volatility_costs_only_discount(side: str) -> None:
    """A year in which nothing moves, on a flat curve, delays the whole trade."""
    curve = nr.market.FlatCurve(0.03)
    now = value(
        nr.models.HullWhite(curve, 0.03, [0.01, 0.01], [1.0]),
        bermudan(side, first=1, last=5, end=6),
    )
    later = value(
        nr.models.HullWhite(curve, 0.03, [0.0, 0.01], [1.0]), bermudan(side, first=2, last=6, end=7)
    )
    assert abs(later - now * curve.discount_factor(1.0)) < 2.0 * DEFAULT


def _at_strike(trade: nr.products.Swaption, strike: jax.Array) -> nr.products.Swaption:
    return eqx.tree_at(lambda t: t.strike, trade, strike)
