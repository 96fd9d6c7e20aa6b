"""Prices over HTTP, and a page to look at them: points of a bundle, books on a market, one trade from sliders.

Requests are read and checked whole before anything is priced; whatever is wrong with one is said in its answer.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.server.app import create as create
    from neuralrates.server.settings import Settings as Settings

_WHERE = {
    "Settings": "server.settings",
    "create": "server.app",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
