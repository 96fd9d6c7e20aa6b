"""The references: closed forms, backward induction, simulation, and QuantLib as a second code.

What is public here is a pricer and returns a `Price`. A pricer refuses what it cannot price by its annotations; a change
here must pass `tests/systems`, where exact values and gradients are.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.pricers.caplet_strip import CapletStrip as CapletStrip
    from neuralrates.pricers.forward_curve.forward_caplet import FrozenCaplet as FrozenCaplet
    from neuralrates.pricers.forward_curve.forward_caplet import (
        SquareRootCaplet as SquareRootCaplet,
    )
    from neuralrates.pricers.forward_curve.forward_simulation import (
        ForwardSimulation as ForwardSimulation,
    )
    from neuralrates.pricers.forward_curve.forward_swaption import (
        SquareRootSwaption as SquareRootSwaption,
    )
    from neuralrates.pricers.gaussian.backward_induction import (
        BackwardInduction as BackwardInduction,
    )
    from neuralrates.pricers.gaussian.cancellable import Cancellable as Cancellable
    from neuralrates.pricers.gaussian.caplet import GaussianCaplet as GaussianCaplet
    from neuralrates.pricers.gaussian.european import GaussianEuropean as GaussianEuropean
    from neuralrates.pricers.gaussian.floating_rate_note import (
        GaussianFloatingRateNote as GaussianFloatingRateNote,
    )
    from neuralrates.pricers.gaussian.held import HeldPricer as HeldPricer
    from neuralrates.pricers.gaussian.jamshidian import Jamshidian as Jamshidian
    from neuralrates.pricers.gaussian.two_factor_induction import (
        TwoFactorInduction as TwoFactorInduction,
    )
    from neuralrates.pricers.heston.characteristic_function import HestonCall as HestonCall
    from neuralrates.pricers.heston.simulation import HestonSimulation as HestonSimulation
    from neuralrates.pricers.price import Price as Price
    from neuralrates.pricers.pricer import AbstractPricer as AbstractPricer
    from neuralrates.pricers.primal_dual.pricer import PrimalDual as PrimalDual
    from neuralrates.pricers.quantlib.finite_difference import (
        QuantLibFiniteDifference as QuantLibFiniteDifference,
    )
    from neuralrates.pricers.quantlib.finite_difference import (
        QuantLibJamshidian as QuantLibJamshidian,
    )
    from neuralrates.pricers.quantlib.gaussian import QuantLibGaussian as QuantLibGaussian
    from neuralrates.pricers.simulation.least_squares import LongstaffSchwartz as LongstaffSchwartz
    from neuralrates.pricers.simulation.stochastic_grid_bundling import (
        StochasticGridBundling as StochasticGridBundling,
    )

_WHERE = {
    "AbstractPricer": "pricers.pricer",
    "BackwardInduction": "pricers.gaussian.backward_induction",
    "Cancellable": "pricers.gaussian.cancellable",
    "CapletStrip": "pricers.caplet_strip",
    "ForwardSimulation": "pricers.forward_curve.forward_simulation",
    "FrozenCaplet": "pricers.forward_curve.forward_caplet",
    "GaussianCaplet": "pricers.gaussian.caplet",
    "GaussianEuropean": "pricers.gaussian.european",
    "GaussianFloatingRateNote": "pricers.gaussian.floating_rate_note",
    "HeldPricer": "pricers.gaussian.held",
    "HestonCall": "pricers.heston.characteristic_function",
    "HestonSimulation": "pricers.heston.simulation",
    "Jamshidian": "pricers.gaussian.jamshidian",
    "LongstaffSchwartz": "pricers.simulation.least_squares",
    "Price": "pricers.price",
    "PrimalDual": "pricers.primal_dual.pricer",
    "QuantLibFiniteDifference": "pricers.quantlib.finite_difference",
    "QuantLibGaussian": "pricers.quantlib.gaussian",
    "QuantLibJamshidian": "pricers.quantlib.finite_difference",
    "SquareRootCaplet": "pricers.forward_curve.forward_caplet",
    "SquareRootSwaption": "pricers.forward_curve.forward_swaption",
    "StochasticGridBundling": "pricers.simulation.stochastic_grid_bundling",
    "TwoFactorInduction": "pricers.gaussian.two_factor_induction",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
