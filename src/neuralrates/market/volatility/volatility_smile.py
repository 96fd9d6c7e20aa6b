"""Swaption volatilities away from the money, as spreads over those at the money."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, check_finite, check_increasing
from neuralrates.core.doors import door
from neuralrates.core.types import Scalar
from neuralrates.market.curves.linear_interpolation import linear_weights


@door
class VolatilitySmile(eqx.Module):
    """Volatility at a strike away from the forward, minus that at the money.

    Linear in offset, expiry and tenor between its quotes, and flat beyond the offsets. Beyond its expiries and tenors the
    matrix that holds it keeps the smile of the nearest point in proportion to the volatility at the money.

    Args:
        offsets: strike minus forward swap rate, decimals, strictly increasing
        expiries: years
        tenors: length of the underlying swap, years
        spreads: decimals, by offset, expiry and tenor; none at an offset of zero
    """

    offsets: Float[Array, "offsets"] = eqx.field(converter=as_array)
    expiries: Float[Array, "expiries"] = eqx.field(converter=as_array)
    tenors: Float[Array, "tenors"] = eqx.field(converter=as_array)
    spreads: Float[Array, "offsets expiries tenors"] = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        for name in ("offsets", "expiries", "tenors"):
            check_increasing(name, getattr(self, name))
        check_finite("spreads", self.spreads)

    def __call__(self, expiry: Scalar, tenor: Scalar, offset: Scalar) -> Scalar:
        weights = linear_weights(self.offsets, offset)
        rows, columns = linear_weights(self.expiries, expiry), linear_weights(self.tenors, tenor)
        return jnp.einsum("o,e,t,oet->", weights, rows, columns, self.spreads)

    def nearest(self, expiry: Scalar, tenor: Scalar) -> tuple[Scalar, Scalar]:
        """The nearest expiry and tenor at which the smile is known."""
        return (
            jnp.clip(expiry, self.expiries[0], self.expiries[-1]),
            jnp.clip(tenor, self.tenors[0], self.tenors[-1]),
        )
