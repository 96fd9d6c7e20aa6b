"""Which European swaptions can be settled in cash by par yield."""

from typing import Any

import numpy as np

from neuralrates.core.errors import InputError
from neuralrates.trades.dating import DatedSwap

_MONTH = 365.25 / 12.0
_NEAR = 10.0 / _MONTH
"""Months by which a rolled period may differ from a regular one."""
_PLAIN = ("notionals", "floating_notionals", "coupons", "spread", "spreads", "exercise_fees")


def check_par_yield(trade: Any, swap: DatedSwap) -> None:
    """Raise unless the swap is one that a par yield is quoted for: regular periods, nothing that changes, no spread, no fee."""
    for name in _PLAIN:
        if getattr(trade, name) != type(trade).model_fields[name].default:
            raise InputError(
                "expected nothing where settlement is by par yield, found some", column=name
            )
    months = (swap.fixed.ends - swap.fixed.starts).astype(float) / _MONTH
    regular = round(float(np.median(months)))
    if regular not in (1, 3, 6, 12) or np.any(np.abs(months - regular) > _NEAR):
        raise InputError(
            "expected fixed periods all of 1, 3, 6 or 12 months where settlement is by par yield, found others",
            column="maturity_date" if trade.fixed_dates is None else "fixed_dates",
        )
    if swap.floating.starts[0] != swap.entries[0]:
        raise InputError(
            f"expected a floating leg from {swap.entries[0]}, when the cash is paid, found {swap.floating.starts[0]}",
            column="floating_dates",
        )
