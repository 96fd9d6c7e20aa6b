"""Periods of FpML streams: odd ones at either end, and boundaries that the document does not say.

The days expected are counted by hand from the rules: regular periods from one stated edge to the other.
"""

import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError
from trades.fpml.documents import document, stream

pytestmark = pytest.mark.filterwarnings("ignore:.*seen by party")


def edges(first="", last="", kind=""):
    told = {"firstRegularPeriodStartDate": first, "lastRegularPeriodEndDate": last}
    return "".join(
        f"<{name}>{text}</{name}>"
        for name, text in {**told, "stubPeriodType": kind}.items()
        if text
    )


def one_leg(tmp_path, start, end, roll="21", period="1Y", more="", **own):
    path = tmp_path / "trades.xml"
    leg = stream("us", start, end, period, fixed=0.03, roll=roll, names="GBLO", edges=more, **own)
    path.write_text(document(f"<swap>{leg}</swap>"))
    return nr.trades.load(path).trades[0]


@pytest.mark.parametrize(
    ("start", "end", "more", "days"),
    [
        ("2025-01-21", "2028-03-21", edges("2025-03-21"),
         "2025-01-21 2025-03-21 2026-03-23 2027-03-22 2028-03-21"),
        ("2025-01-21", "2028-03-21", edges("2026-03-21", "", "LongInitial"),
         "2025-01-21 2026-03-23 2027-03-22 2028-03-21"),
        ("2025-03-21", "2028-05-22", edges("", "2028-03-21", "ShortFinal"),
         "2025-03-21 2026-03-23 2027-03-22 2028-03-21 2028-05-22"),
        ("2025-03-21", "2028-05-22", edges("", "2027-03-21", "LongFinal"),
         "2025-03-21 2026-03-23 2027-03-22 2028-05-22"),
        ("2025-01-21", "2028-05-22", edges("2025-03-21", "2028-03-21", "ShortInitial"),
         "2025-01-21 2025-03-21 2026-03-23 2027-03-22 2028-03-21 2028-05-22"),
    ],
)  # fmt: skip
def test_stated_stubs(tmp_path, start, end, more, days):
    found = one_leg(tmp_path, start, end, more=more)
    assert [str(day) for day in found.fixed_dates] == days.split()


def test_month_ends(tmp_path):
    found = one_leg(
        tmp_path, "2025-01-15", "2026-02-28", "EOM", "6M", edges("2025-02-28", "", "ShortInitial")
    )
    assert [str(day) for day in found.fixed_dates] == [
        "2025-01-15", "2025-02-28", "2025-08-29", "2026-02-27",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "roll", "more", "message"),
    [
        ("2025-01-21", "2028-03-21", "21", "", "firstRegularPeriodStartDate.*is an odd one"),
        ("2025-03-21", "2028-05-21", "21", edges("2026-03-21"), "lastRegularPeriodEndDate where"),
        ("2025-01-21", "2028-05-25", "NONE", edges("2025-03-21"), "lastRegularPeriodEndDate.*odd one"),
        ("2025-01-31", "2028-05-30", "EOM", edges("2025-03-31"), "lastRegularPeriodEndDate.*odd one"),
        ("2025-03-21", "2028-03-21", "EOM", "", "firstRegularPeriodStartDate.*odd one"),
        ("2025-01-21", "2028-03-21", "21", edges("", "2027-03-21", "LongInitial"), "RegularPeriod"),
        ("2025-01-21", "2028-03-21", "21", edges("2025-03-21", "", "LongInitial"), "stubPeriodType"),
        ("2025-03-21", "2028-03-21", "21", edges("", "", "ShortInitial"), "stubPeriodType"),
        ("2025-03-21", "2028-03-21", "21", edges("", "", "Short"), "stubPeriodType"),
        ("2025-03-21", "2028-03-21", "21", edges("2029-03-21"), "firstRegularPeriodStartDate"),
        ("2025-03-21", "2028-03-21", "21", edges("", "2024-03-21"), "lastRegularPeriodEndDate"),
        ("2025-01-21", "2028-03-21", "21", edges("2200-03-21"), "expected a date between"),
    ],
)  # fmt: skip
def test_periods_that_the_document_does_not_say(tmp_path, start, end, roll, more, message):
    with pytest.raises(InputError, match=message):
        one_leg(tmp_path, start, end, roll, more=more)


def test_a_term_has_no_stub(tmp_path):
    with pytest.raises(InputError, match="firstRegularPeriodStartDate.*expected nothing"):
        one_leg(tmp_path, "2025-01-21", "2028-03-21", period="1T", more=edges("2025-03-21"))


def test_a_period_longer_than_calendars(tmp_path):
    with pytest.raises(InputError, match="periodMultiplier.*years at most"):
        one_leg(tmp_path, "2025-03-21", "2028-03-21", period="9999Y")
