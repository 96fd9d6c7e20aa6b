"""Floor 2: what is paid, said only in zero-coupon bonds; dated trades resolved to it.

Products load at once; dated trades, which need calendars and validation, on first use.
"""

import importlib
from typing import Any

from neuralrates.products.callable import AbstractCallable as AbstractCallable
from neuralrates.products.cancellable import CancellableSwap as CancellableSwap
from neuralrates.products.fixed_rate_bond import FixedRateBond as FixedRateBond
from neuralrates.products.floating_rate_note import FloatingRateNote as FloatingRateNote
from neuralrates.products.padding import pad_swap_schedule as pad_swap_schedule
from neuralrates.products.padding import pad_swaption_schedule as pad_swaption_schedule
from neuralrates.products.schedule import AbstractSchedule as AbstractSchedule
from neuralrates.products.schedule import CancellableSchedule as CancellableSchedule
from neuralrates.products.schedule import FixedPeriods as FixedPeriods
from neuralrates.products.schedule import FloatingPeriods as FloatingPeriods
from neuralrates.products.schedule import SwapSchedule as SwapSchedule
from neuralrates.products.schedule import SwaptionSchedule as SwaptionSchedule
from neuralrates.products.swap import Swap as Swap
from neuralrates.products.swaption import Swaption as Swaption

_LATER = {
    "AbstractTrade": "trade",
    "SwapTrade": "trade",
    "EuropeanSwaptionTrade": "callable_trade",
    "BermudanSwaptionTrade": "callable_trade",
    "CancellableSwapTrade": "callable_trade",
    "ResolvedTrade": "resolved",
    "Book": "book",
    "ResolvedBook": "book",
    "BookError": "errors",
    "load": "book",
    "dump": "book",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"neuralrates.products.{_LATER[name]}"), name)
    raise AttributeError(f"module 'neuralrates.products' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
