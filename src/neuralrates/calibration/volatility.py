"""A one-factor Gaussian model fitted, trade by trade, to the European swaptions of its exercise times."""

from collections import OrderedDict

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.checks import as_array
from neuralrates.core.digest import digest
from neuralrates.core.errors import CalibrationError
from neuralrates.core.functions import decay_between, decay_integral, largest
from neuralrates.core.types import ArrayLike, Exercises, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.products.swaption import Swaption

LARGEST_MISFIT = 1e-8
"""Of a quote, in normal volatility; a model that misses one by more is refused."""

_MOST_FITTED = 4096
_FITTED: OrderedDict[str, tuple[Exercises, Exercises]] = OrderedDict()
"""Fits already made, by the digest of all their inputs; the oldest are dropped first."""


@eqx.filter_jit
def _fit(
    curve: AbstractDiscountCurve,
    mean_reversion: Scalar,
    product: Swaption,
    normal_volatilities: Exercises,
) -> tuple[Exercises, Exercises]:
    discount_factors = jax.vmap(curve.discount_factor)(product.flow_times)
    end = largest(product.flow_times)
    loadings = -jax.vmap(lambda t: decay_between(mean_reversion, t, end))(product.flow_times)
    coterminals = Coterminals.of(product, discount_factors)
    variances = coterminals.variances(loadings, normal_volatilities)
    return variances, coterminals.misfits(loadings, variances, normal_volatilities)


def short_rate_volatilities(
    mean_reversion: Scalar, times: Exercises, variances: Exercises
) -> Exercises:
    """Piecewise-constant short-rate volatilities that accumulate these variances at these times."""
    growth = jax.vmap(lambda t: decay_integral(-2.0 * mean_reversion, t))(times)
    zero = jnp.zeros(1)
    steps = jnp.diff(jnp.concatenate([zero, variances]))
    spans = jnp.diff(jnp.concatenate([zero, growth]))
    return jnp.sqrt(steps / spans)


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
        CalibrationError: a quote cannot be met: which one, and by how much.

    Source: Hagan (2002), section 4; Andersen and Piterbarg (2010), volume II, section 10.1.

    Example:
        >>> import neuralrates as nr
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="payer")
        >>> model = nr.calibration.calibrate(nr.market.FlatCurve(0.03), 0.02, trade, [0.009, 0.0092, 0.0094])
        >>> print([f"{volatility:.5f}" for volatility in model.volatility])
        ['0.00909', '0.00948', '0.00986']
    """
    quotes, reversion = as_array(normal_volatilities), as_array(mean_reversion)
    name = digest(curve, reversion, product, quotes)
    if name not in _FITTED:
        _FITTED[name] = _fit(curve, reversion, product, quotes)
        if len(_FITTED) > _MOST_FITTED:
            _FITTED.popitem(last=False)
    variances, misfit = _FITTED[name]
    check_fit(
        np.asarray(product.exercise_times), np.asarray(variances), np.asarray(misfit), tolerance
    )
    volatilities = short_rate_volatilities(reversion, product.exercise_times, variances)
    return HullWhite(curve, reversion, volatilities, product.exercise_times[:-1])


def check_fit(
    expiries: np.ndarray,
    variances: np.ndarray,
    misfit: np.ndarray,
    tolerance: float = LARGEST_MISFIT,
) -> None:
    """Raise where a quote is missed, or asks for less variance than an earlier one."""
    bad = np.flatnonzero(~(np.abs(misfit) <= tolerance))
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
