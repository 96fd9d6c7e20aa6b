"""What a model is: bonds given the state, and how the state moves."""

import abc

import equinox as eqx

from neuralrates.core.types import Scalar


class AbstractModel(eqx.Module):
    """Dynamics of interest rates under one measure, with its numeraire.

    A model reprices its curve: the expectation of $P(t, T) / N(t)$ is the discount factor of T.
    """

    @abc.abstractmethod
    def bond(self, start: Scalar, end: Scalar, state: Scalar) -> Scalar:
        """Zero-coupon bond price P(start, end) in `state`."""
