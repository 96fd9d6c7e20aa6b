"""Quotes repriced by QuantLib's own builders on our nodes: no helper of ours, no bootstrap."""

import dataclasses
import datetime
from collections.abc import Mapping

import numpy as np
import QuantLib as ql

import neuralrates as nr
from compiled import at_each
from neuralrates.conventions import quantlib_date

Handle = ql.YieldTermStructureHandle
Curves = Mapping[str, Handle]
OVERNIGHT = {
    "USD-SOFR": (ql.Sofr, 2),
    "USD-FEDFUNDS": (ql.FedFunds, 2),
    "EUR-ESTR": (ql.Estr, 1),
    "EUR-EONIA": (ql.Eonia, 1),
}


def quantlib_curve(date: datetime.date, curve: "nr.market.ZeroCurve") -> Handle:
    """The nodes of a curve in QuantLib's log-linear discount curve."""
    days = np.rint(np.concatenate([[0.0], np.asarray(curve.times)]) * 365.0).astype(int)
    factors = at_each(curve.discount_factor, days / 365.0).tolist()
    dates = [quantlib_date(date) + int(day) for day in days]
    result = ql.DiscountCurve(dates, factors, ql.Actual365Fixed())
    result.enableExtrapolation()
    return Handle(result)


def quantlib_value(quote: "nr.market.Quote", discount: Handle, curves: Curves) -> float:
    """Value of a quote in its own unit; QuantLib's evaluation date must have been set."""
    return _VALUES[quote.kind](quote, discount, curves)


def _term_index(index: str, curves: Curves) -> ql.IborIndex:
    family = ql.Euribor if index[:3] == "EUR" else ql.USDLibor
    return family(ql.Period(index.rsplit("-", 1)[1]), curves[index])


def _london_and_new_york() -> ql.Calendar:
    new_york = ql.UnitedStates(ql.UnitedStates.Settlement)
    return ql.JointCalendar(ql.UnitedKingdom(ql.UnitedKingdom.Exchange), new_york)


def _ois(quote: "nr.market.Quote", discount: Handle, curves: Curves) -> float:
    index, lag = OVERNIGHT[quote.index]
    engine = ql.DiscountingSwapEngine(discount)
    period = ql.Period(quote.tenor)
    swap = ql.MakeOIS(period, index(discount), 0.0, paymentLag=lag, pricingEngine=engine)
    return swap.fairRate()


def _swap(quote: "nr.market.Quote", discount: Handle, curves: Curves) -> float:
    calendar = ql.TARGET() if quote.index[:3] == "EUR" else _london_and_new_york()
    swap = ql.MakeVanillaSwap(
        ql.Period(quote.tenor),
        _term_index(quote.index, curves),
        0.0,
        fixedLegTenor=ql.Period("1Y" if quote.index[:3] == "EUR" else "6M"),
        fixedLegDayCount=ql.Thirty360(ql.Thirty360.BondBasis),
        fixedLegCalendar=calendar,
        floatingLegCalendar=calendar,
        pricingEngine=ql.DiscountingSwapEngine(discount),
    )
    return swap.fairRate()


def _fixing(quote: "nr.market.Quote", discount: Handle, curves: Curves) -> float:
    """Forecast fixing of the index, on a deposit's or FRA's fixing day."""
    today = ql.Settings.instance().evaluationDate
    if quote.index in OVERNIGHT:
        return OVERNIGHT[quote.index][0](discount).fixing(today, True)
    index = _term_index(quote.index, curves)
    start = index.valueDate(index.fixingCalendar().adjust(today))
    if quote.start:
        calendar = index.fixingCalendar()
        start = calendar.advance(start, ql.Period(quote.start), ql.ModifiedFollowing)
    return index.fixing(index.fixingDate(start), True)


def _future(quote: "nr.market.Quote", discount: Handle, curves: Curves) -> float:
    month, year = int(quote.start[5:]), int(quote.start[:4])
    start = ql.Date.nthWeekday(3, ql.Wednesday, month, year)
    end = ql.Date.nthWeekday(3, ql.Wednesday, (month + 2) % 12 + 1, year + (month + 2) // 12)
    return ql.OvernightIndexFuture(ql.Sofr(discount), start, end).NPV() - 100.0 * quote.convexity


def _basis(quote: "nr.market.Quote", discount: Handle, curves: Curves) -> float:
    """Spread over the shorter of the two rates, or the difference of two swap rates."""
    usual = {"USD-FEDFUNDS": "USD-LIBOR-3M"}
    other = quote.against or usual[quote.index]
    if quote.spread_on == "fixed":
        longer, shorter = (
            _swap(
                dataclasses.replace(quote, kind="swap", index=index, against="", spread_on=""),
                discount,
                curves,
            )
            for index in (other, quote.index)
        )
        return longer - shorter
    calendar = _london_and_new_york() if quote.index[:3] == "USD" else ql.TARGET()
    today = ql.Settings.instance().evaluationDate
    start = calendar.advance(calendar.adjust(today), ql.Period("2D"))
    end = calendar.advance(start, ql.Period(quote.tenor), ql.Unadjusted)

    def schedule(tenor: str) -> ql.Schedule:
        roll = ql.ModifiedFollowing
        rule = ql.DateGeneration.Backward
        return ql.Schedule(start, end, ql.Period(tenor), calendar, roll, roll, rule, False)

    theirs = _term_index(other, curves)
    received = ql.IborLeg([1.0], schedule(other.rsplit("-", 1)[1]), theirs)
    if quote.index in OVERNIGHT:
        own = OVERNIGHT[quote.index][0](curves[quote.index])
        paid = ql.OvernightLeg([1.0], schedule(other.rsplit("-", 1)[1]), own)
    else:
        own = _term_index(quote.index, curves)
        paid = ql.IborLeg([1.0], schedule(quote.index.rsplit("-", 1)[1]), own)
    worth = [ql.CashFlows.npv(leg, discount, False) for leg in (paid, received)]
    annuity = ql.CashFlows.bps(paid, discount, False) / 1e-4
    return (worth[1] - worth[0]) / annuity


_VALUES = {
    "ois": _ois,
    "swap": _swap,
    "deposit": _fixing,
    "fra": _fixing,
    "future": _future,
    "basis": _basis,
}
