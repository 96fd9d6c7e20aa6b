"""Floor 6: domains and problems, named maps from an input vector to prices."""

from neuralrates.problems.domain import Axis as Axis
from neuralrates.problems.domain import Domain as Domain
from neuralrates.problems.problem import Companions as Companions
from neuralrates.problems.problem import Problem as Problem
