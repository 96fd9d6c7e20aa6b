"""Everything quoted on one day: curves, volatilities, the bootstrap between quotes and curves, market files.

A market is immutable; its numbers are decimals and years from the valuation date. Change an inner room freely as long as
its quotes reprice; what a file may hold is said once, in `files/schema.py`. Curves and volatilities load at once; what needs
QuantLib, validation or tables, on first use.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.histories.auctions import bill_index as bill_index
    from neuralrates.histories.auctions import load_auctions as load_auctions
    from neuralrates.histories.curve_history import CurveHistory as CurveHistory
    from neuralrates.histories.curve_history import load_gsw as load_gsw
    from neuralrates.histories.curve_history import load_series as load_series
    from neuralrates.histories.databento import load_option_quotes as load_option_quotes
    from neuralrates.histories.par_yields import load_par_yields as load_par_yields
    from neuralrates.histories.publication import as_of as as_of
    from neuralrates.histories.publishers import fetch as fetch
    from neuralrates.market.bootstrapping.bootstrap import bootstrap as bootstrap
    from neuralrates.market.bootstrapping.quotes import Quote as Quote
    from neuralrates.market.bootstrapping.swap_rates import forward_swap_rates as forward_swap_rates
    from neuralrates.market.curves.curve_system import CurveSystem as CurveSystem
    from neuralrates.market.curves.discount_curve import (
        AbstractDiscountCurve as AbstractDiscountCurve,
    )
    from neuralrates.market.curves.discount_curve import FlatCurve as FlatCurve
    from neuralrates.market.curves.forward_grid import ForwardGrid as ForwardGrid
    from neuralrates.market.curves.nelson_siegel import NelsonSiegel as NelsonSiegel
    from neuralrates.market.curves.nelson_siegel import Svensson as Svensson
    from neuralrates.market.curves.zero_curve import ZeroCurve as ZeroCurve
    from neuralrates.market.files.market_file import dump as dump
    from neuralrates.market.files.market_file import load as load
    from neuralrates.market.files.market_file import load_ore as load_ore
    from neuralrates.market.fixings import IndexFixings as IndexFixings
    from neuralrates.market.fixings import load_fixings as load_fixings
    from neuralrates.market.forward_curve import ForwardCurveParameters as ForwardCurveParameters
    from neuralrates.market.market import CurrencyMarket as CurrencyMarket
    from neuralrates.market.market import Market as Market
    from neuralrates.market.market import Source as Source
    from neuralrates.market.two_factor import TwoFactorParameters as TwoFactorParameters
    from neuralrates.market.volatility.cap_volatility import CapVolatility as CapVolatility
    from neuralrates.market.volatility.swaption_volatility import (
        SwaptionVolatility as SwaptionVolatility,
    )
    from neuralrates.market.volatility.volatility_smile import VolatilitySmile as VolatilitySmile

_WHERE = {
    "IndexFixings": "market.fixings",
    "load_fixings": "market.fixings",
    "AbstractDiscountCurve": "market.curves.discount_curve",
    "CapVolatility": "market.volatility.cap_volatility",
    "CurrencyMarket": "market.market",
    "CurveSystem": "market.curves.curve_system",
    "FlatCurve": "market.curves.discount_curve",
    "ForwardCurveParameters": "market.forward_curve",
    "ForwardGrid": "market.curves.forward_grid",
    "Market": "market.market",
    "NelsonSiegel": "market.curves.nelson_siegel",
    "Quote": "market.bootstrapping.quotes",
    "Source": "market.market",
    "Svensson": "market.curves.nelson_siegel",
    "SwaptionVolatility": "market.volatility.swaption_volatility",
    "VolatilitySmile": "market.volatility.volatility_smile",
    "TwoFactorParameters": "market.two_factor",
    "ZeroCurve": "market.curves.zero_curve",
    "bootstrap": "market.bootstrapping.bootstrap",
    "dump": "market.files.market_file",
    "forward_swap_rates": "market.bootstrapping.swap_rates",
    "load": "market.files.market_file",
    "load_ore": "market.files.market_file",
    # names that have moved to `histories`
    "CurveHistory": "histories.curve_history",
    "as_of": "histories.publication",
    "bill_index": "histories.auctions",
    "fetch": "histories.publishers",
    "load_auctions": "histories.auctions",
    "load_gsw": "histories.curve_history",
    "load_option_quotes": "histories.databento",
    "load_par_yields": "histories.par_yields",
    "load_series": "histories.curve_history",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
