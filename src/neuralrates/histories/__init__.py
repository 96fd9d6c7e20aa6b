"""Published series of past days: downloads, readers, auctions, and what was known on a given day.

Nothing here enters a price of today. Readers may be added freely; units are as published and stated in each docstring.
All of it loads on first use.
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

_WHERE = {
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
