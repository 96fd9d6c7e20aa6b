"""Machine-learned pricing of interest-rate derivatives, with a certificate on every price.

Rooms load on first use, so that importing the package stays quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from neuralrates import bundles as bundles
    from neuralrates import calibration as calibration
    from neuralrates import certificates as certificates
    from neuralrates import cluster as cluster
    from neuralrates import conventions as conventions
    from neuralrates import core as core
    from neuralrates import desk as desk
    from neuralrates import engines as engines
    from neuralrates import exposures as exposures
    from neuralrates import histories as histories
    from neuralrates import learning as learning
    from neuralrates import market as market
    from neuralrates import models as models
    from neuralrates import pricers as pricers
    from neuralrates import problems as problems
    from neuralrates import products as products
    from neuralrates import scenarios as scenarios
    from neuralrates import server as server
    from neuralrates import surrogates as surrogates
    from neuralrates import trades as trades
    from neuralrates.desk.pricing import price as price
    from neuralrates.exposures.exposing import exposure as exposure

_ROOMS = (
    "core",
    "conventions",
    "surrogates",
    "market",
    "products",
    "histories",
    "trades",
    "models",
    "pricers",
    "calibration",
    "problems",
    "learning",
    "certificates",
    "bundles",
    "engines",
    "desk",
    "scenarios",
    "exposures",
    "server",
    "cluster",
)
_FUNCTIONS = {"price": "neuralrates.desk.pricing", "exposure": "neuralrates.exposures.exposing"}
_FORMER = {"labels": "learning", "training": "learning", "serving": "bundles"}
"""Names that rooms had before; kept so that what was written for them still runs."""


if not TYPE_CHECKING:  # a checker that saw this would take any name for known

    def __getattr__(name: str) -> Any:
        if name in _ROOMS or name in _FORMER:
            return importlib.import_module(f"neuralrates.{_FORMER.get(name, name)}")
        if name in _FUNCTIONS:
            return getattr(importlib.import_module(_FUNCTIONS[name]), name)
        raise AttributeError(f"module 'neuralrates' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_ROOMS, *_FUNCTIONS, "__version__"])
