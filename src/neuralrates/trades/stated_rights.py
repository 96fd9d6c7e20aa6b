"""Exercises of a right as another system states them: which periods they enter."""

import QuantLib as ql  # noqa: N813

from neuralrates.trades.stated_legs import Leg
from neuralrates.trades.xml_fields import Fields

NEAR = 7
"""Days by which the legs of a swap may roll apart."""


def check_entered(
    data: Fields,
    name: str,
    exercises: list[ql.Date],
    notices: list[ql.Date],
    legs: list[Leg],
    notice_name: str = "",
) -> list[ql.Date]:
    """Refuse an exercise into part of a period, or past the start of one between its notice and itself.

    An exercise enters, of each leg, every period that starts on or after it; here it is the first fixed period and the
    floating ones from some days before its start on. The two must be the same.

    Args:
        data: fields of the right
        name: of the field that holds the exercises
        exercises: days
        notices: when each is decided
        legs: of the swap
        notice_name: of the field that says so; that of the exercises where there is none

    Returns:
        Start of the fixed period that each enters.
    """
    fixed = next(leg for leg in legs if leg.index is None).dates[:-1]
    found = []
    for day, notice in zip(exercises, notices, strict=True):
        entered = next((start for start in fixed if start >= notice), None)
        if entered is None:
            raise data.fault(name, f"expected a period that starts on or after {day.ISO()}")
        for leg in legs:
            skipped = [s for s in leg.dates[:-1] if notice <= s < entered - NEAR]
            if skipped:
                found_days = f"one starts on {skipped[0].ISO()}, the fixed leg on {entered.ISO()}"
                expected = f"expected both legs entered together from {day.ISO()} on"
                raise data.fault(name, f"{expected}, found {found_days}")
        if day > entered + NEAR:
            raise data.fault(
                notice_name or name, f"a period starts on {entered.ISO()}, before {day.ISO()}"
            )
        found.append(entered)
    return found
