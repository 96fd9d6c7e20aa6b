"""Bonds by QuantLib's own instruments, and the bonds that a right to redeem one is a right on: from the fields on."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.desk.verification.conventions import Terms, day, day_count, period, terms
from neuralrates.desk.verification.curves import QuantLibCurves
from neuralrates.desk.verification.exercise import Exercise, exercises
from neuralrates.desk.verification.fixings import index_with, known_fixings
from neuralrates.desk.verification.flows import Flows
from neuralrates.desk.verification.swap import QuantLibSwap, rate_coupons
from neuralrates.trades.bond_trade import FixedRateBondTrade, FloatingRateBondTrade
from neuralrates.trades.callable_bond import AbstractRedeemableBondTrade

FixedTrade = FixedRateBondTrade | AbstractRedeemableBondTrade
_YEAR = ql.Actual365Fixed()
_GENERATION = {
    "short front": ql.DateGeneration.Backward,
    "short back": ql.DateGeneration.Forward,
}


class Quoted(NamedTuple):
    """What a right is quoted as: a European swaption, of what forward rate, strike, annuity, expiry and tenor."""

    forward: float
    strike: float
    annuity: float
    expiry: float
    tenor: float


@dataclass(frozen=True)
class BondCode:
    """QuantLib set up for the bonds of one currency; use it within `evaluation_date`.

    Args:
        curves: QuantLib's
        today: valuation date
    """

    curves: QuantLibCurves
    today: ql.Date

    def held(self, trade: FixedTrade | FloatingRateBondTrade) -> float:
        """Value of a bond per unit notional, without any right."""
        discount = self._discount(trade.option_adjusted_spread)
        if not isinstance(trade, FloatingRateBondTrade):
            flows = quantlib_bond(trade).cashflows()
            return float(ql.CashFlows.npv(flows, discount, False))
        rule = terms(trade.index)
        index = rule.index(self.curves.projection)
        coupons = rate_coupons(self._own_lag(trade), rule, index, self._months(trade, rule))
        with index_with(index, known_fixings(trade, coupons, index, self.today)):
            worth = ql.CashFlows.npv(coupons, discount, False)
        nominals = [coupon.nominal() for coupon in coupons]
        for coupon, now, later in zip(coupons, nominals, [*nominals[1:], 0.0], strict=True):
            if coupon.date() > self.today:
                worth += (now - later) * discount.discount(coupon.date())
        return float(worth)

    def rights(self, trade: AbstractRedeemableBondTrade) -> tuple[Flows, list[Quoted]]:
        """Bonds and quotes of the rights that are still to come, each to what is then left against its redemption."""
        bond, rule = quantlib_bond(trade), replace(terms(trade.index), fixed_months=_months(trade))
        coupons = [ql.as_fixed_rate_coupon(flow) for flow in bond.cashflows()]
        whole = QuantLibSwap([one for one in coupons if one is not None], [], rule)
        found = exercises(trade, whole, self.today)
        count = len(found)
        prices = (trade.exercise_prices * count)[:count]
        if len(trade.exercise_prices) > 1:
            prices = trade.exercise_prices[-count:]
        kept = [
            n
            for n in range(count)
            if n + 1 == count
            or found[n].swap.starts()[0] != found[n + 1].swap.starts()[0]
            or prices[n] != prices[n + 1]
        ]
        parts = [self._right(trade, bond, found[n], prices[n]) for n in kept]
        annuities, floats = [part[0] for part in parts], [part[1] for part in parts]
        days = sorted(set().union(*annuities, *floats))
        flows = Flows(
            np.array([found[n].date - self.today for n in kept]) / 365.0,
            np.array([part[3] for part in parts]) / 365.0,
            np.array(days) / 365.0,
            np.array([self.curves.discount.discount(self.today + one) for one in days]),
            _table(annuities, days),
            _table(floats, days),
            trade.strike,
        )
        return flows, [part[2] for part in parts]

    def _right(
        self, trade: AbstractRedeemableBondTrade, bond: ql.Bond, one: Exercise, price: float
    ) -> tuple[dict[int, float], dict[int, float], Quoted, int]:
        """Annuity and floating bonds by day, the quote, and the day of redemption of one right."""
        coupons, spread = one.swap.fixed, trade.option_adjusted_spread
        start = coupons[0].accrualStartDate()
        redeemed = _paid(start, trade, one.swap.terms)
        discount, today = self.curves.discount.discount, self.today

        def shrunk(date: ql.Date) -> float:
            return float(np.exp(-spread * (date - today) / 365.0))

        annuity: dict[int, float] = {}
        floats = {redeemed - today: coupons[0].nominal() * price * shrunk(redeemed)}
        forward, before = 0.0, redeemed
        for coupon in coupons:
            date, amount = coupon.date(), coupon.nominal() * coupon.accrualPeriod()
            annuity[date - today] = amount * shrunk(date)
            step = amount * (coupon.rate() - trade.strike) * shrunk(date)
            floats[date - today] = floats.get(date - today, 0.0) - step
            forward += coupon.nominal() * shrunk(before) * (discount(before) - discount(date))
            before = date
        for flow in bond.redemptions():
            if flow.date() > redeemed:
                amount = flow.amount() * shrunk(flow.date())
                floats[flow.date() - today] -= amount
        worth = sum(amount * discount(today + at) for at, amount in annuity.items())
        paid = sum(amount * discount(today + at) for at, amount in floats.items())
        rate = forward / worth
        strike = rate + (trade.strike * worth - paid) / worth
        tenor = (coupons[-1].accrualEndDate() - start) / 365.0
        return (
            annuity,
            floats,
            Quoted(rate, strike, worth, (one.date - today) / 365.0, tenor),
            (redeemed - today),
        )

    def _discount(self, spread: float) -> ql.YieldTermStructureHandle:
        """The discount curve and a continuous spread."""
        quote = ql.QuoteHandle(ql.SimpleQuote(spread))
        curve = ql.ZeroSpreadedTermStructure(
            self.curves.discount, quote, ql.Continuous, ql.Annual, _YEAR
        )
        curve.enableExtrapolation()
        return ql.YieldTermStructureHandle(curve)

    @staticmethod
    def _own_lag(trade: FloatingRateBondTrade) -> FloatingRateBondTrade:
        """The note with the payment lag that bonds have."""
        return trade.model_copy(update={"payment_lag": trade.payment_lag or 0})

    @staticmethod
    def _months(trade: FloatingRateBondTrade, rule: Terms) -> int:
        if trade.frequency is None:
            return 3 if rule.overnight else rule.floating_months
        found = period(trade.frequency)
        return int(found.length() * (12 if found.units() == ql.Years else 1))


def _table(rights: list[dict[int, float]], days: list[int]) -> np.ndarray:
    return np.array([[bonds.get(one, 0.0) for one in days] for bonds in rights])


def quantlib_bond(trade: FixedTrade) -> ql.Bond:
    """QuantLib's bond from the fields of a trade, per unit notional."""
    rule = terms(trade.index)
    schedule = _schedule(trade, rule)
    count = len(list(schedule)) - 1
    notionals = [one / trade.notional for one in trade.notionals or (trade.notional,) * count]
    return ql.AmortizingFixedRateBond(
        0,
        notionals,
        schedule,
        list(trade.coupons or [trade.strike]),
        day_count(trade.fixed_day_count) or rule.fixed_day_count,
        ql.Following,
        ql.Date(),
        ql.Period(),
        ql.NullCalendar(),
        ql.Unadjusted,
        False,
        [100.0],
        trade.payment_lag or 0,
    )


def _months(trade: FixedTrade) -> int:
    if trade.frequency is None:
        return terms(trade.index).fixed_months
    found = period(trade.frequency)
    return int(found.length() * (12 if found.units() == ql.Years else 1))


def _schedule(trade: FixedTrade, rule: Terms) -> ql.Schedule:
    if trade.fixed_dates is not None:
        return ql.Schedule([day(date) for date in trade.fixed_dates], rule.calendar, ql.Unadjusted)
    return ql.Schedule(
        day(trade.start_date),
        day(trade.maturity_date),
        ql.Period(_months(trade), ql.Months),
        rule.calendar,
        ql.Unadjusted,
        ql.Unadjusted,
        _GENERATION[trade.stub],
        False,
    )


def _paid(date: ql.Date, trade: FixedTrade, rule: Terms) -> ql.Date:
    """Business day on which what is due on a date is paid."""
    return rule.calendar.advance(date, trade.payment_lag or 0, ql.Days, ql.Following)
