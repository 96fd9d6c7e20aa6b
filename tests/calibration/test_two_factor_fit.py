"""Two factors of a matrix: found again where a model made the matrix, priced by a method of its own."""

import datetime
from typing import NamedTuple

import numpy as np
import pytest

import neuralrates as nr
from compiled import at_each
from neuralrates.calibration.matrix_swaps import matrix_swaptions
from neuralrates.calibration.trade_coterminals import TradeCoterminals
from neuralrates.calibration.two_factor_search import Alone, Beside, started
from neuralrates.core import CalibrationError
from neuralrates.desk.verification.tensor import tensor_value
from neuralrates.pricers.gaussian.bachelier import bachelier

TODAY = datetime.date(2024, 3, 19)
EXPIRIES, TENORS = (1.0, 2.0, 4.0, 7.0), (1.0, 2.0, 5.0, 10.0)
VOLATILITIES = np.array([0.009, 0.008, 0.0085, 0.007])
LAWS = {"steepening": (0.5, 0.03, 1.2, -0.7), "alike": (0.2, 0.01, 0.6, 0.2)}
FOUND_AGAIN = 1e-4  # tensor integration is good to 1e-9 of notional, 1e-4 bp of volatility or so
MISFIT = 1e-8
MOST_TIMES = 11  # of a swap, its start among them


@pytest.fixture(scope="module")
def curves() -> nr.market.CurveSystem:
    rates = {"1Y": 0.050, "5Y": 0.041, "10Y": 0.039, "20Y": 0.038}
    quotes = [nr.market.Quote("ois", "USD-SOFR", tenor, rate) for tenor, rate in rates.items()]
    return nr.market.bootstrap(TODAY, quotes)


class Made(NamedTuple):
    """A model: fast and slow mean reversion, ratio, correlation; volatility of the slow factor and where it steps."""

    law: tuple[float, ...]
    volatilities: np.ndarray = VOLATILITIES
    ends: tuple[float, ...] = EXPIRIES[:-1]

    def covariance(self, expiry: float) -> np.ndarray:
        """Of the driftless state at expiry, interval by interval."""
        fast, slow, ratio, correlation = self.law
        rates = np.add.outer([fast, slow], [fast, slow])
        scale = np.outer([ratio, 1.0], [ratio, 1.0]) * [[1.0, correlation], [correlation, 1.0]]
        edges = np.minimum([0.0, *self.ends, np.inf], expiry)
        pieces = [
            v * v * (np.exp(rates * b) - np.exp(rates * a)) / rates
            for v, a, b in zip(self.volatilities, edges[:-1], edges[1:], strict=True)
        ]
        return scale * np.sum(pieces, axis=0)

    def receiver(self, curves, times: np.ndarray, strike: float | None = None) -> np.ndarray:
        """Value of the European receiver, at the money unless a strike is given; forward and annuity."""
        padded = np.append(times, np.full(MOST_TIMES - times.size, times[-1]))
        factors = at_each(curves.discount.discount_factor, padded)[: times.size]
        annuity = factors[1:] @ np.diff(times)
        forward = (factors[0] - factors[-1]) / annuity
        flows = np.append(0.0, (forward if strike is None else strike) * np.diff(times)) * factors
        flows += np.append(-factors[0], np.append(np.zeros(times.size - 2), factors[-1]))
        loadings = np.stack([-np.exp(-k * times) / k for k in self.law[:2]], axis=1)
        covariances = self.covariance(times[0])[None]
        value = tensor_value(covariances, loadings - loadings[-1], flows[None])
        return np.array([value, forward, annuity])


def matrix_of(curves, law: tuple[float, ...]) -> nr.market.SwaptionVolatility:
    rows = []
    for expiry in EXPIRIES:
        row = [Made(law).receiver(curves, expiry + np.arange(1.0 + t)) for t in TENORS]
        rows.append([v / a * np.sqrt(2.0 * np.pi / expiry) for v, _, a in row])
    return nr.market.SwaptionVolatility(EXPIRIES, TENORS, rows)


@pytest.fixture(scope="module")
def steepening(curves) -> nr.market.SwaptionVolatility:
    return matrix_of(curves, LAWS["steepening"])


def with_quote(matrix, row: int, column: int, quote) -> nr.market.SwaptionVolatility:
    """A matrix with one volatility changed."""
    changed = np.array(matrix.volatilities)
    changed[row, column] = quote(changed[row, column])
    return nr.market.SwaptionVolatility(EXPIRIES, TENORS, changed)


@pytest.mark.traced
@pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
def test_a_model_is_found_again(curves, law: tuple[float, ...]) -> None:
    fit = nr.calibration.fit_two_factor(curves, matrix_of(curves, law))
    found = fit.parameters
    given = (
        found.fast_mean_reversion,
        found.mean_reversion,
        found.volatility_ratio,
        found.correlation,
    )
    np.testing.assert_allclose(given, law, rtol=0.0, atol=FOUND_AGAIN)
    np.testing.assert_allclose(fit.volatilities, VOLATILITIES, rtol=FOUND_AGAIN)
    assert np.abs(fit.misfit).max() < MISFIT
    assert fit.at_limit == ()


def test_beside_a_trade_its_coterminals_are_met(curves, steepening) -> None:
    """Quotes of the trade are read between those of a matrix that no model made; they are met, the rest nearly."""
    uneven = with_quote(steepening, 1, 2, lambda quote: quote + 2e-4)
    exercises = np.array([1.0, 2.0, 4.0, 7.0])
    payments = np.arange(2.0, 10.0)
    trade = nr.products.Swaption(exercises, payments, np.ones(8), 0.038, "payer")
    fit = nr.calibration.fit_two_factor(curves, uneven, trade)
    asked = np.add.outer(EXPIRIES, TENORS) <= 9.0
    np.testing.assert_array_equal(np.isfinite(fit.misfit), asked)
    assert 1e-6 < fit.root_mean_square < 2e-4
    law = fit.parameters
    given = law.fast_mean_reversion, law.mean_reversion, law.volatility_ratio, law.correlation
    made = Made(given, fit.volatilities, tuple(fit.volatility_times))

    def quoted(expiry, forward):
        quote = uneven.at_strike(expiry, 9.0 - expiry, forward, 0.038)
        return bachelier(forward, 0.038, quote, expiry, -1.0)

    swaps = [np.append(expiry, payments[payments > expiry]) for expiry in exercises]
    values, forwards, annuities = np.transpose(
        [made.receiver(curves, times, 0.038) for times in swaps]
    )
    wanted = annuities * at_each(quoted, exercises, forwards)
    np.testing.assert_allclose(values, wanted, rtol=0.0, atol=1e-8)


@pytest.mark.traced
@pytest.mark.parametrize("beside", [False, True])
def test_derivatives_are_those_of_differences(curves, steepening, beside: bool) -> None:
    swaptions = matrix_swaptions(curves, steepening)
    trade = nr.products.Swaption([1.0, 3.0], [2.0, 3.0, 4.0, 5.0], np.ones(4), 0.038, "receiver")
    search = (
        Beside(swaptions, TradeCoterminals.of(curves, steepening, trade))
        if beside
        else Alone(swaptions, np.array(EXPIRIES[:-1]))
    )
    at = started(search, (0.4, 0.02, 1.1, -0.6))
    _, slopes = search.residuals(at)
    for place, step in enumerate(1e-5 * np.eye(at.size)):
        up, down = (search.residuals(at + sign * step)[0] for sign in (1.0, -1.0))
        np.testing.assert_allclose(
            slopes[:, place], (up - down) / 2e-5, atol=1e-5 * np.abs(slopes).max()
        )


def test_a_quote_that_no_model_fits_is_named(curves, steepening) -> None:
    wrong = with_quote(steepening, 2, 1, lambda quote: 4.0 * quote)
    with pytest.raises(CalibrationError, match=r"misses 4Y x 2Y, quoted .* bp, by -.* one-factor"):
        nr.calibration.fit_two_factor(curves, wrong)
    still = with_quote(steepening, 0, 0, lambda quote: 0.0)
    with pytest.raises(CalibrationError, match="1Y x 1Y cannot be fitted"):
        nr.calibration.fit_two_factor(curves, still)


def test_a_trade_with_too_few_quotes_is_refused(curves, steepening) -> None:
    trade = nr.products.Swaption([1.0], [2.0, 3.0], np.ones(2), 0.038, "receiver")
    with pytest.raises(CalibrationError, match=r"at least 4 swaption volatilities that .* found 2"):
        nr.calibration.fit_two_factor(curves, steepening, trade)


def test_a_small_matrix_is_refused(curves) -> None:
    matrix = nr.market.SwaptionVolatility([1.0, 5.0], [2.0, 10.0], np.full((2, 2), 0.009))
    with pytest.raises(CalibrationError, match="at least 6 swaption volatilities for two factors"):
        nr.calibration.fit_two_factor(curves, matrix)
