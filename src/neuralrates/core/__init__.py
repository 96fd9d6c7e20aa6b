"""Array vocabulary, units, checks, errors. Nothing financial."""

import os
import sys

# Everything is computed in double precision; JAX, which takes a second to import, is not imported for that.
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)
else:
    os.environ["JAX_ENABLE_X64"] = "True"

from neuralrates.core.errors import ArgumentError as ArgumentError  # noqa: E402
from neuralrates.core.errors import CalibrationError as CalibrationError  # noqa: E402
from neuralrates.core.errors import InputError as InputError  # noqa: E402
from neuralrates.core.errors import NeuralratesError as NeuralratesError  # noqa: E402
from neuralrates.core.errors import RefusalError as RefusalError  # noqa: E402
from neuralrates.core.units import basis_point as basis_point  # noqa: E402

__all__ = [
    "CalibrationError",
    "InputError",
    "NeuralratesError",
    "RefusalError",
    "basis_point",
]
