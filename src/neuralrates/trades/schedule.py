"""Schedules of resolved trades: times in years, and their product on given curves."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, as_host_array, check_finite, check_increasing
from neuralrates.core.types import Bond, Exercises, HostArray, HostExercises, HostPeriods, Scalar
from neuralrates.products.cancellable import CancellableSwap, opposite
from neuralrates.products.swap import Side, Swap
from neuralrates.products.swaption import Swaption
from neuralrates.trades.periods import SAME_TIME, HostFlows, at_flow_times
from neuralrates.trades.periods import FixedPeriods as FixedPeriods
from neuralrates.trades.periods import FloatingPeriods as FloatingPeriods


class AbstractSchedule(eqx.Module):
    """When everything of a trade happens; with curves, strike and side it becomes a product."""

    @abc.abstractmethod
    def resolve(
        self, discount: Bond, projection: Bond, strike: Scalar, side: Side
    ) -> Swap | Swaption | CancellableSwap:
        """Product of this schedule on these curves, per unit notional.

        Args:
            discount: time to discount factor
            projection: time to the discount factor that projects the index; the same on one curve
            strike: fixed rate, decimal
            side: `payer` or `receiver` of the fixed rate

        Returns:
            The product; differentiable in the curves and in the strike.
        """


class SwapSchedule(AbstractSchedule):
    """Periods of both legs of a swap.

    Args:
        fixed: periods of the fixed leg
        floating: periods of the floating leg
        flow_times: all times at which either pays or is fixed, increasing; found from the legs when None

    Example:
        >>> import neuralrates as nr
        >>> one, two = [0.0, 1.0], [1.0, 2.0]
        >>> fixed = nr.trades.FixedPeriods(one, two, two, [1.0, 1.0], [1.0, 1.0])
        >>> floating = nr.trades.FloatingPeriods(
        ...     one, two, two, [1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]
        ... )
        >>> schedule = nr.trades.SwapSchedule(fixed, floating)
        >>> curve = nr.market.FlatCurve(0.03).discount_factor
        >>> swap = schedule.resolve(curve, curve, 0.03, "payer")
        >>> print(f"{swap.par_rate(curve):.6f}")
        0.030455
    """

    fixed: FixedPeriods
    floating: FloatingPeriods
    flow_times: HostFlows

    def __init__(
        self, fixed: FixedPeriods, floating: FloatingPeriods, flow_times: HostFlows | None = None
    ) -> None:
        self.fixed = fixed
        self.floating = floating
        own = (fixed.payment_times, *floating.times())
        self.flow_times = _union(*own) if flow_times is None else flow_times

    def resolve(
        self,
        discount: Bond,
        projection: Bond,
        strike: Scalar,
        side: Side,
        second: Bond | None = None,
    ) -> Swap:
        """As of every schedule; `second` projects the second rate of a basis swap, the discount curve where it is None."""
        floating = self.floating.weights(self.flow_times, discount, projection, second)
        floats = jnp.sum(floating, axis=0)
        return Swap.from_weights(
            self.flow_times,
            jnp.sum(self.fixed.weights(self.flow_times), axis=0),
            floats - jnp.sum(self.fixed.margin_weights(self.flow_times), axis=0),
            strike,
            side,
        )


class SwaptionSchedule(AbstractSchedule):
    """Exercises of a swaption, and the swap whose remaining periods each of them enters.

    Args:
        exercise_times: when the right can be exercised (notice is given), years, increasing
        start_times: start of the swap entered at each exercise
        swap: the periods that any exercise enters
        fees: paid on exercise by the receiver of the fixed rate of the swap entered, per unit notional; a payer's count
            negative; nothing when None
        fee_times: when, each a flow time of the swap
    """

    exercise_times: HostExercises = eqx.field(converter=as_host_array)
    start_times: HostExercises = eqx.field(converter=as_host_array)
    swap: SwapSchedule
    fees: HostExercises | None = None
    fee_times: HostExercises | None = None

    def __check_init__(self) -> None:
        check_finite("exercise_times", self.exercise_times)
        check_increasing("exercise_times", self.exercise_times)

    def resolve(self, discount: Bond, projection: Bond, strike: Scalar, side: Side) -> Swaption:
        fixed, floating, flow_times = self.swap.fixed, self.swap.floating, self.swap.flow_times
        entered = self._entered(fixed.start_times)
        annuity = entered @ fixed.weights(flow_times)
        floats = self._entered(floating.start_times) @ floating.weights(
            flow_times, discount, projection
        )
        floats -= entered @ fixed.margin_weights(flow_times)
        if self.fees is not None and self.fee_times is not None:
            floats += as_array(self.fees)[:, None] * at_flow_times(self.fee_times, flow_times)
        return Swaption.from_weights(
            self.exercise_times, flow_times, annuity, floats, strike, side, self.start_times
        )

    def spread_rates(self, discount: Bond) -> Exercises:
        """Part of each entered swap's rate that is none of the market: what is quoted is the rest, decimal.

        It is made up by spreads of open rates, fees, and coupons over the strike, which count negative.
        """
        fixed, floating = self.swap.fixed, self.swap.floating
        discount_factors = jax.vmap(discount)
        spreads = jnp.where(floating.index_weights > 0.0, floating.margins, 0.0)
        paid = floating.notionals * spreads * floating.accruals
        margins = self._entered(floating.start_times) @ (
            paid * discount_factors(floating.payment_times)
        )
        if self.fees is not None and self.fee_times is not None:
            margins += as_array(self.fees) * discount_factors(as_array(self.fee_times))
        accrued = fixed.notionals * fixed.accruals * discount_factors(fixed.payment_times)
        entered = self._entered(fixed.start_times)
        return (margins - entered @ (fixed.margins * accrued)) / (entered @ accrued)

    def _entered(self, period_starts: HostPeriods) -> Float[Array, "exercises periods"]:
        """One where an exercise enters a period: it starts with the swap or later."""
        return as_array(period_starts[None, :] >= self.start_times[:, None] - SAME_TIME)


class CancellableSchedule(AbstractSchedule):
    """A swap and the exercises of the right to cancel it.

    Args:
        swap: periods of the swap as if it ran to maturity
        right: exercises of the right, and what they cancel
    """

    swap: SwapSchedule
    right: SwaptionSchedule

    def resolve(
        self, discount: Bond, projection: Bond, strike: Scalar, side: Side
    ) -> CancellableSwap:
        return CancellableSwap(
            self.swap.resolve(discount, projection, strike, side),
            self.right.resolve(discount, projection, strike, opposite(side)),
        )


def _union(*times: Float[HostArray, "..."]) -> HostFlows:
    """All times in increasing order, equal ones once."""
    ordered = np.unique(np.concatenate([np.asarray(part) for part in times]))
    return as_host_array(ordered[np.concatenate([[True], np.diff(ordered) > SAME_TIME])])
