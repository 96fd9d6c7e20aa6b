"""Periods of the legs of a swap: times in years, and the bonds that they are worth."""

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
from neuralrates.core.types import ArrayLike, Bond, HostArray, HostPeriods

HostFlows = Float[HostArray, "flows"]
PeriodFlows = Float[Array, "periods flows"]
SAME_TIME = 1e-9


class FixedPeriods(eqx.Module):
    """Periods of a fixed leg; times in years from the valuation date.

    Args:
        start_times: starts of the periods, strictly increasing
        end_times: their ends
        payment_times: when they pay
        accruals: year fractions by the leg's day count
        notionals: notionals relative to the trade's
        margins: rates paid over the strike, decimals; none when None
    """

    start_times: HostPeriods
    end_times: HostPeriods
    payment_times: HostPeriods
    accruals: HostPeriods
    notionals: HostPeriods
    margins: HostPeriods

    def __init__(
        self,
        start_times: ArrayLike,
        end_times: ArrayLike,
        payment_times: ArrayLike,
        accruals: ArrayLike,
        notionals: ArrayLike,
        margins: ArrayLike | None = None,
    ) -> None:
        self.start_times = as_host_array(start_times)
        self.end_times = as_host_array(end_times)
        self.payment_times = as_host_array(payment_times)
        self.accruals = as_host_array(accruals)
        self.notionals = as_host_array(notionals)
        self.margins = 0.0 * self.accruals if margins is None else as_host_array(margins)

    def __check_init__(self) -> None:
        check_increasing("start_times", self.start_times)
        _check_periods(self)
        check_above("payment_times", self.payment_times - self.end_times, 0.0)

    def weights(self, flow_times: HostFlows) -> PeriodFlows:
        """What a unit of strike pays, per period and flow time."""
        amounts = self.notionals * self.accruals
        return amounts[:, None] * at_flow_times(self.payment_times, flow_times)

    def margin_weights(self, flow_times: HostFlows) -> PeriodFlows:
        """What the rates over the strike pay, per period and flow time."""
        return self.margins[:, None] * self.weights(flow_times)


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
        on_second: one where the index is the second floating rate of a basis swap, else zero; zero when None
    """

    start_times: HostPeriods
    end_times: HostPeriods
    payment_times: HostPeriods
    accruals: HostPeriods
    notionals: HostPeriods
    index_weights: HostPeriods
    margins: HostPeriods
    on_second: HostPeriods

    def __init__(
        self,
        start_times: ArrayLike,
        end_times: ArrayLike,
        payment_times: ArrayLike,
        accruals: ArrayLike,
        notionals: ArrayLike,
        index_weights: ArrayLike,
        margins: ArrayLike,
        on_second: ArrayLike | None = None,
    ) -> None:
        self.start_times = as_host_array(start_times)
        self.end_times = as_host_array(end_times)
        self.payment_times = as_host_array(payment_times)
        self.accruals = as_host_array(accruals)
        self.notionals = as_host_array(notionals)
        self.index_weights = as_host_array(index_weights)
        self.margins = as_host_array(margins)
        self.on_second = 0.0 * self.accruals if on_second is None else as_host_array(on_second)

    def __check_init__(self) -> None:
        _check_periods(self)

    def times(self) -> tuple[HostPeriods, HostPeriods, HostPeriods]:
        """Starts, ends and payments."""
        return self.start_times, self.end_times, self.payment_times

    def weights(
        self, flow_times: HostFlows, discount: Bond, projection: Bond, second: Bond | None = None
    ) -> PeriodFlows:
        """Bonds that replicate the leg, per period and flow time; the second rate is read off the discount curve when None.

        The basis between the curves is taken as deterministic. A period from s to e, paying at p
        the growth $\\beta P(t, s) / P(t, e) - 1$ with $\\beta = [P_f(s) / P_f(e)] / [D(s) / D(e)]$, is
        worth $\\lambda (\\beta P(t, s) - P(t, e)) + c (P(t, p) - \\lambda P(t, e))$ to first order in the
        bonds, with $\\lambda = D(p) / D(e)$ and $c$ today's growth. It is exact today, and at all times
        where nothing lags; on a single curve $\\beta$ is exactly one. With a lag of two days, a move
        of rates by 1 percent leaves out 0.06 bp of the notional of a ten-year swap.

        Source: Henrard (2014), Interest Rate Modelling in the Multi-Curve Framework, sections 2.3
        and 7.1 (deterministic multiplicative spread).
        """
        discount, projection, second = map(jax.vmap, (discount, projection, second or discount))
        at_start, at_end, at_payment = (
            at_flow_times(times, flow_times)
            for times in (self.start_times, self.end_times, self.payment_times)
        )
        discounted = discount(self.start_times) / discount(self.end_times)
        own, other = (
            curve(self.start_times) / curve(self.end_times) for curve in (projection, second)
        )
        growth = jnp.where(self.on_second > 0.0, other, own)
        basis = growth / discounted
        lag = discount(self.payment_times) / discount(self.end_times)
        amounts = self.notionals * self.index_weights
        margins = self.notionals * self.margins * self.accruals
        return (
            (amounts * lag * basis)[:, None] * at_start
            - (amounts * lag)[:, None] * at_end
            + (amounts * (growth - 1.0))[:, None] * (at_payment - lag[:, None] * at_end)
            + margins[:, None] * at_payment
        )


def at_flow_times(times: HostPeriods, flow_times: HostFlows) -> PeriodFlows:
    """One where a period's time is a flow time; a matrix, not a gather, so that `vmap` is cheap."""
    return as_array(jnp.abs(times[:, None] - flow_times[None, :]) < SAME_TIME)


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
