"""What two factors fitted to the dollar matrix of 2024-03-19 miss, said again by QuantLib's G2 model and its integration."""

from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from neuralrates.pricers.quantlib.days import evaluation_date, quantlib_curve
from neuralrates.pricers.quantlib.vanilla import vanilla_swaption

FILE = Path(__file__).parents[3] / "shared" / "data" / "ore" / "market_20240319_usd.csv"
PLACES = ((0, 0), (2, 4), (4, 1), (9, 9), (14, 11), (18, 13))
AGREE = 1e-7  # a thousandth of a basis point of normal volatility; swap dates lie on whole days


def covariance(fit: nr.calibration.TwoFactorFit, expiry: float) -> np.ndarray:
    """Of the short-rate factors at expiry, interval by interval."""
    law = fit.parameters
    reversions = np.array([law.fast_mean_reversion, law.mean_reversion])
    rates = np.add.outer(reversions, reversions)
    ratio, rho = law.volatility_ratio, law.correlation
    scale = np.array([[ratio**2, rho * ratio], [rho * ratio, 1.0]])
    edges = np.minimum([0.0, *fit.volatility_times, np.inf], expiry)
    grown = [
        v * v * (np.exp(-rates * (expiry - b)) - np.exp(-rates * (expiry - a))) / rates
        for v, a, b in zip(fit.volatilities, edges[:-1], edges[1:], strict=True)
    ]
    return scale * np.sum(grown, axis=0)


def equivalent(curve: object, fit: nr.calibration.TwoFactorFit, expiry: float) -> ql.G2:
    """The G2 model of constant volatilities with this covariance at this expiry."""
    law, wanted = fit.parameters, covariance(fit, expiry)
    reversions = np.array([law.fast_mean_reversion, law.mean_reversion])
    rates = np.add.outer(reversions, reversions)
    scale = wanted * rates / -np.expm1(-rates * expiry)
    sigma, eta = np.sqrt(np.diag(scale))
    return ql.G2(curve, reversions[0], sigma, reversions[1], eta, scale[0, 1] / sigma / eta)


@pytest.mark.skipif(not FILE.exists(), reason=f"real market data not found: {FILE.name}")
def test_misfits_are_quantlibs() -> None:
    usd = nr.market.load(FILE)["USD"]
    matrix = usd.swaption_volatility
    fit = nr.calibration.fit_two_factor(usd.curves, matrix)
    assert fit.root_mean_square < 3e-4
    bond = usd.curves.discount.discount_factor
    for row, column in PLACES:
        expiry, tenor = float(matrix.expiries[row]), float(matrix.tenors[column])
        payments = expiry + np.arange(1.0, tenor + 1.0)
        factors = np.array([float(bond(time)) for time in payments])
        annuity = factors.sum()
        money = (float(bond(expiry)) - factors[-1]) / annuity
        trade = nr.products.Swaption([expiry], payments, np.ones(payments.size), money, "payer")
        with evaluation_date():
            curve = quantlib_curve(usd.curves.discount, round(365.0 * payments[-1]))
            option = vanilla_swaption(trade, curve)
            option.setPricingEngine(ql.G2SwaptionEngine(equivalent(curve, fit, expiry), 8.0, 512))
            theirs = option.NPV() / annuity * np.sqrt(2.0 * np.pi / expiry)
        ours = float(matrix.volatilities[row, column]) + fit.misfit[row, column]
        assert abs(theirs - ours) < AGREE, (row, column, theirs - ours)
