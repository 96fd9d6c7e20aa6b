"""Curves on forward nodes: Svensson's shapes with smooth changes off them, and contracts on them."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.core.types import Inputs, Nodes
from neuralrates.market.curves.nelson_siegel import Svensson
from neuralrates.problems.density import AbstractDensity

_SHAPES = np.array(
    [[0.0, 0.09], [-0.06, 0.05], [-0.1, 0.06], [-0.1, 0.12], [0.4, 5.0], [2.0, 18.0]]
)
"""Ranges of Svensson's parameters."""

_CHANGES = 5
_HIGHEST_RATIO, _ROUGHEST = 2.2, 0.05


class ForwardDensity(AbstractDensity):
    """Svensson's curves plus polynomials of the fourth degree, and contracts by length, expiry and ratio of strike to rate.

    Accepted are curves whose nodes lie in the range and whose second derivative stays below a bound.

    Args:
        num_nodes: forward rates
        horizon: longest tenor, years
        expiry: range, years
        length: range, years
        highest_strike: decimal per year
        rate_range: of the nodes, decimal per year
        scale_range: of the volatility's scale
        change: largest coefficient of a Chebyshev polynomial that is added, decimal per year
        bend: largest second derivative of the forwards, per year cubed; second differences of nodes stay below 0.05 on any grid
    """

    num_nodes: int = eqx.field(static=True)
    horizon: float = eqx.field(static=True)
    expiry: tuple[float, float] = eqx.field(static=True)
    length: tuple[float, float] = eqx.field(static=True)
    highest_strike: float = eqx.field(static=True)
    rate_range: tuple[float, float] = eqx.field(static=True, default=(0.005, 0.1))
    scale_range: tuple[float, float] = eqx.field(static=True, default=(0.7, 1.3))
    change: float = eqx.field(static=True, default=0.002)
    bend: float = eqx.field(static=True, default=0.4)

    @property
    def num_uniforms(self) -> int:
        return len(_SHAPES) + _CHANGES + 4

    def point(self, uniforms: Float[Array, "steps"]) -> Inputs:
        shape, changes, terms = jnp.split(uniforms, [len(_SHAPES), len(_SHAPES) + _CHANGES])
        nodes = self._curve(shape) + self._polynomials() @ (self.change * (2.0 * changes - 1.0))
        (scale, expiry, length), ratio = terms[:3], terms[3]
        low, high = jnp.asarray([self.scale_range, self.expiry, self.length]).T
        chosen = low + (high - low) * jnp.stack([scale, expiry, length])
        tenors = jnp.linspace(0.0, self.horizon, self.num_nodes)
        rate = jnp.interp(chosen[1] + 0.5 * chosen[2], tenors, nodes)
        strike = jnp.clip(_HIGHEST_RATIO * ratio * rate, 0.0, self.highest_strike)
        return jnp.concatenate([nodes, chosen, jnp.reshape(strike, (1,))])

    def accepts(self, x: Inputs) -> Bool[Array, ""]:
        nodes = x[: self.num_nodes]
        spacing = self.horizon / (self.num_nodes - 1)
        return jnp.max(jnp.abs(jnp.diff(nodes, n=2))) <= min(self.bend * spacing**2, _ROUGHEST)

    def _curve(self, uniforms: Float[Array, "_"]) -> Nodes:
        low, high = jnp.asarray(_SHAPES).T
        curve = Svensson(*(low + (high - low) * uniforms))
        tenors = jnp.linspace(0.0, self.horizon, self.num_nodes)
        return jax.vmap(curve.instantaneous_forward_rate)(tenors)

    def _polynomials(self) -> Float[Array, "nodes _"]:
        places = np.linspace(-1.0, 1.0, self.num_nodes)
        return jnp.asarray(np.polynomial.chebyshev.chebvander(places, _CHANGES - 1))

    def describe(self) -> str:
        return f"bend by at most {self.bend} per year cubed"

    def record(self) -> dict[str, Any]:
        return {
            "name": "forward_curves",
            "shapes": _SHAPES.tolist(),
            "change": self.change,
            "bend": self.bend,
            "roughest": _ROUGHEST,
            "highest_ratio": _HIGHEST_RATIO,
        }
