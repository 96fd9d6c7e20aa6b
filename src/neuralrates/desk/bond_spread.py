"""Spread over the curve at which a bond, its call or put included, is worth a given price."""

import datetime
import math

import numpy as np
from scipy.optimize import brentq

from neuralrates.conventions.dates import year_fraction, year_fractions
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.desk.pricing import price
from neuralrates.market.market import Market
from neuralrates.trades.bond_trade import FixedRateBondTrade
from neuralrates.trades.book import Book
from neuralrates.trades.callable_bond import CallableBondTrade, PuttableBondTrade

_LOW, _HIGH = -0.2, 0.45
_ACCURACY = 1e-12
FixedBond = FixedRateBondTrade | CallableBondTrade | PuttableBondTrade


@door
def option_adjusted_spread(
    bond: FixedBond,
    market: Market,
    clean_price: float,
    *,
    settlement_date: datetime.date | None = None,
    model: str | None = None,
    mean_reversion: float | None = None,
) -> float:
    """Continuous spread over the discount curve at which a bond has a clean price.

    The model is calibrated to swaptions anew at each spread, which moves the bonds of the option but not the quotes.

    Args:
        bond: fixed-rate, callable or puttable; a spread that it states is replaced
        market: curve and volatilities
        clean_price: per unit of notional now outstanding, without accrued interest
        settlement_date: when the price is paid; the valuation date when not given
        model: as of `price`
        mean_reversion: as of `price`

    Returns:
        The spread, decimal a year.

    Raises:
        InputError: where no spread from -20 to 45 percent gives the price, or a payment falls before settlement
        NeuralratesError: as of `price`

    Example:
        >>> import datetime, neuralrates as nr
        >>> from neuralrates.desk.bond_spread import option_adjusted_spread
        >>> today = datetime.date(2024, 3, 19)
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "10Y", 0.04)
        >>> usd = nr.market.CurrencyMarket("USD", nr.market.bootstrap(today, [quote]))
        >>> bond = nr.trades.FixedRateBondTrade(
        ...     trade_id="B1", currency="USD", index="USD-SOFR", notional=1e6, strike=0.04, frequency="6M",
        ...     start_date="2023-09-19", maturity_date="2033-09-19",
        ... )
        >>> spread = option_adjusted_spread(bond, nr.market.Market(today, {"USD": usd}), 0.98)
        >>> print(f"{spread:.4%}")
        0.2927%
    """
    today = market.valuation_date
    paid = today if settlement_date is None else settlement_date
    if not 0.0 < clean_price < 10.0:
        raise InputError(f"expected a price per unit of notional like 0.985, found {clean_price}")
    outstanding, accrued = _outstanding(bond, today, paid)
    time = year_fraction(today, paid)
    discount = market[bond.currency].curves.for_index(bond.index).discount.discount_factor
    factor = float(discount(time))

    def excess(spread: float) -> float:
        seen = bond.model_copy(
            update={"option_adjusted_spread": spread, "premium": None, "premium_date": None}
        )
        table = price(
            Book((seen,)), market, model=model, engine="reference", mean_reversion=mean_reversion
        )
        value = float(table.value[0]) / seen.signed_notional / outstanding
        return value / (factor * math.exp(-spread * time)) - accrued - clean_price

    low, high = excess(_LOW), excess(_HIGH)
    if not low > 0.0 > high:
        raise InputError(
            f"expected a clean price between {clean_price + high:.4f} and {clean_price + low:.4f}, which spreads of 45 and "
            f"-20 percent give, found {clean_price}"
        )
    found: float = brentq(excess, _LOW, _HIGH, xtol=_ACCURACY)
    return found


def _outstanding(
    bond: FixedBond, today: datetime.date, settlement: datetime.date
) -> tuple[float, float]:
    """Notional outstanding, relative to the trade's, and interest accrued on a unit of it."""
    leg, day = bond.swap().fixed, np.datetime64(settlement, "D")
    between = (leg.payments > np.datetime64(today, "D")) & (leg.payments <= day)
    if settlement < today or between.any():
        raise InputError(
            f"expected a settlement date from {today} to before the next payment, found {settlement}"
        )
    running = int(np.searchsorted(leg.ends, day, side="right"))
    if running == leg.ends.size:
        raise InputError(f"expected a bond that still accrues on {settlement}, found none")
    start = leg.starts[running].astype(object)
    if start >= settlement:
        return float(leg.notionals[running]), 0.0
    count = bond.fixed_day_count or bond.convention.fixed_day_count
    accrual = float(year_fractions([start], [settlement], count)[0])
    return float(leg.notionals[running]), (bond.strike + float(leg.margins[running])) * accrual
