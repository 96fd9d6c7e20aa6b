"""One factor that moves swap rates as the forward curve does, where the answer is known."""

import jax
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

import neuralrates as nr
from neuralrates.calibration.coterminal import Coterminals
from neuralrates.calibration.curve_coterminals import CurveCoterminals, CurveMoves
from neuralrates.calibration.curve_swaps import CoterminalRates

EXERCISES = np.arange(1.0, 6.0)
FLOWS = np.arange(1.0, 7.0)
ALIVE = np.ones(5, dtype=bool)


def _moves(parameters, curve, strike, quotes, alive=ALIVE):
    trade = nr.products.Swaption(EXERCISES, FLOWS[1:], np.ones(5), strike, "receiver")
    discounts = jax.vmap(curve.discount_factor)(trade.flow_times)
    known = Coterminals.of(trade, discounts)
    parts = (
        strike,
        known.expiries,
        known.forwards,
        known.annuities,
        known.annuity_values,
        known.present_values,
        discounts,
        trade.flow_times,
        trade.start_times,
        quotes,
        alive,
    )
    rates = CoterminalRates(*(np.asarray(part)[None] for part in parts))
    found = CurveCoterminals(parameters, rates).moves
    return known, CurveMoves(*(part[0] for part in found))


def test_a_volatility_alike_for_all_tenors_correlates_by_the_root_of_time():
    parameters = nr.market.ForwardCurveParameters(factors=((0.05,),))
    _, found = _moves(parameters, nr.market.FlatCurve(0.04), 0.0408, np.full(5, 0.008))
    assert np.allclose(found.correlations[:-1], np.sqrt(EXERCISES[:-1] / EXERCISES[1:]), atol=2e-3)
    assert found.correlations[-1] == 1.0


def test_rates_have_their_quoted_deviations():
    """The deviation of the state falls from one exercise to the one before by their correlation."""
    quotes = np.array([0.009, 0.0085, 0.0083, 0.008, 0.0078])
    known, found = _moves(
        nr.market.ForwardCurveParameters(), nr.market.FlatCurve(0.04), 0.045, quotes
    )
    floating = known.strike * known.annuity_values - known.present_values
    moves = (floating - known.forwards[:, None] * known.annuity_values) / known.annuities[:, None]
    state = np.cumprod(np.asarray(found.correlations)[::-1])[::-1]
    deviations = -(moves @ found.loadings) * state
    assert np.allclose(deviations, quotes * np.sqrt(EXERCISES), rtol=1e-10)


@pytest.mark.parametrize("strike", [0.03, 0.04, 0.055])
def test_the_scale_is_found_again_from_prices_of_the_square_root_law(strike):
    """Two expansions of one law, to second order in the deviation over the rate: a quarter at most, squared and small."""
    curve = nr.market.NelsonSiegel(0.045, -0.02, 0.01, 3.0)
    volatility = nr.models.TenorVolatility(nr.market.ForwardCurveParameters().factors, 30.0, 0.8)
    model = nr.models.ForwardCurve(curve, volatility, horizon=6.0)
    quotes = []
    for first in range(5):
        trade = nr.products.Swaption(
            EXERCISES[first : first + 1], FLOWS[first + 1 :], np.ones(5 - first), strike, "payer"
        )
        price = float(nr.pricers.SquareRootSwaption()(model, trade).value)
        quotes.append(_normal_volatility(curve, first, strike, price))
    _, found = _moves(nr.market.ForwardCurveParameters(), curve, strike, np.array(quotes))
    assert np.allclose(np.sqrt(found.squares), 0.8, rtol=0.015)


def _normal_volatility(curve, first, strike, price):
    discounts = np.array([float(curve.discount_factor(t)) for t in FLOWS[first:]])
    annuity = discounts[1:].sum()
    rate = (discounts[0] - discounts[-1]) / annuity

    def missed(deviation):
        away = (rate - strike) / deviation
        return annuity * deviation * (away * norm.cdf(away) + norm.pdf(away)) - price

    return brentq(missed, 1e-4, 0.2) / np.sqrt(EXERCISES[first])


def test_padding_changes_nothing():
    quotes, curve = np.full(5, 0.008), nr.market.FlatCurve(0.04)
    parameters = nr.market.ForwardCurveParameters()
    alive = np.array([True, True, True, False, False])
    _, short = _moves(parameters, curve, 0.04, quotes, alive)
    _, whole = _moves(parameters, curve, 0.04, quotes)
    assert np.allclose(short.squares[:3], whole.squares[:3])
    assert np.allclose(short.correlations[:2], whole.correlations[:2])
    assert np.all(np.isfinite(short.loadings))


def test_parameters_that_make_no_model_are_named():
    with pytest.raises(ValueError, match="`shift` must lie between 0 and 0.1"):
        nr.market.ForwardCurveParameters(shift=-0.01)
    with pytest.raises(ValueError, match="`factors` must hold as many numbers"):
        nr.market.ForwardCurveParameters(factors=((0.1, 0.2), (0.1,)))
    with pytest.raises(ValueError, match="`factors` must not be zero"):
        nr.market.ForwardCurveParameters(factors=((0.0,),))
    with pytest.raises(ValueError, match="`cap` must lie above 0"):
        nr.market.ForwardCurveParameters(cap=0.0)
