"""Caps, floors, collars and forward rate agreements by QuantLib's coupons and formulas, from the fields on."""

from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import period, terms
from neuralrates.desk.verification.curves import QuantLibCurves
from neuralrates.desk.verification.fixings import Fixings, index_with, is_stated, known_fixings
from neuralrates.desk.verification.swap import rate_coupons
from neuralrates.desk.verification.volatility import QuotedVolatility, bilinear
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.trades.rate_trade import (
    AbstractCapTrade,
    AbstractRateTrade,
    CapTrade,
    CollarTrade,
    FloorTrade,
)

_CALL, _PUT = ql.Option.Call, ql.Option.Put


@dataclass(frozen=True)
class RateCode:
    """QuantLib set up for the trades on single rates of one index.

    Args:
        curves: QuantLib's
        caps: cap volatilities as quoted; none where the market has none of the index
        swaptions: swaption volatilities as quoted
        today: valuation date
    """

    curves: QuantLibCurves
    caps: CapVolatility | None
    swaptions: QuotedVolatility | None
    today: ql.Date

    def value(self, trade: AbstractRateTrade, index: ql.InterestRateIndex) -> tuple[float, str]:
        """Value per unit notional without the premium, and what priced it; use it within `evaluation_date`."""
        rule = terms(trade.index)
        months = _months(trade, rule.floating_months, overnight=rule.overnight)
        coupons = rate_coupons(trade, rule, index, months)
        known = known_fixings(trade, coupons, index, self.today)
        with index_with(index, known):
            alive = [coupon for coupon in coupons if coupon.date() > self.today]
            if not alive:
                raise RefusalError(f"everything is paid by {self.today.ISO()}")
            if isinstance(trade, AbstractCapTrade):
                term = (coupons[-1].accrualEndDate() - self.today) / 365.0
                worth = [self._options(trade, one, known, term, rule.overnight) for one in alive]
                return sum(worth), "coupons and " + self._formula()
            return self._agreement(trade, alive[0]), "discounting"

    def _agreement(self, trade: AbstractRateTrade, coupon: ql.FloatingRateCoupon) -> float:
        start, accrual, rate = coupon.accrualStartDate(), coupon.accrualPeriod(), coupon.rate()
        if start <= self.today:
            raise RefusalError(f"it settled on {start.ISO()}")
        paid = accrual * (rate - trade.strike) / (1.0 + accrual * rate)
        sign = 1.0 if trade.side == "payer" else -1.0
        return float(sign * paid * self.curves.discount.discount(start))

    def _options(
        self,
        trade: AbstractCapTrade,
        coupon: ql.FloatingRateCoupon,
        known: Fixings,
        term: float,
        overnight: bool,
    ) -> float:
        """Value of the options on one coupon."""
        rate, spread = coupon.rate(), coupon.spread()
        expiry = self._expiry(coupon, known, overnight)
        begun = max(coupon.accrualStartDate(), self.today)
        length = (coupon.accrualEndDate() - begun) / 365.0
        paid = 0.0
        for held, side, strike in _legs(trade):
            option = self._option(side, strike - spread, rate - spread, expiry, length, term)
            paid += held * option
        factor = self.curves.discount.discount(coupon.date())
        return float(coupon.nominal() * coupon.accrualPeriod() * factor * paid)

    def _expiry(self, coupon: ql.FloatingRateCoupon, known: Fixings, overnight: bool) -> float:
        """Time that stands for the variance of a rate: to its fixing, or to a third of what is left of its compounding."""
        if not overnight:
            open_rate = not is_stated(coupon, known)
            return max(coupon.fixingDate() - self.today, 0) / 365.0 if open_rate else 0.0
        start, end = (
            (day - self.today) / 365.0
            for day in (coupon.accrualStartDate(), coupon.accrualEndDate())
        )
        begun = max(start, 0.0)
        return begun + max(end - begun, 0.0) ** 3 / (3.0 * (end - start) ** 2)

    def _option(
        self, side: int, strike: float, rate: float, expiry: float, length: float, term: float
    ) -> float:
        if expiry == 0.0:
            return max(rate - strike if side == _CALL else strike - rate, 0.0)
        if self.caps is None:
            if self.swaptions is None:
                raise RefusalError("the market has neither cap nor swaption volatilities")
            return self.swaptions.price(side, strike, rate, 1.0, expiry, length)
        caps = self.caps
        nodes = np.asarray(caps.terms), np.asarray(caps.strikes), np.asarray(caps.volatilities)
        deviation = bilinear(*nodes, term, strike) * np.sqrt(expiry)
        if caps.quote_type == "normal":
            return float(ql.bachelierBlackFormula(side, strike, rate, deviation))
        return float(ql.blackFormula(side, strike, rate, deviation, 1.0, float(caps.shift)))

    def _formula(self) -> str:
        quoted = self.swaptions.quote_type if self.caps is None and self.swaptions else "normal"
        quoted = quoted if self.caps is None else self.caps.quote_type
        return "Bachelier" if quoted == "normal" else "Black"


def _months(trade: AbstractRateTrade, of_the_index: int, *, overnight: bool) -> int:
    """Length of a period; the whole of a forward rate agreement is one."""
    if not isinstance(trade, AbstractCapTrade):
        return 0
    if trade.frequency is not None:
        found = period(trade.frequency)
        return int(found.length() * (12 if found.units() == ql.Years else 1))
    return 3 if overnight else of_the_index


def _legs(trade: AbstractCapTrade) -> list[tuple[float, int, float]]:
    """Options held on each coupon: how many, of which side, at which strike."""
    match trade:
        case CapTrade():
            return [(1.0, _CALL, trade.strike)]
        case FloorTrade():
            return [(1.0, _PUT, trade.strike)]
        case CollarTrade():
            return [(1.0, _CALL, trade.strike), (-1.0, _PUT, trade.floor_strike)]
    raise RefusalError(f"QuantLib has nothing here for a trade of kind {trade.kind}")
