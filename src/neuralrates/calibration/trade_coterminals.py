"""The coterminal Europeans of a trade, met exactly by the volatility of two factors whatever their other parameters."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.calibration.coterminal import Coterminals, out_of_the_money, still
from neuralrates.calibration.two_factor_europeans import (
    Ends,
    EuropeanRows,
    Parameters,
    Squares,
    european_values,
    growths_between,
    loadings_to,
)
from neuralrates.calibration.volatility import LARGEST_MISFIT
from neuralrates.core.errors import CalibrationError
from neuralrates.core.functions import normal_density
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.pricers.gaussian.two_factor.quotes import PlaneQuotes, meet
from neuralrates.products.swaption import Swaption

_DAYS = 0.02
"""Years by which a quote may expire or end after the trade."""


@dataclass(frozen=True)
class TradeCoterminals:
    """European swaptions of a trade's exercises and their quotes.

    Args:
        flow_times: years
        present_values: value today of each flow of each receiver swap
        expiries: exercise times, years
        targets: quoted values of the options that are out of the money
        sides: +1 where that is the receiver, -1 where it is the payer
        annuities: value of a unit of strike
        deviations: quoted, of the swap rates
        vegas: derivatives of the targets to the quoted volatilities
        unmoved: whether a quote says that its rate does not move
    """

    flow_times: Float[np.ndarray, "flows"]
    present_values: Float[np.ndarray, "exercises flows"]
    expiries: Squares
    targets: Squares
    sides: Squares
    annuities: Squares
    deviations: Squares
    vegas: Squares
    unmoved: Bool[np.ndarray, "exercises"]

    @classmethod
    def of(
        cls, curves: CurveSystem, volatility: SwaptionVolatility, product: Swaption
    ) -> "TradeCoterminals":
        """Coterminals of a swaption, quoted at its strike."""
        return cls(*map(np.asarray, _read(curves.discount, volatility, product)))

    @property
    def ends(self) -> Ends:
        """Interior ends of the intervals of the volatility, years."""
        return self.expiries[:-1]

    @property
    def options(self) -> EuropeanRows:
        """The options out of the money."""
        times = np.maximum(self.flow_times - self.expiries[:, None], 0.0)
        return EuropeanRows(self.expiries, self.sides[:, None] * self.present_values, times)

    def within(self, options: EuropeanRows) -> Bool[np.ndarray, "rows"]:
        """Which swaptions expire no later than the last exercise, and end no later than the trade."""
        ends = options.expiries + options.times[:, -1]
        last = self.expiries[-1], self.flow_times[-1]
        found: np.ndarray = (options.expiries <= last[0] + _DAYS) & (ends <= last[1] + _DAYS)
        return found

    def met(self, parameters: Parameters) -> tuple[Squares, Squares]:
        """Squares of the volatility that meets the quotes, and what it misses, model minus quoted normal volatility."""
        starts = np.insert(self.ends, 0, 0.0)
        quotes = PlaneQuotes(
            np.ones((1, self.expiries.size), dtype=bool),
            self.present_values[None],
            loadings_to(parameters, self.flow_times)[None],
            growths_between(parameters, starts, self.expiries)[None],
            self.targets[None],
            self.sides[None],
            self.annuities[None],
            self.deviations[None],
            self.vegas[None],
            self.unmoved[None],
        )
        found = meet(quotes)
        return found.squares[0], found.residuals[0]

    def slopes(
        self, parameters: Parameters, squares: Squares
    ) -> Float[np.ndarray, "intervals parameters"]:
        """Derivatives of those squares to the parameters, by the implicit function theorem."""
        found = european_values(self.options, parameters, self.ends, squares)
        moved: np.ndarray = np.linalg.lstsq(found.squares, -found.parameters)[0]
        return moved

    def check(self, parameters: Parameters) -> None:
        """Raise where a quote is missed: which, and by how much."""
        _, missed = self.met(parameters)
        worst = int(np.argmax(np.nan_to_num(np.abs(missed), nan=np.inf)))
        if not abs(missed[worst]) <= LARGEST_MISFIT:
            raise CalibrationError(
                f"no two-factor model values the European swaption that expires in {self.expiries[worst]:.4f} years at its "
                f"quote: the nearest misses it by {missed[worst]:.2e} in normal volatility (allowed: {LARGEST_MISFIT:.0e}); "
                "the one-factor model may meet it"
            )


@eqx.filter_jit
def _read(
    discount: AbstractDiscountCurve, volatility: SwaptionVolatility, product: Swaption
) -> tuple[Array, ...]:
    """What `TradeCoterminals` holds, in its order."""
    swaps = Coterminals.of(product, jax.vmap(discount.discount_factor)(product.flow_times))
    expiries, strike = swaps.expiries, product.strike
    tenors = product.flow_times[-1] - product.start_times
    quotes = jax.vmap(volatility.at_strike, in_axes=(0, 0, 0, None))(
        expiries, tenors, swaps.forwards, strike
    )
    targets = jax.vmap(out_of_the_money, in_axes=(0, 0, None, 0, 0))(
        swaps.annuities, swaps.forwards, strike, expiries, quotes
    )
    deviations = quotes * jnp.sqrt(expiries)
    distances = (swaps.forwards - strike) / jnp.where(deviations > 0.0, deviations, 1.0)
    return (
        product.flow_times,
        swaps.present_values,
        expiries,
        targets,
        jnp.where(swaps.forwards > strike, 1.0, -1.0),
        swaps.annuities,
        deviations,
        swaps.annuities * jnp.sqrt(expiries) * normal_density(distances),
        still(quotes, expiries),
    )
