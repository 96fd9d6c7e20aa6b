"""Book and market in, table out: Greeks, verification, report.

The desk names no formula. Whatever cannot be priced keeps its row, with the reason.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.desk.bond_spread import (
        option_adjusted_spread as option_adjusted_spread,
    )
    from neuralrates.desk.cards import engine_card as engine_card
    from neuralrates.desk.example import example_files as example_files
    from neuralrates.desk.hedging import hedge as hedge
    from neuralrates.desk.pricing import price as price
    from neuralrates.desk.verification.verify import verify as verify

_WHERE = {
    "engine_card": "desk.cards",
    "example_files": "desk.example",
    "hedge": "desk.hedging",
    "option_adjusted_spread": "desk.bond_spread",
    "price": "desk.pricing",
    "verify": "desk.verification.verify",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
