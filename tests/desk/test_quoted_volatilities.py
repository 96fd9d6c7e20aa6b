"""Europeans on lognormal matrices and trades on matrices of zeros, through the whole desk."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.conventions import evaluation_date, quantlib_date
from neuralrates.core import CalibrationError
from neuralrates.core.units import basis_point

CENT = 0.01
DATE = datetime.date


def market(
    today: datetime.date, index: str, rate: float, volatilities: np.ndarray, **kind
) -> nr.market.Market:
    """A flat curve and a matrix of two expiries and two tenors."""
    currency = index[:3]
    curve = nr.market.ZeroCurve([1.0, 60.0], [rate, rate])
    matrix = nr.market.SwaptionVolatility([1.0, 3.0], [1.0, 30.0], volatilities, **kind)
    curves = nr.market.CurveSystem(curve, curve, index, index)
    return nr.market.Market(today, {currency: nr.market.CurrencyMarket(currency, curves, matrix)})


FIVE_BY_FIVE = DATE(2030, 1, 17), DATE(2035, 1, 17)


def european(
    strike: float, name: str, dates: tuple[DATE, DATE] = FIVE_BY_FIVE
) -> nr.trades.EuropeanSwaptionTrade:
    return nr.trades.EuropeanSwaptionTrade(
        trade_id=name,
        currency="EUR",
        index="EUR-EURIBOR-6M",
        side="payer",
        notional=1e6,
        strike=strike,
        start_date=dates[0],
        maturity_date=dates[1],
    )


def lognormal(rate: float, level: float) -> nr.market.Market:
    table = np.full((2, 2), level)
    return market(DATE(2025, 1, 15), "EUR-EURIBOR-6M", rate, table, quote_type="lognormal")


def test_lognormal_quotes_price_by_black_at_every_strike() -> None:
    """Values by Black's formula in QuantLib; at a negative strike, the forward swap; vegas per point, refused below zero."""
    book = nr.trades.Book((european(0.05, "A"), european(0.015, "B"), european(-0.01, "C")))
    table = nr.price(book, lognormal(0.03, 0.3), greeks=("vega",))
    assert table["value"][0] == pytest.approx(13363.61, abs=CENT)
    assert table["value"][1] == pytest.approx(64959.02, abs=CENT)
    shifted = nr.price(book, lognormal(0.03, 0.31), greeks=())
    lower = nr.price(book, lognormal(0.03, 0.29), greeks=())
    bumped = 0.5 * (shifted["value"] - lower["value"])
    np.testing.assert_allclose(table["vega"], bumped, rtol=1e-3, atol=1e-6)
    assert table.attrs["units"]["vega"] == "currency per 0.01 of lognormal volatility"


def test_a_forward_that_has_no_lognormal_law_is_refused_by_name() -> None:
    with pytest.raises(
        CalibrationError, match="trade A: .*expected a forward swap rate above minus"
    ):
        nr.price(nr.trades.Book((european(0.01, "A"),)), lognormal(-0.01, 0.3))


def test_random_europeans_on_a_shifted_matrix_agree_with_black() -> None:
    """Against `blackFormula` at the forward rate and annuity of QuantLib's own swap; rates are negative in part."""
    random = np.random.default_rng(7)
    today, rate, added = DATE(2025, 1, 15), -0.005, 0.025
    table = random.uniform(0.1, 0.6, (2, 2))
    shifted = market(
        today, "EUR-EURIBOR-6M", rate, table, quote_type="shifted_lognormal", shift=added
    )
    time = (DATE(2030, 1, 15) - today).days / 365.0
    tenor = (DATE(2035, 1, 17) - DATE(2030, 1, 17)).days / 365.0
    deviation = np.interp(tenor, [1.0, 30.0], table[1]) * np.sqrt(time)
    forward, annuity = _forward_and_annuity(today, rate)
    strikes = (forward + added) * np.exp(deviation * random.uniform(-3.0, 3.0, 16)) - added
    trades = [european(float(strike), f"{n}") for n, strike in enumerate(strikes)]
    found = nr.price(nr.trades.Book(tuple(trades)), shifted, greeks=())["value"]
    expected = [
        ql.blackFormula(ql.Option.Call, strike, forward, deviation, annuity, added)
        for strike in strikes
    ]
    assert np.max(np.abs(found / 1e6 - expected)) / basis_point < 1e-3


def test_a_far_strike_on_a_steep_law_agrees_with_black() -> None:
    """Strike 40 percent, forward rate minus a half, nine years at 70 percent: the rate moves by more than the strike."""
    today, rate, added, dates = (
        DATE(2025, 1, 15),
        -0.0054,
        0.035,
        (DATE(2033, 12, 28), DATE(2053, 12, 28)),
    )
    matrix = market(
        today,
        "EUR-EURIBOR-6M",
        rate,
        np.full((2, 2), 0.7),
        quote_type="shifted_lognormal",
        shift=added,
    )
    time = (DATE(2033, 12, 23) - today).days / 365.0
    forward, annuity = _forward_and_annuity(today, rate, dates)
    far = european(0.4, "far", dates)
    found = nr.price(nr.trades.Book((far,)), matrix, greeks=())["value"][0] / 1e6
    expected = ql.blackFormula(ql.Option.Call, 0.4, forward, 0.7 * np.sqrt(time), annuity, added)
    assert found == pytest.approx(expected, abs=1e-3 * basis_point)


def _forward_and_annuity(
    today: datetime.date, rate: float, dates: tuple[DATE, DATE] = FIVE_BY_FIVE
) -> tuple[float, float]:
    """Of the swap of `european`, from its dates by QuantLib."""
    with evaluation_date(today):
        start, end = (quantlib_date(date) for date in dates)
        curve = ql.YieldTermStructureHandle(
            ql.FlatForward(quantlib_date(today), rate, ql.Actual365Fixed(), ql.Continuous)
        )
        roll = ql.ModifiedFollowing
        legs = [
            ql.Schedule(
                start, end, ql.Period(months, ql.Months), ql.TARGET(), roll, roll,
                ql.DateGeneration.Backward, False,
            )
            for months in (12, 6)
        ]  # fmt: skip
        days = ql.Thirty360(ql.Thirty360.BondBasis), ql.Actual360()
        swap = ql.VanillaSwap(
            ql.Swap.Payer, 1.0, legs[0], 0.0, days[0], legs[1], ql.Euribor6M(curve), 0.0, days[1]
        )
        swap.setPricingEngine(ql.DiscountingSwapEngine(curve))
        return swap.fairRate(), abs(swap.fixedLegBPS()) / basis_point


def bermudan(name: str, strike: float, side: str = "payer") -> nr.trades.BermudanSwaptionTrade:
    return nr.trades.BermudanSwaptionTrade(
        trade_id=name,
        currency="USD",
        index="USD-SOFR",
        side=side,
        notional=1e6,
        strike=strike,
        start_date=DATE(2026, 3, 21),
        maturity_date=DATE(2031, 3, 21),
        first_exercise_date=DATE(2026, 3, 21),
    )


def test_zero_volatility_prices_intrinsic_value_within_its_band() -> None:
    """The payer is worth the forward swap it enters first (QuantLib: 45,501.73), the receiver nothing."""
    still = market(DATE(2024, 3, 19), "USD-SOFR", 0.02, np.zeros((2, 2)))
    book = nr.trades.Book((bermudan("P", 0.01), bermudan("R", 0.01, "receiver")))
    table = nr.price(book, still, greeks=())
    assert table["value"][0] == pytest.approx(45501.73, abs=CENT)
    assert abs(table["value"][0] - 45501.734) <= table["error_band"][0] + 0.001
    assert table["value"][1] == 0.0
    assert table["exercise_probability"][0]["2026-03-19"] == pytest.approx(1.0, abs=1e-6)
    assert sum(table["exercise_probability"][1].values()) == 0.0


def test_a_matrix_that_is_zero_in_part() -> None:
    """Nothing moves in the first year, so that the first exercise is certain in value; the later ones are options."""
    table = np.array([[0.0, 0.0], [0.01, 0.01]])
    partly = market(DATE(2025, 3, 19), "USD-SOFR", 0.02, table)
    entered = nr.trades.SwapTrade(
        trade_id="S",
        currency="USD",
        index="USD-SOFR",
        side="payer",
        notional=1e6,
        strike=0.01,
        start_date=DATE(2026, 3, 21),
        maturity_date=DATE(2031, 3, 21),
    )
    book = nr.trades.Book((bermudan("P", 0.01), bermudan("R", 0.01, "receiver"), entered))
    prices = nr.price(book, partly, greeks=())
    payer, receiver, swap = prices["value"]
    assert np.all(prices["error_band"] < 1.0)
    assert swap - CENT <= payer < 1.01 * swap
    assert 0.0 < receiver < payer
