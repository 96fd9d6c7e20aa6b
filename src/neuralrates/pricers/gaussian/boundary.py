"""Where exercise and waiting are worth the same: the kinks that exact integration must know.

Values are compared through the logarithm of (what is received) / (what is given up). Both are sums of exponentials of the
state, so the logarithm is nearly a straight line and Newton's method meets it in a few steps from anywhere.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from neuralrates.core.types import Scalar

_NOTHING = 1e-30
_PORTFOLIO_STEPS = 6
_CONTINUATION_STEPS = 6
_BISECTIONS = 45

ValueAndSlope = tuple[Scalar, Scalar]


class Portfolio(NamedTuple):
    """Deflated bonds received and given on exercise: each is worth amount times $e^{-H x}$ in state x."""

    received: Float[Array, "flows"]
    given: Float[Array, "flows"]
    loadings: Float[Array, "flows"]

    @classmethod
    def of(cls, amounts: Float[Array, "flows"], loadings: Float[Array, "flows"]) -> "Portfolio":
        """Portfolio of signed amounts: received where positive, given where negative.

        A flow that is not `spanned` has its loading dropped, lest it grow beyond all numbers where the others do not.
        """
        loadings = jnp.where(spanned(amounts != 0.0), loadings, 0.0)
        return cls(jnp.maximum(amounts, 0.0), jnp.maximum(-amounts, 0.0), loadings)

    def value(self, state: Scalar) -> Scalar:
        """Received less given, in units of the numeraire."""
        return jnp.sum((self.received - self.given) * jnp.exp(-self.loadings * state))

    def legs(self, state: Scalar) -> tuple[ValueAndSlope, ValueAndSlope]:
        """Value and slope in the state of what is received and of what is given."""
        growth = jnp.exp(-self.loadings * state)
        return self._leg(self.received, growth), self._leg(self.given, growth)

    def _leg(self, amounts: Float[Array, "flows"], growth: Float[Array, "flows"]) -> ValueAndSlope:
        # An empty leg counts as worth next to nothing, with no derivative in its amounts.
        empty = jnp.all(amounts == 0.0)
        worth = amounts * growth
        value = jnp.where(empty, _NOTHING, jnp.sum(jnp.where(empty, 0.0, worth)))
        return value, -jnp.sum(self.loadings * worth)


def spanned(paid: Bool[Array, "flows"]) -> Bool[Array, "flows"]:
    """Flows from the first that is paid to the last: one between them that happens to be worth nothing has derivatives."""
    return (jnp.cumsum(paid) > 0) & (jnp.cumsum(paid[::-1])[::-1] > 0)


def log_ratio(portfolio: Portfolio, state: Scalar, waiting: ValueAndSlope) -> ValueAndSlope:
    """Logarithm of received / (given + value of waiting), and its slope in the state."""
    (received, received_slope), (given, given_slope) = portfolio.legs(state)
    total, total_slope = given + waiting[0], given_slope + waiting[1]
    return jnp.log(received / total), received_slope / received - total_slope / total


def _newton(
    ratio: Callable[[Scalar], ValueAndSlope], state: Scalar, low: Scalar, high: Scalar
) -> Scalar:
    value, slope = ratio(state)
    level = slope == 0.0
    return jnp.clip(state - jnp.where(level, 0.0, value / jnp.where(level, 1.0, slope)), low, high)


def _root(
    ratio: Callable[[Scalar], ValueAndSlope], start: Scalar, low: Scalar, high: Scalar, steps: int
) -> Scalar:
    """Root by Newton's method; the last step carries the derivative of the root in everything else."""
    start = jax.lax.stop_gradient(start)
    found = jax.lax.fori_loop(0, steps, lambda _, x: _newton(ratio, x, low, high), start)
    return _newton(ratio, jax.lax.stop_gradient(found), low, high)


def break_even(portfolio: Portfolio, low: Scalar, high: Scalar) -> Scalar:
    """State in which exercise is worth nothing; the nearer end of [low, high] if there is none."""
    zero = (jnp.zeros(()), jnp.zeros(()))
    return _root(
        lambda x: log_ratio(portfolio, x, zero), 0.5 * (low + high), low, high, _PORTFOLIO_STEPS
    )


def boundary(
    portfolio: Portfolio,
    waiting: Callable[[Scalar], ValueAndSlope],
    start: Scalar,
    low: Scalar,
    high: Scalar,
) -> Scalar:
    """The one state in which exercise equals waiting, from the break-even state.

    At break-even waiting is worth more, and from that side the log-ratio bends so that Newton's steps never overshoot.
    """
    return _root(
        lambda x: log_ratio(portfolio, x, waiting(x)), start, low, high, _CONTINUATION_STEPS
    )


def boundaries(
    portfolio: Portfolio,
    waiting: Callable[[Scalar], ValueAndSlope],
    low: Scalar,
    high: Scalar,
    count: int,
    num_points: int = 128,
) -> Float[Array, "boundaries"]:
    """Up to `count` states in which exercise equals waiting, in increasing order; `high` where there are fewer.

    Sign changes are looked for on `num_points` states, then bisected; two roots nearer than one spacing are missed.
    """

    def ratio(x: Scalar) -> ValueAndSlope:
        return log_ratio(portfolio, x, waiting(x))

    grid = low + (high - low) * jnp.linspace(0.0, 1.0, num_points)
    positive = jax.vmap(lambda x: ratio(x)[0] > 0.0)(grid)
    change = positive[1:] != positive[:-1]
    (index,) = jnp.nonzero(change, size=count, fill_value=num_points - 1)
    found = index < num_points - 1
    left = jax.lax.stop_gradient(grid[index])
    right = jax.lax.stop_gradient(grid[jnp.minimum(index + 1, num_points - 1)])

    def bisect(left: Scalar, right: Scalar) -> Scalar:
        above = ratio(left)[0] > 0.0

        def halve(_: object, ends: tuple[Scalar, Scalar]) -> tuple[Scalar, Scalar]:
            middle = 0.5 * (ends[0] + ends[1])
            same = (ratio(middle)[0] > 0.0) == above
            return jnp.where(same, middle, ends[0]), jnp.where(same, ends[1], middle)

        left, right = jax.lax.fori_loop(0, _BISECTIONS, halve, (left, right))
        return _newton(ratio, jax.lax.stop_gradient(0.5 * (left + right)), low, high)

    roots = jax.vmap(bisect)(left, right)
    return jnp.where(found, roots, high)
