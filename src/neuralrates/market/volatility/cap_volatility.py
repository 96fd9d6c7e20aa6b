"""Normal volatilities of caps and floors by term and strike."""

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, check_above, check_finite, check_increasing
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Scalar
from neuralrates.market.curves.linear_interpolation import linear_weights
from neuralrates.market.volatility.swaption_volatility import check_volatility


@door
class CapVolatility(eqx.Module):
    """Normal (Bachelier) volatilities of whole caps and floors, decimals per square root of year.

    One volatility prices all caplets of a cap, as quoted; nothing is stripped. Bilinear in term and strike, flat outside.

    Args:
        terms: length of the cap in years, strictly increasing
        strikes: decimals, strictly increasing
        normal_volatility: by term and strike
        term_labels: names of the terms, such as `10Y`

    Example:
        >>> import neuralrates as nr
        >>> matrix = nr.market.CapVolatility([5.0, 10.0], [0.02, 0.04], [[0.011, 0.012], [0.010, 0.011]])
        >>> print(f"{matrix(7.5, 0.03):.4f}", matrix.labels[0])
        0.0110 5Y at 0.02
    """

    terms: Float[Array, "expiries"]
    strikes: Float[Array, "offsets"]
    normal_volatility: Float[Array, "expiries offsets"]
    term_labels: tuple[str, ...] = eqx.field(static=True)

    def __init__(
        self,
        terms: ArrayLike,
        strikes: ArrayLike,
        normal_volatility: ArrayLike,
        term_labels: tuple[str, ...] = (),
    ) -> None:
        self.terms = as_array(terms)
        self.strikes = as_array(strikes)
        self.normal_volatility = as_array(normal_volatility)
        self.term_labels = term_labels or tuple(f"{term:g}Y" for term in np.asarray(self.terms))

    def __check_init__(self) -> None:
        check_increasing("terms", self.terms)
        check_above("terms", self.terms, 0.0, strict=True)
        check_finite("strikes", self.strikes)
        check_increasing("strikes", self.strikes)
        check_volatility("normal_volatility", self.normal_volatility)
        shape = (self.terms.shape[0], self.strikes.shape[0])
        if self.normal_volatility.shape != shape or len(self.term_labels) != shape[0]:
            raise ValueError(
                f"Argument `normal_volatility` must have one row per term and one column per strike, {shape}, "
                f"but has shape {self.normal_volatility.shape}."
            )

    def __call__(self, term: Scalar, strike: Scalar) -> Scalar:
        """Normal volatility per square root of year of a cap.

        Args:
            term: length of the cap, years
            strike: decimal

        Returns:
            The volatility.
        """
        rows = linear_weights(self.terms, as_array(term))
        return rows @ self.normal_volatility @ linear_weights(self.strikes, as_array(strike))

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the quotes in the order of the flattened matrix, such as `10Y at 0.02`."""
        strikes = [f"{strike:g}" for strike in np.asarray(self.strikes)]
        return tuple(f"{term} at {strike}" for term in self.term_labels for strike in strikes)
