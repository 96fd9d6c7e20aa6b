"""Mean reversion of a matrix: found again where the model itself made the matrix."""

import datetime

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from calibration.independent import European, swaption
from neuralrates.core import CalibrationError

RECOVERED = 5e-4  # per year: what freezing the weights of the swap rate may cost
MISFIT = 2e-5  # a fifth of a basis point of normal volatility: the same
TODAY = datetime.date(2024, 3, 19)
EXPIRIES, TENORS = (1.0, 3.0, 7.0), (2.0, 5.0, 10.0)


@pytest.fixture(scope="module")
def curves() -> nr.market.CurveSystem:
    rates = {"1Y": 0.050, "5Y": 0.041, "10Y": 0.039, "20Y": 0.038}
    quotes = [nr.market.Quote("ois", "USD-SOFR", tenor, rate) for tenor, rate in rates.items()]
    return nr.market.bootstrap(TODAY, quotes)


def normal_volatility(model: nr.models.HullWhite, expiry: float, tenor: int) -> float:
    """Exact, at the money, where Bachelier's formula is a multiple of the volatility."""
    trade = swaption(1, first=expiry, extra=tenor)
    money = European(model, trade, 0).forward
    european = European(model, eqx.tree_at(lambda one: one.strike, trade, jnp.asarray(money)), 0)
    return european.by_jamshidian() / european.annuity * np.sqrt(2.0 * np.pi / expiry)


def matrix_of(curves: nr.market.CurveSystem, mean_reversion: float) -> nr.market.SwaptionVolatility:
    """At-the-money volatilities of a model whose own volatility steps at every expiry."""
    model = nr.models.HullWhite(curves.discount, mean_reversion, [0.009, 0.011, 0.008], [1.0, 3.0])
    table = [
        [normal_volatility(model, expiry, int(tenor)) for tenor in TENORS] for expiry in EXPIRIES
    ]
    return nr.market.SwaptionVolatility(EXPIRIES, TENORS, table)


@pytest.mark.traced
@pytest.mark.parametrize("mean_reversion", [-0.02, 0.0, 0.03, 0.1])
def test_the_mean_reversion_of_a_model_is_found_again(curves, mean_reversion: float) -> None:
    fit = nr.calibration.calibrate_mean_reversion(curves, matrix_of(curves, mean_reversion))
    assert abs(float(fit.mean_reversion) - mean_reversion) < RECOVERED
    assert np.max(np.abs(fit.misfit)) < MISFIT


def test_the_start_does_not_matter(curves) -> None:
    matrix = matrix_of(curves, 0.03)
    found = [
        float(nr.calibration.calibrate_mean_reversion(curves, matrix, start).mean_reversion)
        for start in (-0.2, 0.0, 0.3)
    ]
    assert np.ptp(found) < 1e-8


def test_a_matrix_beyond_the_model_is_refused_in_one_line(curves) -> None:
    steep = jnp.asarray([[0.03, 0.003, 0.0005]] * 3)
    matrix = nr.market.SwaptionVolatility(EXPIRIES, TENORS, steep)
    with pytest.raises(CalibrationError) as refusal:
        nr.calibration.calibrate_mean_reversion(curves, matrix)
    message = str(refusal.value)
    assert message.startswith("the matrix of swaption volatilities asks for a mean reversion of ")
    assert "outside plus or minus 1.0; give one instead" in message
    assert "\n" not in message
