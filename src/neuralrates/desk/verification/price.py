"""Any trade of a book priced by QuantLib from its fields on: swap, European, Bermudan, cancellable."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.bermudan import bermudan_value
from neuralrates.desk.verification.bonds import BondCode
from neuralrates.desk.verification.calibration import short_rate_volatilities, variances
from neuralrates.desk.verification.conventions import day, terms
from neuralrates.desk.verification.curve_bounds import METHOD, curve_bounds
from neuralrates.desk.verification.curves import QuantLibCurves
from neuralrates.desk.verification.exercise import Exercise, OptionTrade, exercises
from neuralrates.desk.verification.fixings import Fixings, index_with, is_known, known_fixings
from neuralrates.desk.verification.floating_legs import basis_value, compounding_value
from neuralrates.desk.verification.flows import Flows, flows
from neuralrates.desk.verification.par_yield import par_yield_value
from neuralrates.desk.verification.rates import RateCode
from neuralrates.desk.verification.single_legs import held_value
from neuralrates.desk.verification.swap import OTHER_SIDE, SIGNS, QuantLibSwap, quantlib_swap
from neuralrates.desk.verification.volatility import QuotedVolatility
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.products.swap import Side
from neuralrates.trades.basis_swap import BasisSwapTrade
from neuralrates.trades.bond_trade import FixedRateBondTrade, FloatingRateBondTrade
from neuralrates.trades.callable_bond import AbstractRedeemableBondTrade
from neuralrates.trades.callable_trade import (
    AbstractMultiCallableTrade,
    BermudanSwaptionTrade,
    CancellableSwapTrade,
    EuropeanSwaptionTrade,
)
from neuralrates.trades.compounding_swap import CompoundingSwapTrade
from neuralrates.trades.fields import PAR_YIELD
from neuralrates.trades.rate_trade import AbstractRateTrade
from neuralrates.trades.swap_trade import SwapTrade
from neuralrates.trades.trade import AbstractTrade


@dataclass(frozen=True)
class SecondPrice:
    """QuantLib's price of a trade, per unit notional.

    Args:
        value: price
        error: how far it is from that of half the grid; zero where there is no grid
        method: what priced it
        half_gap: of the bounds that the price is the middle of, and one standard error; zero where it is no such middle
    """

    value: float
    error: float
    method: str
    half_gap: float = 0.0


def _entering_apart(rights: list[Exercise]) -> list[Exercise]:
    """The rights, without those whose swap the next one enters as well, unchanged: who can wait for nothing, waits."""
    starts = [right.swap.starts()[0] for right in rights]
    return [
        right
        for right, start, later in zip(rights, starts, [*starts[1:], None], strict=True)
        if start != later or right.fee
    ]


def _beside(held: float, right: SecondPrice) -> SecondPrice:
    """A right beside what is held."""
    return replace(right, value=held + right.value, method=f"discounting + {right.method}")


@dataclass(frozen=True)
class SecondCode:
    """QuantLib set up for the trades of one floating rate.

    Args:
        curves: QuantLib's
        volatility: as quoted; none where the market has none
        today: valuation date
        mean_reversion: per year
        points: of the first grid on each side of the mean
        tolerance: error per unit notional above which the grid is refined, up to four times as fine
        law: of a second factor, or of the whole forward curve; none where the model has one factor
        caps: cap volatilities as quoted; none where the market has none of the rate
    """

    curves: QuantLibCurves
    volatility: QuotedVolatility | None
    today: datetime.date
    mean_reversion: float
    points: int
    tolerance: float
    law: TwoFactorParameters | ForwardCurveParameters | None = None
    caps: CapVolatility | None = None

    def price(self, trade: AbstractTrade) -> SecondPrice:
        """Price of a trade, from its fields alone.

        Args:
            trade: dated trade

        Returns:
            The price.

        Raises:
            RefusalError: where the trade cannot be valued, or QuantLib would price another contract
        """
        index = terms(trade.index).index(self.curves.projection)
        with evaluation_date(self.today):
            try:
                found = self._found(trade, index)
                return replace(found, value=found.value - self._premium(trade))
            except RuntimeError as error:
                raise RefusalError(f"QuantLib: {' '.join(str(error).split())}") from None

    def _found(self, trade: AbstractTrade, index: ql.InterestRateIndex) -> SecondPrice:
        match trade:
            case AbstractRateTrade():
                code = RateCode(self.curves, self.caps, self.volatility, day(self.today))
                value, method = code.value(trade, index)
                return SecondPrice(value, 0.0, method)
            case FixedRateBondTrade() | FloatingRateBondTrade():
                held = BondCode(self.curves, day(self.today)).held(trade)
                return SecondPrice(held, 0.0, "discounting")
            case AbstractRedeemableBondTrade():
                return self._redeemable(trade)
            case BasisSwapTrade():
                value = basis_value(trade, self.curves, day(self.today))
                return SecondPrice(value, 0.0, "discounting")
        return self._price(trade, quantlib_swap(trade, index), index)

    def _price(
        self, trade: AbstractTrade, swap: QuantLibSwap, index: ql.InterestRateIndex
    ) -> SecondPrice:
        match trade:
            case CompoundingSwapTrade():
                value = compounding_value(trade, swap, self.curves, day(self.today))
                return SecondPrice(value, 0.0, "discounting")
            case SwapTrade():
                fixed_alone = trade.leg == "fixed"
                known = {} if fixed_alone else self._known(trade, swap, index)
                with index_with(index, known):
                    return SecondPrice(self._held(trade, swap), 0.0, "discounting")
            case EuropeanSwaptionTrade():
                one = self._open(trade, swap, index)[0]
                if trade.settlement == PAR_YIELD:
                    given = (
                        self._quoted(one, trade.strike, {}),
                        self._volatility(),
                        self.mean_reversion,
                    )
                    value = par_yield_value(trade, one, self.curves, *given)
                    return SecondPrice(value, 0.0, "par yield, summed")
                value, kind = self._european(one, trade.strike, trade.side)
                return SecondPrice(value, 0.0, kind)
            case BermudanSwaptionTrade():
                return self._several(trade, self._open(trade, swap, index), trade.side, {})
            case CancellableSwapTrade():
                several = exercises(trade, swap, day(self.today))
                known = self._known(trade, swap, index)
                with index_with(index, known):
                    held = self._held(trade, swap)
                    right = self._several(trade, several, OTHER_SIDE[trade.side], known)
                return _beside(held, right)
        raise RefusalError(f"QuantLib has nothing here for a trade of kind {trade.kind}")

    def _redeemable(self, trade: AbstractRedeemableBondTrade) -> SecondPrice:
        """A bond less the issuer's right to buy it back, or with the holder's to give it back."""
        code, called = BondCode(self.curves, day(self.today)), trade.kind == "callable_bond"
        right = self._valued(*code.rights(trade), "receiver" if called else "payer")
        signed = replace(right, value=-right.value) if called else right
        return _beside(code.held(trade), signed)

    def _premium(self, trade: AbstractTrade) -> float:
        """Value of what the holder has still to pay for the trade."""
        amount, paid = trade.premium, trade.premium_date
        if amount is None or paid is None or paid <= self.today:
            return 0.0
        return float(amount / trade.notional * self.curves.discount.discount(day(paid)))

    def _known(
        self, trade: AbstractTrade, swap: QuantLibSwap, index: ql.InterestRateIndex
    ) -> Fixings:
        """Rates fixed already of a swap that somebody holds."""
        today = day(self.today)
        if swap.floating[-1].date() <= today:
            raise RefusalError(f"everything is paid by {today.ISO()}")
        return known_fixings(trade, swap.floating, index, today)

    def _held(self, trade: AbstractTrade, swap: QuantLibSwap) -> float:
        return held_value(trade, swap, self.curves.discount)

    def _open(
        self, trade: OptionTrade, swap: QuantLibSwap, index: ql.InterestRateIndex
    ) -> list[Exercise]:
        """Exercises of a right on a swap that nobody holds yet: its rates must be open."""
        found = exercises(trade, swap, day(self.today))
        first = found[0].swap.floating[0]
        if is_known(first, index, day(self.today)):
            raise RefusalError(f"the first rate entered was fixed before {self.today}")
        return found

    def _european(self, one: Exercise, strike: float, side: Side) -> tuple[float, str]:
        """Value by the formula that the quote is for, a spread taken from the strike."""
        forward, strike, annuity, expiry, tenor = self._quoted(one, strike, {})
        volatility = self._volatility()
        call = ql.Option.Put if side == "receiver" else ql.Option.Call
        value = volatility.price(call, strike, forward, annuity, expiry, tenor)
        return value, "Bachelier" if volatility.quote_type == "normal" else "Black"

    def _quoted(
        self, one: Exercise, strike: float, known: Fixings
    ) -> tuple[float, float, float, float, float]:
        """Forward, strike less spread, annuity, expiry and tenor of what an exercise enters."""
        swap, discount = one.swap, self.curves.discount
        today = discount.referenceDate()
        annuity, margin = swap.annuity(discount), swap.margin(discount, known)
        forward = (swap.floating_value(discount) - margin) / annuity
        margin += one.fee_value(discount) - swap.steps(discount, strike)
        length = swap.fixed[-1].accrualEndDate() - swap.starts()[0]
        expiry = (one.date - today) / 365.0
        return forward, strike - margin / annuity, annuity, expiry, length / 365.0

    def _volatility(self) -> QuotedVolatility:
        if self.volatility is None:
            raise RefusalError("the market has no swaption volatilities")
        return self.volatility

    def _several(
        self, trade: AbstractMultiCallableTrade, rights: list[Exercise], side: Side, known: Fixings
    ) -> SecondPrice:
        """Gaussian1d on Gsr, calibrated to the Europeans at their quotes, on bonds that replicate QuantLib's coupons."""
        rights = _entering_apart(rights)
        product = flows(rights, self.curves, trade.strike, known)
        quotes = [self._quoted(one, trade.strike, known) for one in rights]
        return self._valued(product, quotes, side)

    def _valued(
        self, product: Flows, quotes: Sequence[tuple[float, ...]], side: Side
    ) -> SecondPrice:
        """Value of rights whose Europeans are quoted as forward, strike, annuity, expiry and tenor."""
        volatility = self._volatility()
        targets, normal = [], []
        for quoted, values in zip(quotes, product.receiver_values, strict=True):
            call = ql.Option.Call if values.sum() > 0.0 else ql.Option.Put
            forward, strike, annuity, expiry, tenor = quoted
            targets.append(volatility.price(call, strike, forward, annuity, expiry, tenor))
            normal.append(volatility.normal(strike, forward, expiry, tenor))
        if not np.any(normal):
            worth = SIGNS[side] * product.receiver_values.sum(axis=1)
            return SecondPrice(float(max(worth.max(), 0.0)), 0.0, "intrinsic value")
        match self.law:
            case TwoFactorParameters():
                return self._on_a_plane(product, self.law, targets, side)
            case ForwardCurveParameters():
                return self._on_the_curve(product, self.law, quotes, targets, side)
        fitted = variances(product, self.mean_reversion, np.array(targets), np.array(normal))
        short = short_rate_volatilities(fitted, product.expiries, self.mean_reversion)
        value, error = bermudan_value(
            product, short, self.mean_reversion, side, self.points, self.tolerance
        )
        return SecondPrice(value, error, "Gaussian1d")

    def _on_a_plane(
        self, product: Flows, law: TwoFactorParameters, targets: Sequence[float], side: Side
    ) -> SecondPrice:
        from neuralrates.desk.verification.two_factor import two_factor_value  # slow to import

        value, error = two_factor_value(product, law, self.mean_reversion, np.array(targets), side)
        return SecondPrice(value, error, "tensor integration")

    def _on_the_curve(
        self,
        product: Flows,
        law: ForwardCurveParameters,
        quotes: Sequence[tuple[float, ...]],
        targets: Sequence[float],
        side: Side,
    ) -> SecondPrice:
        """Between bounds; a right with one exercise is worth its quote."""
        volatility = self._volatility()
        receiver = product.receiver_values.sum(axis=1)
        if len(quotes) == 1:
            worth = targets[0] + max(SIGNS[side] * receiver[0], 0.0)
            kind = "Bachelier" if volatility.quote_type == "normal" else "Black"
            return SecondPrice(worth, 0.0, kind)
        normal = [
            volatility.implied(target, bool(value > 0.0), *quoted)
            for target, value, quoted in zip(targets, receiver, quotes, strict=True)
        ]
        bounds = curve_bounds(product, law, np.array(normal), self.curves.discount, side)
        return SecondPrice(bounds.middle, bounds.error, METHOD, bounds.error)
