"""Elements of FpML that change a price: read as the recommendation has them, or refused by name."""

import time

import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.core.xml import parse_xml
from trades.fpml.documents import (
    adjustments,
    document,
    exercise,
    frequency,
    payment,
    sides,
    stream,
    swaption,
)
from trades.fpml.test_document import END, START, fixed, floating, swap

pytestmark = pytest.mark.filterwarnings("ignore:.*seen by party")
ONE = exercise("2025-03-19")


def load(tmp_path, text):
    path = tmp_path / "trades.xml"
    path.write_text(text)
    return nr.trades.load(path).trades[0]


def read(tmp_path, product):
    return load(tmp_path, document(product))


def step(day, value):
    return f"<step><stepDate>{day}</stepDate><stepValue>{value}</stepValue></step>"


def spread(more="", value=0.001):
    return f"<spreadSchedule><initialValue>{value}</initialValue>{more}</spreadSchedule>"


def strike(kind, more):
    return f"<{kind}RateSchedule><initialValue>0.03</initialValue>{more}</{kind}RateSchedule>"


def options(inside, payer="them"):
    return f"<capFloor>{floating(payer, inside=inside, name='capFloorStream')}</capFloor>"


def agreement(more="", end="2025-09-22", count="ACT/360"):
    return (
        f"<fra>{sides('us', 'buyer seller')}<adjustedEffectiveDate>2025-03-21</adjustedEffectiveDate>"
        f"<adjustedTerminationDate>{end}</adjustedTerminationDate>{more}<dayCountFraction>{count}</dayCountFraction>"
        "<notional><currency>EUR</currency><amount>1000000</amount></notional><fixedRate>0.03</fixedRate>"
        f"<floatingRateIndex>EUR-EURIBOR</floatingRateIndex><indexTenor>{frequency('6M')}</indexTenor></fra>"
    )


def cash(more="", method="", paid="2D", valued="", target="p"):
    later = f"<relativeDate>{frequency(paid)}</relativeDate>"
    day = f"<cashSettlementPaymentDate id='p'>{later}</cashSettlementPaymentDate>"
    if valued:
        day += (
            f"<cashSettlementValuationDate>{frequency(valued)}<dateRelativeTo href='{target}'/>"
            "</cashSettlementValuationDate>"
        )
    inner = f"<parYieldCurveUnadjustedMethod>{method}</parYieldCurveUnadjustedMethod>{day}"
    return swaption(ONE, swap(), more=f"<cashSettlement>{inner}</cashSettlement>{more}")


def overnight(fixing):
    text = swap(
        stream("us", START, END, "1Y", fixed=0.03),
        stream("them", START, END, "1Y", index="EUR-EuroSTR-COMPOUND", resets="1D"),
    )
    return text.replace("<resetFreq", f"<fixingDates>{frequency(fixing)}</fixingDates><resetFreq")


def with_stub(first, rate):
    leg = fixed(
        edges=first,
        extra=f"<stubCalculationPeriodAmount><initialStub><stubRate>{rate}</stubRate></initialStub></stubCalculationPeriodAmount>",
    )
    return f"<swap>{leg}</swap>"


@pytest.mark.parametrize(
    ("kind", "more", "position"),
    [
        ("floor", "<seller>Payer</seller>", "long"),
        ("floor", "<seller>Receiver</seller>", "short"),
        ("cap", "<seller>Receiver</seller>", "short"),
        ("cap", "<buyer>Receiver</buyer><seller>Payer</seller>", "long"),
        ("cap", "", "long"),
    ],
)
def test_who_holds_a_strike(tmp_path, kind, more, position):
    assert read(tmp_path, options(strike(kind, more), "them")).position == position


def test_steps_in_any_order_on_days_as_they_roll(tmp_path):
    """21 March 2026 and 2027 fall on a weekend: either day is the start of the period."""
    steps = step("2027-03-22", 0.05) + step("2026-03-21", 0.04) + step("2028-03-21", 0.06)
    found = read(tmp_path, swap(fixed(steps=steps), floating()))
    assert found.coupons == (0.03, 0.04, 0.05, 0.06, 0.06)


def test_an_odd_first_period_with_a_rate_of_its_own(tmp_path):
    first = "<firstRegularPeriodStartDate>2026-03-21</firstRegularPeriodStartDate>"
    leg = with_stub(first, 0.02).replace(f"<unadjustedDate>{START}", "<unadjustedDate>2025-06-23")
    assert read(tmp_path, leg).coupons == (0.02, 0.03, 0.03, 0.03, 0.03)


def test_an_agreement_with_all_that_it_says(tmp_path):
    rolled = f"<dateAdjustments>{adjustments('FOLLOWING', 'EUTA')}</dateAdjustments>"
    found = read(
        tmp_path,
        agreement(
            f"<paymentDate><unadjustedDate>2025-03-21</unadjustedDate>{rolled}</paymentDate>"
            f"<fixingDateOffset>{frequency('-2D')}<dayType>Business</dayType></fixingDateOffset>"
            "<calculationPeriodNumberOfDays>185</calculationPeriodNumberOfDays>",
            count="ACT/365.FIXED",
        ),
    )
    assert found.floating_day_count == "Act/365F"
    assert [str(day) for day in found.dates] == ["2025-03-21", "2025-09-22"]


def test_cash_of_the_day_of_exercise(tmp_path):
    method = "<quotationRateType>Mid</quotationRateType><cashSettlementCurrency>EUR</cashSettlementCurrency>"
    for product in (cash(method=method, valued="-2D"), cash(valued="0D", target="exercise")):
        assert read(tmp_path, product).settlement == "cash par yield"


PAID_LATE = (
    "<paymentDate><unadjustedDate>2025-09-22</unadjustedDate>"
    f"<dateAdjustments>{adjustments('NONE', '')}</dateAdjustments></paymentDate>"
)
STOPPED = {
    "cap with a spread": (options(strike("cap", "") + spread()), "spreadSchedule.*leave a spread out"),
    "who buys sells": (options(strike("cap", "<buyer>Payer</buyer><seller>Payer</seller>")), "seller.*expected Receiver"),
    "type of a strike": (options(strike("cap", "<type>Short</type>")), "capRateSchedule/type"),
    "step inside": (swap(fixed(steps=step("2026-06-21", 0.04)), floating()), "stepDate.*start of a period"),
    "step at the end": (swap(fixed(steps=step(END, 0.04)), floating()), "stepDate.*start of a period"),
    "step twice": (
        swap(fixed(steps=step("2026-03-21", 0.04) + step("2026-03-23", 0.05)), floating()), "stepDate.*each once",
    ),
    "lookback": (overnight("-5D"), "fixingDates/periodMultiplier.*expected 0D"),
    "agreement paid late": (agreement(PAID_LATE), "paymentDate.*expected 2025-03-21"),
    "agreement counted": (agreement(count="ACT/ACT.ISMA"), "dayCountFraction"),
    "agreement of other days": (
        agreement("<calculationPeriodNumberOfDays>184</calculationPeriodNumberOfDays>"), "NumberOfDays.*expected 185",
    ),
    "agreement fixed early": (
        agreement(f"<fixingDateOffset>{frequency('-5D')}</fixingDateOffset>"), "fixingDateOffset.*expected -2D",
    ),
    "agreement of another tenor": (agreement(end="2025-06-23"), "adjustedTerminationDate.*index's own period"),
    "first fixing": (
        swap(fixed(), floating()).replace(
            "<resetFreq", f"<initialFixingDate>{frequency('-5D')}</initialFixingDate><resetFreq"
        ),
        "initialFixingDate.*expected nothing",
    ),
    "short spread": (swap(fixed(), floating(inside=spread("<type>Short</type>"))), "spreadSchedule/type"),
    "rate of a regular period": (with_stub("", 0.02), "initialStub/stubRate.*regular"),
    "days that contradict": (
        swap().replace(
            f"<unadjustedDate>{END}</unadjustedDate>",
            f"<unadjustedDate>{END}</unadjustedDate><adjustedDate>2030-03-25</adjustedDate>",
        ),
        "adjustedDate.*expected 2030-03-21",
    ),
    "exercises that contradict": (
        swaption(exercise("2026-03-19", "2027-03-18").replace(
            "</adjustableDates>", "<adjustedDate>2026-03-19</adjustedDate></adjustableDates>"
        ), swap()),
        "adjustableDates/adjustedDate.*as it rolls",
    ),
    "bid": (cash(method="<quotationRateType>Bid</quotationRateType>"), "quotationRateType.*expected Mid"),
    "cash of another currency": (
        cash(method="<cashSettlementCurrency>USD</cashSettlementCurrency>"), "cashSettlementCurrency.*expected EUR",
    ),
    "both settlements": (cash("<physicalSettlement/>"), "physicalSettlement.*found both"),
    "cash of another day": (cash(valued="-5D"), "cashSettlementValuationDate/periodMultiplier.*expected -2D"),
    "lag of years": (swap(fixed(lag="9999D"), floating()), "paymentDaysOffset/periodMultiplier.*a year at most"),
    "premium on two days": (
        swaption(ONE, swap(), premium=payment("us", 2e4, "2024-03-21").replace(
            "</premium>", "<adjustedPaymentDate>2024-03-25</adjustedPaymentDate></premium>"
        )),
        "adjustedPaymentDate.*expected 2024-03-21",
    ),
    "both pay": (swap(fixed(), floating("us")), "payerPartyReference"),
    "two fixed": (swap(fixed(), fixed("them")), "swapStream.*found 2 fixed"),
    "other currency": (swap(fixed(), floating(currency="USD")), "notionalStepSchedule/currency"),
    "paid apart": (swap(fixed(lag="2D"), floating()), "paymentDates"),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPPED)
def test_what_cannot_be_honoured_is_named(tmp_path, name):
    product, message = STOPPED[name]
    with pytest.raises(InputError, match=message):
        read(tmp_path, product)


def both_names():
    theirs = "<partyTradeIdentifier><partyReference href='them'/><tradeId>X9</tradeId></partyTradeIdentifier>"
    return document(swap()).replace("<tradeHeader>", f"<tradeHeader>{theirs}")


def test_the_side_taken_is_told(tmp_path):
    with pytest.warns(UserWarning, match="seen by party us, the first"):
        found = load(tmp_path, both_names())
    assert (found.trade_id, found.side) == ("T1", "payer")


def test_a_message_on_behalf_of_a_party(tmp_path, recwarn):
    told = '<onBehalfOf><partyReference href="them"/></onBehalfOf><trade>'
    found = load(tmp_path, both_names().replace("<trade>", told))
    assert (found.trade_id, found.side) == ("X9", "receiver")
    assert not [one for one in recwarn if "seen by" in str(one.message)]
    with pytest.raises(InputError, match="onBehalfOf.*expected a party of the document"):
        load(tmp_path, both_names().replace("<trade>", told.replace("them", "nobody")))


@pytest.mark.parametrize("root", ["executionRetracted", "tradeChangeAdvice", "FpML"])
def test_messages_about_trades_that_are_not_live(tmp_path, root):
    text = document(swap()).replace("dataDocument", root)
    with pytest.raises(InputError, match=f"expected dataDocument or .*, found {root}"):
        load(tmp_path, text)


def test_a_trade_inside_an_event(tmp_path):
    text = document(swap()).replace("<trade>", "<amendment><trade>")
    with pytest.raises(InputError, match="amendment.*expected trades beside their parties"):
        load(tmp_path, text.replace("</trade>", "</trade></amendment>"))


def test_text_of_many_pieces_is_gathered_in_linear_time():
    """Elements cut a text into pieces: where every piece copies those before it, four times the text takes 16 times as long."""

    def seconds(pieces):
        before = time.process_time()
        text = "<a>" + f"{200 * 'b'}<c/>" * pieces + "</a>"
        assert len(parse_xml(text, "a.xml").text) == 200 * pieces
        return time.process_time() - before

    seconds(1000)
    assert seconds(40_000) < 10.0 * max(min(seconds(10_000) for _ in range(2)), 0.02)


def test_a_large_file_of_xml_is_refused():
    with pytest.raises(InputError, match="expected at most 33,554,432 bytes of XML"):
        parse_xml("<a>" + " " * (32 * 1024 * 1024) + "</a>", "a.xml")
