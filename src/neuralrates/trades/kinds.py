"""Kinds of dated trades, and the columns of a book that holds them."""

from neuralrates.trades.basis_swap import BasisSwapTrade
from neuralrates.trades.bond_trade import FixedRateBondTrade, FloatingRateBondTrade
from neuralrates.trades.callable_bond import CallableBondTrade, PuttableBondTrade
from neuralrates.trades.callable_trade import (
    BermudanSwaptionTrade,
    CancellableSwapTrade,
    EuropeanSwaptionTrade,
)
from neuralrates.trades.compounding_swap import CompoundingSwapTrade
from neuralrates.trades.rate_trade import (
    CapTrade,
    CollarTrade,
    FloorTrade,
    ForwardRateAgreementTrade,
)
from neuralrates.trades.swap_trade import SwapTrade
from neuralrates.trades.trade import AbstractTrade

KINDS: dict[str, type[AbstractTrade]] = {
    "swap": SwapTrade,
    "basis_swap": BasisSwapTrade,
    "compounding_swap": CompoundingSwapTrade,
    "european": EuropeanSwaptionTrade,
    "bermudan": BermudanSwaptionTrade,
    "cancellable": CancellableSwapTrade,
    "cap": CapTrade,
    "floor": FloorTrade,
    "collar": CollarTrade,
    "fra": ForwardRateAgreementTrade,
    "bond": FixedRateBondTrade,
    "floating_bond": FloatingRateBondTrade,
    "callable_bond": CallableBondTrade,
    "puttable_bond": PuttableBondTrade,
}
COLUMNS = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.model_fields))
REQUIRED = (
    "kind",
    *(
        name
        for name in SwapTrade.model_fields
        if all(
            name in kind.model_fields and kind.model_fields[name].is_required()
            for kind in KINDS.values()
        )
    ),
)
