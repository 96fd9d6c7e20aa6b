"""Zero-rate nodes and the two ways to read between them."""

import functools
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_choice,
    check_decimal,
    check_finite,
    check_increasing,
    is_concrete,
)
from neuralrates.core.doors import door
from neuralrates.core.types import Nodes, Periods, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve

Interpolation = Literal["log_linear", "natural_spline"]


_CLOSEST = 1e-4  # an hour


def check_nodes_apart(times: object) -> None:
    """Raise where nodes, or the first node and today, are closer than an hour: the forward between them is rounding."""
    if is_concrete(times) and np.any(np.diff(np.asarray(times), prepend=0.0) < _CLOSEST):
        raise ValueError(
            f"Argument `times` must be at least {_CLOSEST} years apart, but is {np.asarray(times)}."
        )


@door
class ZeroCurve(AbstractDiscountCurve):
    """Curve through continuously compounded zero rates at given times.

    The interpolated quantity is $-\\log D(t)$, pinned to zero at time zero. `log_linear` gives piecewise-constant
    forwards and local deltas; `natural_spline` gives forwards that are continuously differentiable. Beyond the last node the
    instantaneous forward rate stays at its last value.

    Args:
        times: node times in years, strictly increasing and positive
        zero_rates: zero rates at the nodes, decimals per year
        interpolation: `log_linear` or `natural_spline`

    Source: Hagan and West (2006), sections 2 and 3.

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.ZeroCurve([1.0, 5.0, 10.0], [0.02, 0.025, 0.03])
        >>> print(f"{curve.zero_rate(5.0):.4f} {curve.zero_rate(7.0):.6f}")
        0.0250 0.027857
    """

    times: Nodes = eqx.field(converter=as_array)
    zero_rates: Nodes = eqx.field(converter=as_array)
    interpolation: Interpolation = eqx.field(static=True, default="log_linear")

    def __check_init__(self) -> None:
        check_increasing("times", self.times)
        check_above("times", self.times, 0.0, strict=True)
        check_nodes_apart(self.times)
        check_finite("zero_rates", self.zero_rates)
        check_decimal("zero_rates", self.zero_rates)
        check_choice("interpolation", self.interpolation, ("log_linear", "natural_spline"))
        if self.times.shape != self.zero_rates.shape:
            raise ValueError(
                f"Argument `zero_rates` must have one rate per node: {self.times.shape[0]} times, "
                f"but {self.zero_rates.shape[0]} rates."
            )

    def discount_factor(self, time: Scalar) -> Scalar:
        return _discount_factor(self.times, self.zero_rates, as_array(time), self.interpolation)


@functools.partial(jax.jit, static_argnames="interpolation")
def _discount_factor(
    times: Nodes, zero_rates: Nodes, time: Scalar, interpolation: Interpolation
) -> Scalar:
    """Traced once for a length of curve: a program asks for discount factors at dozens of times."""
    knots = jnp.concatenate([jnp.zeros(1), times])
    exponents = jnp.concatenate([jnp.zeros(1), zero_rates * times])
    slopes = jnp.diff(exponents) / jnp.diff(knots)
    # A sum of ramps, not a gather: its adjoint is a matrix product under `vmap`.
    ramps = _ramps(knots, time)
    exponent = jnp.sum(slopes * ramps)
    if interpolation == "natural_spline":
        exponent = exponent + jnp.sum(_bending(knots, time) * _second_derivatives(knots, exponents))
    return jnp.exp(-exponent)


def _ramps(knots: Nodes, time: Scalar) -> Periods:
    """Time spent in each interval up to `time`; the last interval has no end."""
    partial = jnp.where(time <= knots[1:].at[-1].set(jnp.inf), time - knots[:-1], jnp.diff(knots))
    return jnp.where(_begun(knots, time), partial, 0.0)


def _begun(knots: Nodes, time: Scalar) -> Bool[Array, "periods"]:
    """Which intervals begin before `time`; today is in the first, so that it has a forward rate."""
    return time > knots[:-1].at[0].set(-jnp.inf)


def _second_derivatives(knots: Nodes, values: Nodes) -> Nodes:
    """Second derivatives of the natural cubic spline at its knots, by the tridiagonal system."""
    width = jnp.diff(knots)
    slope = jnp.diff(values) / width
    zero = jnp.zeros(1)
    lower = jnp.concatenate([zero, width[:-1], zero])
    main = jnp.concatenate([jnp.ones(1), 2.0 * (width[:-1] + width[1:]), jnp.ones(1)])
    upper = jnp.concatenate([zero, width[1:], zero])
    right = jnp.concatenate([zero, 6.0 * jnp.diff(slope), zero])
    return jax.lax.linalg.tridiagonal_solve(lower, main, upper, right[:, None])[:, 0]


def _bending(knots: Nodes, time: Scalar) -> Nodes:
    """Weight of each knot's second derivative in the spline's departure from the straight line at `time`.

    Inside an interval of width h, at fraction a from its end and b from its start, the departure is
    $h^2 ((a^3 - a) m_0 + (b^3 - b) m_1) / 6$; beyond the last knot it continues as a straight line.
    """
    width = jnp.diff(knots)
    inside = _begun(knots, time) & (time <= knots[1:])
    b = jnp.where(inside, (time - knots[:-1]) / width, 0.0)
    a = jnp.where(inside, 1.0 - b, 0.0)
    left = width**2 * (a**3 - a) / 6.0
    right = width**2 * (b**3 - b) / 6.0
    zero = jnp.zeros(1)
    weights = jnp.concatenate([left, zero]) + jnp.concatenate([zero, right])
    beyond = jnp.where(time > knots[-1], time - knots[-1], 0.0) * width[-1] / 6.0
    return weights.at[-2].add(beyond).at[-1].add(2.0 * beyond)
