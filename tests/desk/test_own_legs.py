"""Legs with dates, day counts and payments of their own, against QuantLib built from the same fields."""

import datetime

import numpy as np
import pytest

import neuralrates as nr

TODAY = datetime.date(2024, 3, 19)
CALENDARS = ("TARGET", "London+New York", "Weekends")
DAY_COUNTS = ("Act/365F", "Act/360", "30/360", "30E/360", "Act/Act")


def market():
    times = [1.0, 5.0, 10.0, 30.0]
    discount = nr.market.ZeroCurve(times, [0.030, 0.028, 0.027, 0.026])
    projection = nr.market.ZeroCurve(times, [0.032, 0.030, 0.029, 0.028])
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", "EUR-EURIBOR-6M")
    volatility = nr.market.SwaptionVolatility(
        [1.0, 5.0, 10.0], [1.0, 5.0, 10.0], 0.008 + 0.0004 * np.arange(9.0).reshape(3, 3)
    )
    return nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, volatility)})


def boundaries(rng, start, years, months, rolled):
    """Dates by a calendar and a rule; those of rights on business days of the index, which the second code needs."""
    calendar = "TARGET" if rolled else rng.choice(CALENDARS)
    rule = rng.choice(["modified following", "following"] + ["unadjusted"] * (not rolled))
    end = datetime.date(start.year + years, start.month, start.day)
    dates = nr.conventions.schedule_dates(start, end, months, calendar, rule)
    return tuple(dates.astype(object))


def random_trade(number, kind, index):
    """A trade whose legs roll by calendars and rules of their own, so that they start some days apart."""
    rng = np.random.default_rng(number)
    start = datetime.date(2025, int(rng.integers(1, 13)), int(rng.integers(1, 29)))
    years = int(rng.integers(2, 9))
    overnight = index == "EUR-ESTR"
    rolled = kind in ("bermudan", "cancellable")
    fixed = boundaries(rng, start, years, 12, rolled)
    months = int(rng.choice([3, 12])) if overnight else 6
    floating = boundaries(rng, start, years, months, rolled)
    fields = {
        "trade_id": f"{kind}{number}",
        "currency": "EUR",
        "index": index,
        "side": str(rng.choice(["payer", "receiver"])),
        "position": str(rng.choice(["long", "short"])),
        "notional": 1e6,
        "strike": float(rng.uniform(0.01, 0.05)),
        "spread": float(rng.choice([0.0, 0.001])),
        "start_date": start,
        "maturity_date": fixed[-1],
        "fixed_dates": fixed,
        "floating_dates": floating,
        "fixed_day_count": str(rng.choice(DAY_COUNTS)),
        "floating_day_count": str(rng.choice(DAY_COUNTS)),
        "payment_lag": int(rng.integers(0, 4)),
        "notionals": tuple(rng.uniform(5e5, 1e6, len(fixed) - 1)),
    }
    if kind == "european":
        fields["exercise_dates"] = (min(fixed[0], floating[0]) - datetime.timedelta(days=5),)
    if kind in ("bermudan", "cancellable"):
        first = min(fixed[1], *floating[1:]) - datetime.timedelta(days=9)
        days = [day - datetime.timedelta(days=9) for day in fixed[1:-1]]
        fields["exercise_dates"] = tuple(days) or (first,)
    return fields


KINDS = {
    "swap": nr.trades.SwapTrade,
    "european": nr.trades.EuropeanSwaptionTrade,
    "bermudan": nr.trades.BermudanSwaptionTrade,
    "cancellable": nr.trades.CancellableSwapTrade,
}


@pytest.mark.parametrize(
    ("kind", "count"), [("swap", 60), ("european", 30), ("bermudan", 4), ("cancellable", 4)]
)
def test_against_quantlib(kind, count):
    trades = [
        KINDS[kind](**random_trade(n, kind, ("EUR-ESTR", "EUR-EURIBOR-6M")[n % 2]))
        for n in range(count)
    ]
    apart = [t.swap().floating.starts[0] != t.swap().fixed.starts[0] for t in trades]
    assert kind in ("bermudan", "cancellable") or any(apart)
    book, known = nr.trades.Book(tuple(trades)), market()
    table = nr.price(book, known, engine="reference")
    check = nr.desk.verify(book, known, table)
    assert set(check.status) == {"agrees"}, check[["trade_id", "difference", "status"]]


def test_a_floating_period_that_starts_before_the_fixed_one_is_paid():
    """The fixed leg rolls forward from Sunday 28 February, the floating one back; both halves of the first year are paid."""
    fields = random_trade(0, "swap", "EUR-EURIBOR-6M") | {
        "start_date": datetime.date(2027, 2, 28),
        "maturity_date": datetime.date(2028, 2, 28),
        "fixed_dates": (datetime.date(2027, 3, 1), datetime.date(2028, 2, 28)),
        "floating_dates": tuple(
            datetime.date(*day) for day in ((2027, 2, 26), (2027, 8, 30), (2028, 2, 28))
        ),
        "notionals": None,
    }
    schedule = nr.trades.SwapTrade(**fields).resolve(TODAY).swap
    assert schedule.floating.accruals.shape == (2,)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fixed_dates": "2025-03-21"}, "expected two dates at least"),
        ({"fixed_dates": "2025-04-21;2029-03-21"}, "from the start to the maturity, start_date"),
        ({"floating_dates": "2025-03-21;2028-03-21"}, "maturity_date 2029-03-21"),
        ({"fixed_day_count": "Act/Act.ICMA"}, "expected a day count among Act/365F"),
        ({"payment_lag": "31"}, "expected a whole number of business days from 0 to 30"),
    ],
)
def test_what_does_not_fit_is_named(fields, message):
    plain = {
        "trade_id": "S", "currency": "EUR", "index": "EUR-ESTR", "side": "payer", "notional": 1e6,
        "strike": 0.03, "start_date": "2025-03-21", "maturity_date": "2029-03-21",
    }  # fmt: skip
    with pytest.raises(nr.core.errors.InputError, match=message):
        nr.trades.SwapTrade(**plain, **fields)


def test_an_exercise_frequency_does_not_stand_beside_own_dates():
    fields = random_trade(1, "bermudan", "EUR-ESTR")
    del fields["exercise_dates"]
    fields |= {"first_exercise_date": fields["start_date"], "exercise_frequency": "1Y"}
    with pytest.raises(nr.core.errors.InputError, match="exercise_frequency"):
        nr.trades.BermudanSwaptionTrade(**fields)
