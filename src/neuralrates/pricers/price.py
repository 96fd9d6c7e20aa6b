"""What a pricer returns: a value and its error, together."""

import equinox as eqx

from neuralrates.core.types import Scalar


class Price(eqx.Module):
    """Value with an estimate of its numerical error, both in currency per unit notional.

    The error is that of the method (quadrature, grid, sampling, a law that stands for the model's own), not of the model; a
    closed form has error zero up to rounding.
    """

    value: Scalar
    error: Scalar
