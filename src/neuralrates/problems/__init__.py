"""Floor 6: domains and problems, named maps from an input vector to prices."""

from neuralrates.problems.catalogue import PROBLEMS as PROBLEMS
from neuralrates.problems.catalogue import load as load
from neuralrates.problems.domain import Axis as Axis
from neuralrates.problems.domain import Domain as Domain
from neuralrates.problems.problem import Companions as Companions
from neuralrates.problems.problem import Problem as Problem
from neuralrates.problems.ten_year_bermudan import ten_year_bermudan as ten_year_bermudan
