"""Numbers of an ORE leg that may change from period to period."""

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.trades.xml_fields import Fields


def by_period(
    data: Fields,
    several: str,
    one: str,
    starts: tuple[ql.Date, ...],
    default: float | None = None,
) -> tuple[float, ...]:
    """Number of each period of a leg.

    Args:
        data: fields that hold the list
        several: name of the list
        one: name of its elements, each in force from its `startDate` on, or, without dates, each of one period, the last of
            all that follow
        starts: of the periods
        default: where there is no list; None where it must be there

    Returns:
        One number a period.

    Raises:
        InputError: where the list is missing, or longer than the leg
    """
    inner = data.optional(several)
    if inner is None and default is None:
        raise data.fault(several, "expected a number, found nothing")
    return (
        (float(default or 0.0),) * len(starts)
        if inner is None
        else elements_by_period(inner, one, starts, default)
    )


def elements_by_period(
    inner: Fields, one: str, starts: tuple[ql.Date, ...], default: float | None = None
) -> tuple[float, ...]:
    """Number of each period from the elements of a list; arguments as of `by_period`."""
    found = inner.elements(one)
    inner.done()
    if not found and default is None:
        raise inner.fault("", "expected a number, found nothing")
    values = [inner.as_number("", element.text) for element in found] or [float(default or 0.0)]
    since = [element.attributes.get("startDate", "") for element in found]
    if not any(since):
        if len(values) > len(starts):
            raise inner.fault("", f"expected {len(starts)} at most, found {len(values)}")
        return tuple(values + values[-1:] * (len(starts) - len(values)))
    begun = [quantlib_date(inner.as_date("", day)) for day in since[1:]]
    return tuple(values[sum(day <= start for day in begun)] for start in starts)
