"""Normal volatilities of European swaptions by expiry, tenor and distance of the strike from the forward."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_finite,
    check_increasing,
    is_concrete,
)
from neuralrates.core.types import ArrayLike, Scalar
from neuralrates.market.hats import hat_weights

LARGEST_NORMAL_VOLATILITY = 0.2


def check_normal_volatility(name: str, value: object) -> None:
    """Raise where a normal volatility has holes, is negative, or looks like percent or basis points."""
    check_finite(name, value)
    check_above(name, value, 0.0)
    if is_concrete(value) and np.any(np.asarray(value) > LARGEST_NORMAL_VOLATILITY):
        raise ValueError(
            f"Argument `{name}` must be a decimal (0.008, not 0.8 or 80), but reaches "
            f"{np.max(np.asarray(value))}."
        )


class VolatilitySmile(eqx.Module):
    """Normal volatility at a strike away from the forward, minus that at the money.

    Args:
        offsets: strike minus forward swap rate, decimals, strictly increasing
        expiries: years
        tenors: length of the underlying swap, years
        spreads: decimals, by offset, expiry and tenor
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
        weights = hat_weights(self.offsets, offset)
        rows, columns = hat_weights(self.expiries, expiry), hat_weights(self.tenors, tenor)
        return jnp.einsum("o,e,t,oet->", weights, rows, columns, self.spreads)


class SwaptionVolatility(eqx.Module):
    """Normal (Bachelier) volatilities of European swaptions, decimals per square root of year.

    Bilinear in expiry and tenor and linear in the strike offset, each flat outside its quotes. The value is linear in the
    quotes: $\\sigma(e, t) = h(e)^T \\Sigma h(t)$ with hat functions h, so vegas to the quotes are products of hats.

    Args:
        expiries: years (Act/365F) from the valuation date, strictly increasing
        tenors: nominal length of the underlying swap in years, strictly increasing
        normal_volatility: at the money, by expiry and tenor
        smile: volatility away from the money, where quoted
        expiry_labels: names of the expiries, such as `10Y`
        tenor_labels: names of the tenors, such as `5Y`

    Source: Bachelier (1900); Henrard (2014), section 3.4, for the matrix of quotes.

    Example:
        >>> import neuralrates as nr
        >>> matrix = nr.market.SwaptionVolatility([1.0, 10.0], [5.0, 10.0], [[0.010, 0.009], [0.009, 0.008]])
        >>> print(f"{matrix(5.5, 10.0):.5f}", matrix.labels[2])
        0.00850 10Y x 5Y
    """

    expiries: Float[Array, "expiries"]
    tenors: Float[Array, "tenors"]
    normal_volatility: Float[Array, "expiries tenors"]
    smile: VolatilitySmile | None
    expiry_labels: tuple[str, ...] = eqx.field(static=True)
    tenor_labels: tuple[str, ...] = eqx.field(static=True)

    def __init__(
        self,
        expiries: ArrayLike,
        tenors: ArrayLike,
        normal_volatility: ArrayLike,
        smile: VolatilitySmile | None = None,
        expiry_labels: tuple[str, ...] = (),
        tenor_labels: tuple[str, ...] = (),
    ) -> None:
        self.expiries = as_array(expiries)
        self.tenors = as_array(tenors)
        self.normal_volatility = as_array(normal_volatility)
        self.smile = smile
        self.expiry_labels = expiry_labels or _year_labels(self.expiries)
        self.tenor_labels = tenor_labels or _year_labels(self.tenors)

    def __check_init__(self) -> None:
        for name in ("expiries", "tenors"):
            check_increasing(name, getattr(self, name))
            check_above(name, getattr(self, name), 0.0, strict=True)
        check_normal_volatility("normal_volatility", self.normal_volatility)
        shape = (self.expiries.shape[0], self.tenors.shape[0])
        if self.normal_volatility.shape != shape:
            raise ValueError(
                f"Argument `normal_volatility` must have one row per expiry and one column per tenor, {shape}, "
                f"but has shape {self.normal_volatility.shape}."
            )
        if (len(self.expiry_labels), len(self.tenor_labels)) != shape:
            raise ValueError("Arguments `expiry_labels` and `tenor_labels` must name every node.")

    def __call__(self, expiry: Scalar, tenor: Scalar, offset: Scalar | float = 0.0) -> Scalar:
        """Normal volatility per square root of year.

        Args:
            expiry: years
            tenor: length of the underlying swap, years
            offset: strike minus forward swap rate, decimal

        Returns:
            The volatility; at the money where no smile was given.
        """
        expiry, tenor = as_array(expiry), as_array(tenor)
        rows, columns = hat_weights(self.expiries, expiry), hat_weights(self.tenors, tenor)
        at_the_money = rows @ self.normal_volatility @ columns
        if self.smile is None:
            return at_the_money
        return at_the_money + self.smile(expiry, tenor, as_array(offset))

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the quotes at the money in the order of the flattened matrix, such as `10Y x 5Y`."""
        return tuple(
            f"{row} x {column}" for row in self.expiry_labels for column in self.tenor_labels
        )


def _year_labels(times: Float[Array, "nodes"]) -> tuple[str, ...]:
    return tuple(f"{time:g}Y" for time in np.asarray(times))
