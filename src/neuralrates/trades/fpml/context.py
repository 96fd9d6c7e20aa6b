"""What the elements of an FpML document refer to: who we are, and elements by their ids."""

from collections.abc import Iterator
from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.core.xml import Element
from neuralrates.trades.fields import shown
from neuralrates.trades.xml_fields import Fields

CENTRES = {
    "EUTA": ql.TARGET(),
    "GBLO": ql.UnitedKingdom(ql.UnitedKingdom.Exchange),
    "USNY": ql.UnitedStates(ql.UnitedStates.Settlement),
    "FRPA": ql.France(ql.France.Settlement),
    "DEFR": ql.Germany(ql.Germany.Settlement),
    "ITMI": ql.Italy(ql.Italy.Settlement),
    "USGS": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    "JPTO": ql.Japan(),
    "CHZU": ql.Switzerland(),
    "SEST": ql.Sweden(),
    "NOOS": ql.Norway(),
    "DKCO": ql.Denmark(),
    "CATO": ql.Canada(),
    "AUSY": ql.Australia(),
}
_ROLLS = {
    "FOLLOWING": ql.Following,
    "MODFOLLOWING": ql.ModifiedFollowing,
    "PRECEDING": ql.Preceding,
    "MODPRECEDING": ql.ModifiedPreceding,
    "NONE": ql.Unadjusted,
}
_DAYS = {"D": 1, "W": 7, "M": 30, "Y": 366}
_UNITS = {"D": ql.Days, "W": ql.Weeks, "M": ql.Months, "Y": ql.Years}


@dataclass(frozen=True)
class Adjustment:
    """How days roll."""

    calendar: ql.Calendar
    rule: int

    def __call__(self, day: ql.Date) -> ql.Date:
        return self.calendar.adjust(day, self.rule)


UNADJUSTED = Adjustment(ql.NullCalendar(), ql.Unadjusted)


@dataclass(frozen=True)
class Context:
    """A document that elements refer into.

    Args:
        ours: id of the party that the trades are seen by
        by_id: elements that have one
    """

    ours: str
    by_id: dict[str, Element]

    @classmethod
    def of(cls, root: Element, ours: str) -> "Context":
        """That of a document, seen by a party."""
        return cls(
            ours, {one.attributes["id"]: one for one in _every(root) if "id" in one.attributes}
        )

    def party(self, data: Fields, name: str) -> str:
        """Party that a field refers to, on either side of the trade."""
        return data.inner(name).element.attributes.get("href", "")

    def pays(self, data: Fields, party: str) -> bool:
        """Whether a party is the payer, and not the receiver, of what is paid."""
        payer, receiver = (
            self.party(data, f"{side}PartyReference") for side in ("payer", "receiver")
        )
        data.ignored("payerAccountReference", "receiverAccountReference")
        if party not in (payer, receiver) or payer == receiver:
            raise data.fault(
                "payerPartyReference",
                f"expected {shown(party)} on one side, found {shown(payer)} and {shown(receiver)}",
            )
        return payer == party

    def buyer(self, data: Fields) -> str:
        """Party that buys a right; we are one of the two."""
        buyer, seller = (self.party(data, f"{side}PartyReference") for side in ("buyer", "seller"))
        data.ignored("buyerAccountReference", "sellerAccountReference")
        if self.ours not in (buyer, seller) or buyer == seller:
            raise data.fault(
                "buyerPartyReference",
                f"expected {shown(self.ours)} on one side, found {shown(buyer)} and {shown(seller)}",
            )
        return buyer

    def calendar(self, data: Fields) -> ql.Calendar:
        """Calendar of `businessCenters`, or of those that are referred to; one without holidays where there are none."""
        listed, refers = data.optional("businessCenters"), data.optional("businessCentersReference")
        if listed is None and refers is not None:
            href = refers.element.attributes.get("href", "")
            if href not in self.by_id:
                raise data.fault(
                    "businessCentersReference",
                    f"expected business centers with the id {shown(href)}",
                )
            listed = Fields(self.by_id[href], data.path)
        if listed is None:
            return ql.NullCalendar()
        found = None
        for one in listed.elements("businessCenter"):
            if one.text not in CENTRES or one.children:
                raise listed.fault(
                    "businessCenter", f"this business center is not known here: {shown(one.text)}"
                )
            own = CENTRES[one.text]
            found = own if found is None else ql.JointCalendar(found, own, ql.JoinHolidays)
        listed.done()
        if found is None:
            raise listed.fault("businessCenter", "expected one at least, found none")
        return found

    def adjustment(self, data: Fields | None) -> Adjustment:
        """How days roll by `businessDayConvention` and business centers; as they are where nothing is said."""
        if data is None:
            return UNADJUSTED
        rule = _ROLLS[data.choice("businessDayConvention", {name: name for name in _ROLLS})]
        if rule != ql.Unadjusted and not self._has_centers(data):
            raise data.fault("businessCenters", "expected those whose holidays days roll around")
        found = Adjustment(self.calendar(data), rule)
        data.done()
        return found

    @staticmethod
    def _has_centers(data: Fields) -> bool:
        return data.has("businessCenters") or data.has("businessCentersReference")

    def adjustable(self, data: Fields) -> tuple[ql.Date, ql.Date]:
        """A day of `unadjustedDate` or `adjustedDate` as it stands, and as it rolls."""
        stated = data.text("unadjustedDate", "")
        adjusted = data.text("adjustedDate", "")
        rolled = self.adjustment(data.optional("dateAdjustments"))
        data.done()
        if not stated:
            day = quantlib_date(data.as_date("adjustedDate", adjusted))
            return day, day
        day = quantlib_date(data.as_date("unadjustedDate", stated))
        found = rolled(day)
        if adjusted and quantlib_date(data.as_date("adjustedDate", adjusted)) != found:
            raise data.fault(
                "adjustedDate",
                f"expected {found.ISO()}, to which {day.ISO()} rolls, found {adjusted}",
            )
        return day, found

    def offset(self, data: Fields, otherwise: ql.Calendar | None = None) -> "Offset":
        """`periodMultiplier` and `period` of a field, by its own business days, or by those of a calendar where it has none."""
        length = data.whole("periodMultiplier")
        unit = data.choice("period", {name: name for name in _UNITS})
        if abs(length) * _DAYS[unit] > _DAYS["Y"]:
            raise data.fault("periodMultiplier", f"expected a year at most, found {length}{unit}")
        kind = data.choice(
            "dayType",
            {"Business": "Business", "Calendar": "Calendar"},
            "Business" if unit == "D" else "Calendar",
        )
        rule = _ROLLS[data.choice("businessDayConvention", {name: name for name in _ROLLS}, "NONE")]
        has_own = self._has_centers(data)
        own = self.calendar(data)
        calendar = own if has_own or otherwise is None else otherwise
        found = Offset(ql.Period(length, _UNITS[unit]), kind == "Business", calendar, rule)
        data.ignored("dateRelativeTo")
        data.done()
        return found


@dataclass(frozen=True)
class Offset:
    """So many days or months from another day."""

    period: ql.Period
    business: bool
    calendar: ql.Calendar
    rule: int

    def __call__(self, day: ql.Date) -> ql.Date:
        if self.business:
            return self.calendar.advance(day, self.period)
        return self.calendar.adjust(day + self.period, self.rule)


def _every(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        yield from _every(child)
