"""What a model is: bonds given the state, and how the state moves."""

import abc
from typing import TypeAlias

import equinox as eqx
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar

State: TypeAlias = Scalar | Float[Array, "factors"]
"""A number in one-factor models, one number per factor in others."""


class AbstractModel(eqx.Module):
    """Dynamics of interest rates under one measure, with its numeraire.

    It is Markov in a few numbers, its state, which moves by an exact law: what simulation and quadrature need. It reprices its
    curve: the expectation of $P(t, T) / N(t)$ is the discount factor of T.
    """

    @abc.abstractmethod
    def bond(self, start: Scalar, end: Scalar, state: State) -> Scalar:
        """Zero-coupon bond price P(start, end) in `state`."""

    @abc.abstractmethod
    def numeraire(self, time: Scalar, state: State) -> Scalar:
        """Value at `time` in `state` of the asset in whose units prices are martingales."""

    @property
    @abc.abstractmethod
    def initial_state(self) -> State:
        """State at time zero; its shape is that of every state."""

    @abc.abstractmethod
    def transition(self, start: Scalar, end: Scalar, state: State, normal: State) -> State:
        """State at `end` of a path that is in `state` at `start`, by its exact law.

        Args:
            start: time in years
            end: time in years, not before `start`
            state: state at `start`
            normal: independent standard normals, one per factor

        Returns:
            State at `end`.
        """
