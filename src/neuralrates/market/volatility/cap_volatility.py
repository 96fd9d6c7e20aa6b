"""Volatilities of caps and floors as quoted, by term and strike."""

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_choice,
    check_finite,
    check_increasing,
)
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Scalar
from neuralrates.market.curves.linear_interpolation import linear_weights
from neuralrates.market.volatility.lognormal import normal_from_lognormal
from neuralrates.market.volatility.swaption_volatility import (
    QUOTE_TYPES,
    QuoteType,
    check_shift,
    check_volatility,
)


@door
class CapVolatility(eqx.Module):
    """Volatilities of whole caps and floors as quoted, decimals per square root of year.

    One volatility prices all caplets of a cap, as quoted; nothing is stripped. Bilinear in term and strike, flat outside.

    Args:
        terms: length of the cap in years, strictly increasing
        strikes: decimals, strictly increasing
        volatilities: by term and strike, in the terms of `quote_type`
        term_labels: names of the terms, such as `10Y`
        quote_type: `normal`, `lognormal` or `shifted_lognormal`
        shift: what is added to forward and strike of shifted quotes, decimal

    Example:
        >>> import neuralrates as nr
        >>> matrix = nr.market.CapVolatility([5.0, 10.0], [0.02, 0.04], [[0.011, 0.012], [0.010, 0.011]])
        >>> print(f"{matrix(7.5, 0.03):.4f}", matrix.labels[0])
        0.0110 5Y at 0.02
    """

    terms: Float[Array, "expiries"]
    strikes: Float[Array, "offsets"]
    volatilities: Float[Array, "expiries offsets"]
    shift: Scalar
    term_labels: tuple[str, ...] = eqx.field(static=True)
    quote_type: QuoteType = eqx.field(static=True)

    def __init__(
        self,
        terms: ArrayLike,
        strikes: ArrayLike,
        volatilities: ArrayLike,
        term_labels: tuple[str, ...] = (),
        quote_type: QuoteType = "normal",
        shift: ArrayLike = 0.0,
    ) -> None:
        self.terms = as_array(terms)
        self.strikes = as_array(strikes)
        self.volatilities = as_array(volatilities)
        self.shift, self.quote_type = as_array(shift), quote_type
        self.term_labels = term_labels or tuple(f"{term:g}Y" for term in np.asarray(self.terms))

    def __check_init__(self) -> None:
        check_increasing("terms", self.terms)
        check_above("terms", self.terms, 0.0, strict=True)
        check_finite("strikes", self.strikes)
        check_increasing("strikes", self.strikes)
        check_choice("quote_type", self.quote_type, QUOTE_TYPES)
        check_volatility("volatilities", self.volatilities, self.quote_type)
        check_shift(self.quote_type, self.shift)
        shape = (self.terms.shape[0], self.strikes.shape[0])
        if self.volatilities.shape != shape or len(self.term_labels) != shape[0]:
            raise ValueError(
                f"Argument `volatilities` must have one row per term and one column per strike, {shape}, "
                f"but has shape {self.volatilities.shape}."
            )

    def __call__(self, term: Scalar, strike: Scalar) -> Scalar:
        """Volatility per square root of year of a cap, as quoted.

        Args:
            term: length of the cap, years
            strike: decimal

        Returns:
            The volatility.
        """
        rows = linear_weights(self.terms, as_array(term))
        return rows @ self.volatilities @ linear_weights(self.strikes, as_array(strike))

    def at_strike(self, term: Scalar, expiry: Scalar, forward: Scalar, strike: Scalar) -> Scalar:
        """Normal volatility of one caplet: of lognormal quotes the one with the same price there.

        Args:
            term: length of the cap that it belongs to, years
            expiry: of the caplet, years
            forward: rate of its period, decimal
            strike: decimal

        Returns:
            Normal volatility per square root of year; NaN where a lognormal one has no meaning at the forward.
        """
        quoted = self(term, strike)
        if self.quote_type == "normal":
            return quoted
        return normal_from_lognormal(forward + self.shift, strike + self.shift, quoted, expiry)

    @property
    def normal_volatility(self) -> Float[Array, "expiries offsets"]:
        """The quotes, where they are normal ones."""
        if self.quote_type != "normal":
            raise ValueError(
                f"Argument `quote_type` must be normal for quotes that are normal volatilities, but is {self.quote_type}: "
                "convert them by `at_strike`."
            )
        return self.volatilities

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the quotes in the order of the flattened matrix, such as `10Y at 0.02`."""
        strikes = [f"{strike:g}" for strike in np.asarray(self.strikes)]
        return tuple(f"{term} at {strike}" for term in self.term_labels for strike in strikes)
