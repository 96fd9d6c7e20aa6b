"""FpML documents: facts into fields, prices as of the same trade in a book, published dates, and what stops a trade."""

import random
import re

import numpy as np
import pytest

import neuralrates as nr
from desk.test_by_period import market
from desk.test_floating_legs import market as of_three_months
from neuralrates.core.errors import InputError
from trades.fpml.documents import (
    cancelable,
    document,
    exercise,
    payment,
    sides,
    stream,
    swaption,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*seen by party")

START, END = "2025-03-21", "2030-03-21"
ONE, SEVERAL = exercise("2025-03-19"), exercise("2026-03-19", "2027-03-18")
STRADDLE = "<swaptionStraddle>true</swaptionStraddle>"
AT_PRICE = "<cashSettlement><cashPriceMethod><x>1</x></cashPriceMethod></cashSettlement>"
TERMINATED = "<earlyTerminationProvision><x>1</x></earlyTerminationProvision>"
EXCHANGED = "<principalExchanges><initialExchange>true</initialExchange></principalExchanges>"


def fixed(payer="us", **own):
    return stream(payer, START, END, "1Y", **{"fixed": 0.03, "day_count": "30/360"} | own)


def floating(payer="them", **own):
    return stream(payer, START, END, "6M", **{"index": "EUR-EURIBOR-Reuters", "tenor": "6M"} | own)


def swap(*legs, more=""):
    return f"<swap>{''.join(legs or (fixed(), floating()))}{more}</swap>"


def read(tmp_path, product):
    path = tmp_path / "trades.xml"
    path.write_text(document(product))
    return nr.trades.load(path).trades[0]


def value(trade, known=None):
    return nr.price(nr.trades.Book((trade,)), known or market()).value[0]


PLAIN = {
    "trade_id": "T1", "currency": "EUR", "index": "EUR-EURIBOR-6M", "side": "payer", "notional": 1e6, "strike": 0.03,
    "start_date": START, "maturity_date": END,
}  # fmt: skip
NATIVE = {
    "swap": (swap(), nr.trades.SwapTrade, {}),
    "received": (swap(fixed("them"), floating("us")), nr.trades.SwapTrade, {"side": "receiver"}),
    "spread": (
        swap(fixed(), floating(inside="<spreadSchedule><initialValue>0.001</initialValue></spreadSchedule>")),
        nr.trades.SwapTrade, {"spread": 0.001},
    ),
    "steps": (
        swap(fixed(steps="<step><stepDate>2027-03-21</stepDate><stepValue>0.04</stepValue></step>"), floating()),
        nr.trades.SwapTrade, {"coupons": (0.03, 0.03, 0.04, 0.04, 0.04)},
    ),
    "upfront paid": (
        swap(more=payment("us", 1e4, "2025-03-24", "additionalPayment")),
        nr.trades.SwapTrade, {"premium": 1e4, "premium_date": "2025-03-24"},
    ),
    "upfront received": (
        swap(more=payment("them", 1e4, "2025-03-24", "additionalPayment")),
        nr.trades.SwapTrade,
        {"side": "receiver", "position": "short", "premium": 1e4, "premium_date": "2025-03-24"},
    ),
    "european": (
        swaption(ONE, swap(), premium=payment("us", 2e4, "2024-03-21"), more="<swaptionStraddle>false</swaptionStraddle>"),
        nr.trades.EuropeanSwaptionTrade,
        {"exercise_dates": "2025-03-19", "premium": 2e4, "premium_date": "2024-03-21"},
    ),
    "european sold": (
        swaption(ONE, swap(fixed("them"), floating("us")), buyer="them"),
        nr.trades.EuropeanSwaptionTrade, {"exercise_dates": "2025-03-19", "position": "short"},
    ),
    "european by par yield": (
        swaption(ONE, swap(), more="<cashSettlement><parYieldCurveUnadjustedMethod/></cashSettlement>"),
        nr.trades.EuropeanSwaptionTrade, {"exercise_dates": "2025-03-19", "settlement": "cash par yield"},
    ),
    "bermudan": (
        swaption(SEVERAL, swap()), nr.trades.BermudanSwaptionTrade, {"exercise_dates": "2026-03-19;2027-03-18"},
    ),
    "cancellable": (
        swap(more=cancelable(SEVERAL)), nr.trades.CancellableSwapTrade, {"exercise_dates": "2026-03-19;2027-03-18"},
    ),
    "callable by them": (
        swap(more=cancelable(SEVERAL, "them")),
        nr.trades.CancellableSwapTrade,
        {"exercise_dates": "2026-03-19;2027-03-18", "side": "receiver", "position": "short"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NATIVE)
def test_a_document_is_the_trade_of_a_book(tmp_path, name):
    product, kind, fields = NATIVE[name]
    found, native = read(tmp_path, product), kind(**PLAIN | fields)
    assert type(found) is kind
    assert value(found) == pytest.approx(value(native), abs=1e-8)
    assert value(found) != 0.0


def test_an_overnight_swap_lags(tmp_path):
    legs = (
        stream("us", START, END, "1Y", fixed=0.03, lag="1D"),
        stream("them", START, END, "1Y", index="EUR-EuroSTR-COMPOUND", lag="1D", resets="1D"),
    )
    native = nr.trades.SwapTrade(**PLAIN | {"index": "EUR-ESTR"})
    assert value(read(tmp_path, swap(*legs))) == pytest.approx(value(native), abs=1e-8)


def test_two_floating_legs_are_a_basis_swap(tmp_path):
    legs = (
        stream("us", START, END, "3M", index="EUR-EURIBOR", tenor="3M"),
        stream("them", START, END, "3M", index="EUR-EuroSTR-OIS Compound"),
    )
    found = read(tmp_path, swap(*legs))
    native = nr.trades.BasisSwapTrade(
        **PLAIN | {"index": "EUR-EURIBOR-3M", "strike": 0.0}, second_index="EUR-ESTR", payment_lag=0
    )
    assert value(found, of_three_months()) == pytest.approx(
        value(native, of_three_months()), abs=1e-8
    )


@pytest.mark.parametrize(
    ("method", "own"),
    [("Flat", "flat"), ("Straight", "straight"), ("SpreadExclusive", "spread exclusive")],
)
def test_resets_that_compound(tmp_path, method, own):
    spread = "<spreadSchedule><initialValue>0.002</initialValue></spreadSchedule>"
    legs = (
        fixed(),
        stream(
            "them",
            START,
            END,
            "3M",
            pay="6M",
            index="EUR-EURIBOR",
            tenor="3M",
            method=method,
            inside=spread,
        ),
    )
    found = read(tmp_path, swap(*legs))
    native = nr.trades.CompoundingSwapTrade(
        **PLAIN | {"index": "EUR-EURIBOR-3M", "spread": 0.002},
        payment_frequency="6M",
        compounding=own,
    )
    assert value(found, of_three_months()) == pytest.approx(
        value(native, of_three_months()), abs=1e-8
    )


def test_dates_of_a_published_example(tmp_path):
    """Compounded flat every quarter, paid five business days after each half-year: the cash flows of FpML's example 3.

    Of its last half-year a reset starts a day after the Monday that the rule gives, and the payment falls on a bank holiday in
    London; both are left out.
    """
    dates = ("2000-04-27", "2002-04-27")
    legs = (
        stream(
            "them", *dates, "3M", pay="6M", index="USD-LIBOR-BBA", tenor="3M", method="Flat", currency="USD",
            names="GBLO USNY", lag="5D",
        ),
        stream(
            "us", *dates, "6M", fixed=0.0585, day_count="30/360", currency="USD", names="GBLO USNY", lag="5D"
        ),
    )  # fmt: skip
    trade = read(tmp_path, swap(*legs))
    lines = nr.trades.timetable(trade).periods
    paid = ("2000-11-03", "2001-05-04", "2001-11-05")
    assert tuple(str(one.payment) for one in lines if one.leg == "fixed")[:3] == paid
    resets = [one for one in lines if one.leg == "floating"]
    assert tuple(str(one.payment) for one in resets)[:6] == tuple(np.repeat(paid, 2))
    starts = (
        "2000-04-27", "2000-07-27", "2000-10-27", "2001-01-29", "2001-04-27", "2001-07-27", "2001-10-29",
    )  # fmt: skip
    assert tuple(str(one.start) for one in resets)[:7] == starts
    fixings = (
        "2000-04-25",
        "2000-07-25",
        "2000-10-25",
        "2001-01-25",
        "2001-04-25",
        "2001-07-25",
        "2001-10-25",
    )
    assert tuple(str(one.fixing) for one in resets)[:7] == fixings


@pytest.mark.parametrize(
    ("payer", "buyer", "kind", "position"),
    [
        ("them", "Receiver", "cap", "long"),
        ("us", "Receiver", "cap", "short"),
        ("us", "Payer", "floor", "long"),
    ],
)
def test_caps_and_floors(tmp_path, payer, buyer, kind, position):
    strike = f"<{kind}RateSchedule><initialValue>0.03</initialValue><buyer>{buyer}</buyer></{kind}RateSchedule>"
    product = f"<capFloor>{floating(payer, inside=strike, name='capFloorStream')}</capFloor>"
    found = read(tmp_path, product)
    assert (found.kind, found.position, found.strike) == (kind, position, 0.03)
    native = {"cap": nr.trades.CapTrade, "floor": nr.trades.FloorTrade}[kind]
    fields = {name: field for name, field in PLAIN.items() if name != "side"} | {
        "position": position
    }
    assert value(found) == pytest.approx(value(native(**fields)), abs=1e-8)


def test_a_collar_and_an_agreement(tmp_path):
    strikes = (
        "<capRateSchedule><initialValue>0.04</initialValue><buyer>Receiver</buyer></capRateSchedule>"
        "<floorRateSchedule><initialValue>0.02</initialValue><buyer>Payer</buyer></floorRateSchedule>"
    )
    found = read(
        tmp_path, f"<capFloor>{floating(inside=strikes, name='capFloorStream')}</capFloor>"
    )
    assert (found.kind, found.strike, found.floor_strike, found.position) == (
        "collar",
        0.04,
        0.02,
        "long",
    )
    agreement = read(
        tmp_path,
        f"<fra>{sides('us', 'buyer seller')}<adjustedEffectiveDate>2025-03-21</adjustedEffectiveDate>"
        "<adjustedTerminationDate>2025-09-22</adjustedTerminationDate><dayCountFraction>ACT/360</dayCountFraction>"
        "<notional><currency>EUR</currency><amount>1000000</amount></notional><fixedRate>0.03</fixedRate>"
        "<floatingRateIndex>EUR-EURIBOR</floatingRateIndex><indexTenor><periodMultiplier>6</periodMultiplier>"
        "<period>M</period></indexTenor><fraDiscounting>ISDA</fraDiscounting></fra>",
    )
    assert (agreement.kind, agreement.side, agreement.strike) == ("fra", "payer", 0.03)


def test_prefixes_and_time_zones(tmp_path):
    text = document(swap()).replace(f"<unadjustedDate>{START}<", f"<unadjustedDate>{START}Z<")
    names = {name.split()[0].strip("/") for name in text.replace(">", " ").split("<")[1:]} - {
        "?xml"
    }
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"<{name}>", f"<f:{name}>").replace(f"<{name} ", f"<f:{name} ")
        text = text.replace(f"</{name}>", f"</f:{name}>").replace(f"<{name}/>", f"<f:{name}/>")
    path = tmp_path / "trades.xml"
    path.write_text(text.replace("xmlns=", "xmlns:f="))
    assert value(nr.trades.load(path).trades[0]) == value(nr.trades.SwapTrade(**PLAIN))


STOPPED = [
    (swap(fixed(), floating(index="EUR-LIBOR-BBA")), "floatingRateIndex.*not known here: EUR-LIBOR-BBA"),
    (swap(fixed(day_count="ACT/ACT.ISMA"), floating()), "dayCountFraction.*found ACT/ACT.ISMA"),
    (swap(fixed(names="BEBR"), floating()), "businessCenter.*not known here: BEBR"),
    (swap(fixed(), floating(roll="IMM")), "rollConvention.*found IMM"),
    (swap(fixed(), floating(roll="15")), "firstRegularPeriodStartDate.*is an odd one"),
    (swap(fixed("them"), floating("them")), "one leg paid and one received"),
    (swap(fixed(), floating(resets="3M")), "resetFrequency.*one reset a calculation period"),
    (swap(fixed(), floating(pay="1Y")), "compoundingMethod.*several periods"),
    (swap(more=TERMINATED), "earlyTerminationProvision"),
    (swap(more="<extendibleProvision><x>1</x></extendibleProvision>"), "extendibleProvision"),
    (swap(fixed(extra=EXCHANGED), floating()), "initialExchange"),
    (swap(fixed(), floating(inside="<averagingMethod>Weighted</averagingMethod>")), "averagingMethod"),
    (swap(fixed(extra="<settlementProvision><x>1</x></settlementProvision>"), floating()), "settlementProvision"),
    (swap(more=payment("us", 1.0, "2025-03-24", "additionalPayment").replace("EUR", "USD")), "expected EUR, found USD"),
    (swaption(ONE, swap(), more=STRADDLE), "swaptionStraddle"),
    (swaption("<americanExercise><x>1</x></americanExercise>", swap()), "americanExercise"),
    (swaption(ONE, swap(), more=AT_PRICE), "cashPriceMethod.*not priced"),
    (swaption(ONE, swap(), premium=payment("them", 1.0, "2024-03-21")), "a premium that the holder"),
    (swaption(exercise("2025-06-19"), swap()), "a shorter swap|both legs entered together"),
    ("<creditDefaultSwap><x>1</x></creditDefaultSwap>", "trades of this type are not priced here"),
]  # fmt: skip


@pytest.mark.parametrize(("product", "message"), STOPPED)
def test_what_cannot_be_honoured_stops_the_trade_by_name(tmp_path, product, message):
    path = tmp_path / "trades.xml"
    path.write_text(document(product))
    with pytest.raises(InputError, match=message) as caught:
        nr.trades.load(path)
    assert "T1" in str(caught.value)
    (row,) = nr.trades.check(path).to_dict("records")
    assert (row["trade_id"], row["verdict"]) == ("T1", "stopped")


@pytest.mark.parametrize(
    "name", ["swap", "european", "european by par yield", "bermudan", "cancellable", "upfront paid"]
)
def test_every_element_is_read_or_refused(tmp_path, name):
    """An element that no reader knows, put into any place of a trade's product, stops it by its name."""
    whole = document(NATIVE[name][0])
    first, last = whole.find("</tradeHeader>") + 14, whole.find("</trade>")
    path, silent = tmp_path / "trades.xml", []
    for place in (n for n in range(first, last) if whole.startswith("</", n)):
        path.write_text(whole[:place] + "<unheardOf>1</unheardOf>" + whole[place:])
        book = nr.trades.load(path, keep_going=True)
        silent += [whole[place : place + 40]] if len(book) else []
    assert silent == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><dataDocument fpmlVersion="5-10"/>', "document type"),
        ('<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><dataDocument fpmlVersion="5-10"/>', "document type"),
        (
            "<!DOCTYPE a [<!ENTITY a0 'x'>" + "".join(f"<!ENTITY a{n + 1} '&a{n};&a{n};'>" for n in range(30)) + "]>"
            "<dataDocument>&a30;</dataDocument>",
            "document type",
        ),
        ('<dataDocument fpmlVersion="5-10">&b;</dataDocument>', "expected XML: undefined entity"),
        ('<dataDocument fpmlVersion="5-10"><trade></dataDocument>', "expected XML: mismatched tag"),
        ("<a>" * 200 + "</a>" * 200, "at most 100 elements"),
        ('<dataDocument fpmlVersion="5-10"/>', "expected a `party` with an id"),
        ('<dataDocument fpmlVersion="5-10"><party id="us"/></dataDocument>', "at least one trade"),
        ("<something/>", "a Portfolio .ORE. or an FpML document, found something"),
    ],
)  # fmt: skip
def test_bad_xml_is_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "trades.xml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        nr.trades.load(path)
    assert "\n" not in str(caught.value)


def test_a_trade_of_two_others_is_not_ours(tmp_path):
    path = tmp_path / "trades.xml"
    path.write_text(
        document(swap()).replace('<party id="us">', '<party id="somebody"/><party id="us">')
    )
    with pytest.raises(InputError, match="expected somebody on one side, found us and them"):
        nr.trades.load(path)


def changed(text, draw):
    """An element left out, given twice or put elsewhere, or another text in it."""
    leaves = list(re.finditer(r"<(\w+)>([^<>]*)</\1>", text))
    one, other = draw.sample(leaves, 2)
    match draw.randrange(4):
        case 0:
            return text[: one.start()] + text[one.end() :]
        case 1:
            return text[: one.end()] + one[0] + text[one.end() :]
        case 2:
            return text[: other.end()] + one[0] + text[other.end() :]
    words = (
        "",
        "0",
        "-1",
        "1e400",
        "nan",
        "99",
        "2024-02-30",
        "2199-12-31",
        "Y",
        "T",
        "D",
        "true",
        "EOM",
        "\uff11",
        other[2],
    )
    return text[: one.start(2)] + draw.choice(words) + text[one.end(2) :]


def test_changed_documents_are_read_or_refused_in_one_line_a_fault(tmp_path):
    draw, path, read_all = random.Random(7), tmp_path / "trades.xml", 0
    for _ in range(300):
        text = document(draw.choice([product for product, _, _ in NATIVE.values()]))
        path.write_text(changed(text, draw))
        book = nr.trades.load(path, keep_going=True)
        read_all += len(book)
        for error in book.errors:
            assert "\n" not in str(error)
            assert error.column
    assert 0 < read_all < 300
