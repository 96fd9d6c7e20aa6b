"""Dated trades and books: fields, readers, schedules. A trade resolves to a product on a valuation date.

Dates stop here: what leaves the room is year fractions in arrays. A field that cannot be honoured stops its trade by name.
Schedules load at once; dated trades, which need calendars and validation, on first use.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.trades.basis_swap import BasisSwapTrade as BasisSwapTrade
    from neuralrates.trades.bond_trade import FixedRateBondTrade as FixedRateBondTrade
    from neuralrates.trades.bond_trade import FloatingRateBondTrade as FloatingRateBondTrade
    from neuralrates.trades.book import Book as Book
    from neuralrates.trades.book import ResolvedBook as ResolvedBook
    from neuralrates.trades.book import dump as dump
    from neuralrates.trades.book import load as load
    from neuralrates.trades.book_check import check as check
    from neuralrates.trades.callable_bond import CallableBondTrade as CallableBondTrade
    from neuralrates.trades.callable_bond import PuttableBondTrade as PuttableBondTrade
    from neuralrates.trades.callable_trade import BermudanSwaptionTrade as BermudanSwaptionTrade
    from neuralrates.trades.callable_trade import CancellableSwapTrade as CancellableSwapTrade
    from neuralrates.trades.callable_trade import EuropeanSwaptionTrade as EuropeanSwaptionTrade
    from neuralrates.trades.compounding_swap import CompoundingSwapTrade as CompoundingSwapTrade
    from neuralrates.trades.errors import BookError as BookError
    from neuralrates.trades.padded_trade import PaddedTrade as PaddedTrade
    from neuralrates.trades.padded_trade import pad as pad
    from neuralrates.trades.rate_schedule import RateSchedule as RateSchedule
    from neuralrates.trades.rate_trade import CapTrade as CapTrade
    from neuralrates.trades.rate_trade import CollarTrade as CollarTrade
    from neuralrates.trades.rate_trade import FloorTrade as FloorTrade
    from neuralrates.trades.rate_trade import (
        ForwardRateAgreementTrade as ForwardRateAgreementTrade,
    )
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
    from neuralrates.trades.trade_dates import Timetable as Timetable
    from neuralrates.trades.trade_dates import timetable as timetable

_WHERE = {
    "AbstractSchedule": "trades.schedule",
    "AbstractTrade": "trades.trade",
    "BasisSwapTrade": "trades.basis_swap",
    "BermudanSwaptionTrade": "trades.callable_trade",
    "Book": "trades.book",
    "BookError": "trades.errors",
    "CallableBondTrade": "trades.callable_bond",
    "CapTrade": "trades.rate_trade",
    "FixedRateBondTrade": "trades.bond_trade",
    "FloatingRateBondTrade": "trades.bond_trade",
    "PuttableBondTrade": "trades.callable_bond",
    "CompoundingSwapTrade": "trades.compounding_swap",
    "CollarTrade": "trades.rate_trade",
    "FloorTrade": "trades.rate_trade",
    "ForwardRateAgreementTrade": "trades.rate_trade",
    "RateSchedule": "trades.rate_schedule",
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
    "Timetable": "trades.trade_dates",
    "SwaptionSchedule": "trades.schedule",
    "check": "trades.book_check",
    "dump": "trades.book",
    "load": "trades.book",
    "pad": "trades.padded_trade",
    "pad_swap_schedule": "trades.schedule_padding",
    "pad_swaption_schedule": "trades.schedule_padding",
    "timetable": "trades.trade_dates",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
