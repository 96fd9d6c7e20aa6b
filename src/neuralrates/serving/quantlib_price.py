"""Any trade of a book priced by QuantLib from its dates on: swap, European, Bermudan, cancellable."""

import datetime
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.core.errors import RefusalError
from neuralrates.pricers.quantlib_gaussian import QuantLibGaussian
from neuralrates.products.callable_trade import (
    AbstractMultiCallableTrade,
    BermudanSwaptionTrade,
    CancellableSwapTrade,
    EuropeanSwaptionTrade,
)
from neuralrates.products.cancellable import opposite
from neuralrates.products.swap import Side, side_sign
from neuralrates.products.trade import AbstractTrade
from neuralrates.serving.calibrated import Calibrated
from neuralrates.serving.quantlib_flows import swaption_of_coupons
from neuralrates.serving.quantlib_swap import QuantLibCurves, QuantLibSwap, quantlib_swap

_FINEST = 4


@dataclass(frozen=True)
class SecondPrice:
    """QuantLib's price of a trade, per unit notional.

    Args:
        value: price
        error: how far it is from that of half the grid; zero where there is no grid
        method: what priced it
    """

    value: float
    error: float
    method: str


@dataclass(frozen=True)
class SecondCode:
    """QuantLib set up for the trades of one currency.

    Args:
        curves: through our discount factors
        today: valuation date
        points: of the first grid on each side of the mean
        tolerance: error per unit notional above which the grid is refined, up to four times as fine
    """

    curves: QuantLibCurves
    today: datetime.date
    points: int
    tolerance: float

    def price(self, trade: AbstractTrade, calibrated: Calibrated | None) -> SecondPrice:
        """Price of a trade, from its dates, its conventions and our calibrated model.

        Args:
            trade: dated trade
            calibrated: model and quotes of its right; none for a swap

        Returns:
            The price.

        Raises:
            RefusalError: where QuantLib would price another contract
        """
        with quantlib_swap(trade, self.curves, self.today) as swap:
            try:
                return self._price(trade, swap, calibrated)
            except RuntimeError as error:
                raise RefusalError(f"QuantLib: {' '.join(str(error).split())}") from None

    def _price(
        self, trade: AbstractTrade, swap: QuantLibSwap, calibrated: Calibrated | None
    ) -> SecondPrice:
        if calibrated is None:
            return SecondPrice(self._held(swap, trade.side), 0.0, "discounting")
        match trade:
            case EuropeanSwaptionTrade():
                return self._one(trade, swap, calibrated)
            case BermudanSwaptionTrade():
                return self._several(trade, swap, calibrated, trade.side)
            case CancellableSwapTrade():
                right = self._several(trade, swap, calibrated, opposite(trade.side))
                value = self._held(swap, trade.side) + right.value
                return SecondPrice(value, right.error, f"discounting + {right.method}")
        raise RefusalError(f"QuantLib has nothing here for a trade of kind {trade.kind}")

    def _held(self, swap: QuantLibSwap, side: Side) -> float:
        return side_sign(side) * swap.value(self.curves.discount)

    def _one(
        self, trade: EuropeanSwaptionTrade, swap: QuantLibSwap, calibrated: Calibrated
    ) -> SecondPrice:
        """QuantLib's forward rate, annuity and Bachelier formula at the quoted volatility."""
        start = trade.right(trade.swap()).starts.astype(object)[0]
        entered = swap.entered_from(quantlib_date(start))
        value = ql.bachelierBlackFormula(
            ql.Option.Put if trade.side == "receiver" else ql.Option.Call,
            trade.strike,
            entered.forward(self.curves.discount),
            float(calibrated.quotes[0] * np.sqrt(calibrated.expiries[0])),
            entered.annuity(self.curves.discount),
        )
        return SecondPrice(value, 0.0, "Bachelier")

    def _several(
        self,
        trade: AbstractMultiCallableTrade,
        swap: QuantLibSwap,
        calibrated: Calibrated,
        side: Side,
    ) -> SecondPrice:
        """Gaussian1d on Gsr, on bonds that replicate QuantLib's coupons."""
        right = trade.right(trade.swap()).after(self.today)
        product = swaption_of_coupons(swap, right, self.curves, trade.strike, side)
        points = self.points
        price = QuantLibGaussian(points)(calibrated.model, product)
        while price.error > self.tolerance and points < _FINEST * self.points:
            points *= 2
            price = QuantLibGaussian(points)(calibrated.model, product)
        return SecondPrice(float(price.value), float(price.error), "Gaussian1d")
