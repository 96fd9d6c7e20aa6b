"""What decades, strong mean reversions and unusual legs must not do to values at future dates."""

import numpy as np
import pytest
from scipy.stats import norm

import neuralrates as nr
from exposures.cases import ANNUAL, CURVE, EURIBOR, FIVE_YEARS, SOFR, TODAY, along, swap, values
from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.figures import profile

LONG = {"start_date": "2024-03-21", "maturity_date": "2054-03-21"}


def flat(reversion: float, horizon: float) -> CurrencyModel:
    return CurrencyModel("USD", nr.models.HullWhite(CURVE, reversion, volatility=0.01), horizon)


@pytest.mark.parametrize("reversion", [0.0, 0.03, 0.1, 0.2, 0.5])
def test_a_long_swap_is_a_martingale_after_decades(reversion) -> None:
    """Its mean value changes by what it has paid, which is known today: within three standard errors of bonds."""
    future, paths = along(swap(**LONG), [0.0, 29.5], model=flat(reversion, 30.1))
    found = values(future, paths)[1]
    numbers = nr.trades.Book((swap(**LONG),)).resolve(TODAY).trades[0]
    fixed, floating = numbers.swap.fixed, numbers.swap.floating
    left = np.asarray(fixed.payment_times) > 29.5
    factors = paths.model.discount_factors
    worth = (
        0.036 * np.asarray(fixed.accruals)[left] @ factors(np.asarray(fixed.payment_times)[left])
    )
    start, end = (np.asarray(part)[-1] for part in (floating.start_times, floating.end_times))
    paid = np.asarray(floating.payment_times)[-1]
    at_start, at_end, at_payment = factors(np.array([start, end, paid]))
    worth -= (at_start / at_end - 1.0) * at_payment
    error = found.std() / np.sqrt(found.size)
    assert error < 1e-3
    assert abs(found.mean() - worth) < 3.0 * error


@pytest.mark.parametrize(
    "fields",
    [
        {"coupons": [0.036, 0.036, 0.05, 0.05, 0.05]},
        {"zero_coupon": "fixed"},
        {"zero_coupon": "both"},
    ],
)
def test_coupons_of_their_own_are_paid(fields) -> None:
    trade = swap(**FIVE_YEARS, **fields)
    future, paths = along(trade, [0.0])
    discount = CURVE.discount_factor
    product = trade.resolve(TODAY).product(discount, discount)
    np.testing.assert_allclose(
        values(future, paths).mean(), float(product.value(discount)), atol=1e-10
    )


def test_bonds_are_refused_by_name() -> None:
    bond = nr.trades.CallableBondTrade(**{**SOFR, **ANNUAL, "trade_id": "CALLABLE"})
    with pytest.raises(
        RefusalError, match="trade CALLABLE: field `kind`: values at future dates are of swaps"
    ):
        along(bond, [0.0])


@pytest.mark.parametrize("leg", ["floating", "both"])
def test_term_rates_that_compound_to_maturity_are_refused_by_name(leg) -> None:
    """They are fixed again and again; one that compounds daily goes on moving, and has a value."""
    stated = {
        "schema": "neuralrates.netting/1",
        "base_currency": "EUR",
        "netting_sets": [{"netting_set": "ALL", "trades": ["E"]}],
        "models": {"EUR": {"mean_reversion": 0.03, "volatility": 0.009}},
    }
    curve = nr.market.CurveSystem(CURVE, CURVE, "EUR-ESTR", "EUR-EURIBOR-6M")
    market = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curve, None)})
    trade = swap(**EURIBOR, **FIVE_YEARS, trade_id="E", zero_coupon=leg)
    with pytest.raises(RefusalError, match="trade E: field `zero_coupon`: .* found " + leg):
        nr.exposure(
            nr.trades.Book((trade,)), market, nr.exposures.netting_of(stated), dates="1Y", paths=64
        )


@pytest.mark.parametrize("reversion", [3.0, -0.5])
def test_mean_reversions_that_explode_are_refused(reversion) -> None:
    stated = {
        "schema": "neuralrates.netting/1",
        "base_currency": "USD",
        "netting_sets": [{"netting_set": "ALL", "trades": ["S"]}],
        "models": {"USD": {"mean_reversion": reversion, "volatility": 0.009}},
    }
    with pytest.raises(NeuralratesError, match="`models.USD.mean_reversion`.*than or equal to"):
        nr.exposures.netting_of(stated)
    netting = nr.exposures.netting_of({**stated, "models": {}})
    market, book = nr.market.load(nr.desk.example_files()[1]), nr.trades.Book((swap(**LONG),))
    with pytest.raises(NeuralratesError, match="expected a mean reversion"):
        nr.exposure(book, market, netting, dates="10Y", paths=64, mean_reversion=reversion)


@pytest.mark.parametrize("horizon", [0.0, 10.0, 30.1])
def test_the_quantile_is_that_of_the_forward_measure(horizon) -> None:
    """Of a bond in ten years, in closed form, whatever numeraire the scenarios are drawn under."""
    model = flat(0.03, horizon)
    _, paths = along(swap(**LONG), [0.0, 10.0], model=model, paths=2**14)
    place, date, end = paths.dates[1], 10.0, 20.0
    variance, states = paths.variances[place], paths.states[place]
    (at_date, at_end), factors = (
        of(np.array([date, end])) for of in (model.loadings, model.discount_factors)
    )

    def bond(loading, factor):
        return factor * np.exp(-loading * states - 0.5 * loading**2 * variance)

    numeraire = 1.0 / bond(at_date, factors[0])
    deflated = bond(at_end, factors[1])
    found = profile(
        deflated[None, :], numeraire[None, :], np.array([date]), factors[:1], 0.95
    ).future[0]
    width = (at_end - at_date) * np.sqrt(variance)
    exact = factors[1] / factors[0] * np.exp(norm.ppf(0.95) * width - 0.5 * width**2)
    assert abs(found - exact) < 5e-3 * exact
