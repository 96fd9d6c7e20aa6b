"""Floor 6: domains and problems, named maps from an input vector to prices."""

from neuralrates.problems.catalogue import PROBLEMS as PROBLEMS
from neuralrates.problems.catalogue import load as load
from neuralrates.problems.density import AbstractDensity as AbstractDensity
from neuralrates.problems.domain import Axis as Axis
from neuralrates.problems.domain import Domain as Domain
from neuralrates.problems.forward_curve import forward_caplet as forward_caplet
from neuralrates.problems.forward_curve import forward_point as forward_point
from neuralrates.problems.forward_curve import forward_swaption as forward_swaption
from neuralrates.problems.generator import MarketGenerator as MarketGenerator
from neuralrates.problems.multi_instrument import nine_instruments as nine_instruments
from neuralrates.problems.problem import Companions as Companions
from neuralrates.problems.problem import Problem as Problem
from neuralrates.problems.ten_year_bermudan import ten_year_bermudan as ten_year_bermudan
from neuralrates.problems.ten_year_cancellable import ten_year_cancellable as ten_year_cancellable
from neuralrates.problems.ten_year_cancellable import (
    ten_year_cancellable_held as ten_year_cancellable_held,
)
