"""Mean reversion read from a matrix of European swaptions.

At one expiry, swaptions of all lengths see the same variance of the state; how their volatilities fall with length is what
mean reversion says. The variance of each expiry is free, the mean reversion is one number for the whole matrix.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.errors import CalibrationError
from neuralrates.core.functions import decay_integral
from neuralrates.core.types import Scalar
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility

_LARGEST = 1.0
_STEPS = 256
_ACCURACY = {"xtol": 1e-12, "ftol": 1e-15, "gtol": 1e-15}


class MeanReversionFit(eqx.Module):
    """Mean reversion that fits a matrix best, and how well.

    Args:
        mean_reversion: per year
        misfit: model minus quoted normal volatility, by expiry and tenor
    """

    mean_reversion: Scalar
    misfit: Float[Array, "expiries tenors"]


def rate_deviation(
    curve: AbstractDiscountCurve, mean_reversion: Scalar, expiry: Scalar, tenor: Scalar
) -> Scalar:
    """Movement of an annual forward swap rate at the money per unit of the state.

    Args:
        curve: discount curve
        mean_reversion: $\\kappa$ per year
        expiry: start of the swap, years
        tenor: its length, years; a last short period makes up a fraction

    Returns:
        $|dS / dx|$ at x = 0.

    Source: Andersen and Piterbarg (2010), volume II, section 10.1.3 (Gaussian swap rate approximation).
    """
    starts, ends = _periods(expiry, tenor)
    discount_factors = jax.vmap(curve.discount_factor)
    loadings = jax.vmap(lambda t: decay_integral(mean_reversion, t))
    weights = (ends - starts) * discount_factors(ends)
    annuity = jnp.sum(weights)
    first, last = discount_factors(starts[:1])[0], discount_factors(ends[-1:])[0]
    rate = (first - last) / annuity
    first_loading, last_loading = loadings(starts[:1])[0], loadings(ends[-1:])[0]
    slope = last * last_loading - first * first_loading + rate * jnp.sum(weights * loadings(ends))
    return jnp.abs(slope) / annuity


@door
def calibrate_mean_reversion(
    curves: CurveSystem, volatility: SwaptionVolatility, start: float = 0.03
) -> MeanReversionFit:
    """Mean reversion of the one-factor model closest to a matrix of volatilities at the money.

    Least squares in the volatilities themselves; at each expiry the best variance has a closed form, so that only the
    mean reversion is searched for.

    Args:
        curves: curves of the currency
        volatility: volatilities at the money; lognormal ones are converted there
        start: where to start, per year

    Returns:
        The mean reversion and the misfit of every quote.

    Raises:
        CalibrationError: the best fit lies beyond plus or minus one per year

    Example:
        >>> import datetime, neuralrates as nr
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "30Y", 0.04)
        >>> curves = nr.market.bootstrap(datetime.date(2024, 3, 19), [quote])
        >>> matrix = nr.market.SwaptionVolatility([1, 5], [2, 10], [[0.010, 0.009], [0.009, 0.0081]])
        >>> fit = nr.calibration.calibrate_mean_reversion(curves, matrix)
        >>> print(f"{fit.mean_reversion:.4f}")
        0.0295
    """
    found, misfit = _solve(curves, volatility, start)
    if not abs(found) < _LARGEST:
        raise CalibrationError(
            f"the matrix of swaption volatilities asks for a mean reversion of {found:.3f}, outside plus or minus "
            f"{_LARGEST}; give one instead"
        )
    return MeanReversionFit(as_array(found), as_array(misfit))


def _quotes(curves: CurveSystem, volatility: SwaptionVolatility) -> Float[Array, "expiries tenors"]:
    """The quotes as normal volatilities, at the forward rates of annual swaps."""
    if volatility.quote_type == "normal":
        return volatility.volatilities

    def quote(expiry: Scalar, tenor: Scalar) -> Scalar:
        forward = _forward_rate(curves, expiry, tenor)
        return volatility.at_strike(expiry, tenor, forward, forward)

    return jax.vmap(lambda e: jax.vmap(lambda t: quote(e, t))(volatility.tenors))(
        volatility.expiries
    )


def _forward_rate(curves: CurveSystem, expiry: Scalar, tenor: Scalar) -> Scalar:
    starts, ends = _periods(expiry, tenor)
    weights = jax.vmap(curves.discount.discount_factor)(ends)
    projected = jax.vmap(curves.projection.discount_factor)
    growth = projected(starts) / projected(ends) - 1.0
    return jnp.sum(growth * weights) / jnp.sum((ends - starts) * weights)


def _periods(
    expiry: Scalar, tenor: Scalar
) -> tuple[Float[Array, "periods"], Float[Array, "periods"]]:
    """Starts and ends of annual periods; those after the end of the swap are empty."""
    return (
        expiry + jnp.minimum(jnp.arange(0.0, 50.0), tenor),
        expiry + jnp.minimum(jnp.arange(1.0, 51.0), tenor),
    )


def _solve(
    curves: CurveSystem, volatility: SwaptionVolatility, start: float
) -> tuple[float, np.ndarray]:
    """Levenberg and Marquardt's method on the host: one number is searched for, and only its residuals are compiled."""
    from scipy.optimize import least_squares

    def at(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = _misfit_and_slope(curves, volatility, as_array(point[0]))
        residual, slope = (np.asarray(part) for part in found)
        return residual, slope

    solution = least_squares(
        lambda point: at(point)[0].ravel(),
        np.array([start]),
        lambda point: at(point)[1].reshape(-1, 1),
        method="lm",
        max_nfev=_STEPS,
        **_ACCURACY,
    )
    return float(solution.x[0]), at(solution.x)[0]


@eqx.filter_jit
def _misfit_and_slope(
    curves: CurveSystem, volatility: SwaptionVolatility, mean_reversion: Scalar
) -> tuple[Float[Array, "expiries tenors"], Float[Array, "expiries tenors"]]:
    """Model minus quoted volatilities, each expiry's variance the best there is, and their derivative."""
    curve, quotes = curves.discount, _quotes(curves, volatility)

    def misfit(at: Scalar) -> Float[Array, "expiries tenors"]:
        def row(expiry: Scalar, quoted: Float[Array, "tenors"]) -> Float[Array, "tenors"]:
            moves = jax.vmap(lambda tenor: rate_deviation(curve, at, expiry, tenor))
            shape = moves(volatility.tenors)
            return shape * jnp.sum(shape * quoted) / jnp.sum(shape**2) - quoted

        return jax.vmap(row)(volatility.expiries, quotes)

    return jax.jvp(misfit, (mean_reversion,), (jnp.ones(()),))
