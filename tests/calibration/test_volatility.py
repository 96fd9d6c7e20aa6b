"""Calibration trade by trade: every number of dates, refusals that name the quote, fits that are remembered."""

from collections import OrderedDict

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from calibration.independent import European, swaption
from neuralrates.calibration import volatility
from neuralrates.core import CalibrationError

RESIDUAL = 1e-8  # normal volatility
CURVES = {
    "usual": nr.market.NelsonSiegel(0.03, -0.012, 0.01, 2.0),
    "negative": nr.market.NelsonSiegel(0.002, -0.009, -0.006, 2.5),
}
CURVE = CURVES["usual"]
TRADE = swaption(2, extra=2)
QUOTES = [0.0090, 0.0092]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("exercises", [1, 2, 30])
def test_the_model_reprices_every_european(exercises: int, curve: str) -> None:
    """Against quadrature of the Gaussian integral on one side and Bachelier's formula on the other."""
    trade = swaption(exercises, extra=2, strike=0.02)
    quotes = np.linspace(0.008, 0.0085, exercises)
    for mean_reversion in (-0.01, 0.0, 0.04):
        model = nr.calibration.calibrate(CURVES[curve], mean_reversion, trade, quotes)
        for exercise in {0, exercises - 1}:
            assert abs(European(model, trade, exercise).misfit(quotes[exercise])) < RESIDUAL


@pytest.mark.parametrize(("mean_reversion", "quote"), [(0.3, 0.05), (1.0, 0.02), (2.0, 0.005)])
def test_the_model_reprices_every_european_under_strong_mean_reversion(
    mean_reversion: float, quote: float
) -> None:
    trade = swaption(3, extra=2, strike=0.02)
    model = nr.calibration.calibrate(CURVE, mean_reversion, trade, np.full(3, quote))
    for exercise in range(3):
        assert abs(European(model, trade, exercise).misfit(quote)) < RESIDUAL


def test_falling_total_variance_names_the_quote_and_the_amounts() -> None:
    with pytest.raises(CalibrationError) as refusal:
        nr.calibration.calibrate(CURVE, 0.03, TRADE, [0.012, 0.007])
    message = str(refusal.value)
    assert "expires in 2.0000 years asks for a variance of" in message
    assert "of the one before, at 1.0000 years" in message
    asked, before = (float(part.split(",")[0].split()[0]) for part in _amounts(message))
    assert 0.0 < asked < before
    assert "\n" not in message


def _amounts(message: str) -> tuple[str, str]:
    return message.split("a variance of ")[1], message.split("below the ")[1]


def test_a_missed_quote_is_named_with_its_misfit() -> None:
    """No fit is exact to the last bit of a tolerance of 1e-30; no fit at all exists for a negative volatility."""
    with pytest.raises(
        CalibrationError, match=r"is missed by -?\d\.\d\de-1\d in normal volatility"
    ):
        nr.calibration.calibrate(CURVE, 0.03, TRADE, QUOTES, tolerance=1e-30)
    with pytest.raises(CalibrationError, match=r"expires in 2\.0000 years is missed by .*1e-08"):
        nr.calibration.calibrate(CURVE, 0.03, TRADE, [0.009, -0.009])


def test_the_model_has_the_variances_of_its_quotes() -> None:
    """One volatility per exercise, constant between them."""
    model = nr.calibration.calibrate(CURVE, 0.03, TRADE, QUOTES)
    np.testing.assert_array_equal(model.volatility_times, TRADE.exercise_times[:-1])
    steps = np.diff([0.0, *(float(model.variance(t)) for t in (1.0, 2.0))])
    growth = np.diff(np.expm1(0.06 * np.arange(3.0)) / 0.06)
    np.testing.assert_allclose(np.sqrt(steps / growth), model.volatility, rtol=1e-12)


def _other_strike(trade: nr.products.Swaption) -> nr.products.Swaption:
    return eqx.tree_at(lambda one: one.strike, trade, jnp.asarray(0.031))


CHANGED = {
    "curve": (CURVES["negative"], 0.03, TRADE, QUOTES),
    "interpolation": (nr.market.ZeroCurve([1.0, 4.0], [0.03, 0.03]), 0.03, TRADE, QUOTES),
    "mean reversion": (CURVE, 0.031, TRADE, QUOTES),
    "strike": (CURVE, 0.03, _other_strike(TRADE), QUOTES),
    "schedule": (CURVE, 0.03, swaption(2, first=1.01, extra=2), QUOTES),
    "quotes": (CURVE, 0.03, TRADE, [0.0090, 0.00921]),
}


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Inputs of every fit that is really made, from an empty memory on."""
    made = []

    def fit(*inputs):
        made.append(inputs)
        return jnp.asarray([1e-4, 2e-4]), jnp.zeros(2)

    monkeypatch.setattr(volatility, "_fit", fit)
    monkeypatch.setattr(volatility, "_FITTED", OrderedDict())
    return made


def test_fits_are_remembered_by_all_their_inputs(fits) -> None:
    first = nr.calibration.calibrate(CURVE, 0.03, TRADE, QUOTES)
    again = nr.calibration.calibrate(CURVE, 0.03, swaption(2, extra=2), np.array(QUOTES))
    assert len(fits) == 1
    np.testing.assert_array_equal(first.volatility, again.volatility)
    for number, inputs in enumerate(CHANGED.values(), start=2):
        nr.calibration.calibrate(*inputs)
        assert len(fits) == number
    nr.calibration.calibrate(CURVE, 0.03, TRADE, QUOTES)
    assert len(fits) == 1 + len(CHANGED)


def test_the_oldest_fit_is_forgotten_first(fits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volatility, "_MOST_FITTED", 2)
    for reversion in (0.01, 0.02, 0.03, 0.02):
        nr.calibration.calibrate(CURVE, reversion, TRADE, QUOTES)
    assert len(fits) == 3
    nr.calibration.calibrate(CURVE, 0.01, TRADE, QUOTES)
    assert len(fits) == 4


def test_a_remembered_fit_is_the_same_fit() -> None:
    once, twice = (nr.calibration.calibrate(CURVE, 0.03, TRADE, QUOTES) for _ in range(2))
    np.testing.assert_array_equal(once.volatility, twice.volatility)
