"""The references: closed forms, backward induction, simulation, and QuantLib as a second code.

Every price carries its error. A pricer refuses what it cannot price by its annotations; a change here must pass
`tests/systems`, where exact values and gradients are.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.pricers.black_scholes import black_call as black_call
    from neuralrates.pricers.forward_curve.forward_caplet import frozen_caplet as frozen_caplet
    from neuralrates.pricers.forward_curve.forward_caplet import square_root_cap as square_root_cap
    from neuralrates.pricers.forward_curve.forward_caplet import (
        square_root_caplet as square_root_caplet,
    )
    from neuralrates.pricers.forward_curve.forward_simulation import (
        ForwardSimulation as ForwardSimulation,
    )
    from neuralrates.pricers.forward_curve.forward_swaption import (
        square_root_swaption as square_root_swaption,
    )
    from neuralrates.pricers.gaussian.backward_induction import (
        BackwardInduction as BackwardInduction,
    )
    from neuralrates.pricers.gaussian.cancellable import Cancellable as Cancellable
    from neuralrates.pricers.gaussian.caplet import hull_white_cap as hull_white_cap
    from neuralrates.pricers.gaussian.caplet import hull_white_caplet as hull_white_caplet
    from neuralrates.pricers.gaussian.european import GaussianEuropean as GaussianEuropean
    from neuralrates.pricers.gaussian.floating_rate_note import (
        discount_margin_price as discount_margin_price,
    )
    from neuralrates.pricers.gaussian.floating_rate_note import (
        floating_rate_note_price as floating_rate_note_price,
    )
    from neuralrates.pricers.gaussian.held import Held as Held
    from neuralrates.pricers.gaussian.held import HeldPricer as HeldPricer
    from neuralrates.pricers.gaussian.jamshidian import Jamshidian as Jamshidian
    from neuralrates.pricers.heston.characteristic_function import heston_call as heston_call
    from neuralrates.pricers.heston.simulation import simulated_heston_call as simulated_heston_call
    from neuralrates.pricers.price import Price as Price
    from neuralrates.pricers.pricer import AbstractPricer as AbstractPricer
    from neuralrates.pricers.quantlib.finite_difference import (
        QuantLibFiniteDifference as QuantLibFiniteDifference,
    )
    from neuralrates.pricers.quantlib.finite_difference import (
        QuantLibJamshidian as QuantLibJamshidian,
    )
    from neuralrates.pricers.quantlib.gaussian import QuantLibGaussian as QuantLibGaussian
    from neuralrates.pricers.simulation.least_squares import LongstaffSchwartz as LongstaffSchwartz
    from neuralrates.pricers.simulation.stochastic_grid_bundling import Estimates as Estimates
    from neuralrates.pricers.simulation.stochastic_grid_bundling import (
        StochasticGridBundling as StochasticGridBundling,
    )

_WHERE = {
    "AbstractPricer": "pricers.pricer",
    "BackwardInduction": "pricers.gaussian.backward_induction",
    "Cancellable": "pricers.gaussian.cancellable",
    "Estimates": "pricers.simulation.stochastic_grid_bundling",
    "ForwardSimulation": "pricers.forward_curve.forward_simulation",
    "GaussianEuropean": "pricers.gaussian.european",
    "Held": "pricers.gaussian.held",
    "HeldPricer": "pricers.gaussian.held",
    "Jamshidian": "pricers.gaussian.jamshidian",
    "LongstaffSchwartz": "pricers.simulation.least_squares",
    "Price": "pricers.price",
    "QuantLibFiniteDifference": "pricers.quantlib.finite_difference",
    "QuantLibGaussian": "pricers.quantlib.gaussian",
    "QuantLibJamshidian": "pricers.quantlib.finite_difference",
    "StochasticGridBundling": "pricers.simulation.stochastic_grid_bundling",
    "black_call": "pricers.black_scholes",
    "discount_margin_price": "pricers.gaussian.floating_rate_note",
    "floating_rate_note_price": "pricers.gaussian.floating_rate_note",
    "frozen_caplet": "pricers.forward_curve.forward_caplet",
    "heston_call": "pricers.heston.characteristic_function",
    "hull_white_cap": "pricers.gaussian.caplet",
    "hull_white_caplet": "pricers.gaussian.caplet",
    "simulated_heston_call": "pricers.heston.simulation",
    "square_root_cap": "pricers.forward_curve.forward_caplet",
    "square_root_caplet": "pricers.forward_curve.forward_caplet",
    "square_root_swaption": "pricers.forward_curve.forward_swaption",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
