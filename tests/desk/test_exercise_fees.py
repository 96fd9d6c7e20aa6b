"""Fees on exercise and cash settlement, against QuantLib's formulas and its second code."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from desk.test_own_legs import TODAY, market
from neuralrates.core.errors import InputError

FIELDS = {
    "currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1e6, "strike": 0.03,
    "start_date": "2025-09-22", "maturity_date": "2031-09-22",
}  # fmt: skip
DATES = tuple(datetime.date(year, 9, 15) for year in range(2026, 2031))


def european(side="payer", **more):
    return nr.trades.EuropeanSwaptionTrade(trade_id="E", side=side, **FIELDS, **more)


def priced(*trades):
    book = nr.trades.Book(trades)
    return nr.price(book, market(), engine="reference")


@pytest.mark.parametrize("side", ["payer", "receiver"])
@pytest.mark.parametrize("fee", [8000.0, -5000.0])
def test_a_european_by_bacheliers_formula(side, fee):
    """The fee, paid at the start, moves the strike by its share of the annuity; the volatility stays that of the option."""
    trade = european(side, exercise_fees=(fee,))
    flat = trade.resolve(TODAY).swap
    curves = market()["EUR"].curves
    discount = curves.discount.discount_factor
    swap = european(side).resolve(TODAY)
    product = nr.trades.SwapTrade(trade_id="S", side=side, **FIELDS).resolve(TODAY)
    product = product.product(discount, curves.projection.discount_factor)
    annuity = float(product.annuity(discount))
    forward = float(product.par_rate(discount))
    start = float(swap.option.start_times[0])
    expiry = float(swap.option.exercise_times[0])
    length = float(flat.fixed.end_times[-1]) - start
    shift = fee / 1e6 * float(discount(start)) / annuity * (1.0 if side == "payer" else -1.0)
    deviation = float(market()["EUR"].swaption_volatility(expiry, length)) * np.sqrt(expiry)
    kind = ql.Option.Call if side == "payer" else ql.Option.Put
    right = 1e6 * ql.bachelierBlackFormula(kind, 0.03 + shift, forward, deviation, annuity)
    assert priced(trade).value[0] == pytest.approx(right, abs=0.01)


def test_rights_with_fees_agree_with_the_second_code():
    fees = (9000.0, 0.0, 4000.0, -2000.0, 3000.0)
    several = {"exercise_dates": DATES, "exercise_fees": fees}
    trades = [
        nr.trades.BermudanSwaptionTrade(trade_id="B", side="payer", **FIELDS, **several),
        nr.trades.BermudanSwaptionTrade(
            trade_id="R", side="receiver", position="short", **FIELDS, **several
        ),
        nr.trades.CancellableSwapTrade(trade_id="C", side="payer", **FIELDS, **several),
        european(exercise_fees="12000", exercise_fee_dates=(datetime.date(2025, 10, 6),)),
    ]  # fmt: skip
    book = nr.trades.Book(tuple(trades))
    table = nr.price(book, market(), engine="reference")
    check = nr.desk.verify(book, market(), table)
    assert set(check.status) == {"agrees"}, check[["trade_id", "difference", "status"]]
    free = nr.trades.BermudanSwaptionTrade(
        trade_id="F", side="payer", exercise_dates=DATES, **FIELDS
    )
    assert priced(free).value[0] > table.value[0] + 100.0


def test_fees_paid_later_cost_less():
    several = {"exercise_dates": DATES, "exercise_fees": (9000.0,), **FIELDS}
    paid = tuple(day + datetime.timedelta(days=14) for day in DATES)
    late = nr.trades.BermudanSwaptionTrade(
        trade_id="L", side="payer", exercise_fee_dates=paid, **several
    )
    early = nr.trades.BermudanSwaptionTrade(trade_id="E", side="payer", **several)
    value = priced(late, early).value
    least = value[1]
    # One week at 3 percent on 9,000, at most, times the chance of exercise.
    assert least < value[0] < least + 9000.0 * 0.035 * 10.0 / 365.0


def test_a_fee_that_makes_exercise_hopeless_leaves_the_swap():
    called = nr.trades.CancellableSwapTrade(
        trade_id="C", side="payer", exercise_dates=DATES, exercise_fees=(5e5,), **FIELDS
    )
    swap = nr.trades.SwapTrade(trade_id="S", side="payer", **FIELDS)
    table = priced(called, swap)
    assert table.value[0] == pytest.approx(table.value[1], abs=1.0)


def test_learned_engines_leave_fees_to_the_reference():
    trade = nr.trades.BermudanSwaptionTrade(
        trade_id="B", side="payer", exercise_dates=DATES, exercise_fees=(100.0,), **FIELDS
    )
    table = nr.price(nr.trades.Book((trade,)), market(), engine="learned")
    assert table.engine[0] == "reference"


def test_cash_collateralised_is_worth_the_swap():
    physical, cash = (
        priced(european()).value[0],
        priced(european(settlement="cash collateralised")).value[0],
    )
    assert cash == physical


@pytest.mark.parametrize("settlement", ["cash", "cash zero coupon"])
def test_other_cash_settlements_are_refused_by_name(settlement):
    with pytest.raises(nr.core.errors.RefusalError, match="another amount than the swap is worth"):
        european(settlement=settlement)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"exercise_fees": "1;2"}, "expected one amount, or 5: one per exercise, found 2"),
        ({"exercise_fees": "much"}, "expected amounts in currency"),
        ({"exercise_fee_dates": DATES}, "beside exercise_fee_dates, found nothing"),
        ({"exercise_fees": "1", "exercise_fee_dates": DATES[:2]}, "expected 5 dates"),
        (
            {"exercise_fees": "1", "exercise_fee_dates": (datetime.date(2026, 9, 1), *DATES[1:])},
            "on or after the exercise on 2026-09-15",
        ),
    ],
)
def test_what_does_not_fit_is_named(more, message):
    with pytest.raises(InputError, match=message):
        nr.trades.BermudanSwaptionTrade(
            trade_id="B", side="payer", exercise_dates=DATES, **FIELDS, **more
        )


def test_fees_of_a_cancellable_on_dates_of_their_own_are_paid():
    """A payer that may be cancelled is the payer and the right to the receiver, whose fee falls where the swap pays nothing."""
    fees = {"exercise_fees": (5e3,), "exercise_fee_dates": [day.replace(month=11) for day in DATES]}
    called = nr.trades.CancellableSwapTrade(
        trade_id="C", side="payer", exercise_dates=DATES, **fees, **FIELDS
    )
    swap = nr.trades.SwapTrade(trade_id="S", side="payer", **FIELDS)
    right = nr.trades.BermudanSwaptionTrade(
        trade_id="B", side="receiver", exercise_dates=DATES, **fees, **FIELDS
    )
    table = priced(called, swap, right)
    assert table.value[0] == pytest.approx(table.value[1] + table.value[2], abs=0.2)
