"""Machine-learned pricing of interest-rate derivatives, with a certificate on every price.

Rooms load on first use, so that importing the package stays quick.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_ROOMS = (
    "core",
    "conventions",
    "surrogates",
    "market",
    "products",
    "models",
    "pricers",
    "calibration",
    "problems",
    "risk",
    "labels",
    "training",
    "certificates",
    "serving",
)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"neuralrates.{name}")
    if name == "price":
        return importlib.import_module("neuralrates.serving").price
    raise AttributeError(f"module 'neuralrates' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_ROOMS, "price", "__version__"])
