"""What of a swap changes from period to period: notionals, coupons, spreads."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neuralrates.core.errors import InputError

LARGEST_RATIO = 1e6


class ByPeriod(NamedTuple):
    """Amounts and rates of each period; empty where they do not change.

    Args:
        notionals: of each fixed period relative to the trade's; a floating period has that of the fixed one it lies in
        floating_notionals: of each floating period relative to the trade's, where these are its own
        coupons: decimals over the trade's strike that each fixed period pays
        spreads: decimals over the index that each floating period pays
        spread: the same of all floating periods, where it does not change
    """

    notionals: tuple[float, ...] = ()
    floating_notionals: tuple[float, ...] = ()
    coupons: tuple[float, ...] = ()
    spreads: tuple[float, ...] = ()
    spread: float = 0.0

    def of_fixed(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Notionals and rates over the strike of so many fixed periods."""
        fixed = "fixed period"
        return (
            _each("notionals", fixed, self.notionals, count, 1.0),
            _each("coupons", fixed, self.coupons, count, 0.0),
        )

    def of_floating(self, beside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Notionals and rates over the index of the floating periods; `beside` are those of the fixed ones they lie in."""
        floating = "floating period"
        own = _each("floating_notionals", floating, self.floating_notionals, beside.size, np.nan)
        return (
            own if self.floating_notionals else beside,
            _each("spreads", floating, self.spreads, beside.size, self.spread),
        )


NOTHING_CHANGES = ByPeriod()


def check_notionals(notional: float, **several: Sequence[float] | None) -> None:
    """Raise where a period's notional is out of all proportion to the trade's."""
    for column, amounts in several.items():
        for one in amounts or ():
            if not 1.0 / LARGEST_RATIO <= one / notional <= LARGEST_RATIO:
                raise InputError(
                    f"expected notionals between 1e-6 and 1e6 times the trade's {notional:g}, found {one:g}",
                    column=column,
                )


def check_rates(
    strike: float, coupons: Sequence[float] | None, spread: float, spreads: Sequence[float] | None
) -> None:
    """Raise where rates by period stand beside another rate for all of them."""
    if coupons is not None and coupons[0] != strike:
        raise InputError(
            f"expected the first coupon, {coupons[0]:g}, found {strike:g}", column="strike"
        )
    if spreads is not None and spread != 0.0:
        raise InputError(f"expected nothing beside spreads, found {spread:g}", column="spread")


def _each(
    column: str, period: str, several: tuple[float, ...], count: int, default: float
) -> np.ndarray:
    if several and len(several) != count:
        amount = "amount" if "notionals" in column else "rate"
        raise InputError(
            f"expected one {amount} per {period}, {count} in all, found {len(several)}",
            column=column,
        )
    return np.array(several or (default,) * count)
