"""Rates that trades do not state, from what was published, against QuantLib with the same fixings in its indices."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError

TODAY = datetime.date(2024, 6, 20)
RATE = 0.04
FIELDS = {
    "trade_id": "S", "side": "payer", "notional": 1e6, "strike": 0.04,
}  # fmt: skip
SOFR = FIELDS | {"currency": "USD", "index": "USD-SOFR"}
SOFR |= {"start_date": "2023-03-21", "maturity_date": "2027-03-21"}
LIBOR = FIELDS | {"currency": "USD", "index": "USD-LIBOR-3M"}
LIBOR |= {"start_date": "2024-04-15", "maturity_date": "2028-04-15"}


def daily(index, calendar, seed=0):
    """A rate for every business day of two years, none on holidays."""
    rng, day, rates = np.random.default_rng(seed), datetime.date(2023, 1, 2), {}
    while day < TODAY:
        if calendar.isBusinessDay(ql.Date(day.day, day.month, day.year)):
            rates[day] = float(rng.uniform(0.01, 0.06))
        day += datetime.timedelta(days=1)
    return nr.market.IndexFixings({index: rates})


def market(index):
    flat, same = (nr.market.ZeroCurve([1.0, 30.0], [RATE, RATE]) for _ in range(2))
    projection = flat if index == "USD-SOFR" else same
    curves = nr.market.CurveSystem(flat, projection, "USD-SOFR", index)
    return nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", curves)})


def right(fields, published):
    """QuantLib's payer swap with every published rate in its index."""
    with evaluation_date(TODAY):
        curve = ql.YieldTermStructureHandle(
            ql.FlatForward(ql.Date(20, 6, 2024), RATE, ql.Actual365Fixed())
        )
        overnight = fields["index"] == "USD-SOFR"
        index = ql.Sofr(curve) if overnight else ql.USDLibor(ql.Period(3, ql.Months), curve)
        first, last = (ql.DateParser.parseISO(fields[n]) for n in ("start_date", "maturity_date"))
        index.clearFixings()
        for day, rate in published.rates[fields["index"]].items():
            index.addFixing(ql.Date(day.day, day.month, day.year), rate, True)
        try:
            return _value(index, overnight, first, last, curve)
        finally:
            index.clearFixings()


def _value(index, overnight, first, last, curve):
    joint = ql.JointCalendar(ql.UnitedKingdom(), ql.UnitedStates(ql.UnitedStates.Settlement))
    calendar = ql.UnitedStates(ql.UnitedStates.SOFR) if overnight else joint
    money = ql.Actual360()

    def dates(months):
        return ql.Schedule(
            first, last, ql.Period(months, ql.Months), calendar, ql.ModifiedFollowing,
            ql.ModifiedFollowing, ql.DateGeneration.Backward, False,
        )  # fmt: skip

    lag = {"paymentLag": 2, "paymentCalendar": calendar} if overnight else {}
    if overnight:
        fixed = ql.FixedRateLeg(dates(12), money, [1e6], [0.04], **lag)
        floating = ql.OvernightLeg([1e6], dates(12), index, money, **lag)
    else:
        fixed = ql.FixedRateLeg(dates(6), ql.Thirty360(ql.Thirty360.BondBasis), [1e6], [0.04])
        floating = ql.IborLeg([1e6], dates(3), index, money)
    return ql.CashFlows.npv(floating, curve, False) - ql.CashFlows.npv(fixed, curve, False)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fields", [SOFR, LIBOR], ids=["overnight", "term"])
def test_against_quantlib(fields, seed):
    calendar = ql.UnitedStates(ql.UnitedStates.SOFR) if fields is SOFR else ql.UnitedKingdom()
    published = daily(fields["index"], calendar, seed)
    book = nr.trades.Book((nr.trades.SwapTrade(**fields),))
    known = market(fields["index"])
    table = nr.price(book, known, fixings=published)
    assert table.value[0] == pytest.approx(right(fields, published), abs=0.1)  # 0.001 bp
    check = nr.desk.verify(book, known, table, fixings=published)
    assert check.status[0] == "agrees"


def test_a_trade_keeps_the_rate_that_it_states():
    published = daily("USD-LIBOR-3M", ql.UnitedKingdom())
    trade = nr.trades.SwapTrade(**LIBOR, current_fixing=0.05)
    book = nr.trades.Book((trade,)).with_fixings(published, TODAY)
    assert book.trades[0].current_fixing == 0.05
    assert not book.faults


@pytest.mark.parametrize(
    ("fields", "lost", "message"),
    [
        (LIBOR, datetime.date(2024, 4, 11), "a fixing of USD-LIBOR-3M on 2024-04-11"),
        (SOFR, datetime.date(2024, 5, 10), "a fixing of USD-SOFR on 2024-05-10"),
    ],
)
def test_a_missing_rate_is_named_by_date_and_index(fields, lost, message):
    calendar = ql.UnitedStates(ql.UnitedStates.SOFR) if fields is SOFR else ql.UnitedKingdom()
    published = daily(fields["index"], calendar)
    del published.rates[fields["index"]][lost]
    book = nr.trades.Book((nr.trades.SwapTrade(**fields),))
    with pytest.raises(InputError, match=message):
        nr.price(book, market(fields["index"]), fixings=published)
    table = nr.price(book, market(fields["index"]), fixings=published, keep_going=True)
    assert message in table.status[0]


def test_without_a_file_the_rate_is_named_by_date_and_index():
    with pytest.raises(InputError, match="rate of USD-LIBOR-3M fixed on 2024-04-11"):
        nr.trades.SwapTrade(**LIBOR).resolve(TODAY)


def test_the_commands_take_the_file(tmp_path):
    from typer.testing import CliRunner

    from neuralrates.cli.app import app

    fixings, book, file = (tmp_path / name for name in ("f.csv", "b.json", "m.json"))
    published = daily("USD-LIBOR-3M", ql.UnitedKingdom())
    lines = [
        f"{day},USD-LIBOR-3M,{rate!r}" for day, rate in published.rates["USD-LIBOR-3M"].items()
    ]
    fixings.write_text("date,index,fixing\n" + "\n".join(lines) + "\n")
    nr.trades.dump(nr.trades.Book((nr.trades.SwapTrade(**LIBOR),)), book)
    nr.market.dump(market("USD-LIBOR-3M"), file)
    places = [str(book), "--market", str(file)]
    with_rates = [*places, "--fixings", str(fixings)]
    for command in (["book", "check"], ["price"], ["verify"]):
        assert CliRunner().invoke(app, [*command, *places]).exit_code != 0
        result = CliRunner().invoke(app, [*command, *with_rates])
        assert result.exit_code == 0, result.output
