"""Floating rates that are fixed already: which are asked for, which are honoured, and to what value."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

D = datetime.date
FLAT = nr.market.FlatCurve(0.04).discount_factor
TRADE = {"trade_id": "T", "side": "payer", "notional": 1e6, "strike": 0.04}
LIBOR = TRADE | {"currency": "USD", "index": "USD-LIBOR-3M"}
LIBOR |= {"start_date": "2024-06-21", "maturity_date": "2029-06-21"}
SOFR = TRADE | {"currency": "USD", "index": "USD-SOFR"}
SOFR |= {"start_date": "2022-03-21", "maturity_date": "2027-03-21"}
EURIBOR = TRADE | {"currency": "EUR", "index": "EUR-EURIBOR-6M"}
EURIBOR |= {"start_date": "2011-08-08", "maturity_date": "2021-08-08"}


def schedule(fields, day, **changes):
    return nr.trades.SwapTrade(**(fields | changes)).resolve(day).schedule


def value(fields, day, **changes):
    return 1e6 * float(
        schedule(fields, day, **changes).resolve(FLAT, FLAT, 0.04, "payer").value(FLAT)
    )


# Right values from QuantLib 1.44, on the trade's own fields and the same curve.
@pytest.mark.parametrize(
    ("fields", "day", "fixing", "right"),
    [
        (LIBOR, D(2024, 6, 20), 0.05, 4579.58),
        (LIBOR, D(2024, 6, 21), 0.05, 4580.08),
        (SOFR, D(2024, 3, 21), 0.05, 10871.95),
    ],
    ids=["fixed before it starts", "starts today", "over but not paid"],
)
def test_a_known_rate_is_worth_what_it_pays(fields, day, fixing, right):
    assert value(fields, day, current_fixing=fixing) == pytest.approx(right, abs=0.005)


def test_a_rate_fixed_today_may_be_stated_and_is_projected_otherwise():
    # Fixed in London on 2024-06-19, a holiday in New York.
    day = D(2024, 6, 19)
    projected = value(LIBOR, day)
    period = schedule(LIBOR, day).floating
    forward = (float(FLAT(period.start_times[0]) / FLAT(period.end_times[0])) - 1.0) / float(
        period.accruals[0]
    )
    assert value(LIBOR, day, current_fixing=forward) == pytest.approx(projected, abs=1e-9)
    assert schedule(LIBOR, day, current_fixing=0.05).floating.index_weights[0] == 0.0


def test_a_rate_fixed_yesterday_is_asked_for_before_the_period_begins():
    for day in (D(2024, 6, 20), D(2024, 6, 21)):
        with pytest.raises(InputError, match="`current_fixing`.* 2024-06-21, found nothing"):
            schedule(LIBOR, day)


def test_the_next_rate_is_asked_for_once_it_is_fixed():
    # The period from 2016-02-08, a Monday, is fixed on the Thursday before.
    day, fixing = D(2016, 2, 5), {"current_fixing": 0.00163}
    with pytest.raises(InputError, match="`next_fixing`.*begins on 2016-02-08, found nothing"):
        schedule(EURIBOR, day, **fixing)
    known = value(EURIBOR, day, **fixing, next_fixing=0.00002)
    higher = value(EURIBOR, day, **fixing, next_fixing=0.01002)
    floating = schedule(EURIBOR, day, **fixing, next_fixing=0.00002).floating
    assert np.array_equal(floating.index_weights[:3], [0.0, 0.0, 1.0])
    coupon = 1e6 * 0.01 * (182 / 360) * float(FLAT(floating.payment_times[1]))
    assert higher - known == pytest.approx(coupon, abs=1e-8)
    assert value(EURIBOR, D(2016, 2, 4), **fixing) != value(
        EURIBOR, D(2016, 2, 4), **fixing, next_fixing=0.00002
    )


def test_two_rates_are_asked_for_between_an_end_and_its_payment():
    # The second period ends on 2024-03-21 and pays on the 25th.
    day = D(2024, 3, 22)
    with pytest.raises(InputError, match="`previous_fixing`.*began on 2023-03-21, found nothing"):
        schedule(SOFR, day, current_fixing=0.053)
    with pytest.raises(InputError, match="`current_fixing`.*began on 2024-03-21, found nothing"):
        schedule(SOFR, day, previous_fixing=0.05)
    fixings = {"previous_fixing": 0.05, "current_fixing": 0.053}
    known = value(SOFR, day, **fixings)
    assert value(SOFR, day, **fixings | {"previous_fixing": 0.06}) - known == pytest.approx(
        1e6 * 0.01 * (366 / 360) * float(FLAT(3 / 365)), abs=1e-8
    )
    # One day of 5.3 percent, then the curve: the rest of the swap as it stands without the old coupon.
    growth, ends = 1.0 + 0.053 / 360, [364, 731, 1095]
    pays, accruals = [368, 733, 1097], [365 / 360, 367 / 360, 364 / 360]
    times = np.array([0, *ends]) / 365
    coupons = np.exp(0.04 * np.diff(times)) * np.array([growth, 1.0, 1.0]) - 1.0
    rest = np.exp(-0.04 * np.array(pays) / 365) @ (coupons - 0.04 * np.array(accruals))
    old = (0.05 - 0.04) * (366 / 360) * np.exp(-0.04 * 3 / 365)
    assert known == pytest.approx(1e6 * (rest + old), abs=1e-7)


def test_the_last_coupon_is_worth_something_until_it_is_paid():
    day = D(2027, 3, 22)  # ended on the 22nd, a Monday, pays on the 24th
    last = value(SOFR, day, current_fixing=0.05)
    assert last == pytest.approx(1e6 * 0.01 * (364 / 360) * float(FLAT(2 / 365)), abs=1e-8)
    assert schedule(SOFR, day, current_fixing=0.05).fixed.accruals.shape == (1,)
    with pytest.raises(InputError, match="`maturity_date`.*found 2027-03-24"):
        schedule(SOFR, D(2027, 3, 24), current_fixing=0.05)


@pytest.mark.parametrize(
    ("fields", "day", "name"),
    [
        (LIBOR, D(2024, 6, 18), "current_fixing"),
        (LIBOR, D(2024, 6, 18), "next_fixing"),
        (LIBOR, D(2024, 6, 19), "previous_fixing"),
        (SOFR, D(2022, 3, 21), "current_fixing"),
        (SOFR, D(2022, 3, 18), "previous_fixing"),
    ],
)
def test_a_rate_that_nothing_pays_is_refused(fields, day, name):
    with pytest.raises(InputError, match=f"field `{name}`: expected nothing: on {day}"):
        schedule(fields, day, **{name: 0.05})


def test_an_old_rate_already_paid_is_refused():
    with pytest.raises(InputError, match="field `previous_fixing`: expected nothing"):
        schedule(SOFR, D(2024, 3, 25), previous_fixing=0.05, current_fixing=0.053)


def test_a_cancellable_takes_the_fixings_of_its_swap():
    fields = SOFR | {"exercise_dates": "2025-03-19;2026-03-19", "current_fixing": 0.053}
    trade = nr.trades.CancellableSwapTrade(**fields, previous_fixing=0.05)
    resolved = trade.resolve(D(2024, 3, 22))
    assert resolved.schedule.swap.floating.index_weights[0] == 0.0
    assert resolved.schedule.right.swap.floating.accruals.shape == (2,)


def test_padding_changes_no_value_where_a_coupon_waits_for_its_payment():
    day, fixings = D(2024, 3, 22), {"previous_fixing": 0.05, "current_fixing": 0.053}
    wide = nr.trades.pad_swap_schedule(schedule(SOFR, day, **fixings), 8, 8, 32)
    swap = wide.resolve(FLAT, FLAT, 0.04, "payer")
    assert 1e6 * float(swap.value(FLAT)) == pytest.approx(value(SOFR, day, **fixings), abs=1e-9)
