"""Dated trades: what they accept, and what they are on a valuation date."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError, RefusalError

D = datetime.date
TODAY = D(2024, 3, 19)
SWAP = {
    "trade_id": "T",
    "currency": "USD",
    "index": "USD-SOFR",
    "side": "payer",
    "notional": 1e6,
    "strike": 0.03,
    "start_date": "2024-03-21",
    "maturity_date": "2034-03-21",
}
BERMUDAN = SWAP | {"first_exercise_date": "2025-03-21"}
CURVE = nr.market.Svensson(0.02, -0.01, 0.01, 0.01, 2.0, 8.0).discount_factor
PROJECTION = nr.market.Svensson(0.025, -0.01, 0.01, 0.01, 2.0, 8.0).discount_factor


def swap(**changes):
    return nr.trades.SwapTrade(**(SWAP | changes))


def european(**changes):
    return nr.trades.EuropeanSwaptionTrade(**(SWAP | changes))


def bermudan(**changes):
    return nr.trades.BermudanSwaptionTrade(**(BERMUDAN | changes))


def cancellable(**changes):
    return nr.trades.CancellableSwapTrade(**(BERMUDAN | changes))


def test_exercises_are_notices_before_each_period():
    resolved = bermudan().resolve(TODAY)
    assert len(resolved.exercise_dates) == 9
    assert resolved.exercise_dates[:2] == (D(2025, 3, 19), D(2026, 3, 19))
    assert resolved.kind == "bermudan"
    starts = resolved.schedule.start_times
    assert np.array_equal(starts, resolved.schedule.swap.fixed.start_times)
    assert resolved.schedule.exercise_times[0] == 1.0


def test_first_exercise_may_be_given_as_the_notice_or_as_the_start():
    by_start = bermudan().resolve(TODAY)
    by_notice = bermudan(first_exercise_date="2025-03-19").resolve(TODAY)
    assert by_start.exercise_dates == by_notice.exercise_dates


def test_frequency_and_notice():
    resolved = bermudan(exercise_frequency="2Y", notice_days=5).resolve(TODAY)
    assert resolved.exercise_dates[0] == D(2025, 3, 14)
    assert [d.year for d in resolved.exercise_dates] == [2025, 2027, 2029, 2031, 2033]


def test_explicit_dates_enter_the_next_period():
    dates = "2025-03-19;2025-09-01 2026-03-19"
    resolved = bermudan(first_exercise_date=None, exercise_dates=dates).resolve(TODAY)
    starts = np.array(resolved.schedule.start_times)
    assert starts[1] == starts[2]
    assert starts[0] < starts[1]


def test_european_gives_notice_before_its_start():
    resolved = european(start_date="2025-03-21").resolve(TODAY)
    assert resolved.exercise_dates == (D(2025, 3, 19),)
    early = european(start_date="2026-03-23", exercise_dates="2025-03-19").resolve(TODAY)
    assert early.schedule.exercise_times[0] == 1.0
    assert early.schedule.start_times[0] > 2.0


def test_lapsed_exercises_are_dropped_with_the_periods_before():
    later = bermudan().resolve(D(2027, 3, 19))
    assert later.exercise_dates[0] == D(2028, 3, 17)
    assert later.schedule.swap.fixed.start_times[0] == later.schedule.start_times[0]
    with pytest.raises(InputError, match="trade T.*`exercise_dates`.*2033-03-17 as the last"):
        bermudan().resolve(D(2033, 3, 18))


def test_swap_that_has_begun_needs_its_fixing():
    for trade in (swap(), cancellable()):
        with pytest.raises(InputError, match="`current_fixing`.*began on 2024-03-21"):
            trade.resolve(D(2024, 9, 19))
    with pytest.raises(InputError, match="`maturity_date`.*found 2034-03-23"):
        swap().resolve(D(2034, 3, 23))


def test_overnight_rate_compounded_so_far():
    today, fixing = D(2024, 9, 19), 0.053
    resolved = swap(current_fixing=fixing, strike=0.0).resolve(today)
    floating = resolved.schedule.floating
    growth = 1.0 + fixing * (today - D(2024, 3, 21)).days / 360.0
    coupons = [growth * float(1.0 / CURVE(floating.end_times[0])) - 1.0] + [
        float(CURVE(s) / CURVE(e)) - 1.0
        for s, e in zip(floating.start_times[1:], floating.end_times[1:], strict=True)
    ]
    expected = sum(
        c * float(CURVE(p)) for c, p in zip(coupons, floating.payment_times, strict=True)
    )
    assert resolved.product(CURVE, CURVE).value(CURVE) == pytest.approx(expected, abs=1e-14)


def test_term_rate_known_for_the_current_period():
    euribor = {"currency": "EUR", "index": "EUR-EURIBOR-6M", "strike": 0.0, "spread": 0.001}
    known = swap(**euribor, current_fixing=0.04).resolve(D(2024, 6, 19))
    lower = swap(**euribor, current_fixing=0.03).resolve(D(2024, 6, 19))
    floating = known.schedule.floating
    difference = known.product(CURVE, PROJECTION).value(CURVE) - lower.product(
        CURVE, PROJECTION
    ).value(CURVE)
    expected = 0.01 * float(floating.accruals[0] * CURVE(floating.payment_times[0]))
    assert difference == pytest.approx(expected, abs=1e-14)
    assert floating.index_weights[0] == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"strike": 3.25},
            "field `strike`: expected a decimal from -0.5 to 0.5, like 0.0325, found 3.25",
        ),
        (
            {"strike": float("nan")},
            "field `strike`: expected a decimal from -0.5 to 0.5, like 0.0325, found nan",
        ),
        ({"strike": True}, "field `strike`: expected a decimal"),
        (
            {"spread": 10},
            "field `spread`: expected a decimal from -0.5 to 0.5, like 0.0010, found 10",
        ),
        ({"notional": -1.0}, "field `notional`: expected an amount in currency from 1e-6 to 1e13"),
        ({"notional": 1e20}, "field `notional`: expected an amount"),
        ({"notional": "1_000"}, "field `notional`: expected an amount"),
        (
            {"start_date": "21/03/2024"},
            "field `start_date`: expected a date from 1950 to 2149, like 2024-03-21",
        ),
        ({"start_date": "20240321"}, "field `start_date`"),
        ({"start_date": 19803}, "field `start_date`"),
        ({"start_date": "2024-02-30"}, "field `start_date`"),
        ({"start_date": "1066-10-14"}, "field `start_date`"),
        ({"maturity_date": "2024-03-21"}, "field `maturity_date`: expected a date after the start"),
        ({"index": "USD-PRIME"}, "field `index`: expected an index among USD-SOFR"),
        ({"currency": "EUR"}, "field `currency`: expected USD, the currency of USD-SOFR"),
        ({"side": "buyer"}, "field `side`: expected `payer` or `receiver`"),
        ({"trade_id": ""}, "field `trade_id`: expected a name.* found nothing"),
        ({"trade_id": "a\nb"}, "field `trade_id`: expected a name"),
        ({"notionals": "1e6;9e5"}, "field `notionals`: expected one amount per fixed period, 10"),
        ({"stub": "long"}, "field `stub`"),
        ({"projection": "own"}, "field `projection`: expected `accrual` or `index`, found own"),
        ({"projection": "index"}, "field `projection`: expected `accrual` for USD-SOFR"),
        ({"strke": 0.03}, "field `strke`: no such field for a bermudan; it has kind, trade_id"),
        ({"exercise_frequency": "18M"}, "field `exercise_frequency`: expected a multiple of the"),
        ({"exercise_frequency": "yearly"}, "field `exercise_frequency`: expected a tenor like 1Y"),
        ({"notice_days": 1.5}, "field `notice_days`: expected a whole number of business days"),
        ({"first_exercise_date": "2035-03-21"}, "field `first_exercise_date`: .* no later than"),
        ({"first_exercise_date": None}, "field `exercise_dates`: .* found neither"),
        ({"exercise_dates": "2025-03-19"}, "field `first_exercise_date`: expected nothing beside"),
    ],
)
def test_bad_field_is_named_with_what_was_expected(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        bermudan(**changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ("2026-03-19;2025-03-19", "expected increasing dates"),
        ("2034-03-21", "no later than 2033-03-21"),
        ("soon", "found soon"),
    ],
)
def test_bad_exercise_dates(dates, message):
    with pytest.raises(InputError, match=message):
        bermudan(first_exercise_date=None, exercise_dates=dates)


def test_every_bad_field_is_listed_at_once():
    with pytest.raises(nr.trades.BookError) as caught:
        swap(strike=3.0, notional=0, side="buyer", maturity_date=None)
    columns = {error.column for error in caught.value.errors}
    assert columns == {"strike", "notional", "side", "maturity_date"}


@pytest.mark.parametrize("make", [european, bermudan, cancellable])
def test_cash_settlement_is_refused_by_name(make):
    with pytest.raises(RefusalError, match="another amount than the swap is worth.*`physical`"):
        make(settlement="cash zero coupon")


def test_european_has_one_exercise():
    with pytest.raises(InputError, match="one exercise date for a european, found 2"):
        european(exercise_dates="2025-03-19;2026-03-19")
    with pytest.raises(InputError, match="no such field for a european"):
        european(first_exercise_date="2025-03-19")


def test_trades_are_immutable():
    with pytest.raises(Exception, match="frozen"):
        swap().strike = 0.04


def test_resolved_schedules_are_shared_and_cannot_be_written_to():
    """What is resolved twice on a day is one schedule: a caller who wrote to it would move later prices."""
    resolved = bermudan().resolve(TODAY)
    assert resolved.schedule is bermudan().resolve(TODAY).schedule
    with pytest.raises(ValueError, match="read-only"):
        resolved.swap.fixed.accruals[0] = 2.0


def test_a_leg_that_accrues_nothing_is_refused():
    # 30/360 counts no day from the 30th to the 31st.
    fields = {"index": "EUR-EURIBOR-6M", "currency": "EUR"}
    with pytest.raises(InputError, match="`maturity_date`"):
        swap(**fields, start_date="2024-07-30", maturity_date="2024-07-31")
