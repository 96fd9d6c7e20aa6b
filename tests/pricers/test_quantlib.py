"""QuantLib's engines on our trades: the same contract, refused where it is not, converging at their order."""

import jax
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.market.curves.discount_curve import FlatCurve
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.quantlib.days import (
    evaluation_date,
    quantlib_curve,
    quantlib_day,
    snap_model_to_days,
    snap_to_days,
    whole_days,
)
from neuralrates.pricers.quantlib.finite_difference import (
    QuantLibFiniteDifference,
    QuantLibJamshidian,
)
from neuralrates.pricers.quantlib.gaussian import QuantLibGaussian
from neuralrates.products.swaption import Swaption

CURVE = NelsonSiegel(0.01, -0.025, 0.01, 2.0)
MODEL = HullWhite(CURVE, 0.03, 0.01)
STEPPED = HullWhite(CURVE, 0.03, [0.008, 0.012], [2.0])
JAMSHIDIAN, FD, GAUSSIAN = (
    QuantLibJamshidian(),
    QuantLibFiniteDifference(800),
    QuantLibGaussian(256),
)
TOLERANCE = 1e-6
"""A hundredth of a basis point of notional."""


def trade(exercise_times: list[float], side: str = "receiver", strike: float = 0.005) -> Swaption:
    return Swaption(exercise_times, [2.0, 3.0, 4.0, 5.0], [1.0] * 4, strike, side)


def with_lag(side: str = "receiver") -> Swaption:
    """Semi-annual, exercised five and three days before each start."""
    exercise = np.array([360.0, 727.0]) / 365
    payments = np.array([547.0, 730.0, 912.0, 1095.0]) / 365
    accruals = np.diff([365.0, 547.0, 730.0, 912.0, 1095.0]) / 365
    return Swaption(exercise, payments, accruals, 0.01, side, start_times=[1.0, 2.0])


def first_right(several: Swaption) -> Swaption:
    """The European with the first exercise of a Bermudan."""
    return Swaption.from_weights(
        several.exercise_times[:1],
        several.flow_times,
        several.annuity_weights[:1],
        several.floating_weights[:1],
        several.strike,
        several.side,
        start_times=several.start_times[:1],
    )


@pytest.mark.parametrize(
    "curve",
    [CURVE, FlatCurve(-0.01), ZeroCurve([1.0, 5.0, 30.0], [0.02, 0.03, 0.025])],
    ids=["Nelson-Siegel", "negative", "log-linear"],
)
def test_discount_factors_are_ours_on_every_day(curve: object) -> None:
    with evaluation_date():
        theirs = quantlib_curve(curve, 4000)
        days = np.arange(1, 4001, 37)
        found = [theirs.discount(quantlib_day(day)) for day in days.tolist()]
    np.testing.assert_allclose(found, jax.vmap(curve.discount_factor)(days / 365.0), rtol=1e-14)


def test_evaluation_date_is_put_back() -> None:
    settings = ql.Settings.instance()
    before = settings.evaluationDate
    JAMSHIDIAN(MODEL, trade([1.0]))
    with pytest.raises(RefusalError):
        JAMSHIDIAN(MODEL, trade([0.0]))
    assert settings.evaluationDate == before


def test_snapping_keeps_whole_days_and_moves_others_by_half_a_day() -> None:
    assert whole_days("times", snap_to_days(with_lag()).flow_times) == (365, 547, 730, 912, 1095)
    np.testing.assert_allclose(snap_to_days(with_lag()).flows, with_lag().flows, rtol=1e-12)
    odd = Swaption([1.4], [2.15, 2.8], [0.75, 0.65], 0.02, "payer")
    snapped = snap_to_days(odd)
    moved = np.abs(snapped.flow_times - odd.flow_times)
    assert 0.0 < np.max(moved) <= 0.5 / 365
    assert JAMSHIDIAN(MODEL, snapped).value > 0.0
    assert whole_days("times", snap_model_to_days(STEPPED).volatility_times) == (730,)


def test_two_flows_on_a_day_are_refused() -> None:
    near = Swaption([1.0], [1.001, 2.0], [0.001, 1.0], 0.02, "payer")
    with pytest.raises(RefusalError, match="different days"):
        snap_to_days(near)


@pytest.mark.parametrize("side", ["payer", "receiver"])
@pytest.mark.parametrize("pricer", [FD, GAUSSIAN], ids=["finite difference", "gaussian"])
def test_european_is_the_closed_form(pricer: object, side: str) -> None:
    one = trade([1.0], side)
    assert abs(pricer(MODEL, one).value - JAMSHIDIAN(MODEL, one).value) < TOLERANCE


@pytest.mark.parametrize("side", ["payer", "receiver"])
@pytest.mark.parametrize("start", ["on exercise", "later"])
def test_both_methods_agree_on_bermudans(start: str, side: str) -> None:
    several = trade([1.0, 2.0, 4.0], side) if start == "on exercise" else with_lag(side)
    assert abs(FD(MODEL, several).value - GAUSSIAN(MODEL, several).value) < 2.0 * TOLERANCE


@pytest.mark.parametrize("mean_reversion", [-0.02, 0.0, 0.03])
def test_gaussian_keeps_payer_receiver_parity(mean_reversion: float) -> None:
    model = HullWhite(CURVE, mean_reversion, STEPPED.volatility, STEPPED.volatility_times)
    receiver, payer = (first_right(with_lag(side)) for side in ("receiver", "payer"))
    swap = receiver.exercise_value(0.0, CURVE.discount_factor)
    assert abs(GAUSSIAN(model, receiver).value - GAUSSIAN(model, payer).value - swap) < TOLERANCE


def test_gaussian_takes_flows_that_no_vanilla_swap_has() -> None:
    base = trade([1.0, 3.0])
    weights = np.asarray(base.annuity_weights) * np.array([1.0, 1.02, 0.98, 1.01, 0.99])
    uneven = Swaption.from_weights(
        [1.0, 3.0], base.flow_times, weights, base.floating_weights, 0.005, "receiver"
    )
    with pytest.raises(RefusalError, match="QuantLibGaussian"):
        FD(MODEL, uneven)
    shift = GAUSSIAN(MODEL, uneven).value - GAUSSIAN(MODEL, base).value
    assert 0.0 < abs(shift) < 0.005 * 0.04


def test_finite_difference_converges_at_its_order() -> None:
    trades = [
        trade([1.0, 2.0, 3.0, 4.0], side, k) for side in ("payer", "receiver") for k in (0.0, 0.01)
    ]
    sizes = np.array([50, 100, 200, 1600])
    prices = np.array(
        [[QuantLibFiniteDifference(int(n))(MODEL, one).value for one in trades] for n in sizes]
    )
    errors = np.mean(np.abs(prices[:-1] - prices[-1]), axis=1)
    order = -np.polyfit(np.log(sizes[:-1]), np.log(errors), 1)[0]
    assert abs(order - FD.order()) < 0.5


def test_rights_on_different_swaps_are_refused() -> None:
    base = trade([1.0, 3.0])
    weights = np.asarray(base.annuity_weights) * np.array([[1.0], [2.0]])
    different = Swaption.from_weights(
        [1.0, 3.0], base.flow_times, weights, base.floating_weights, 0.005, "receiver"
    )
    with pytest.raises(RefusalError, match="rest of one swap"):
        GAUSSIAN(MODEL, different)


@pytest.mark.parametrize(
    ("pricer", "model", "product", "reason"),
    [
        (FD, STEPPED, trade([1.0]), "one volatility"),
        (FD, HullWhite(CURVE, -0.01, 0.01), trade([1.0]), "positive mean reversion"),
        (FD, MODEL, trade([0.0, 1.0]), "after the valuation date"),
        (FD, MODEL, trade([1.0 + 0.3 / 365]), "whole days"),
        (JAMSHIDIAN, MODEL, trade([1.0, 2.0]), "one exercise"),
        (GAUSSIAN, HullWhite(CURVE, 5e-5, 0.01), trade([1.0]), "for zero"),
        (GAUSSIAN, HullWhite(CURVE, 0.03, 0.0), trade([1.0]), "positive volatilities"),
        (GAUSSIAN, HullWhite(CURVE, 0.03, [0.01, 0.02], [1.001]), trade([1.0]), "whole days"),
    ],
)
def test_refusals(pricer: object, model: HullWhite, product: Swaption, reason: str) -> None:
    with pytest.raises(RefusalError, match=reason):
        pricer(model, product)
