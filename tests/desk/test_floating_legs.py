"""Basis swaps and floating coupons of several resets: against QuantLib from the fields, bumps, and closed forms."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError, NeuralratesError, RefusalError
from neuralrates.core.units import basis_point
from neuralrates.exposures.netting import netting_of

TODAY = datetime.date(2024, 3, 19)
TIMES = [1.0, 5.0, 10.0, 40.0]
ZERO_RATES = ([0.030, 0.028, 0.027, 0.026], [0.032, 0.030, 0.029, 0.028])
RATES = {"EUR": ("EUR-ESTR", "EUR-EURIBOR-3M"), "USD": ("USD-SOFR", "USD-LIBOR-1M")}
METHODS = ("flat", "straight", "spread exclusive", "averaged")


def market(discount_step=0.0, projection_step=0.0):
    found = {}
    for currency, names in RATES.items():
        steps = (discount_step, projection_step)
        curves = (
            nr.market.ZeroCurve(TIMES, np.array(rates) + step)
            for rates, step in zip(ZERO_RATES, steps, strict=True)
        )
        found[currency] = nr.market.CurrencyMarket(currency, nr.market.CurveSystem(*curves, *names))
    return nr.market.Market(TODAY, found)


def basis_swap(number):
    """Either leg first, begun and to begin, spreads and notionals by period, periods of several lengths, dates of its own."""
    rng = np.random.default_rng(number)
    currency = ("EUR", "USD")[number % 2]
    overnight, term = RATES[currency]
    first, second = (overnight, term) if number % 3 == 0 else (term, overnight)
    start = datetime.date(2024, 4, 2) + datetime.timedelta(days=int(rng.integers(0, 600)))
    years = int(rng.integers(1, 12))
    fields = {
        "trade_id": f"B{number}", "currency": currency, "index": first, "second_index": second,
        "side": str(rng.choice(["payer", "receiver"])), "position": str(rng.choice(["long", "short"])),
        "notional": 1e6, "start_date": start, "stub": str(rng.choice(["short front", "short back"])),
        "maturity_date": start + datetime.timedelta(days=int(years * 365 + rng.integers(0, 60))),
    }  # fmt: skip
    if number % 5 < 2:
        days = (datetime.date(2024, 3, 5), datetime.date(2029, 3, 5))
        fields |= {"start_date": days[0], "maturity_date": days[1]}
        fields |= {"current_fixing": 0.041, "second_current_fixing": 0.035}
        if currency == "USD":  # its payments lag
            fields |= {"payment_lag": 0}
    if number % 4 == 1:
        fields |= {"frequency": "3M", "second_frequency": "6M"}
        fields |= {"projection": "index"} if first == term else {}
    if number % 4 == 3:
        fields |= {"second_day_count": "Act/365F", "payment_lag": 2}
    trade = nr.trades.BasisSwapTrade(**fields)
    counts = [one.floating.starts.size for one in trade.floating_swaps.values()]
    names = {
        "spread": rng.uniform(-0.004, 0.004),
        "second_spreads": tuple(rng.uniform(-0.004, 0.004, counts[1])),
    }
    if number % 7 < 3:
        names["floating_notionals"] = tuple(rng.uniform(4e5, 1e6, counts[0]))
        names["second_notionals"] = tuple(rng.uniform(4e5, 1e6, counts[1]))
    return nr.trades.BasisSwapTrade(**fields | names)


def compounding_swap(number):
    """Every method, resets of one and three months, payments of two resets and more, once at maturity, begun and to begin."""
    rng = np.random.default_rng(number)
    currency = ("EUR", "USD")[number % 2]
    method = METHODS[number // 2 % 4]
    frequency = str(
        rng.choice(["6M", "1Y", "once"] if currency == "EUR" else ["2M", "3M", "6M", "1Y"])
    )
    if method == "straight":
        frequency = "6M" if currency == "EUR" else "2M"
    start = datetime.date(2024, 4, 2) + datetime.timedelta(days=int(rng.integers(0, 600)))
    fields = {
        "trade_id": f"C{number}", "currency": currency, "index": RATES[currency][1],
        "side": str(rng.choice(["payer", "receiver"])), "position": str(rng.choice(["long", "short"])),
        "notional": 1e6, "strike": float(rng.uniform(0.0, 0.05)), "start_date": start,
        "maturity_date": start + datetime.timedelta(days=int(365 * rng.integers(1, 12) + rng.integers(0, 60))),
        "payment_frequency": frequency, "compounding": method, "spread": float(rng.uniform(-0.005, 0.005)),
        "stub": str(rng.choice(["short front", "short back"])),
    }  # fmt: skip
    if number % 9 < 3:
        fields |= {
            "start_date": datetime.date(2023, 12, 5),
            "maturity_date": datetime.date(2026, 12, 5),
        }
        for count in range(14):
            trade = nr.trades.CompoundingSwapTrade(
                **fields, known_resets=tuple(rng.uniform(0.02, 0.05, count)) or None
            )
            try:
                trade.resolve(TODAY)
            except InputError:
                continue
            break
        return trade
    if number % 9 == 3:
        fields |= {"payment_lag": 2}
    trade = nr.trades.CompoundingSwapTrade(**fields)
    if number % 9 == 4:
        count = trade.swap().floating.starts.size
        fields |= {"spread": 0.0, "spreads": tuple(rng.uniform(-0.005, 0.005, count))}
    return nr.trades.CompoundingSwapTrade(**fields)


@pytest.mark.parametrize("make", [basis_swap, compounding_swap])
def test_two_hundred_of_each_against_the_second_code(make):
    book, known = nr.trades.Book(tuple(make(number) for number in range(200))), market()
    check = nr.desk.verify(book, known, nr.price(book, known))
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"].to_string()
    assert check.difference.abs().max() < 1e-6


@pytest.mark.parametrize("make", [basis_swap, compounding_swap])
def test_deltas_by_curve_are_their_bumps(make):
    book = nr.trades.Book(tuple(make(number) for number in range(12)))
    table = nr.price(book, market(), greeks=["zero_delta"])
    columns = [
        name for name in table.columns if name.startswith("zero_delta") and "zero rate" in name
    ]
    overnight = [name for name in columns if "ESTR" in name or "SOFR" in name]
    term = [name for name in columns if name not in overnight]
    for several, steps in ((overnight, (1.0, 0.0)), (term, (0.0, 1.0))):
        up, down = (
            nr.price(book, market(*(sign * 1e-5 * np.array(steps)))).value for sign in (1.0, -1.0)
        )
        bumped = (up - down) / 2e-5 * basis_point
        found = table[several].sum(axis=1)
        np.testing.assert_allclose(found, bumped, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_payment_of_two_resets_by_hand(method):
    """Rates of 4 and 5 percent over half years, a spread of 1 percent, written out."""
    from neuralrates.trades.compounding import coupon

    accruals, spreads = np.array([0.5, 0.5]), np.array([0.01, 0.01])
    first, second = 1.0 + 0.5 * 0.04, 1.0 + 0.5 * 0.05
    expected = {
        "flat": first * second - 1.0 + 0.005 * second + 0.005,
        "straight": (first + 0.005) * (second + 0.005) - 1.0,
        "spread exclusive": first * second - 1.0 + 0.01,
        "averaged": 0.5 * 0.05 + 0.5 * 0.06,
    }[method]
    for known in ((), (0.04,), (0.04, 0.05)):
        found = coupon(method, accruals, spreads, known)
        growth = np.array([first, second])
        spans = sum(
            one.weight * (growth[one.first : one.last + 1].prod() - 1.0) for one in found.spans
        )
        assert spans + found.amount == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("method", "averaging", "own"),
    [
        ("straight", ql.RateAveraging.Compound, "rateSpreads"),
        ("spread exclusive", ql.RateAveraging.Compound, "couponSpreads"),
        ("averaged", ql.RateAveraging.Simple, "rateSpreads"),
    ],
)
def test_quantlibs_own_coupons_of_several_resets(method, averaging, own):
    """QuantLib's instrument projects over the index's own periods: the resets here are these."""
    own_periods = ql.Euribor3M()
    days = [ql.Date(21, 6, 2024)]
    for _ in range(40):
        days.append(own_periods.maturityDate(days[-1]))
    dates = [datetime.date(one.year(), one.month(), one.dayOfMonth()) for one in days]
    trade = nr.trades.CompoundingSwapTrade(
        trade_id="C", currency="EUR", index="EUR-EURIBOR-3M", side="payer", notional=1e6, strike=0.0, spread=0.004,
        start_date=dates[0], maturity_date=dates[-1], floating_dates=dates, payment_frequency="6M", compounding=method,
    )  # fmt: skip
    found = nr.price(nr.trades.Book((trade,)), market()).value[0]
    with evaluation_date(TODAY):
        today = ql.Date(19, 3, 2024)
        handles = []
        for rates in ZERO_RATES:
            read = ql.LinearInterpolation([0.0, *TIMES], [0.0, *(np.array(TIMES) * rates)])
            factors = [float(np.exp(-read(n / 365.0))) for n in range(365 * 30)]
            later = [today + n for n in range(365 * 30)]
            curve = ql.DiscountCurve(later, factors, ql.Actual365Fixed())
            handles.append(ql.YieldTermStructureHandle(curve))
        leg = ql.MultipleResetsLeg(
            ql.Schedule(days), ql.Euribor3M(handles[1]), 2, [1e6], ql.Actual360(), averagingMethod=averaging, **{own: [0.004]}
        )  # fmt: skip
        assert found == pytest.approx(ql.CashFlows.npv(leg, handles[0], False), abs=1e-3)


def test_a_basis_swap_is_its_legs():
    """Each leg as one leg of a swap: the value is the difference."""
    shared = {
        "currency": "EUR",
        "notional": 1e6,
        "start_date": "2024-06-21",
        "maturity_date": "2030-06-21",
        "strike": 0.0,
    }
    basis = nr.trades.BasisSwapTrade(
        **shared, trade_id="B", index="EUR-EURIBOR-3M", side="receiver", second_index="EUR-ESTR",
        second_frequency="1Y", second_spread=0.002,
    )  # fmt: skip
    legs = [
        nr.trades.SwapTrade(
            **shared, trade_id=index, index=index, side=side, leg="floating", spread=spread
        )
        for index, side, spread in (
            ("EUR-EURIBOR-3M", "payer", 0.0),
            ("EUR-ESTR", "receiver", 0.002),
        )
    ]
    values = nr.price(nr.trades.Book((basis, *legs)), market()).value
    assert values[0] == pytest.approx(values[1] + values[2], abs=1e-8)


def test_published_rates_fill_what_is_fixed():
    """Of a payment that has begun: two resets fixed, the third is open."""
    fields = {
        "trade_id": "C", "currency": "EUR", "index": "EUR-EURIBOR-3M", "side": "payer", "notional": 1e6, "strike": 0.03,
        "start_date": "2023-12-05", "maturity_date": "2026-12-05", "payment_frequency": "1Y", "compounding": "flat",
    }  # fmt: skip
    days = ("2023-12-01", "2024-03-01")
    rates = {
        datetime.date.fromisoformat(day): rate
        for day, rate in zip(days, (0.039, 0.038), strict=True)
    }
    fixings = nr.market.IndexFixings({"EUR-EURIBOR-3M": rates}, "fixings.csv")
    filled, stated = (
        nr.trades.CompoundingSwapTrade(**fields),
        nr.trades.CompoundingSwapTrade(**fields, known_resets=(0.039, 0.038)),
    )
    found = nr.price(nr.trades.Book((filled,)), market(), fixings=fixings).value[0]
    assert found == nr.price(nr.trades.Book((stated,)), market()).value[0]
    with pytest.raises(NeuralratesError, match="known_resets.*2 in all, found 0"):
        nr.price(nr.trades.Book((filled,)), market())


PLAIN = {
    "trade_id": "S", "currency": "EUR", "index": "EUR-EURIBOR-3M", "side": "payer", "notional": 1e6,
    "strike": 0.0, "start_date": "2025-03-21", "maturity_date": "2028-03-21",
}  # fmt: skip
BASIS = PLAIN | {"second_index": "EUR-ESTR"}
RESETS = PLAIN | {"payment_frequency": "6M", "compounding": "flat"}


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (nr.trades.BasisSwapTrade, PLAIN, "second_index.*found nothing"),
        (nr.trades.BasisSwapTrade, BASIS | {"second_index": "USD-SOFR"}, "another index of EUR"),
        (nr.trades.BasisSwapTrade, BASIS | {"second_index": "EUR-EURIBOR-3M"}, "another index of EUR"),
        (nr.trades.BasisSwapTrade, BASIS | {"strike": 0.01}, "a basis swap has no fixed leg"),
        (nr.trades.BasisSwapTrade, BASIS | {"second_spreads": "0.1;0.2"}, "second_spreads.*12 in all"),
        (nr.trades.BasisSwapTrade, BASIS | {"second_notionals": "1e6"}, "second_notionals.*12 in all"),
        (nr.trades.CompoundingSwapTrade, RESETS | {"index": "EUR-ESTR"}, "fixed in advance"),
        (nr.trades.CompoundingSwapTrade, RESETS | {"payment_frequency": "5M"}, "a multiple of the index's 3M"),
        (nr.trades.CompoundingSwapTrade, RESETS | {"compounding": "simple"}, "`flat`, `straight`"),
        (nr.trades.CompoundingSwapTrade, RESETS | {"projection": "index"}, "expected `accrual`"),
        (nr.trades.CompoundingSwapTrade, RESETS | {"floating_day_count": "30/360"}, "accrues as its index"),
        (
            nr.trades.CompoundingSwapTrade,
            RESETS | {"compounding": "straight", "payment_frequency": "1Y", "spread": 0.001},
            "two resets a payment at most, found 4",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(kind, fields, message):
    with pytest.raises(InputError, match=message):
        kind(**fields)


def test_a_market_without_the_second_curve_says_so():
    trade = nr.trades.BasisSwapTrade(**BASIS | {"second_index": "EUR-EURIBOR-6M"})
    table = nr.price(nr.trades.Book((trade,)), market(), keep_going=True)
    assert "(EUR-ESTR or EUR-EURIBOR-3M), found EUR-EURIBOR-6M" in table.status[0]


def test_two_overnight_rates_are_taken_in_either_order():
    """The rate that is projected first, or that of the discount curve: a payer of the one receives the other."""
    curves = (nr.market.ZeroCurve(TIMES, np.array(rates)) for rates in ZERO_RATES)
    system = nr.market.CurveSystem(*curves, "USD-SOFR", "USD-FEDFUNDS")
    dollars = nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", system)})
    fields = {
        "currency": "USD", "notional": 1e6, "start_date": "2024-03-21", "maturity_date": "2029-03-21",
    }  # fmt: skip
    trades = [
        nr.trades.BasisSwapTrade(
            **fields, trade_id=index, index=index, second_index=second, side="payer"
        )
        for index, second in (("USD-FEDFUNDS", "USD-SOFR"), ("USD-SOFR", "USD-FEDFUNDS"))
    ]
    book = nr.trades.Book(tuple(trades))
    table = nr.price(book, dollars, greeks=["zero_delta"])
    assert abs(table.value[0]) > 1e3
    columns = [name for name in table.columns if name.startswith(("value", "zero_delta"))]
    np.testing.assert_allclose(table.loc[0, columns], -table.loc[1, columns].astype(float))
    assert set(nr.desk.verify(book, dollars, table).status) == {"agrees"}


def test_a_sheet_of_basis_swaps_needs_no_strikes(tmp_path):
    file = tmp_path / "book.csv"
    file.write_text(
        "kind,trade_id,currency,index,second_index,side,notional,start_date,maturity_date\n"
        "basis_swap,B,EUR,EUR-EURIBOR-3M,EUR-ESTR,payer,1000000,2024-03-21,2029-03-21\n"
    )
    assert nr.trades.load(file).trades[0].second_index == "EUR-ESTR"
    file.write_text(
        file.read_text()
        .replace("basis_swap", "swap")
        .replace(",second_index", "")
        .replace(",EUR-ESTR", "")
    )
    with pytest.raises(InputError, match="line 2, field `strike`: expected a decimal"):
        nr.trades.load(file)


def test_files_hold_them(tmp_path):
    book = nr.trades.Book((*map(basis_swap, range(4)), *map(compounding_swap, range(4, 8))))
    for name in ("book.csv", "book.json"):
        nr.trades.dump(book, tmp_path / name)
        assert nr.trades.load(tmp_path / name).trades == book.trades


def netting(trade):
    return {
        "schema": "neuralrates.netting/1", "base_currency": "EUR",
        "models": {"EUR": {"mean_reversion": 0.03, "volatility": 0.009}},
        "netting_sets": [
            {"netting_set": "B", "trades": [trade.trade_id], "counterparty": {"spreads": {"5Y": 0.012}}}
        ],
    }  # fmt: skip


@pytest.mark.parametrize("make", [basis_swap, compounding_swap])
def test_exposures_say_that_they_take_none(make):
    book, asked = nr.trades.Book((make(2),)), netting_of(netting(make(2)))
    with pytest.raises(RefusalError, match="field `kind`: values at future dates"):
        nr.exposure(book, market(), asked, dates="1Y", paths=64)


def test_a_leg_that_pays_later_is_still_worth_its_payment():
    """EURIBOR pays on the last day, ESTR a day after it: seen between, the last coupon of ESTR is left, at its fixed rate."""
    trade = nr.trades.BasisSwapTrade(
        trade_id="B", currency="EUR", index="EUR-EURIBOR-3M", second_index="EUR-ESTR", side="receiver",
        notional=1e6, start_date="2024-03-21", maturity_date="2029-03-21", second_current_fixing=0.03,
    )  # fmt: skip
    legs = trade.floating_swaps
    last = [one.floating.payments[-1].astype(object) for one in legs.values()]
    assert last == [datetime.date(2029, 3, 21), datetime.date(2029, 3, 22)]
    product = trade.resolve(last[0]).product
    curve = nr.market.FlatCurve(0.03).discount_factor
    accrual = legs["second_"].floating.accruals[-1]
    (value,) = np.ravel(product(curve, curve).value(curve))
    assert abs(value) == pytest.approx(0.03 * accrual, rel=1e-4)
    with pytest.raises(InputError, match="expected a last payment after"):
        trade.resolve(last[1])


@pytest.mark.parametrize("dates", [["2024-03-21"], ["2024-03-21", "2029-04-21"]])
def test_dates_of_the_second_leg_that_are_none_are_named_as_such(dates):
    fields = {
        "kind": "basis_swap", "trade_id": "B", "currency": "EUR", "index": "EUR-EURIBOR-3M", "side": "payer",
        "second_index": "EUR-ESTR", "notional": 1e6, "start_date": "2024-03-21", "maturity_date": "2029-03-21",
    }  # fmt: skip
    with pytest.raises(InputError, match="second_dates"):
        nr.trades.BasisSwapTrade(**fields | {"second_dates": dates})
