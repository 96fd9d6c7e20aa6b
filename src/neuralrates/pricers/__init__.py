"""Floor 4: closed forms, backward induction, simulation: the references."""

from neuralrates.pricers.backward_induction import BackwardInduction as BackwardInduction
from neuralrates.pricers.black_scholes import black_call as black_call
from neuralrates.pricers.cancellable import Cancellable as Cancellable
from neuralrates.pricers.caplet import hull_white_cap as hull_white_cap
from neuralrates.pricers.caplet import hull_white_caplet as hull_white_caplet
from neuralrates.pricers.floating_rate_note import discount_margin_price as discount_margin_price
from neuralrates.pricers.floating_rate_note import (
    floating_rate_note_price as floating_rate_note_price,
)
from neuralrates.pricers.forward_caplet import frozen_caplet as frozen_caplet
from neuralrates.pricers.forward_caplet import square_root_cap as square_root_cap
from neuralrates.pricers.forward_caplet import square_root_caplet as square_root_caplet
from neuralrates.pricers.forward_simulation import ForwardSimulation as ForwardSimulation
from neuralrates.pricers.forward_swaption import square_root_swaption as square_root_swaption
from neuralrates.pricers.gaussian_european import GaussianEuropean as GaussianEuropean
from neuralrates.pricers.held import Held as Held
from neuralrates.pricers.held import HeldPricer as HeldPricer
from neuralrates.pricers.heston import heston_call as heston_call
from neuralrates.pricers.heston_simulation import simulated_heston_call as simulated_heston_call
from neuralrates.pricers.jamshidian import Jamshidian as Jamshidian
from neuralrates.pricers.least_squares import LongstaffSchwartz as LongstaffSchwartz
from neuralrates.pricers.price import Price as Price
from neuralrates.pricers.pricer import AbstractPricer as AbstractPricer
from neuralrates.pricers.quantlib_finite_difference import (
    QuantLibFiniteDifference as QuantLibFiniteDifference,
)
from neuralrates.pricers.quantlib_finite_difference import QuantLibJamshidian as QuantLibJamshidian
from neuralrates.pricers.quantlib_gaussian import QuantLibGaussian as QuantLibGaussian
from neuralrates.pricers.stochastic_grid_bundling import Estimates as Estimates
from neuralrates.pricers.stochastic_grid_bundling import (
    StochasticGridBundling as StochasticGridBundling,
)
