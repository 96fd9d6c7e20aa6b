"""Volatilities of European swaptions as quoted, by expiry and tenor, said as normal ones at the strike of each use."""

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_choice,
    check_finite,
    check_increasing,
    is_concrete,
)
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Scalar
from neuralrates.market.curves.linear_interpolation import linear_weights
from neuralrates.market.volatility.lognormal import normal_from_lognormal
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

QuoteType = Literal["normal", "lognormal", "shifted_lognormal"]
QUOTE_TYPES: tuple[QuoteType, ...] = ("normal", "lognormal", "shifted_lognormal")
LARGEST_NORMAL_VOLATILITY, LARGEST_LOGNORMAL_VOLATILITY = 0.2, 5.0


def check_volatility(name: str, value: object, quote_type: QuoteType = "normal") -> None:
    """Raise where volatilities have holes, are negative, or look like percent, basis points or another type of quote."""
    check_finite(name, value)
    check_above(name, value, 0.0)
    largest = np.max(np.asarray(value), initial=0.0) if is_concrete(value) else 0.0
    if quote_type == "normal" and largest > LARGEST_NORMAL_VOLATILITY:
        raise ValueError(
            f"Argument `{name}` must be a decimal (0.008, not 0.8 or 80; lognormal ones say so by their type), but reaches "
            f"{largest}."
        )
    if largest > LARGEST_LOGNORMAL_VOLATILITY:
        raise ValueError(
            f"Argument `{name}` must be a decimal (0.2, not 20), but reaches {largest}."
        )


@door
class SwaptionVolatility(eqx.Module):
    """Volatilities of European swaptions as quoted, decimals per square root of year.

    Bilinear in expiry and tenor, flat outside its quotes; away from the money a smile adds its spread. The value is linear in
    the quotes: $\\sigma(e, t) = h(e)^T \\Sigma h(t)$ with hat functions h, so vegas to the quotes are products of hats.
    Lognormal quotes are converted where they are used: `at_strike`.

    Args:
        expiries: years (Act/365F) from the valuation date, strictly increasing
        tenors: nominal length of the underlying swap in years, strictly increasing
        volatilities: at the money, by expiry and tenor, in the terms of `quote_type`
        smile: volatility away from the money, where quoted, in the same terms
        expiry_labels: names of the expiries, such as `10Y`
        tenor_labels: names of the tenors, such as `5Y`
        quote_type: `normal`, `lognormal` or `shifted_lognormal`
        shift: what is added to forward and strike of shifted quotes, decimal; one, or one per tenor (linear between them)

    Source: Bachelier (1900); Henrard (2014), section 3.4, for the matrix of quotes.

    Example:
        >>> import neuralrates as nr
        >>> matrix = nr.market.SwaptionVolatility([1.0, 10.0], [5.0, 10.0], [[0.010, 0.009], [0.009, 0.008]])
        >>> print(f"{matrix(5.5, 10.0):.5f}", matrix.labels[2])
        0.00850 10Y x 5Y
        >>> black = nr.market.SwaptionVolatility([5.0], [5.0], [[0.3]], quote_type="lognormal")
        >>> print(f"{black.at_strike(5.0, 5.0, forward=0.03, strike=0.05):.5f}")
        0.01153
    """

    expiries: Float[Array, "expiries"]
    tenors: Float[Array, "tenors"]
    volatilities: Float[Array, "expiries tenors"]
    smile: VolatilitySmile | None
    shift: Float[Array, "tenors"]
    expiry_labels: tuple[str, ...] = eqx.field(static=True)
    tenor_labels: tuple[str, ...] = eqx.field(static=True)
    quote_type: QuoteType = eqx.field(static=True)

    def __init__(
        self,
        expiries: ArrayLike,
        tenors: ArrayLike,
        volatilities: ArrayLike,
        smile: VolatilitySmile | None = None,
        expiry_labels: tuple[str, ...] = (),
        tenor_labels: tuple[str, ...] = (),
        quote_type: QuoteType = "normal",
        shift: ArrayLike = 0.0,
    ) -> None:
        self.expiries = as_array(expiries)
        self.tenors = as_array(tenors)
        self.volatilities = as_array(volatilities)
        self.smile = smile
        shape = self.tenors.shape
        if isinstance(shift, jax.Array):
            self.shift = jnp.broadcast_to(as_array(shift), shape)
        else:
            self.shift = as_array(np.broadcast_to(np.asarray(shift), shape))
        self.expiry_labels = expiry_labels or _year_labels(self.expiries)
        self.tenor_labels = tenor_labels or _year_labels(self.tenors)
        self.quote_type = quote_type

    def __check_init__(self) -> None:
        for name in ("expiries", "tenors"):
            check_increasing(name, getattr(self, name))
            check_above(name, getattr(self, name), 0.0, strict=True)
        check_choice("quote_type", self.quote_type, QUOTE_TYPES)
        check_volatility("volatilities", self.volatilities, self.quote_type)
        check_shift(self.quote_type, self.shift)
        shape = (self.expiries.shape[0], self.tenors.shape[0])
        if self.volatilities.shape != shape:
            raise ValueError(
                f"Argument `volatilities` must have one row per expiry and one column per tenor, {shape}, "
                f"but has shape {self.volatilities.shape}."
            )
        if (len(self.expiry_labels), len(self.tenor_labels)) != shape:
            raise ValueError("Arguments `expiry_labels` and `tenor_labels` must name every node.")

    def __call__(self, expiry: Scalar, tenor: Scalar, offset: Scalar | float = 0.0) -> Scalar:
        """Volatility as quoted, per square root of year.

        Args:
            expiry: years
            tenor: length of the underlying swap, years
            offset: strike minus forward swap rate, decimal

        Returns:
            The volatility; at the money where no smile was given.
        """
        expiry, tenor = as_array(expiry), as_array(tenor)
        at_the_money = self._at_the_money(expiry, tenor)
        if self.smile is None:
            return at_the_money
        inside = self._at_the_money(*self.smile.nearest(expiry, tenor))
        scale = jnp.where(inside > 0.0, at_the_money / jnp.where(inside > 0.0, inside, 1.0), 1.0)
        return at_the_money + scale * self.smile(expiry, tenor, as_array(offset))

    def at_strike(
        self, expiry: ArrayLike, tenor: ArrayLike, forward: ArrayLike, strike: ArrayLike
    ) -> Scalar:
        """Normal volatility at a strike: of lognormal quotes the one with the same price there.

        Args:
            expiry: years
            tenor: length of the underlying swap, years
            forward: forward swap rate, decimal
            strike: decimal

        Returns:
            Normal volatility per square root of year. Of lognormal quotes it is zero at a strike at or below minus the shift,
            where Black's option is worth its intrinsic value, and NaN for a forward there, which has no such volatility.
        """
        expiry, tenor = as_array(expiry), as_array(tenor)
        forward, strike = as_array(forward), as_array(strike)
        quoted = self(expiry, tenor, strike - forward)
        if self.quote_type == "normal":
            return quoted
        shift = self.shift @ linear_weights(self.tenors, tenor)
        return normal_from_lognormal(forward + shift, strike + shift, quoted, expiry)

    def _at_the_money(self, expiry: Scalar, tenor: Scalar) -> Scalar:
        rows, columns = linear_weights(self.expiries, expiry), linear_weights(self.tenors, tenor)
        return rows @ self.volatilities @ columns

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the quotes at the money in the order of the flattened matrix, such as `10Y x 5Y`."""
        return tuple(
            f"{row} x {column}" for row in self.expiry_labels for column in self.tenor_labels
        )

    @property
    def normal_volatility(self) -> Float[Array, "expiries tenors"]:
        """The quotes at the money, where they are normal ones."""
        if self.quote_type != "normal":
            raise ValueError(
                f"Argument `quote_type` must be normal for quotes that are normal volatilities, but is {self.quote_type}: "
                "convert them by `at_strike`."
            )
        return self.volatilities


def check_shift(quote_type: QuoteType, shift: object) -> None:
    """Raise where a shift is missing, negative, in percent, or given with quotes that have none."""
    if not is_concrete(shift):
        return
    values = np.asarray(shift)
    shifted = quote_type == "shifted_lognormal"
    good = np.all((values > 0.0) & (values <= 0.2)) if shifted else np.all(values == 0.0)
    if not good:
        expected = "above 0 and at most 0.2 (0.03, not 3.0)" if shifted else "0, or left out,"
        raise ValueError(
            f"Argument `shift` must be {expected} for {quote_type} quotes, but is {values}."
        )


def _year_labels(times: Float[Array, "nodes"]) -> tuple[str, ...]:
    return tuple(f"{time:g}Y" for time in np.asarray(times))
