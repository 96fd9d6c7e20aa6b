"""What is paid, said only in zero-coupon bonds.

A product holds times in years and amounts per unit notional, no dates and no results. Add one freely; a change of an
existing one moves every pricer that takes it.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.products.callable import AbstractBondCallable as AbstractBondCallable
    from neuralrates.products.callable import AbstractCallable as AbstractCallable
    from neuralrates.products.callable import AbstractRateOption as AbstractRateOption
    from neuralrates.products.cancellable import CancellableSwap as CancellableSwap
    from neuralrates.products.cap import Cap as Cap
    from neuralrates.products.cap import Floor as Floor
    from neuralrates.products.caplet import Caplet as Caplet
    from neuralrates.products.caplet import Floorlet as Floorlet
    from neuralrates.products.fixed_rate_bond import FixedRateBond as FixedRateBond
    from neuralrates.products.floating_rate_note import FloatingRateNote as FloatingRateNote
    from neuralrates.products.forward_call import ForwardCall as ForwardCall
    from neuralrates.products.held import HeldProduct as HeldProduct
    from neuralrates.products.swap import Swap as Swap
    from neuralrates.products.swaption import Swaption as Swaption
    from neuralrates.trades.book import Book as Book
    from neuralrates.trades.book import ResolvedBook as ResolvedBook
    from neuralrates.trades.book import dump as dump
    from neuralrates.trades.book import load as load
    from neuralrates.trades.callable_trade import BermudanSwaptionTrade as BermudanSwaptionTrade
    from neuralrates.trades.callable_trade import CancellableSwapTrade as CancellableSwapTrade
    from neuralrates.trades.callable_trade import EuropeanSwaptionTrade as EuropeanSwaptionTrade
    from neuralrates.trades.errors import BookError as BookError
    from neuralrates.trades.padded_trade import PaddedTrade as PaddedTrade
    from neuralrates.trades.padded_trade import pad as pad
    from neuralrates.trades.resolved import ResolvedTrade as ResolvedTrade
    from neuralrates.trades.schedule import AbstractSchedule as AbstractSchedule
    from neuralrates.trades.schedule import CancellableSchedule as CancellableSchedule
    from neuralrates.trades.schedule import FixedPeriods as FixedPeriods
    from neuralrates.trades.schedule import FloatingPeriods as FloatingPeriods
    from neuralrates.trades.schedule import SwapSchedule as SwapSchedule
    from neuralrates.trades.schedule import SwaptionSchedule as SwaptionSchedule
    from neuralrates.trades.schedule_padding import pad_swap_schedule as pad_swap_schedule
    from neuralrates.trades.schedule_padding import pad_swaption_schedule as pad_swaption_schedule
    from neuralrates.trades.swap_trade import SwapTrade as SwapTrade
    from neuralrates.trades.trade import AbstractTrade as AbstractTrade

_WHERE = {
    "AbstractBondCallable": "products.callable",
    "AbstractCallable": "products.callable",
    "AbstractRateOption": "products.callable",
    "CancellableSwap": "products.cancellable",
    "Cap": "products.cap",
    "Caplet": "products.caplet",
    "FixedRateBond": "products.fixed_rate_bond",
    "Floor": "products.cap",
    "Floorlet": "products.caplet",
    "FloatingRateNote": "products.floating_rate_note",
    "ForwardCall": "products.forward_call",
    "HeldProduct": "products.held",
    "Swap": "products.swap",
    "Swaption": "products.swaption",
    # names that have moved to `trades`
    "AbstractSchedule": "trades.schedule",
    "AbstractTrade": "trades.trade",
    "BermudanSwaptionTrade": "trades.callable_trade",
    "Book": "trades.book",
    "BookError": "trades.errors",
    "CancellableSchedule": "trades.schedule",
    "CancellableSwapTrade": "trades.callable_trade",
    "EuropeanSwaptionTrade": "trades.callable_trade",
    "FixedPeriods": "trades.schedule",
    "FloatingPeriods": "trades.schedule",
    "PaddedTrade": "trades.padded_trade",
    "ResolvedBook": "trades.book",
    "ResolvedTrade": "trades.resolved",
    "SwapSchedule": "trades.schedule",
    "SwapTrade": "trades.swap_trade",
    "SwaptionSchedule": "trades.schedule",
    "dump": "trades.book",
    "load": "trades.book",
    "pad": "trades.padded_trade",
    "pad_swap_schedule": "trades.schedule_padding",
    "pad_swaption_schedule": "trades.schedule_padding",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
