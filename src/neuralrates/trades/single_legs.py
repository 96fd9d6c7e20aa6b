"""Swaps of which one leg alone is exchanged, or that pay once, at maturity, what their periods compound to."""

import datetime
from dataclasses import replace
from typing import Literal

import numpy as np

from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.trades.dating import DatedLeg, DatedSwap
from neuralrates.trades.fixings import fixing_dates
from neuralrates.trades.own_legs import OwnLegs

ExchangedLeg = Literal["both", "fixed", "floating"]
ZeroCouponLeg = Literal["none", "fixed", "floating", "both"]


def compounded_fixed_leg(leg: DatedLeg, strike: float) -> DatedLeg:
    """One period that pays at maturity what the periods of a fixed leg compound to.

    The interest of a period is added to the notional of the next: $\\prod_i (1 + K_i \\tau_i) - 1$.

    Args:
        leg: its periods
        strike: fixed rate, decimal

    Returns:
        A leg of one period whose coupon is that interest.
    """
    interest = float(np.prod(1.0 + (strike + leg.margins) * leg.accruals) - 1.0)
    accrual = float(leg.accruals.sum())
    return DatedLeg(
        leg.starts[:1],
        leg.ends[-1:],
        leg.payments[-1:],
        np.array([accrual]),
        leg.notionals[:1],
        np.array([interest / accrual - strike]),
    )


def without_leg(swap: DatedSwap, exchanged: ExchangedLeg) -> DatedSwap:
    """The swap of which one leg pays nothing."""
    if exchanged == "both":
        return swap
    other = swap.floating if exchanged == "fixed" else swap.fixed
    nothing = replace(other, notionals=np.zeros(other.notionals.size))
    return replace(swap, floating=nothing) if exchanged == "fixed" else replace(swap, fixed=nothing)


def compounded_floating_leg(
    convention: SwapConvention, start: datetime.date, maturity: datetime.date, own: OwnLegs
) -> OwnLegs:
    """Legs whose floating one is one period: without spreads a rate that compounds needs no other dates."""
    stated = own.floating_dates
    ends = (start, maturity) if stated is None else (stated[0], stated[-1])
    first, last = map(convention.rolled, ends) if stated is None else ends
    return own._replace(floating_dates=(first, last))


def check_open(swap: DatedSwap, valuation_date: datetime.date) -> None:
    """Raise where a term rate that compounds has been fixed already: what it has compounded to is no field of a trade."""
    first = fixing_dates(swap.convention, swap.floating.starts[:1])[0]
    if not swap.convention.overnight and first < np.datetime64(valuation_date, "D"):
        raise InputError(
            f"expected a compounding leg of {swap.convention.index} whose first rate is still open on {valuation_date}, found "
            f"one fixed on {first}",
            column="zero_coupon",
        )
