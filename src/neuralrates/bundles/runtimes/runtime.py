"""What a bundle serves with, whatever computes it."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

Points = Float[np.ndarray, "batch inputs"]


@runtime_checkable
class Runtime(Protocol):
    """Values at many points, and values with their derivatives."""

    def value(self, x: Points) -> Float[np.ndarray, "batch outputs"]:
        """Outputs at many points."""
        ...

    def __call__(
        self, x: Points
    ) -> tuple[Float[np.ndarray, "batch outputs"], Float[np.ndarray, "batch outputs inputs"]]:
        """Outputs and their derivatives to every input, at many points."""
        ...
