"""Caps and floors: the caplets or floorlets of a run of periods, each exercised by itself."""

import abc

import equinox as eqx
import jax.numpy as jnp

from neuralrates.core.checks import as_array, check_above, check_decimal, check_finite
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Periods, Scalar
from neuralrates.products.caplet import AbstractCaplet, Caplet, Floorlet, check_periods


class AbstractCap(eqx.Module):
    """Options on the rates of several periods at one strike; unit notional, times in years.

    No right to exercise once, so no `AbstractCallable`: what it pays is what its caplets pay.
    """

    start_times: Periods
    end_times: Periods
    strike: Scalar
    accruals: Periods

    def __init__(
        self,
        start_times: ArrayLike,
        end_times: ArrayLike,
        strike: Scalar,
        accruals: ArrayLike | None = None,
    ) -> None:
        periods = _periods(start_times, end_times, accruals)
        self.start_times, self.end_times, self.accruals = periods
        self.strike = as_array(strike)

    def __check_init__(self) -> None:
        for name in ("start_times", "end_times", "strike", "accruals"):
            check_finite(name, getattr(self, name))
        check_above("start_times", self.start_times, 0.0)
        check_decimal("strike", self.strike)
        check_periods("start_times", self.start_times, "end_times", self.end_times)
        check_above("accruals", self.accruals, 0.0, strict=True)

    @abc.abstractmethod
    def caplet(self, start: Scalar, end: Scalar, accrual: Scalar) -> AbstractCaplet:
        """The option on the rate of one period; times in years."""


@door
class Cap(AbstractCap):
    """Caplets of a run of periods, each fixed at its start and paid at its end.

    Args:
        start_times: starts of the periods, years
        end_times: ends of the periods, years
        strike: decimal, of every period
        accruals: year fractions of the periods; their lengths when not given

    Source: Brigo and Mercurio (2006), section 1.6.

    Example:
        >>> import neuralrates as nr
        >>> cap = nr.products.Cap([0.5, 1.0, 1.5], [1.0, 1.5, 2.0], strike=0.03)
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> print(f"{nr.pricers.CapletStrip(nr.pricers.GaussianCaplet())(model, cap).value:.6f}")
        0.005692
    """

    def caplet(self, start: Scalar, end: Scalar, accrual: Scalar) -> Caplet:
        return Caplet(start, end, self.strike, accrual)


@door
class Floor(AbstractCap):
    """Floorlets of a run of periods, each fixed at its start and paid at its end.

    Args:
        start_times: starts of the periods, years
        end_times: ends of the periods, years
        strike: decimal, of every period
        accruals: year fractions of the periods; their lengths when not given

    Source: Brigo and Mercurio (2006), section 1.6.

    Example:
        >>> import neuralrates as nr
        >>> floor = nr.products.Floor([0.5, 1.0, 1.5], [1.0, 1.5, 2.0], strike=0.03)
        >>> floor.caplet(0.5, 1.0, 0.5).flow_times.tolist()
        [0.5, 1.0]
    """

    def caplet(self, start: Scalar, end: Scalar, accrual: Scalar) -> Floorlet:
        return Floorlet(start, end, self.strike, accrual)


def _periods(
    start_times: ArrayLike, end_times: ArrayLike, accruals: ArrayLike | None
) -> tuple[Periods, Periods, Periods]:
    """Starts, ends and accruals, as many of each."""
    starts, ends = (jnp.atleast_1d(as_array(times)) for times in (start_times, end_times))
    given = None if accruals is None else jnp.atleast_1d(as_array(accruals))
    shapes = {starts.shape, ends.shape} | (set() if given is None else {given.shape})
    if len(shapes) > 1 or starts.ndim != 1:
        raise ValueError(
            f"Arguments `start_times`, `end_times` and `accruals` must have one element per period, but have shapes "
            f"{starts.shape}, {ends.shape} and {None if given is None else given.shape}."
        )
    return starts, ends, ends - starts if given is None else given
