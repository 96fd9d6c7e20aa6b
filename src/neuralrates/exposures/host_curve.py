"""Discount factors of a curve in NumPy: asked for many times along a run, each time for few."""

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicSpline

from neuralrates.core.checks import as_array
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.curves.zero_curve import ZeroCurve

Times = Float[np.ndarray, "*times"]
_FEWEST = 64


class HostCurve:
    """The same numbers as a curve's own `discount_factor`, to rounding.

    Args:
        curve: a curve through zero rates is read in NumPy; any other is asked itself
    """

    def __init__(self, curve: AbstractDiscountCurve) -> None:
        self.curve = curve
        self._spline: CubicSpline | None = None
        self._knots, self._exponents, self._last_slope = np.zeros(1), np.zeros(1), 0.0
        match curve:
            case ZeroCurve():
                self._read(curve)

    def _read(self, curve: ZeroCurve) -> None:
        times, rates = np.asarray(curve.times), np.asarray(curve.zero_rates)
        self._knots = np.append(0.0, times)
        self._exponents = np.append(0.0, times * rates)
        step = np.diff(self._exponents) / np.diff(self._knots)
        self._last_slope = float(step[-1])
        if curve.interpolation == "natural_spline" and times.size > 1:
            self._spline = CubicSpline(self._knots, self._exponents, bc_type="natural")
            self._last_slope = float(self._spline(self._knots[-1], 1))

    def __call__(self, times: Times) -> Times:
        """Discount factors at times in years, none below zero."""
        times = np.asarray(times, dtype=np.float64)
        if self._knots.size == 1:
            return _asked(self.curve, times)
        inside = np.minimum(times, self._knots[-1])
        linear = np.interp(inside, self._knots, self._exponents)
        exponents = linear if self._spline is None else self._spline(inside)
        return np.asarray(np.exp(-exponents - self._last_slope * (times - inside)))


def _asked(curve: AbstractDiscountCurve, times: Times) -> Times:
    flat = times.ravel()
    padded = np.zeros(max(_FEWEST, 1 << int(np.ceil(np.log2(max(flat.size, 1))))))
    padded[: flat.size] = flat
    found: Times = np.asarray(_all_factors(curve, as_array(padded)))[: flat.size]
    return found.reshape(times.shape)


@eqx.filter_jit
def _all_factors(curve: AbstractDiscountCurve, times: jax.Array) -> jax.Array:
    return jax.vmap(curve.discount_factor)(times)
