"""What a callable product is: exercise times, and a value on exercise said in zero-coupon bonds."""

import abc

import equinox as eqx

from neuralrates.core.types import Bond, Exercises, Scalar


class AbstractCallable(eqx.Module):
    """A right that can be exercised once, at one of several times.

    One exercise time makes it European, several make it Bermudan. A pricer needs nothing else: it asks for the exercise
    value at one time and in one state, and supplies the bonds of that state.
    """

    exercise_times: eqx.AbstractVar[Exercises]

    @abc.abstractmethod
    def exercise_value(self, time: Scalar, bond: Bond) -> Scalar:
        """Value received on exercise at `time`, currency per unit notional.

        Args:
            time: one of the exercise times, in years
            bond: maturity (years) to zero-coupon bond price at `time`

        Returns:
            Exercise value; negative where exercise would be a loss.
        """
