"""Caplets and European swaptions on the whole forward curve, as functions of its nodes."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.curves.forward_grid import ForwardGrid
from neuralrates.market.forward_curve import FACTORS, LONGEST_TENOR
from neuralrates.models.forward_curve import ForwardCurve, TenorVolatility
from neuralrates.pricers.forward_curve.forward_simulation import ForwardSimulation
from neuralrates.pricers.forward_curve.forward_swaption import RateVariance
from neuralrates.pricers.forward_curve.square_root import (
    square_root_call,
    square_root_density,
    square_root_ratio_call,
)
from neuralrates.problems.domain import Axis, Domain
from neuralrates.problems.forward_density import ForwardDensity
from neuralrates.problems.problem import ControlPrices, Problem
from neuralrates.products.caplet import Caplet
from neuralrates.products.swaption import Swaption
from neuralrates.surrogates.bounded import Bounds
from neuralrates.surrogates.corrected import Baseline

Kind = Literal["caplet", "swaption"]

VOLATILITY = FACTORS

MOST_PAYMENTS = 10
_SATURATION = 3.0
_SMALLEST = 1e-12
_POINTS: Mapping[Kind, int] = MappingProxyType({"caplet": 2**10, "swaption": 2**11})
"""Paths of the reference, eight times: standard errors of 3e-7 and 2e-6 on average."""


@dataclass(frozen=True)
class OnForwardCurve:
    """A kind of contract on a curve given by its nodes.

    Args:
        kind: `caplet`, or `swaption` with yearly payments
        num_nodes: forward rates, equally spaced from zero to the horizon
        horizon: longest tenor of the nodes, years
        expiry: range of the time to exercise, years
        length: range of the accrual period or of the swap, years
        highest_strike: decimal per year
    """

    kind: Kind
    num_nodes: int
    horizon: float
    expiry: tuple[float, float]
    length: tuple[float, float]
    highest_strike: float

    def model(self, x: Inputs) -> ForwardCurve:
        """Model of one point."""
        curve = ForwardGrid(x[: self.num_nodes], self.horizon)
        volatility = TenorVolatility(jnp.asarray(VOLATILITY), LONGEST_TENOR, x[self.num_nodes])
        return ForwardCurve(curve, volatility, self.horizon)

    def product(self, x: Inputs) -> Caplet | Swaption:
        """Caplet or payer swaption of one point: yearly payments, the last period as long as the length leaves it."""
        expiry, length, strike = x[self.num_nodes + 1 :]
        if self.kind == "caplet":
            return Caplet(expiry, expiry + length, strike, length)
        after = jnp.minimum(jnp.arange(1.0, MOST_PAYMENTS + 1.0), length)
        after = after.at[-1].set(length)
        accruals = jnp.diff(after, prepend=0.0)
        ends = jnp.arange(MOST_PAYMENTS) == MOST_PAYMENTS - 1
        return Swaption.from_weights(
            jnp.reshape(expiry, (1,)),
            jnp.concatenate([jnp.reshape(expiry, (1,)), expiry + after]),
            jnp.concatenate([jnp.zeros(1), accruals])[None, :],
            jnp.concatenate([jnp.ones(1), jnp.where(ends, -1.0, 0.0)])[None, :],
            strike,
            "payer",
        )

    def build(self, x: Inputs) -> tuple[ForwardCurve, Caplet | Swaption]:
        """Model and product of one point."""
        return self.model(x), self.product(x)

    def baseline(self, x: Inputs) -> Baseline:
        """Square-root law of the swap rate (of the log of a caplet's bond ratio), and coordinates of what it misses.

        A correction of size one doubles the variance to first order; it vanishes with the strike and with the time.
        """
        model, product = self.build(x)
        swap = RateVariance.of(model, product)
        variance = swap.at_strike(product.strike)
        value = swap.annuity * square_root_call(swap.rate, product.strike, variance)
        if self.kind == "caplet":
            value = _caplet(model, product, swap)
        density = square_root_density(swap.rate, product.strike, variance)
        vega = 0.5 * swap.annuity * variance * product.strike / swap.rate * density
        return Baseline(self._features(x, swap), jnp.reshape(value, (1,)), jnp.reshape(vega, (1,)))

    def _features(self, x: Inputs, swap: RateVariance) -> Float[Array, "features"]:
        """Contract, moneyness, size of the move, and shape of the forwards over the swap."""
        expiry, length, strike = x[self.num_nodes + 1 :]
        deviation = jnp.sqrt(swap.variance)
        forwards = swap.period.forwards / swap.rate
        middle = forwards.shape[0] // 2
        return jnp.stack(
            [
                jnp.log(expiry + _SMALLEST),
                length,
                _SATURATION * jnp.tanh((strike - swap.rate) / deviation / _SATURATION),
                deviation / swap.rate,
                jnp.log(swap.rate),
                swap.elasticity,
                forwards[0],
                forwards[middle],
                forwards[-1],
                jnp.log(swap.annuity / length),
            ]
        )

    def bounds(self, x: Inputs) -> Bounds:
        """Nothing or the payer's swap, whichever is more; and its floating leg, as forward rates are above zero."""
        model, product = self.build(x)
        bonds = jax.vmap(model.curve.discount_factor)(product.flow_times)
        floating = bonds[0] - bonds[-1]
        return Bounds(jnp.maximum(product.flows[0] @ bonds, 0.0), floating)

    def coordinates(self, x: Inputs) -> dict[str, Scalar]:
        """Moneyness, terms of the contract, scale of the volatility, level and slope of the curve."""
        scale, expiry, length, strike = x[self.num_nodes :]
        forwards = x[: self.num_nodes]
        return {
            "moneyness": strike - RateVariance.of(*self.build(x)).rate,
            "expiry": expiry,
            "length": length,
            "volatility": scale,
            "curve level": jnp.mean(forwards),
            "curve slope": forwards[-1] - forwards[0],
        }

    def domain(self) -> Domain:
        """Nodes between half a percent and ten, curves that bend no more than real ones do, and the terms of the contract."""
        density = ForwardDensity(
            self.num_nodes, self.horizon, self.expiry, self.length, self.highest_strike
        )
        rates = density.rate_range
        return Domain(
            (
                *(Axis(f"forward_{k}", "decimal per year", *rates) for k in range(self.num_nodes)),
                Axis("volatility_scale", "none", *density.scale_range),
                Axis("expiry", "years", *self.expiry),
                Axis("length", "years", *self.length),
                Axis("strike", "decimal per year", 0.0, self.highest_strike),
            ),
            density,
        )


def contract(kind: Kind, num_nodes: int) -> OnForwardCurve:
    """Caplets of up to five years on 5.75 years of forwards, or swaptions of ten years into ten on twenty."""
    if kind == "caplet":
        return OnForwardCurve(kind, num_nodes, 5.75, (0.02, 5.0), (1.0 / 3.0, 0.75), 0.07)
    return OnForwardCurve(kind, num_nodes, 20.0, (1.0, 10.0), (1.0, 10.0), 0.12)


def _caplet(model: ForwardCurve, product: Caplet | Swaption, swap: RateVariance) -> Scalar:
    """Caplet whose log bond ratio follows a square-root law."""
    log_ratio, variance = swap.period.log_ratios[0], swap.period.variances()[0]
    log_strike = jnp.log1p(product.strike * product.annuity_weights[0, 1])
    finish = model.curve.discount_factor(product.flow_times[1])
    return finish * square_root_ratio_call(log_ratio, log_strike, variance)


def _swap(model: ForwardCurve, product: Caplet | Swaption) -> Outputs:
    """Value of the payer's swap, which the right is never below."""
    bonds = jax.vmap(model.curve.discount_factor)(product.flow_times)
    return jnp.reshape(product.flows[0] @ bonds, (1,))


def _problem(name: str, terms: OnForwardCurve) -> Problem:
    return Problem(
        name=name,
        domain=terms.domain(),
        build=terms.build,
        pricer=ForwardSimulation(_POINTS[terms.kind]),
        control_prices=ControlPrices(("swap",), _swap, are_lower_bounds=True),
        decreasing=("strike",),
        baseline=terms.baseline,
        known_bounds=terms.bounds,
        bounds_are_cheap=True,
        coordinates=terms.coordinates,
        family=terms,
    )


@functools.cache
def forward_caplet(num_nodes: int = 50) -> Problem:
    """Caplets of up to five years on a curve of equally spaced forward rates up to 5.75 years.

    Args:
        num_nodes: forward rates, at least five

    Returns:
        The problem, named `forward_caplet_50` after its nodes; inputs are the nodes, the scale of the volatility, expiry,
        accrual period and strike.

    Source: Mott (2026), section 6, for the contracts.

    Example:
        >>> import neuralrates as nr
        >>> nr.problems.forward_caplet(25).domain.names[-4:]
        ('volatility_scale', 'expiry', 'length', 'strike')
    """
    return _problem(f"forward_caplet_{num_nodes}", contract("caplet", num_nodes))


@functools.cache
def forward_swaption(num_nodes: int = 50) -> Problem:
    """European payer swaptions of one to ten years into one to ten, on equally spaced forward rates up to twenty.

    Args:
        num_nodes: forward rates, at least five

    Returns:
        The problem, named `forward_swaption_50` after its nodes; inputs are the nodes, the scale of the volatility, expiry,
        length of the swap and strike. Payments are yearly, with a short last period.

    Source: Mott (2026), section 7, for the idea; contracts are ours.

    Example:
        >>> import neuralrates as nr
        >>> len(nr.problems.forward_swaption(50).domain.names)
        54
    """
    return _problem(f"forward_swaption_{num_nodes}", contract("swaption", num_nodes))


@door
def forward_point(
    kind: Kind,
    curve: AbstractDiscountCurve,
    expiry: Scalar,
    length: Scalar,
    strike: Scalar,
    volatility_scale: Scalar = 1.0,
    num_nodes: int = 50,
) -> Inputs:
    """Point of `forward_caplet` or `forward_swaption` for a contract on any curve.

    Args:
        kind: `caplet` or `swaption`
        curve: discount curve; the nodes take its discount factors at the contract's dates, as `ForwardGrid.fitted`
        expiry: of the right, years
        length: of the period or the swap, years
        strike: decimal per year
        volatility_scale: what multiplies the volatility; `nr.calibration.volatility_scale` finds it from a quote
        num_nodes: forward rates

    Returns:
        Inputs of the problem, differentiable in all arguments.

    Example:
        >>> import neuralrates as nr
        >>> x = nr.problems.forward_point("swaption", nr.market.FlatCurve(0.04), 5.0, 10.0, 0.045)
        >>> problem = nr.problems.forward_swaption(50)
        >>> print(bool(problem.domain.contains(x)), f"{x[0]:.4f} {x[-1]:.4f}")
        True 0.0400 0.0450
    """
    shape, nothing = contract(kind, num_nodes), jnp.zeros(num_nodes)
    terms = jnp.stack([as_array(term) for term in (volatility_scale, expiry, length, strike)])
    times = shape.product(jnp.concatenate([nothing, terms])).flow_times
    grid = ForwardGrid.fitted(curve, shape.horizon, num_nodes, times)
    return jnp.concatenate([grid.forwards, terms])
