"""Curves given by forward rates at equally spaced tenors."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, check_above, check_decimal, check_finite
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Nodes, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve

_FEWEST, _SMOOTHING, _ELSEWHERE = 5, 1e-3, 1e-3
_BEYOND = np.array([[15.0, -40.0, 45.0, -24.0, 5.0], [5.0, -10.0, 10.0, -5.0, 1.0]])
"""Five rates at an end to those two nodes and one node beyond it, by the quartic through them."""

_FIRST_SLOPE = np.array([-25.0, 48.0, -36.0, 16.0, -3.0]) / 12.0
_SLOPE = np.array([1.0, -8.0, 0.0, 8.0, -1.0, 0.0]) / 12.0
_CUBIC = np.stack(
    [
        np.eye(6)[2],
        _SLOPE,
        3.0 * (np.eye(6)[3] - np.eye(6)[2]) - 2.0 * _SLOPE - np.roll(_SLOPE, 1),
        _SLOPE + np.roll(_SLOPE, 1) - 2.0 * (np.eye(6)[3] - np.eye(6)[2]),
    ]
)
"""Six rates around a piece to the coefficients of its cubic in the share of the piece, lowest power first."""


@door
class ForwardGrid(AbstractDiscountCurve):
    """Curve through forward rates at equally spaced tenors, cubic between them.

    Each piece is the cubic with the rates at its ends and slopes from finite differences over five nodes, so that forward
    rates are within $O(h^4)$ for a spacing h and everything depends linearly on the rates nearby. Past the horizon there is no
    curve: every result is NaN.

    Args:
        forwards: instantaneous forward rates at tenors 0 to the horizon, decimal per year; at least five
        horizon: longest tenor, years

    Source: Fritsch and Carlson (1980), for cubics by their slopes.

    Example:
        >>> import jax.numpy as jnp, neuralrates as nr
        >>> curve = nr.market.ForwardGrid(0.03 + 0.01 * jnp.linspace(0.0, 1.0, 10) ** 2, 6.0)
        >>> print(f"{curve.instantaneous_forward_rate(3.0):.6f} {curve.discount_factor(6.0):.6f}")
        0.032500 0.818731
    """

    forwards: Nodes = eqx.field(converter=as_array)
    horizon: float = eqx.field(static=True)

    def __check_init__(self) -> None:
        if self.forwards.shape[0] < _FEWEST:
            raise ValueError(
                f"Argument `forwards` must have at least {_FEWEST} rates, but has {self.forwards.shape[0]}."
            )
        check_finite("forwards", self.forwards)
        check_decimal("forwards", self.forwards)
        check_above("horizon", self.horizon, 0.0, strict=True)

    @classmethod
    def fitted(
        cls,
        curve: AbstractDiscountCurve,
        horizon: float,
        num_nodes: int = 50,
        times: ArrayLike | None = None,
    ) -> "ForwardGrid":
        """The grid that has another curve's discount factors, with forwards as smooth as that allows.

        Args:
            curve: discount curve, up to the horizon
            horizon: longest tenor, years
            num_nodes: forward rates, at least five
            times: where the discount factors are to be met, such as those of a trade's flows, years; the tenors by default

        Returns:
            The grid. Its discount factors are within 1e-6 of the curve's at the times, and nearby as close as the forwards
            can be without bending for it: where the curve's jump by j, within about j times the spacing.

        Example:
            >>> import neuralrates as nr
            >>> curve = nr.market.ZeroCurve([1.0, 2.0, 5.0, 10.0], [0.03, 0.035, 0.036, 0.04])
            >>> grid = nr.market.ForwardGrid.fitted(curve, 8.0, 21, times=[1.5, 3.0, 4.5])
            >>> print(f"{grid.discount_factor(4.5):.6f} {curve.discount_factor(4.5):.6f}")
            0.850725 0.850725
        """
        special = jnp.linspace(0.0, horizon, num_nodes) if times is None else as_array(times)
        return cls(_fit(curve, horizon, num_nodes, special), horizon)

    @property
    def spacing(self) -> float:
        """Years between tenors."""
        return self.horizon / (self.forwards.shape[0] - 1)

    @property
    def tenors(self) -> Nodes:
        """Years at which the forward rates are given."""
        return jnp.linspace(0.0, self.horizon, self.forwards.shape[0])

    def discount_factor(self, time: Scalar) -> Scalar:
        cell, part = self._place(time)
        a, b, c, e = self._cubic(cell)
        f = self.forwards
        whole = jnp.sum(jnp.where(jnp.arange(f.shape[0], dtype=cell.dtype) < cell, f, 0.0))
        before = whole + 0.5 * (a - f[0]) + (jnp.asarray(_FIRST_SLOPE) @ f[:_FEWEST] - b) / 12.0
        within = part * (a + part * (b / 2.0 + part * (c / 3.0 + part * e / 4.0)))
        return jnp.exp(-self.spacing * (before + within))

    def instantaneous_forward_rate(self, time: Scalar) -> Scalar:
        cell, part = self._place(time)
        a, b, c, e = self._cubic(cell)
        return a + part * (b + part * (c + part * e))

    def _place(self, time: Scalar) -> tuple[Any, Scalar]:
        """Piece in which a time lies, and how far into it as a share; NaN past the horizon."""
        scaled = as_array(time) / self.spacing
        last = self.forwards.shape[0] - 1
        cell = jnp.clip(jnp.floor(scaled).astype(jnp.int32), 0, last - 1)
        known = (scaled >= 0.0) & (scaled <= last * (1.0 + 1e-12))
        return cell, jnp.where(known, scaled - cell.astype(scaled.dtype), jnp.nan)

    def _cubic(self, cell: Any) -> Float[Array, "_"]:
        """Coefficients of a piece's cubic in the share of the piece, lowest power first."""
        near = jax.lax.dynamic_slice(self._extended, (cell,), (_CUBIC.shape[1],))
        return near @ jnp.asarray(_CUBIC.T)

    @property
    def _extended(self) -> Nodes:
        """The rates, and two more beyond either end."""
        f, beyond = self.forwards, jnp.asarray(_BEYOND)
        after = beyond[::-1] @ f[: -_FEWEST - 1 : -1]
        return jnp.concatenate([beyond @ f[:_FEWEST], f, after])


@eqx.filter_jit
def _fit(
    curve: AbstractDiscountCurve, horizon: float, num_nodes: int, times: Float[Array, "times"]
) -> Nodes:
    """Smooth forward rates that meet a curve's discount factors at some times, and about meet them at the tenors."""
    spacing = horizon / (num_nodes - 1)
    everywhere = jnp.concatenate([jnp.linspace(0.0, horizon, num_nodes), times])
    weights = jnp.concatenate([jnp.full(num_nodes, _ELSEWHERE), jnp.ones(times.shape)])

    def areas(time: Scalar) -> Nodes:
        """What each forward adds to minus the log of the discount factor, in units of the spacing."""
        nothing = jnp.zeros(num_nodes)
        factor = jax.grad(lambda f: jnp.log(ForwardGrid(f, horizon).discount_factor(time)))
        return -factor(nothing) / spacing

    wanted = -jnp.log(jax.vmap(curve.discount_factor)(everywhere)) / spacing
    rows = weights[:, None] * jax.vmap(areas)(everywhere)
    bends = _SMOOTHING * jnp.diff(jnp.eye(num_nodes), n=2, axis=0)
    return jnp.linalg.solve(rows.T @ rows + bends.T @ bends, rows.T @ (weights * wanted))
