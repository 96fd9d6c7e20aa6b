"""Scenarios of a market, books revalued in full under each of them, and profit and loss explained between two markets.

A scenario moves the market's numbers, never its nodes, so that what was compiled for today prices them all.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.scenarios.file import load as load
    from neuralrates.scenarios.history import historical as historical
    from neuralrates.scenarios.profit_and_loss import explain as explain
    from neuralrates.scenarios.revaluation import revalue as revalue
    from neuralrates.scenarios.scenario import Scenario as Scenario
    from neuralrates.scenarios.scenario import bucketed as bucketed
    from neuralrates.scenarios.scenario import grid as grid
    from neuralrates.scenarios.scenario import parallel as parallel
    from neuralrates.scenarios.scenario import twist as twist
    from neuralrates.scenarios.scenario import volatility as volatility

_WHERE = {
    "Scenario": "scenarios.scenario",
    "bucketed": "scenarios.scenario",
    "explain": "scenarios.profit_and_loss",
    "grid": "scenarios.scenario",
    "historical": "scenarios.history",
    "load": "scenarios.file",
    "parallel": "scenarios.scenario",
    "revalue": "scenarios.revaluation",
    "twist": "scenarios.scenario",
    "volatility": "scenarios.scenario",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
