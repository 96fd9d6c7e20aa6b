"""Forward rate agreements of FpML."""

import datetime
from typing import Any

from neuralrates.conventions.quantlib import python_date
from neuralrates.conventions.swap import SwapConvention, swap_convention
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.fpml.streams import DAY_COUNTS, check_fixing, index_of
from neuralrates.trades.xml_fields import Fields

_NEAR = 7


def agreement_fields(data: Fields, context: Context) -> dict[str, Any]:
    """Fields of a `fra`, settled at the start of its period."""
    bought = context.buyer(data) == context.ours
    notional = data.inner("notional")
    currency, amount = notional.text("currency"), notional.number("amount")
    notional.done()
    data.choice("fraDiscounting", {"ISDA": "ISDA"}, "ISDA")
    several = data.elements("indexTenor")
    if len(several) != 1:
        raise data.fault("indexTenor", f"expected it once, found it {len(several)} times")
    rate = Fields(data.element, "")
    rate.path = data.path
    data.ignored("floatingRateIndex")
    convention = swap_convention(index_of(rate))
    start, end = data.date("adjustedEffectiveDate"), data.date("adjustedTerminationDate")
    _check_period(data, convention, start, end)
    _check_paid(data, start, context)
    fixing = data.optional("fixingDateOffset")
    if fixing is not None:
        check_fixing(fixing, convention)
    return {
        "kind": "fra",
        "currency": currency,
        "index": convention.index,
        "side": "payer" if bought else "receiver",
        "notional": amount,
        "strike": data.number("fixedRate"),
        "start_date": start.isoformat(),
        "maturity_date": end.isoformat(),
        "floating_dates": [start.isoformat(), end.isoformat()],
        "floating_day_count": DAY_COUNTS[
            data.choice("dayCountFraction", {name: name for name in DAY_COUNTS})
        ],
        "projection": "index",
    }


def _check_period(
    data: Fields, convention: SwapConvention, start: datetime.date, end: datetime.date
) -> None:
    """Refuse a period of another length than it says, or than its rate."""
    days = (end - start).days
    if data.has("calculationPeriodNumberOfDays"):
        stated = data.whole("calculationPeriodNumberOfDays")
        if stated != days:
            raise data.fault("calculationPeriodNumberOfDays", f"expected {days}, found {stated}")
    own = convention.index_maturity(convention.rolled(start))
    if abs((own - end).days) > _NEAR:
        raise data.fault(
            "adjustedTerminationDate",
            f"expected the end of the index's own period, about {own}, found {end}",
        )


def _check_paid(data: Fields, start: datetime.date, context: Context) -> None:
    """Refuse a payment on another day than the start of the period."""
    stated = data.optional("paymentDate")
    if stated is not None:
        paid = python_date(context.adjustable(stated)[1])
        if paid != start:
            raise data.fault("paymentDate", f"expected {start}, found {paid}")
