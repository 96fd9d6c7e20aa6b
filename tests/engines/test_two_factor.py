"""The two-factor engine: quotes met, the limit of one factor, Greeks against bump and recalibrate, and what it refuses."""

import dataclasses
import datetime

import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import SETTINGS, padded, shape_and_inputs, trades
from neuralrates.core.checks import as_array
from neuralrates.core.errors import CalibrationError, InputError, NeuralratesError
from neuralrates.engines.batches import Batch
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.engine import Assessment
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.engines.two_factor import TwoFactorEngine
from neuralrates.engines.two_factor_numbers import TwoFactorNumbers
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction

ENGINE = TwoFactorEngine(1e-9)
NAMES = list(SETTINGS)
QUOTE = 1e-10  # normal volatility: a hundredth of what a quote may be missed by
SLOPES = 1e-4  # of the mean size, as required


def assessed(
    shape: MarketShape, inputs: MarketInputs, name: str, gradient: bool = False
) -> Assessment:
    return ENGINE.assess(Batch((0, 1, 2), padded(trades(name))), inputs, shape, gradient)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_factor_without_volatility_leaves_one(name: str) -> None:
    shape, inputs = shape_and_inputs(SETTINGS[name])
    shape = dataclasses.replace(shape, two_factor=TwoFactorParameters(0.5, 0.0, -0.7))
    batch = Batch((0, 1, 2), padded(trades(name)))
    one = OneFactorEngine(BackwardInduction(1e-11)).assess(batch, inputs, shape, False)
    two = ENGINE.assess(batch, inputs, shape, False)
    np.testing.assert_allclose(two.value, one.value, rtol=0.0, atol=2e-9)
    np.testing.assert_allclose(two.checks.probabilities, one.checks.probabilities, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_europeans_are_worth_their_quotes(name: str) -> None:
    """By `GaussianEuropean` on the model that was found, volatilities piecewise between the exercises."""
    shape, inputs = shape_and_inputs(SETTINGS[name])
    found = assessed(shape, inputs, name)
    residual = found.checks.model.residual
    assert np.max(np.abs(residual)) < QUOTE
    found_numbers = TwoFactorNumbers(CashFlows(padded(trades(name))), shape, inputs)
    numbers, facts = found_numbers.numbers, found_numbers.facts
    law = TwoFactorParameters()
    sigma = np.sqrt(found.checks.model.squares[0])
    times = np.asarray(padded(trades(name)).exercise_times)[0]
    model = nr.models.GaussianFactors(
        nr.market.FlatCurve(0.0),
        [law.fast_mean_reversion, inputs.mean_reversion],
        np.stack([law.volatility_ratio * sigma, sigma]),
        [[1.0, law.correlation], [law.correlation, 1.0]],
        times[:-1],
    )
    flows = np.asarray(numbers.present_values)[0]
    for i, time in enumerate(times):
        sign = float(facts.sides[0, i])
        product = nr.products.Swaption.from_weights(
            [time],
            _flow_times(name, shape),
            np.zeros_like(flows[i : i + 1]),
            -flows[i : i + 1],
            0.03,
            "receiver" if sign > 0.0 else "payer",
        )
        value = nr.pricers.GaussianEuropean(12)(model, product).value
        assert abs(value / float(numbers.targets[0, i]) - 1.0) < 1e-8


def _flow_times(name: str, shape: MarketShape) -> np.ndarray:
    return np.asarray(padded(trades(name)).swap.flow_times)[0]


@pytest.mark.traced
@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_those_of_bump_and_recalibrate(name: str) -> None:
    shape, inputs = shape_and_inputs(SETTINGS[name])
    batch = Batch((0, 1, 2), padded(trades(name)))
    today = ENGINE.assess(batch, inputs, shape, True)
    random = np.random.default_rng(5)
    steps = {"discount_rates": 1e-5, "projection_rates": 1e-5, "volatility": 1e-6, "smile": 1e-6}
    for field, step in (steps | {"mean_reversion": 1e-5}).items():
        base, slopes = (
            np.asarray(getattr(inputs, field)),
            np.asarray(getattr(today.gradient, field)),
        )
        if not base.size:
            continue
        way = random.uniform(0.5, 1.5, base.shape)

        def value(
            h: float, field: str = field, base: np.ndarray = base, way: np.ndarray = way
        ) -> np.ndarray:
            moved = inputs._replace(**{field: as_array(base + h * way)})
            return ENGINE.assess(batch, moved, shape, False, today.choices).value

        slope = (value(step) - value(-step)) / (2.0 * step)
        found = np.sum((slopes * way).reshape(3, -1), axis=1)
        assert np.max(np.abs(found - slope)) < SLOPES * np.mean(np.abs(slope)), field


def test_correlation_moves_a_bermudan_and_no_european() -> None:
    name = NAMES[0]
    shape, inputs = shape_and_inputs(SETTINGS[name])
    values = []
    for correlation in (-0.9, 0.0):
        law = TwoFactorParameters(correlation=correlation)
        values.append(assessed(dataclasses.replace(shape, two_factor=law), inputs, name).value)
    assert abs(values[0][1] - values[1][1]) < 1e-12
    assert abs(values[0][0] - values[1][0]) > 1e-5


def _flat(volatilities: np.ndarray) -> nr.market.Market:
    """A market whose short expiries are as volatile as they are told to be."""
    curves = SETTINGS[NAMES[0]].curves()
    matrix = SwaptionVolatility([0.8, 2.3, 4.5], [1.2, 2.6, 4.4], volatilities)
    usd = nr.market.CurrencyMarket("USD", curves, matrix)
    return nr.market.Market(datetime.date(2024, 3, 19), {"USD": usd}, model="two_factor")


def _book() -> nr.trades.Book:
    fields = {
        "currency": "USD",
        "index": "USD-SOFR",
        "notional": 1e6,
        "strike": 0.0362,
        "side": "receiver",
    }
    dates = {"start_date": datetime.date(2024, 3, 28), "maturity_date": datetime.date(2029, 3, 28)}
    bermudan = nr.trades.BermudanSwaptionTrade(
        trade_id="B", **fields, **dates, first_exercise_date=datetime.date(2025, 3, 28)
    )
    return nr.trades.Book((bermudan, nr.trades.SwapTrade(trade_id="S", **fields, **dates)))


def test_quotes_that_no_model_fits_stop_their_trade_alone() -> None:
    falling = np.outer([0.02, 0.004, 0.001], np.ones(3))
    table = nr.price(_book(), _flat(falling), keep_going=True)
    assert table.attrs["model"] == "two_factor"
    assert "no two-factor model" in table.status[0]
    assert "one-factor" in table.status[0]
    assert table.status[1] == "ok"
    with pytest.raises(CalibrationError, match="trade B"):
        nr.price(_book(), _flat(falling))


def test_equal_mean_reversions_are_refused_by_name() -> None:
    usual = _flat(np.full((3, 3), 0.009))
    table = nr.price(_book(), usual, mean_reversion=0.5, keep_going=True)
    assert "mean reversions that differ" in table.status[0]
    assert table.status[1] == "ok"


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((0.5, 1.2, -1.0), "correlation"),
        ((0.5, -1.0, 0.0), "ratio"),
        ((9.0, 1.0, 0.0), "fast"),
        ((-0.1, 1.0, 0.0), "between 0 and 5"),
        ((0.5, 1.2, -0.7, 0.5), "must differ"),
        ((0.5, 1.2, -0.7, 3.0), "within 2 of zero"),
    ],
)
def test_parameters_are_checked(numbers: tuple[float, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        TwoFactorParameters(*numbers)


def test_a_model_is_named_in_the_market_file(tmp_path) -> None:
    market = dataclasses.replace(_flat(np.full((3, 3), 0.009)))
    usd = dataclasses.replace(market["USD"], two_factor=TwoFactorParameters(correlation=-0.5))
    labelled = SwaptionVolatility(
        [1.0, 2.0], [2.0, 3.0], np.full((2, 2), 0.009), None, ("1Y", "2Y"), ("2Y", "3Y")
    )
    usd = dataclasses.replace(usd, swaption_volatility=labelled)
    path = tmp_path / "market.json"
    nr.market.dump(nr.market.Market(market.valuation_date, {"USD": usd}, model="two_factor"), path)
    read = nr.market.load(path)
    assert read.model == "two_factor"
    assert read["USD"].two_factor == TwoFactorParameters(correlation=-0.5)
    path.write_text(path.read_text().replace('"correlation": -0.5', '"correlation": 1.0'))
    with pytest.raises(InputError, match="two_factor"):
        nr.market.load(path)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(NeuralratesError, match="one_factor, two_factor"):
        nr.price(_book(), _flat(np.full((3, 3), 0.009)), model="three_factor")
