"""Book and market in, table out: Greeks, verification, report.

The desk names no formula. Whatever cannot be priced keeps its row, with the reason.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.desk.pricing import price as price

_WHERE = {
    "price": "desk.pricing",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
