"""Problems: a named map from an input vector to prices; the front door of every surrogate."""

from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.doors import door
from neuralrates.core.functions import largest
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.problems.domain import Domain
from neuralrates.surrogates.bounded import Bounds, MakeBounds
from neuralrates.surrogates.corrected import MakeBaseline

Build = Callable[[Inputs], tuple[Any, Any]]
Coordinates = Callable[[Inputs], Mapping[str, Scalar]]


class ControlPrices(eqx.Module):
    """Exactly known prices that go with the target: outputs of joint learning, and its bounds.

    Args:
        names: one name per price
        prices: model and product to the prices, currency per unit notional, exact to rounding
        are_lower_bounds: whether each of them is a lower bound of the target without arbitrage, once what the target
            holds beside the right has been added
        beside: model and product to the value of what the target holds beside the right that the control prices bound: the
            swap that may be cancelled; nothing when None
    """

    names: tuple[str, ...] = eqx.field(static=True)
    prices: Callable[[Any, Any], Float[Array, "outputs"]] = eqx.field(static=True)
    are_lower_bounds: bool = eqx.field(static=True)
    beside: Callable[[Any, Any], Scalar] | None = eqx.field(static=True, default=None)


@door
class Problem(eqx.Module):
    """A price as a function of a vector, on a domain, with its reference pricer.

    The reference and every surrogate are functions of the same vector; labels, certificate, guard
    and fall-back follow from that.

    Args:
        name: what records and certificates call it; `problems.load` finds those that are registered
        domain: where the vector lives
        build: vector to model and product
        pricer: the reference
        control_prices: exactly known prices beside the target, if any
        increasing: inputs in which the price never falls
        decreasing: inputs in which the price never rises
        baseline: what closed forms nearly say at a point, of the target and its control prices
        known_bounds: between which the price lies, where closed forms of the problem's own say it sooner than its control
            prices do; those of the control prices when None
        bounds_are_cheap: whether they cost less than a surrogate does, so that none need ask first whether one is near
        coordinates: a point to the numbers by which errors are looked at, such as moneyness or the level of the curve; every
            input by itself when None
        family: what the problem is one of, where a family knows more than one problem does: how a market and a contract's
            terms become a point

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> problem = nr.problems.ten_year_bermudan("receiver")
        >>> problem.domain.names[:2]
        ('mean_reversion', 'volatility_1')
    """

    name: str = eqx.field(static=True)
    domain: Domain = eqx.field(static=True)
    build: Build = eqx.field(static=True)
    pricer: AbstractPricer
    control_prices: ControlPrices | None = None
    increasing: tuple[str, ...] = eqx.field(static=True, default=())
    decreasing: tuple[str, ...] = eqx.field(static=True, default=())
    baseline: MakeBaseline | None = eqx.field(static=True, default=None)
    known_bounds: MakeBounds | None = eqx.field(static=True, default=None)
    bounds_are_cheap: bool = eqx.field(static=True, default=False)
    coordinates: Coordinates | None = eqx.field(static=True, default=None)
    family: Any = eqx.field(static=True, default=None)

    def __check_init__(self) -> None:
        for name in (*self.increasing, *self.decreasing):
            self.domain.index(name)

    def __call__(self, x: Inputs) -> Price:
        """Reference price of the target at one point, per unit notional."""
        return self.pricer(*self.build(x))

    @property
    def output_names(self) -> tuple[str, ...]:
        """Name of the target, then of its control prices."""
        return ("price",) + (self.control_prices.names if self.control_prices else ())

    def control_values(self, x: Inputs) -> Outputs:
        """Exact values of the control prices at one point; empty where there are none."""
        if self.control_prices is None:
            return jnp.zeros(0)
        return self.control_prices.prices(*self.build(x))

    def lower_bound(self, x: Inputs) -> Scalar:
        """Largest price that the target must not fall below: of what it holds, and of the best control price with it."""
        held = self.held_beside(x)
        if self.control_prices is None or not self.control_prices.are_lower_bounds:
            return held
        return held + jnp.maximum(largest(self.control_values(x)), 0.0)

    def held_beside(self, x: Inputs) -> Scalar:
        """Value of what the target holds beside its right; zero for a right alone."""
        if self.control_prices is None or self.control_prices.beside is None:
            return jnp.zeros(())
        return self.control_prices.beside(*self.build(x))

    @property
    def bounds(self) -> MakeBounds | None:
        """Point to the bounds of the price; by its control prices only from below, and None where nothing is known."""
        known = self.control_prices is not None and self.control_prices.are_lower_bounds
        return self.known_bounds or (self._bounds_by_control_prices if known else None)

    def _bounds_by_control_prices(self, x: Inputs) -> Bounds:
        return Bounds(self.lower_bound(x), jnp.asarray(jnp.inf))

    def coordinates_of(self, x: Inputs) -> Mapping[str, Scalar]:
        """The numbers by which errors at a point are looked at."""
        if self.coordinates is not None:
            return self.coordinates(x)
        return dict(zip(self.domain.names, x, strict=True))

    def record(self) -> dict[str, Any]:
        """What a manifest says of the problem: name, domain, reference settings."""
        density = self.domain.density
        return {
            "name": self.name,
            "domain": self.domain.to_record(),
            "reference": repr(self.pricer),
        } | ({} if density is None else {"density": density.record()})
