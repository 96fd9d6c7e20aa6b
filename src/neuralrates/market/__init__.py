"""Floor 2: discount curves, bootstrap, volatility matrices, histories, readers.

Curves and volatilities load at once; what needs QuantLib, validation or tables, on first use.
"""

import importlib
from typing import Any

from neuralrates.market.cap_volatility import CapVolatility as CapVolatility
from neuralrates.market.curves import AbstractDiscountCurve as AbstractDiscountCurve
from neuralrates.market.curves import FlatCurve as FlatCurve
from neuralrates.market.forward_grid import ForwardGrid as ForwardGrid
from neuralrates.market.nelson_siegel import NelsonSiegel as NelsonSiegel
from neuralrates.market.nelson_siegel import Svensson as Svensson
from neuralrates.market.quotes import Quote as Quote
from neuralrates.market.swaption_volatility import SwaptionVolatility as SwaptionVolatility
from neuralrates.market.volatility_smile import VolatilitySmile as VolatilitySmile
from neuralrates.market.zero_curve import ZeroCurve as ZeroCurve

_LATER = {
    "as_of": "neuralrates.market.publication",
    "bill_index": "neuralrates.market.auctions",
    "CurveHistory": "neuralrates.market.histories",
    "CurrencyMarket": "neuralrates.market.market",
    "CurveSystem": "neuralrates.market.curve_system",
    "Market": "neuralrates.market.market",
    "Source": "neuralrates.market.market",
    "bootstrap": "neuralrates.market.bootstrapping",
    "dump": "neuralrates.market.files",
    "forward_swap_rates": "neuralrates.market.swap_rates",
    "fetch": "neuralrates.market.publishers",
    "load": "neuralrates.market.files",
    "load_auctions": "neuralrates.market.auctions",
    "load_gsw": "neuralrates.market.histories",
    "load_option_quotes": "neuralrates.market.databento",
    "load_ore": "neuralrates.market.files",
    "load_par_yields": "neuralrates.market.par_yields",
    "load_series": "neuralrates.market.histories",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'neuralrates.market' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
