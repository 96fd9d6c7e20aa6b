"""A one-factor Gaussian model fitted, trade by trade, to the European swaptions of its exercise times."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.checks import as_array, is_concrete
from neuralrates.core.doors import door
from neuralrates.core.errors import CalibrationError
from neuralrates.core.functions import decay_between, decay_integral, largest
from neuralrates.core.types import ArrayLike, Exercises, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.products.swaption import Swaption

LARGEST_MISFIT = 1e-8
"""Of a quote, in normal volatility; a model that misses one by more is refused."""


class GaussianFit(NamedTuple):
    """A one-factor Gaussian model that meets the quotes of one trade, in the form its pricers want.

    Args:
        variances: of the state, at the exercise times
        loadings: $H(T_k) - H(T_n)$ of the flow times, years, counted from that of the last
        residuals: model minus quoted normal volatility, per exercise
        end: time $T_n$ of the last flow, years
    """

    variances: Exercises
    loadings: Float[Array, "flows"]
    residuals: Exercises
    end: Scalar


def fit_gaussian(
    coterminals: Coterminals,
    flow_times: Float[Array, "flows"],
    mean_reversion: Scalar,
    normal_volatilities: Exercises,
) -> GaussianFit:
    """The one calibration of the one-factor model: traceable, differentiable in everything, without memory.

    Args:
        coterminals: European swaptions of the exercise times
        flow_times: years
        mean_reversion: per year
        normal_volatilities: quotes, per exercise

    Returns:
        The fit; whether it is good is for the caller to ask, by `check_fit`.
    """
    end = largest(flow_times)
    loadings = -jax.vmap(lambda t: decay_between(mean_reversion, t, end))(flow_times)
    variances = coterminals.variances(loadings, normal_volatilities)
    residuals = coterminals.misfits(loadings, variances, normal_volatilities)
    return GaussianFit(variances, loadings, residuals, end)


@eqx.filter_jit
def _fit(
    curve: AbstractDiscountCurve,
    mean_reversion: Scalar,
    product: Swaption,
    normal_volatilities: Exercises,
) -> GaussianFit:
    discount_factors = jax.vmap(curve.discount_factor)(product.flow_times)
    coterminals = Coterminals.of(product, discount_factors)
    return fit_gaussian(coterminals, product.flow_times, mean_reversion, normal_volatilities)


def short_rate_volatilities(
    mean_reversion: Scalar, times: Exercises, variances: Exercises
) -> Exercises:
    """Piecewise-constant short-rate volatilities that accumulate these variances at these times."""
    growth = jax.vmap(lambda t: decay_integral(-2.0 * mean_reversion, t))(times)
    zero = jnp.zeros(1)
    steps = jnp.diff(jnp.concatenate([zero, variances]))
    spans = jnp.diff(jnp.concatenate([zero, growth]))
    return jnp.sqrt(steps / spans)


@door
def calibrate(
    curve: AbstractDiscountCurve,
    mean_reversion: ArrayLike,
    product: Swaption,
    normal_volatilities: ArrayLike,
    tolerance: float = LARGEST_MISFIT,
) -> HullWhite:
    """Hull-White model that values the European swaption of every exercise time at its quote.

    Args:
        curve: discount curve
        mean_reversion: per year, given
        product: swaption whose exercise times, flows and strike define the coterminals
        normal_volatilities: quotes, one per exercise time, decimals per square root of year
        tolerance: largest misfit allowed, in normal volatility

    Returns:
        The model, its volatility constant between exercise times.

    Raises:
        CalibrationError: a quote cannot be met: which one, and by how much; not asked while tracing.

    Source: Hagan (2002), section 4; Andersen and Piterbarg (2010), volume II, section 10.1.

    Example:
        >>> import neuralrates as nr
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="payer")
        >>> model = nr.calibration.calibrate(nr.market.FlatCurve(0.03), 0.02, trade, [0.009, 0.0092, 0.0094])
        >>> print([f"{volatility:.5f}" for volatility in model.volatility])
        ['0.00909', '0.00948', '0.00986']
    """
    quotes, reversion = as_array(normal_volatilities), as_array(mean_reversion)
    found = _fit(curve, reversion, product, quotes)
    if is_concrete(*found, product.exercise_times):
        expiries, variances, residuals = (
            np.asarray(part) for part in (product.exercise_times, found.variances, found.residuals)
        )
        check_fit(expiries, variances, residuals, tolerance)
    volatilities = short_rate_volatilities(reversion, product.exercise_times, found.variances)
    return HullWhite(curve, reversion, volatilities, product.exercise_times[:-1])


def check_fit(
    expiries: np.ndarray,
    variances: np.ndarray,
    misfit: np.ndarray,
    tolerance: float = LARGEST_MISFIT,
) -> None:
    """Raise where a quote is missed, or asks for less variance than an earlier one."""
    good = np.abs(misfit) <= tolerance
    if good.all() and (variances[1:] > variances[:-1]).all():
        return
    bad = np.flatnonzero(~good)
    if bad.size:
        worst = bad[np.argmax(np.nan_to_num(np.abs(misfit[bad]), nan=np.inf))]
        if np.isnan(misfit[worst]):
            raise CalibrationError(
                f"the European swaption that expires in {expiries[worst]:.4f} years cannot be valued at its quote: expected a "
                "forward swap rate above minus the shift where that is lognormal, and no volatility and mean reversion that "
                "overflow together"
            )
        raise CalibrationError(
            f"the European swaption that expires in {expiries[worst]:.4f} years is missed by {misfit[worst]:.2e} in normal "
            f"volatility (allowed: {tolerance:.0e})"
        )
    falling = np.flatnonzero(np.diff(variances) <= 0.0)
    if falling.size:
        first = falling[0]
        raise CalibrationError(
            f"the European swaption that expires in {expiries[first + 1]:.4f} years asks for a variance of "
            f"{variances[first + 1]:.3e}, below the {variances[first]:.3e} of the one before, at "
            f"{expiries[first]:.4f} years: no volatility between them can fit both"
        )
