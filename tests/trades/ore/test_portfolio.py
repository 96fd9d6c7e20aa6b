"""ORE portfolios: what is read prices as QuantLib prices the fields of the file, what is not is named."""

import datetime

import pytest
import QuantLib as ql

import neuralrates as nr
from desk.test_own_legs import market
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from trades.ore.portfolios import fixed, floating, option, portfolio, rules, trade

TODAY = datetime.date(2024, 3, 19)
START, END = "2026-02-28", "20360228"
FIXED = fixed(rules(START, END, "1Y", convention="F"))
FLOATING = floating(rules(START, END, "6M"))
EXERCISES = [f"{year}-02-25" for year in range(2026, 2036)]
RATES = (0.03, 0.032)


def one(tmp_path, *given):
    return nr.trades.load(portfolio(tmp_path / "portfolio.xml", trade(*given))).trades[0]


def fault(tmp_path, *given):
    book = nr.trades.load(portfolio(tmp_path / "portfolio.xml", trade(*given)), keep_going=True)
    assert not book.trades
    return book.left_out[0].errors[0]


def quantlib_value(first, last, calendar, roll):
    """Payer swap built from what the file says: both legs forward, the fixed one rolled by a rule of its own."""
    with evaluation_date(TODAY):
        curves = [
            ql.YieldTermStructureHandle(
                ql.FlatForward(ql.Date(19, 3, 2024), rate, ql.Actual365Fixed())
            )
            for rate in RATES
        ]
        index = ql.Euribor6M(curves[1])
        legs = []
        for tenor, own in ((12, roll), (6, ql.ModifiedFollowing)):
            schedule = ql.Schedule(
                first, last, ql.Period(tenor, ql.Months), calendar, own, own,
                ql.DateGeneration.Forward, False,
            )  # fmt: skip
            legs.append(schedule)
        day_count = ql.Thirty360(ql.Thirty360.BondBasis)
        pay = ql.FixedRateLeg(legs[0], day_count, [1e7], [0.02])
        receive = ql.IborLeg([1e7], legs[1], index, ql.Actual360())
        discount = curves[0]
        return ql.CashFlows.npv(receive, discount, False) - ql.CashFlows.npv(pay, discount, False)


def test_a_swap_is_worth_what_quantlib_says_of_the_file(tmp_path):
    swap = one(tmp_path, "S", "Swap", FIXED + FLOATING)
    assert swap.swap().fixed.starts[0] != swap.swap().floating.starts[0]
    flat = [nr.market.ZeroCurve([1.0, 30.0], [rate, rate]) for rate in RATES]
    curves = nr.market.CurveSystem(*flat, "EUR-ESTR", "EUR-EURIBOR-6M")
    known = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves)})
    value = nr.price(nr.trades.Book((swap,)), known).value[0]
    right = quantlib_value(ql.Date(28, 2, 2026), ql.Date(28, 2, 2036), ql.TARGET(), ql.Following)
    assert value == pytest.approx(right, abs=1e7 * 1e-7)  # 0.001 bp of notional


def test_rights_keep_their_holder_side_and_dates(tmp_path):
    legs = FIXED + FLOATING
    long = one(tmp_path, "B", "Swaption", option(EXERCISES) + legs)
    assert (long.kind, long.position, long.side) == ("bermudan", "long", "payer")
    assert len(long.exercise_dates) == 10
    sold = one(tmp_path, "B", "Swaption", option(EXERCISES, holder="Short") + legs)
    assert (sold.position, sold.side) == ("short", "payer")
    held = one(tmp_path, "C", "CallableSwap", option(EXERCISES[1:]) + legs)
    assert (held.kind, held.position, held.side) == ("cancellable", "long", "payer")
    european = one(tmp_path, "E", "Swaption", option(EXERCISES[:1], "European") + legs)
    assert european.kind == "european"


def test_a_swap_that_the_counterparty_may_call_is_the_swap_less_its_right(tmp_path):
    """We pay fixed; the counterparty holds the right to end that: our swap less its right to enter the same."""
    legs, known = FIXED + FLOATING, market()
    dates = EXERCISES[1:]
    names = ("CALLED", "SWAP", "RIGHT")
    path = portfolio(
        tmp_path / "p.xml",
        trade("CALLED", "CallableSwap", option(dates, holder="Short") + legs),
        trade("SWAP", "Swap", legs),
        trade("RIGHT", "Swaption", option(dates) + legs),
    )
    table = nr.price(nr.trades.load(path), known, engine="reference").set_index("trade_id").value
    called, swap, right = (table[name] for name in names)
    assert right > 1e4
    assert called == pytest.approx(swap - right, abs=1e7 * 2e-7)


def test_premiums_notice_and_fees_of_nothing(tmp_path):
    more = (
        "<NoticePeriod>5D</NoticePeriod><NoticeCalendar>TARGET</NoticeCalendar>"
        "<NoticeConvention>P</NoticeConvention><Premiums><Premium><Amount>1000</Amount>"
        "<Currency>EUR</Currency><PayDate>2024-06-03</PayDate></Premium></Premiums>"
    )
    starts = [f"{year}-02-28" for year in range(2027, 2036)]
    found = one(tmp_path, "B", "Swaption", option(starts, more=more) + FIXED + FLOATING)
    assert found.exercise_dates[0] == datetime.date(2027, 2, 22)  # from a Sunday
    assert (found.premium, found.premium_date) == (1000.0, datetime.date(2024, 6, 3))


def test_amortising_legs_by_date(tmp_path):
    steps = '10000000</Notional><Notional startDate="2030-02-28">4000000'
    legs = fixed(rules(START, END, "1Y"), notional=steps) + floating(
        rules(START, END, "6M"), notional=steps
    )
    found = one(tmp_path, "S", "Swap", legs)
    assert found.notionals == (1e7,) * 4 + (4e6,) * 6
    assert found.swap().floating.notionals.tolist() == [1.0] * 8 + [0.4] * 12


def test_coupons_spreads_and_notionals_by_period(tmp_path):
    """By date on the fixed leg, in step with the periods on the floating one, whose notional is its own."""
    legs = fixed(
        rules(START, END, "1Y"), rate='0.02</Rate><Rate startDate="2031-02-28">0.025'
    ) + floating(rules(START, END, "6M"), notional="9000000").replace(
        "<Spread>0.0</Spread>", "<Spread>0.001</Spread><Spread>0.002</Spread>"
    )
    found = one(tmp_path, "S", "Swap", legs)
    assert found.coupons == (0.02,) * 5 + (0.025,) * 5
    assert found.spreads == (0.001, *(0.002,) * 19)
    assert (found.notional, found.notionals, found.floating_notionals) == (1e7, None, (9e6,) * 20)


@pytest.mark.parametrize(
    ("leg", "side", "index"),
    [(FIXED, "payer", "EUR-ESTR"), (FLOATING, "payer", "EUR-EURIBOR-6M")],
)
def test_a_leg_alone(tmp_path, leg, side, index):
    """Of the whole swap the payer pays the fixed leg and receives the floating one; either alone is that payer's leg."""
    found = one(tmp_path, "S", "Swap", leg)
    assert (found.side, found.index) == (side, index)
    whole = one(tmp_path, "S", "Swap", FIXED + FLOATING)
    values = nr.price(nr.trades.Book((found,)), market()).value
    other = one(tmp_path, "S", "Swap", FLOATING if leg == FIXED else FIXED)
    values += nr.price(nr.trades.Book((other,)), market()).value
    assert values[0] == pytest.approx(nr.price(nr.trades.Book((whole,)), market()).value[0])


def test_a_list_of_dates(tmp_path):
    days = "".join(f"<Date>{year}-02-27</Date>" for year in range(2026, 2030))
    listed = f"<Calendar>TARGET</Calendar><Convention>F</Convention><Dates>{days}</Dates>"
    dates = f"<ScheduleData><Dates>{listed}</Dates></ScheduleData>"
    legs = fixed(dates) + floating(rules("2026-02-27", "2029-02-27", "6M"))
    assert one(tmp_path, "S", "Swap", legs).fixed_dates[1] == datetime.date(2027, 3, 1)


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ("<FirstDate>2026-05-28</FirstDate>", "2026-02-27 2026-05-28 2027-05-28 2028-02-28"),
        ("<LastDate>2027-08-27</LastDate>", "2026-02-27 2027-03-01 2027-08-27 2028-02-28"),
        ("<FirstDate>2026-02-27</FirstDate>", "2026-02-27 2027-03-01 2028-02-28"),
    ],
)
def test_stated_edges_of_odd_periods(tmp_path, more, days):
    legs = fixed(rules("2026-02-27", "2028-02-28", "1Y", convention="F", more=more))
    found = one(tmp_path, "S", "Swap", legs)
    assert [str(day) for day in found.fixed_dates] == days.split()


def test_a_six_month_rate_paid_each_quarter_runs_over_its_own_period(tmp_path):
    legs = FIXED + floating(rules(START, END, "3M"))
    assert one(tmp_path, "S", "Swap", legs).projection == "index"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (FIXED + floating(rules(START, END, "6M"), index="EUR-CMS-10Y"), "FloatingLegData/Index"),
        (FIXED + FIXED, "SwapData/LegData"),
        (FIXED + floating(rules(START, END, "6M"), payer="true"), "Payer"),
        (FIXED + floating(rules(START, END, "6M"), currency="USD"), "Currency"),
        (FIXED + floating(rules(START, END, "6M", calendar="MARS")), "Rules/Calendar"),
        (FIXED + floating(rules(START, END, "6M"), more="<Gearings><Gearing>2</Gearing></Gearings>"),
         "FloatingLegData/Gearings"),
        (FIXED + floating(rules(START, END, "6M"), more="<IsInArrears>true</IsInArrears>"),
         "FloatingLegData/IsInArrears"),
        (FIXED + floating(rules(START, END, "6M"), more="<FixingDays>5</FixingDays>"),
         "FloatingLegData/FixingDays"),
        (FIXED + floating(rules(START, END, "6M"), more="<Caps><Cap>0.03</Cap></Caps>"),
         "FloatingLegData/Caps"),
        (FLOATING + fixed(rules(START, END, "1Y"), rate="2 %"), "FixedLegData/Rates"),
        (FLOATING + fixed(rules(START, END, "1Y"), rate="</Rate><Rate>".join(["0.02"] * 11)),
         "FixedLegData/Rates"),
        (FLOATING + fixed(rules(START, END, "1Y"), count="ACT/ACT.ICMA"), "DayCounter"),
        (FLOATING + fixed(rules(START, END, "1Y"), more="<Surprise>1</Surprise>"), "Surprise"),
        (FLOATING + fixed(rules(START, END, "1Y", more="<RemoveFirstDate>true</RemoveFirstDate>")),
         "Rules/RemoveFirstDate"),
        (FLOATING + fixed(rules("2036-02-28", START, "1Y")), "Rules"),
    ],
)  # fmt: skip
def test_a_field_that_is_not_honoured_stops_its_trade_by_name(tmp_path, data, field):
    error = fault(tmp_path, "S", "Swap", data)
    assert error.column.endswith(field), error
    assert "trade S (Swap)" in str(error)
    assert error.line == 3


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (option(EXERCISES, "American"), "Style"),
        (option(EXERCISES, settlement="Cash"), "settlement"),
        (option(EXERCISES, more="<ExerciseFees><ExerciseFee type='Some'>1</ExerciseFee></ExerciseFees>"),
         "ExerciseFees/ExerciseFee"),
        (option(["2026-05-28", "2027-08-05"]), "ExerciseDates"),
        (option(["2041-05-28"]), "ExerciseDates"),
        (option(EXERCISES, more="<ExercisePrices><ExercisePrice>1</ExercisePrice></ExercisePrices>"),
         "ExercisePrices"),
        (option(EXERCISES, more="<NoticePeriod>soon</NoticePeriod>"), "NoticePeriod"),
    ],
)  # fmt: skip
def test_a_right_that_is_not_honoured_is_named(tmp_path, data, field):
    error = fault(tmp_path, "B", "Swaption", data + FIXED + FLOATING)
    assert error.column.endswith(field), error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<Trades/>", "expected a Portfolio .ORE. or an FpML document, found Trades"),
        ("<Portfolio/>", "expected at least one trade"),
        ("book", "expected XML"),
    ],
)
def test_no_portfolio(tmp_path, text, message):
    path = tmp_path / "p.xml"
    path.write_text(text)
    with pytest.raises(nr.core.errors.InputError, match=message):
        nr.trades.load(path)


def test_trades_of_other_types_are_listed_with_theirs(tmp_path):
    path = portfolio(
        tmp_path / "p.xml", trade("S", "Swap", FIXED + FLOATING), trade("F", "FxForward", "")
    )
    table = nr.trades.check(path).set_index("trade_id")
    assert table.loc["S", "verdict"] == "read"
    assert tuple(table.loc["F", ["kind", "field"]]) == ("FxForward", "TradeType")
    with pytest.raises(nr.trades.BookError, match=r"trade F \(FxForward\)"):
        nr.trades.load(path)


def test_the_command_prices_what_it_can_and_lists_the_rest(tmp_path):
    from typer.testing import CliRunner

    from neuralrates.cli.app import app

    path = portfolio(
        tmp_path / "p.xml", trade("S", "Swap", FIXED + FLOATING), trade("F", "FxForward", "")
    )
    file = tmp_path / "market.json"
    nr.market.dump(market(), file)
    result = CliRunner().invoke(app, ["price", str(path), "--market", str(file)])
    assert result.exit_code == 1, result.output
    assert "EUR: 1 of 1 trades" in result.stdout
    assert "trade F (FxForward)" in result.stderr


def cap(more, leg=None):
    return f"<LongShort>Long</LongShort>{leg or floating(rules(START, END, '6M'))}{more}"


@pytest.mark.parametrize(
    ("more", "kind", "strikes"),
    [
        ("<Caps><Cap>0.04</Cap></Caps>", "cap", (0.04, None)),
        ("<Floors><Floor>0.01</Floor></Floors>", "floor", (0.01, None)),
        (
            "<Caps><Cap>0.04</Cap></Caps><Floors><Floor>0.01</Floor></Floors>",
            "collar",
            (0.04, 0.01),
        ),
    ],
)
def test_caps_floors_and_collars(tmp_path, more, kind, strikes):
    found = one(tmp_path, "C", "CapFloor", cap(more))
    assert (found.kind, found.strike, getattr(found, "floor_strike", None)) == (kind, *strikes)
    assert found.dates == found.floating_dates
    assert len(found.dates) == 21


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (cap(""), "CapFloorData/Caps"),
        (cap("<Caps><Cap>0.04</Cap><Cap>0.05</Cap></Caps>"), "CapFloorData/Caps"),
        (cap("<Caps><Cap>0.04</Cap></Caps>", FIXED), "LegType"),
    ],
)
def test_a_cap_that_is_not_honoured_is_named(tmp_path, data, field):
    assert fault(tmp_path, "C", "CapFloor", data).column.endswith(field)


def test_a_forward_rate_agreement(tmp_path):
    data = (
        "<StartDate>20261019</StartDate><EndDate>2027-04-20</EndDate><Currency>EUR</Currency>"
        "<Index>EUR-EURIBOR-6M</Index><LongShort>Short</LongShort><Strike>0.005</Strike>"
        "<Notional>100000000</Notional>"
    )
    found = one(tmp_path, "F", "ForwardRateAgreement", data)
    assert (found.kind, found.side, found.notional) == ("fra", "receiver", 1e8)
    value = nr.price(nr.trades.Book((found,)), market()).value[0]
    assert value < 0.0


def test_exercise_fees_by_date_as_amounts_or_shares(tmp_path):
    more = (
        "<ExerciseFees><ExerciseFee type='Percentage'>0.001</ExerciseFee>"
        "<ExerciseFee startDate='2030-01-01' type='Absolute'>15000</ExerciseFee></ExerciseFees>"
        "<ExerciseFeeSettlementPeriod>5D</ExerciseFeeSettlementPeriod>"
        "<ExerciseFeeSettlementConvention>MF</ExerciseFeeSettlementConvention>"
        "<ExerciseFeeSettlementCalendar>TARGET</ExerciseFeeSettlementCalendar>"
    )
    found = one(tmp_path, "B", "Swaption", option(EXERCISES, more=more) + FIXED + FLOATING)
    assert found.exercise_fees == (1e4,) * 4 + (15000.0,) * 6
    assert found.exercise_fee_dates[0] == datetime.date(2026, 3, 4)
