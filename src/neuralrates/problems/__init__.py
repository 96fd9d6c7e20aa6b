"""Domains and problems, named maps from an input vector to prices, and their labels.

A problem is what a surrogate learns and what it is judged on. Changing one invalidates its certificates.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.problems.annual.bermudan import annual_bermudan as annual_bermudan
    from neuralrates.problems.bermudan import ten_year_bermudan as ten_year_bermudan
    from neuralrates.problems.cancellable import ten_year_cancellable as ten_year_cancellable
    from neuralrates.problems.cancellable import (
        ten_year_cancellable_held as ten_year_cancellable_held,
    )
    from neuralrates.problems.catalogue import PROBLEMS as PROBLEMS
    from neuralrates.problems.catalogue import load as load
    from neuralrates.problems.catalogue import register as register
    from neuralrates.problems.density import AbstractDensity as AbstractDensity
    from neuralrates.problems.domain import Axis as Axis
    from neuralrates.problems.domain import Domain as Domain
    from neuralrates.problems.forward_curve import forward_caplet as forward_caplet
    from neuralrates.problems.forward_curve import forward_point as forward_point
    from neuralrates.problems.forward_curve import forward_swaption as forward_swaption
    from neuralrates.problems.generator import MarketGenerator as MarketGenerator
    from neuralrates.problems.multi_instrument import nine_instruments as nine_instruments
    from neuralrates.problems.problem import ControlPrices as ControlPrices
    from neuralrates.problems.problem import Problem as Problem

_WHERE = {
    "AbstractDensity": "problems.density",
    "Axis": "problems.domain",
    "ControlPrices": "problems.problem",
    "Domain": "problems.domain",
    "MarketGenerator": "problems.generator",
    "PROBLEMS": "problems.catalogue",
    "Problem": "problems.problem",
    "annual_bermudan": "problems.annual.bermudan",
    "forward_caplet": "problems.forward_curve",
    "forward_point": "problems.forward_curve",
    "forward_swaption": "problems.forward_curve",
    "load": "problems.catalogue",
    "nine_instruments": "problems.multi_instrument",
    "register": "problems.catalogue",
    "ten_year_bermudan": "problems.bermudan",
    "ten_year_cancellable": "problems.cancellable",
    "ten_year_cancellable_held": "problems.cancellable",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
