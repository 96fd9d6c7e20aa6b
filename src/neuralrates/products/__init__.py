"""Floor 2: what is paid, said only in zero-coupon bonds; dated trades resolved to it.

Products load at once; dated trades, which need calendars and validation, on first use.
"""

import importlib
from typing import Any

from neuralrates.products.callable import AbstractCallable as AbstractCallable
from neuralrates.products.cancellable import CancellableSwap as CancellableSwap
from neuralrates.products.swap import Swap as Swap
from neuralrates.products.swaption import Swaption as Swaption

_LATER: dict[str, str] = {}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'neuralrates.products' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
