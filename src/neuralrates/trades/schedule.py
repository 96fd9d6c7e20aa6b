"""Schedules of resolved trades: times in years, and their product on given curves."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    as_host_array,
    check_above,
    check_finite,
    check_increasing,
    is_concrete,
)
from neuralrates.core.types import Bond, Exercises, HostArray, HostExercises, HostPeriods, Scalar
from neuralrates.products.cancellable import CancellableSwap, opposite
from neuralrates.products.swap import Side, Swap
from neuralrates.products.swaption import Swaption

HostFlows = Float[HostArray, "flows"]
PeriodFlows = Float[Array, "periods flows"]
_SAME_TIME = 1e-9


class FixedPeriods(eqx.Module):
    """Periods of a fixed leg; times in years from the valuation date.

    Args:
        start_times: starts of the periods, strictly increasing
        end_times: their ends
        payment_times: when they pay
        accruals: year fractions by the leg's day count
        notionals: notionals relative to the trade's
    """

    start_times: HostPeriods = eqx.field(converter=as_host_array)
    end_times: HostPeriods = eqx.field(converter=as_host_array)
    payment_times: HostPeriods = eqx.field(converter=as_host_array)
    accruals: HostPeriods = eqx.field(converter=as_host_array)
    notionals: HostPeriods = eqx.field(converter=as_host_array)

    def __check_init__(self) -> None:
        check_increasing("start_times", self.start_times)
        _check_periods(self)
        check_above("payment_times", self.payment_times - self.end_times, 0.0)

    def weights(self, flow_times: HostFlows) -> PeriodFlows:
        """What a unit of strike pays, per period and flow time."""
        amounts = self.notionals * self.accruals
        return amounts[:, None] * _at(self.payment_times, flow_times)


class FloatingPeriods(eqx.Module):
    """Periods of a floating leg; times in years from the valuation date.

    A period pays `index_weight` times the index's simple interest over it, plus margin times
    accrual. The weight is one and the margin the spread, unless the rate is fixed already: then
    the weight is zero (a term rate) or what has compounded so far (an overnight rate). A period
    that is over but not yet paid has the weight zero and lasts from the valuation date to its payment.

    Args:
        start_times: starts of the periods, never decreasing, none before the valuation date
        end_times: ends of the rates that they pay, mostly those of the periods themselves
        payment_times: when they pay
        accruals: year fractions by the index's day count
        notionals: notionals relative to the trade's
        index_weights: multiples of the index that are still to be fixed
        margins: rates paid on top, decimals
    """

    start_times: HostPeriods = eqx.field(converter=as_host_array)
    end_times: HostPeriods = eqx.field(converter=as_host_array)
    payment_times: HostPeriods = eqx.field(converter=as_host_array)
    accruals: HostPeriods = eqx.field(converter=as_host_array)
    notionals: HostPeriods = eqx.field(converter=as_host_array)
    index_weights: HostPeriods = eqx.field(converter=as_host_array)
    margins: HostPeriods = eqx.field(converter=as_host_array)

    def __check_init__(self) -> None:
        _check_periods(self)

    def times(self) -> tuple[HostPeriods, HostPeriods, HostPeriods]:
        """Starts, ends and payments."""
        return self.start_times, self.end_times, self.payment_times

    def weights(self, flow_times: HostFlows, discount: Bond, projection: Bond) -> PeriodFlows:
        """Bonds that replicate the leg, per period and flow time.

        The basis between the curves is taken as deterministic. A period from s to e, paying at p
        the growth $\\beta P(t, s) / P(t, e) - 1$ with $\\beta = [P_f(s) / P_f(e)] / [D(s) / D(e)]$, is
        worth $\\lambda (\\beta P(t, s) - P(t, e)) + c (P(t, p) - \\lambda P(t, e))$ to first order in the
        bonds, with $\\lambda = D(p) / D(e)$ and $c$ today's growth. It is exact today, and at all times
        where nothing lags; on a single curve $\\beta$ is exactly one. With a lag of two days, a move
        of rates by 1 percent leaves out 0.06 bp of the notional of a ten-year swap.

        Source: Henrard (2014), Interest Rate Modelling in the Multi-Curve Framework, sections 2.3
        and 7.1 (deterministic multiplicative spread).
        """
        discount, projection = jax.vmap(discount), jax.vmap(projection)
        at_start, at_end, at_payment = (
            _at(times, flow_times)
            for times in (self.start_times, self.end_times, self.payment_times)
        )
        growth = projection(self.start_times) / projection(self.end_times)
        basis = growth / (discount(self.start_times) / discount(self.end_times))
        lag = discount(self.payment_times) / discount(self.end_times)
        amounts = self.notionals * self.index_weights
        margins = self.notionals * self.margins * self.accruals
        return (
            (amounts * lag * basis)[:, None] * at_start
            - (amounts * lag)[:, None] * at_end
            + (amounts * (growth - 1.0))[:, None] * (at_payment - lag[:, None] * at_end)
            + margins[:, None] * at_payment
        )


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

    def resolve(self, discount: Bond, projection: Bond, strike: Scalar, side: Side) -> Swap:
        return Swap.from_weights(
            self.flow_times,
            jnp.sum(self.fixed.weights(self.flow_times), axis=0),
            jnp.sum(self.floating.weights(self.flow_times, discount, projection), axis=0),
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
        annuity = self._entered(fixed.start_times) @ fixed.weights(flow_times)
        floats = self._entered(floating.start_times) @ floating.weights(
            flow_times, discount, projection
        )
        if self.fees is not None and self.fee_times is not None:
            floats += as_array(self.fees)[:, None] * _at(self.fee_times, flow_times)
        return Swaption.from_weights(
            self.exercise_times, flow_times, annuity, floats, strike, side, self.start_times
        )

    def spread_rates(self, discount: Bond) -> Exercises:
        """Part of each entered swap's rate that spreads of open rates and fees make up, decimal; what is quoted is the rest."""
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
        return margins / (self._entered(fixed.start_times) @ accrued)

    def _entered(self, period_starts: HostPeriods) -> Float[Array, "exercises periods"]:
        """One where an exercise enters a period: it starts with the swap or later."""
        return as_array(period_starts[None, :] >= self.start_times[:, None] - _SAME_TIME)


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


def _at(times: HostPeriods, flow_times: HostFlows) -> PeriodFlows:
    """One where a period's time is a flow time; a matrix, not a gather, so that `vmap` is cheap."""
    return as_array(jnp.abs(times[:, None] - flow_times[None, :]) < _SAME_TIME)


def _union(*times: Float[HostArray, "..."]) -> HostFlows:
    """All times in increasing order, equal ones once."""
    ordered = np.unique(np.concatenate([np.asarray(part) for part in times]))
    return as_host_array(ordered[np.concatenate([[True], np.diff(ordered) > _SAME_TIME])])


def _check_periods(periods: FixedPeriods | FloatingPeriods) -> None:
    leaves = (periods.start_times, periods.end_times, periods.payment_times)
    if not is_concrete(*leaves, periods.accruals, periods.notionals):
        return
    starts, ends, payments = (np.asarray(leaf) for leaf in leaves)
    check_finite("accruals", periods.accruals)
    check_above("accruals", periods.accruals, 0.0)
    check_above("notionals", periods.notionals, 0.0)
    check_above("start_times", np.diff(starts), 0.0)
    check_above("end_times", ends - starts, 0.0, strict=True)
    check_above("payment_times", payments - starts, 0.0)
