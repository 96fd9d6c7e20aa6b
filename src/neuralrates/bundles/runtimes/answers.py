"""What a graph says of many points."""

from typing import NamedTuple

import numpy as np


class Answers(NamedTuple):
    """What a graph says of many points.

    Args:
        value: of the target
        jacobian: its derivatives to every input
        in_domain: whether the certificate holds there
    """

    value: np.ndarray
    jacobian: np.ndarray
    in_domain: np.ndarray
