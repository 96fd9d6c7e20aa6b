"""Schedule of trades whose payments each depend on one floating rate: caps, floors, collars, forward rate agreements."""

from typing import Any

import equinox as eqx
import numpy as np

from neuralrates.core.checks import as_host_array
from neuralrates.core.errors import RefusalError
from neuralrates.core.types import Bond, HostPeriods, HostScalar, Scalar
from neuralrates.products.swap import Side
from neuralrates.trades.schedule import (
    AbstractSchedule,
    FixedPeriods,
    FloatingPeriods,
    SwapSchedule,
)


class RateSchedule(AbstractSchedule):
    """Periods of a floating rate, and what of it they pay.

    With the rate R of a period, spread included, it pays $m_c (R - K)^+ + m_f (K_f - R)^+ + m (R - K)$ times its accrual, at
    the payment time, or discounted by the rate itself at the start of the period.

    Args:
        floating: periods of the rate
        first_times: from when each rate stops moving as a whole: when a term rate is fixed; when an overnight rate begins
            to compound; zero where the rate is known; years
        last_times: when it is known; years
        spread: over the index, decimal
        term: from the valuation date to the end of the last period, years
        cap: $m_c$, caplets held
        floor: $m_f$, floorlets held
        forward: $m$, rates held less the strike
        floor_strike: $K_f$, decimal
        paid_at_start: one where the payment is discounted to the start by the rate, else zero
    """

    floating: FloatingPeriods
    first_times: HostPeriods = eqx.field(converter=as_host_array)
    last_times: HostPeriods = eqx.field(converter=as_host_array)
    spread: HostScalar = eqx.field(converter=as_host_array)
    term: HostScalar = eqx.field(converter=as_host_array)
    cap: HostScalar = eqx.field(converter=as_host_array)
    floor: HostScalar = eqx.field(converter=as_host_array)
    forward: HostScalar = eqx.field(converter=as_host_array)
    floor_strike: HostScalar = eqx.field(converter=as_host_array)
    paid_at_start: HostScalar = eqx.field(converter=as_host_array)

    @property
    def has_options(self) -> bool:
        """Whether anything of it needs a volatility."""
        return bool(np.any(self.cap != 0.0) or np.any(self.floor != 0.0))

    @property
    def swap(self) -> SwapSchedule:
        """Its periods, as those of a swap of the rate against a fixed one."""
        periods = self.floating
        times = (periods.start_times, periods.end_times)
        paid = np.maximum(periods.payment_times, periods.end_times)
        fixed = FixedPeriods(*times, paid, periods.accruals, periods.notionals)
        return SwapSchedule(fixed, periods)

    def resolve(self, discount: Bond, projection: Bond, strike: Scalar, side: Side) -> Any:
        raise RefusalError(
            "expected a swap or a right on one, found options on single rates: `neuralrates.price` prices them"
        )
