"""Engines on the whole forward curve: limits that are known, Greeks against bumps, and what they refuse."""

import dataclasses
import datetime
import json

import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import SETTINGS, padded, shape_and_inputs, trades
from neuralrates.core.checks import as_array
from neuralrates.core.errors import CalibrationError, InputError
from neuralrates.desk.calibrated import calibrations
from neuralrates.engines.batches import Batch
from neuralrates.engines.forward_curve import (
    LARGEST_GAP,
    ForwardCurveReference,
    LearnedCurveEngine,
)
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility

NAME = "single curve, USD"
BATCH = Batch((0, 1, 2), padded(trades(NAME)))
SLOPES = 1e-4  # of the mean size
SURE = 4.0


def test_a_curve_of_one_gaussian_factor_is_the_one_factor_model() -> None:
    """Volatility alike for all tenors and capped below every forward: Ho and Lee's, so no mean reversion."""
    shape, inputs = shape_and_inputs(SETTINGS[NAME])
    gaussian = ForwardCurveParameters(factors=((0.2,),), cap=0.02)
    shape = dataclasses.replace(shape, forward_curve=gaussian)
    inputs = inputs._replace(mean_reversion=as_array(0.0))
    one = OneFactorEngine().assess(BATCH, inputs, shape, False)
    found = ForwardCurveReference(2**12).assess(BATCH, inputs, shape, False)
    assert np.all(np.abs(found.value - one.value) < SURE * found.error + 1e-9)
    assert found.value[1] == pytest.approx(one.value[1], abs=1e-9)
    assert 0.0 < found.error[0] < 1e-4


@pytest.mark.traced
def test_derivatives_of_the_learned_price_are_those_of_bump_and_recalibrate() -> None:
    shape, inputs = shape_and_inputs(SETTINGS[NAME])
    engine = LearnedCurveEngine()
    today = engine.assess(BATCH, inputs, shape, True)
    random = np.random.default_rng(5)
    for field, step in {"discount_rates": 1e-5, "volatility": 1e-6}.items():
        base, slopes = (
            np.asarray(getattr(inputs, field)),
            np.asarray(getattr(today.gradient, field)),
        )
        way = random.uniform(0.5, 1.5, base.shape)
        up, down = (
            engine.assess(
                BATCH,
                inputs._replace(**{field: as_array(base + side * step * way)}),
                shape,
                False,
                today.choices,
            ).value
            for side in (1.0, -1.0)
        )
        slope = (up - down) / (2.0 * step)
        found = np.sum((slopes * way).reshape(3, -1), axis=1)
        assert np.max(np.abs(found - slope)) < SLOPES * np.mean(np.abs(slope)), field


def _market(volatilities: np.ndarray, **stated: object) -> nr.market.Market:
    labels = ("1Y", "2Y", "5Y"), ("1Y", "3Y", "5Y")
    matrix = SwaptionVolatility([1.0, 2.0, 5.0], [1.0, 3.0, 5.0], volatilities, None, *labels)
    usd = nr.market.CurrencyMarket("USD", SETTINGS[NAME].curves(), matrix, **stated)
    return nr.market.Market(datetime.date(2024, 3, 19), {"USD": usd}, model="forward_curve")


def _bermudan(**changed: object) -> nr.trades.Book:
    fields = {
        "trade_id": "B",
        "currency": "USD",
        "index": "USD-SOFR",
        "notional": 1e6,
        "strike": 0.0385,
        "side": "receiver",
        "start_date": datetime.date(2024, 3, 28),
        "maturity_date": datetime.date(2029, 3, 28),
        "first_exercise_date": datetime.date(2025, 3, 28),
    }
    return nr.trades.Book((nr.trades.BermudanSwaptionTrade(**fields | changed),))


def test_the_learned_price_lies_in_its_band_around_the_reference() -> None:
    market = _market(np.full((3, 3), 0.009))
    fast, slow = (nr.price(_bermudan(), market, engine=name) for name in ("auto", "reference"))
    assert fast.engine[0] == "learned correction"
    assert fast.in_domain[0]
    assert slow.engine[0] == "reference"
    apart = abs(fast.value[0] - slow.value[0])
    assert apart < fast.error_band[0] + SURE * slow.error_band[0]
    assert fast.error_band[0] < LARGEST_GAP * 1e6


def test_quotes_that_no_curve_meets_are_refused_by_name() -> None:
    falling = np.outer([0.02, 0.004, 0.001], np.ones(3))
    table = nr.price(_bermudan(), _market(falling), keep_going=True)
    assert "no volatility of the forward curve meets the quotes" in table.status[0]
    assert "one-factor" in table.status[0]


def test_calibration_shows_scale_and_correlations_by_exercise() -> None:
    """Quotes that rise with the root of the rates ask for one scale; rates nearer in time move more alike."""
    market = _market(np.full((3, 3), 0.009))
    trades = _bermudan().resolve(market.valuation_date).trades
    found = calibrations(trades, market, model="forward_curve")
    assert len(found) == 4
    assert np.all(found["residual"].abs() < 1e-12)
    assert np.all(found["curve_scale"].between(0.5, 1.0))
    assert np.all(np.diff(found["correlation_with_next"]) > 0.0)
    assert found["correlation_with_next"].iloc[-1] == 1.0
    assert "mean_reversion" not in found
    assert set(found.attrs["units"]) < set(found.columns)
    falling = _market(np.outer([0.02, 0.004, 0.001], np.ones(3)))
    with pytest.raises(CalibrationError, match="no volatility of the forward curve"):
        calibrations(trades, falling, model="forward_curve")


def test_negative_forwards_ask_for_a_shift() -> None:
    name = "two curves and a smile, EUR"
    shape, inputs = shape_and_inputs(SETTINGS[name])
    trade = trades(name)[0]
    batch = Batch((0, 1, 2), padded(trades(name)))
    checks = ForwardCurveReference(2**10).assess(batch, inputs, shape, False).checks
    own = checks._replace(model=type(checks.model)(*(part[0] for part in checks.model)))
    assert "state a larger `shift`" in str(ForwardCurveReference().objection(trade, own))


def test_what_was_not_learned_goes_to_the_reference() -> None:
    monthly = _bermudan(
        exercise_dates=[
            datetime.date(2025 + month // 12, month % 12 + 1, 20) for month in range(2, 26)
        ],
        first_exercise_date=None,
    )
    market = _market(np.full((3, 3), 0.009))
    (trade,) = monthly.resolve(market.valuation_date).trades
    reason = LearnedCurveEngine().refuses(trade, market["USD"])
    assert "at most 20 exercises, found 24" in str(reason)
    shifted = dataclasses.replace(market["USD"], forward_curve=ForwardCurveParameters(shift=0.01))
    (trade,) = _bermudan().resolve(market.valuation_date).trades
    assert "other parameters" in str(LearnedCurveEngine().refuses(trade, shifted))
    assert LearnedCurveEngine().refuses(trade, market["USD"]) is None


def test_parameters_are_kept_in_the_market_file(tmp_path) -> None:
    stated = ForwardCurveParameters(factors=((0.05, 0.01), (0.0, 0.02)), shift=0.01)
    path = tmp_path / "market.json"
    nr.market.dump(_market(np.full((3, 3), 0.009), forward_curve=stated), path)
    read = nr.market.load(path)
    assert read.model == "forward_curve"
    assert read["USD"].forward_curve == stated
    entries = json.loads(path.read_text())
    entries["currencies"]["USD"]["forward_curve"]["shift"] = -0.01
    path.write_text(json.dumps(entries))
    with pytest.raises(InputError, match="shift"):
        nr.market.load(path)
