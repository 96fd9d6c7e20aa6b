"""Treasury floating rate notes: interest accrues daily at the latest 13-week bill rate plus a spread."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Periods, Scalar, Times

WEEK, INDEX_TENOR, LOCKOUT = 7.0 / 365.0, 91.0 / 365.0, 2.0 / 365.0
MONEY_MARKET = 365.0 / 360.0
"""Years of actual days over 365 to years of actual days over 360."""
_QUARTER = 0.25


@door
class FloatingRateNote(eqx.Module):
    """Note whose index is reset week by week and whose interest, simple within a quarter, is paid quarterly.

    A reset at time $t_i$ sets the rate of the days after it, until the next one; the rate is locked before each payment.
    Interest on one unit of rate is a matrix: how much of the rate of reset i, in years over 360, is paid at $T_k$.

    Args:
        reset_times: times of the resets that count, the first at zero and known, years
        payment_times: when interest is paid, the last when the note matures; years; those not positive are past
        accruals: years over 360 of each reset that are paid at each payment
        accrued_time: years over 360 since the last payment
        spread: over the index, decimal
        index_rate: index in force, at which the time since the last payment has accrued too; decimal

    Source: 31 CFR 356, appendix B, section I.D: daily accrual, actual over 360, a lock of two business days, no compounding.
        The floor of zero under the day's interest is left out.
    """

    reset_times: Times
    payment_times: Periods
    accruals: Float[Array, "times periods"]
    accrued_time: Scalar
    spread: Scalar
    index_rate: Scalar

    @classmethod
    def regular(
        cls, maturity: ArrayLike, spread: ArrayLike, index_rate: ArrayLike, longest: int = 2
    ) -> "FloatingRateNote":
        """Note with weekly resets from today and quarters counted back from maturity.

        Args:
            maturity: years
            spread: decimal
            index_rate: decimal, simple, actual over 360
            longest: whole years that hold every maturity, so that many notes share their shapes

        Returns:
            The note.

        Example:
            >>> import neuralrates as nr
            >>> note = nr.products.FloatingRateNote.regular(1.9, 0.001, 0.05)
            >>> print(f"{note.accruals.sum() + note.accrued_time:.6f} {2.0 * 365.0 / 360.0:.6f}")
            2.027778 2.027778
        """
        end = as_array(maturity)
        resets = WEEK * jnp.arange(float(int(longest / WEEK) + 1))
        payments = end - _QUARTER * jnp.arange(longest / _QUARTER)
        ahead = payments > 0.0
        first = jnp.where(ahead, jnp.maximum(payments - _QUARTER, 0.0), 0.0)
        last = jnp.where(ahead, payments, 0.0)
        locked = jnp.maximum(last - LOCKOUT, first)
        after = jnp.concatenate([resets[1:], jnp.full(1, jnp.inf)])
        shared = jnp.minimum(after[:, None], locked[None, :]) - jnp.maximum(
            resets[:, None], first[None, :]
        )
        holds = (resets[:, None] <= locked[None, :]) & (locked[None, :] < after[:, None])
        years = jnp.maximum(shared, 0.0) + jnp.where(holds, (last - locked)[None, :], 0.0)
        past = jnp.sum(jnp.where(ahead, jnp.maximum(_QUARTER - payments, 0.0), 0.0))
        return cls(
            reset_times=resets,
            payment_times=payments,
            accruals=MONEY_MARKET * years,
            accrued_time=MONEY_MARKET * past,
            spread=as_array(spread),
            index_rate=as_array(index_rate),
        )

    @property
    def accrued_interest(self) -> Scalar:
        """Interest since the last payment, per unit face value."""
        return self.accrued_time * (self.index_rate + self.spread)
