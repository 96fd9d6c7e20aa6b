"""Caps, floors, collars and forward rate agreements, against QuantLib built from the same fields."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError

TODAY = datetime.date(2024, 3, 19)
RATES = (0.03, 0.032)
NORMAL = nr.market.CapVolatility(
    [1.0, 5.0, 10.0], [0.0, 0.02, 0.04, 0.06], 0.007 + 0.0004 * np.arange(12.0).reshape(3, 4)
)
SHIFTED = nr.market.CapVolatility(
    [1.0, 10.0], [0.0, 0.05], [[0.3, 0.25], [0.2, 0.18]], (), "shifted_lognormal", 0.02
)
SWAPTIONS = nr.market.SwaptionVolatility([1.0, 10.0], [1.0, 10.0], [[0.011, 0.01], [0.009, 0.008]])
KINDS = {
    "cap": nr.trades.CapTrade,
    "floor": nr.trades.FloorTrade,
    "collar": nr.trades.CollarTrade,
    "fra": nr.trades.ForwardRateAgreementTrade,
}


def market(caps=NORMAL, swaptions=None, projected="EUR-EURIBOR-6M"):
    discount, projection = (nr.market.ZeroCurve([1.0, 40.0], [rate, rate]) for rate in RATES)
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", projected)
    one = nr.market.CurrencyMarket("EUR", curves, swaptions, caps)
    return nr.market.Market(TODAY, {"EUR": one})


def random_trade(number, kind, index):
    rng = np.random.default_rng(number)
    start = datetime.date(2024, 3, 1) + datetime.timedelta(days=int(rng.integers(30, 900)))
    years = int(rng.integers(1, 12))
    end = datetime.date(start.year + years, start.month, min(start.day, 28))
    fields = {
        "trade_id": f"{kind}{number}", "currency": "EUR", "index": index, "start_date": start,
        "position": str(rng.choice(["long", "short"])), "notional": 1e6, "maturity_date": end,
        "strike": float(rng.uniform(0.02, 0.06)), "premium": 1e3, "premium_date": end,
    }  # fmt: skip
    if kind == "fra":
        months = datetime.timedelta(days=183)
        side = str(rng.choice(["payer", "receiver"]))
        return KINDS[kind](**fields | {"maturity_date": start + months, "side": side})
    fields["spread"] = float(rng.choice([0.0, 0.002]))
    fields["stub"] = str(rng.choice(["short front", "short back"]))
    if kind == "collar":
        fields["floor_strike"] = float(fields["strike"] - rng.uniform(0.0, 0.03))
    if index == "EUR-ESTR" and number % 3:
        fields["frequency"] = ("3M", "6M", "1Y")[number % 3]
    return KINDS[kind](**fields)


@pytest.mark.parametrize(
    ("known", "index"),
    [
        (market(), "EUR-EURIBOR-6M"),
        (market(SHIFTED), "EUR-EURIBOR-6M"),
        (market(None, SWAPTIONS), "EUR-EURIBOR-6M"),
        (market(None, SWAPTIONS), "EUR-ESTR"),
    ],
    ids=["normal caps", "shifted caps", "swaptions", "overnight by swaptions"],
)
def test_two_hundred_of_a_kind_against_the_second_code(known, index):
    kinds = ("cap", "floor", "collar") if index == "EUR-ESTR" else tuple(KINDS)
    trades = [random_trade(n, kind, index) for kind in kinds for n in range(50)]
    book = nr.trades.Book(tuple(trades))
    table = nr.price(book, known)
    check = nr.desk.verify(book, known, table)
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"]


def curve(rate):
    return ql.YieldTermStructureHandle(
        ql.FlatForward(ql.Date(19, 3, 2024), rate, ql.Actual365Fixed())
    )


@pytest.mark.parametrize("kind", ["cap", "floor", "collar"])
@pytest.mark.parametrize("caps", [NORMAL, SHIFTED], ids=["normal", "shifted"])
def test_against_quantlibs_own_instrument_and_engine(kind, caps):
    fields = {
        "trade_id": "C", "currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1e6,
        "strike": 0.04, "start_date": "2024-09-23", "maturity_date": "2029-09-23",
    }  # fmt: skip
    one = KINDS[kind](**fields, **({"floor_strike": 0.02} if kind == "collar" else {}))
    value = nr.price(nr.trades.Book((one,)), market(caps)).value[0]
    term = (datetime.date(2029, 9, 24) - TODAY).days / 365.0
    with evaluation_date(TODAY):
        index = ql.Euribor6M(curve(RATES[1]))
        dates = ql.Schedule(
            ql.Date(23, 9, 2024), ql.Date(23, 9, 2029), ql.Period(6, ql.Months), ql.TARGET(),
            ql.ModifiedFollowing, ql.ModifiedFollowing, ql.DateGeneration.Backward, False,
        )  # fmt: skip
        leg = ql.IborLeg([1e6], dates, index, ql.Actual360())
        parts = {
            "cap": [(ql.Cap, 0.04, 1.0)],
            "floor": [(ql.Floor, 0.04, 1.0)],
            "collar": [(ql.Cap, 0.04, 1.0), (ql.Floor, 0.02, -1.0)],
        }
        right = 0.0
        for make, strike, held in parts[kind]:
            level = ql.QuoteHandle(ql.SimpleQuote(float(caps(term, strike))))
            instrument = make(leg, [strike])
            days = ql.Actual365Fixed()
            if caps is NORMAL:
                engine = ql.BachelierCapFloorEngine(curve(RATES[0]), level)
            else:
                engine = ql.BlackCapFloorEngine(curve(RATES[0]), level, days, 0.02)
            instrument.setPricingEngine(engine)
            right += held * instrument.NPV()
    assert value == pytest.approx(right, abs=1.0)  # 0.01 bp of notional


def test_a_forward_rate_agreement_against_quantlibs_own():
    one = nr.trades.ForwardRateAgreementTrade(
        trade_id="F", currency="EUR", index="EUR-EURIBOR-6M", side="payer", notional=1e6,
        strike=0.04, start_date="2025-03-19", maturity_date="2025-09-19",
    )  # fmt: skip
    table = nr.price(nr.trades.Book((one,)), market(None))
    with evaluation_date(TODAY):
        index = ql.Euribor6M(curve(RATES[1]))
        agreement = ql.ForwardRateAgreement(
            index, ql.Date(19, 3, 2025), ql.Date(19, 9, 2025), ql.Position.Long, 0.04, 1e6,
            curve(RATES[0]),
        )  # fmt: skip
        right = agreement.NPV()
    assert table.value[0] == pytest.approx(right, abs=0.1)
    assert table.engine[0] == "closed form"


def test_an_overnight_caplet_against_quantlibs_own_pricer():
    """One compounded coupon, capped: the forward's volatility decays linearly while it compounds."""
    one = nr.trades.CapTrade(
        trade_id="C", currency="EUR", index="EUR-ESTR", notional=1e6, strike=0.032,
        start_date="2024-06-19", maturity_date="2024-12-19", frequency="6M",
    )  # fmt: skip
    known = market(None, nr.market.SwaptionVolatility([1.0], [1.0], [[0.01]]))
    value = nr.price(nr.trades.Book((one,)), known).value[0]
    begin, end, paid = ((datetime.date(*d) - TODAY).days / 365.0 for d in (
        (2024, 6, 19), (2024, 12, 19), (2024, 12, 20)))  # fmt: skip
    accrual = (datetime.date(2024, 12, 19) - datetime.date(2024, 6, 19)).days / 360.0
    forward = np.expm1(RATES[0] * (end - begin)) / accrual
    # Variance of a volatility that is whole up to the start and then falls linearly to zero at the end.
    times = np.linspace(begin, end, 20001)
    decay = ((end - times) / (end - begin)) ** 2
    deviation = 0.01 * np.sqrt(begin + np.trapezoid(decay, times))
    right = ql.bachelierBlackFormula(ql.Option.Call, 0.032, forward, deviation)
    right *= 1e6 * accrual * np.exp(-RATES[0] * paid)
    assert value == pytest.approx(right, abs=0.01)


def test_cap_less_floor_is_the_swap():
    fields = {
        "currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1e6, "strike": 0.03,
        "start_date": "2024-09-23", "maturity_date": "2029-09-23",
    }  # fmt: skip
    dates = KINDS["cap"](trade_id="D", **fields).dates
    swap = nr.trades.SwapTrade(
        trade_id="S", side="payer", fixed_dates=dates, fixed_day_count="Act/360", **fields
    )
    pair = [KINDS[kind](trade_id=kind, **fields) for kind in ("cap", "floor")]
    value = nr.price(nr.trades.Book((*pair, swap)), market()).set_index("trade_id").value
    assert value["cap"] - value["floor"] == pytest.approx(value["S"], abs=1e-6)


@pytest.mark.parametrize("caps", [NORMAL, SHIFTED], ids=["normal", "shifted"])
def test_greeks_are_those_of_bumped_quotes(caps):
    book = nr.trades.Book((random_trade(3, "cap", "EUR-EURIBOR-6M"),))
    table = nr.price(book, market(caps), greeks=["vega", "zero_delta"])
    step = 1e-6
    unit = 1e-4 if caps is NORMAL else 0.01

    def moved(by):
        table = caps.volatilities + by
        return nr.market.CapVolatility(
            caps.terms, caps.strikes, table, (), caps.quote_type, caps.shift
        )

    up, down = (nr.price(book, market(moved(by))).value[0] for by in (step, -step))
    assert table.vega[0] == pytest.approx((up - down) / (2 * step) * unit, rel=1e-5)
    assert table.attrs["units"]["vega"].startswith("currency per")
    assert abs(table.zero_delta[0]) > 1.0


def test_the_result_says_whose_volatilities_it_took():
    book = nr.trades.Book((random_trade(1, "cap", "EUR-EURIBOR-6M"),))
    assert nr.price(book, market()).engine[0] == "closed form, cap quotes"
    assert nr.price(book, market(None, SWAPTIONS)).engine[0] == "closed form, swaption quotes"
    with pytest.raises(nr.core.errors.RefusalError, match="expected cap volatilities"):
        nr.price(book, market(None))


def test_a_known_rate_pays_what_it_pays_and_a_missing_one_is_named():
    fields = {
        "trade_id": "C", "currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1e6,
        "strike": 0.03, "start_date": "2024-01-15", "maturity_date": "2024-07-15",
    }  # fmt: skip
    known = nr.trades.CapTrade(**fields, current_fixing=0.039)
    value = nr.price(nr.trades.Book((known,)), market()).value[0]
    days = (datetime.date(2024, 7, 15) - TODAY).days / 365.0
    right = 1e6 * 0.009 * 182 / 360 * np.exp(-RATES[0] * days)
    assert value == pytest.approx(right, abs=1e-6)
    with pytest.raises(InputError, match="EUR-EURIBOR-6M fixed on 2024-01-11"):
        nr.trades.CapTrade(**fields).resolve(TODAY)


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("collar", {"floor_strike": 0.05}, "expected a floor below the cap's 0.04"),
        ("cap", {"fixed_day_count": "30/360"}, "has no fixed leg"),
        ("cap", {"side": "receiver"}, "side"),
        ("fra", {"side": "payer", "index": "EUR-ESTR"}, "fixed in advance"),
        ("cap", {"frequency": "often"}, "expected a tenor"),
    ],
)
def test_what_does_not_fit_is_named(kind, fields, message):
    plain = {
        "trade_id": "C", "currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1e6,
        "strike": 0.04, "start_date": "2024-09-23", "maturity_date": "2025-03-24",
    }  # fmt: skip
    with pytest.raises(InputError, match=message):
        KINDS[kind](**(plain | fields))


def test_a_csv_book_of_caps_needs_no_side(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text(
        "kind,trade_id,currency,index,notional,strike,start_date,maturity_date,floor_strike\n"
        "cap,C,EUR,EUR-EURIBOR-6M,1e6,0.04,2024-09-23,2029-09-23,\n"
        "collar,K,EUR,EUR-EURIBOR-6M,1e6,0.04,2024-09-23,2029-09-23,0.02\n"
    )
    book = nr.trades.load(path)
    nr.trades.dump(book, tmp_path / "again.csv")
    assert nr.trades.load(tmp_path / "again.csv").trades == book.trades
