"""Calibration trade by trade: every number of dates, refusals that name the quote, fits that are remembered."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from calibration.independent import European, swaption
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


@pytest.mark.traced
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


@pytest.mark.traced
def test_the_fit_can_be_traced() -> None:
    """Derivative of a price to a quote through the calibration, against differences of calibrations of their own."""
    pricer = nr.pricers.BackwardInduction(1e-9, 32, 1)

    def price(quotes):
        return pricer(nr.calibration.calibrate(CURVE, 0.03, TRADE, quotes), TRADE).value

    quotes, step = jnp.asarray(QUOTES), 1e-5
    gradient = jax.jit(jax.grad(price))(quotes)
    for number in range(len(QUOTES)):
        up, down = (price(quotes.at[number].add(sign * step)) for sign in (1.0, -1.0))
        assert float(gradient[number]) == pytest.approx(float(up - down) / (2.0 * step), rel=1e-5)
