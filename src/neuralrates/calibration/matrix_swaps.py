"""Swaptions at the money of a matrix of volatilities, as bond portfolios: annual periods from expiry on."""

from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.calibration.two_factor_europeans import EuropeanRows
from neuralrates.core.checks import as_array
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility

Rows = Float[np.ndarray, "rows"]


class MatrixSwaptions(NamedTuple):
    """The European swaptions that a matrix quotes, a row each, tenors of one expiry together.

    Args:
        options: receivers at the money
        forwards: forward swap rates, decimals
        scales: normal volatility per unit of value: at the money it is $V \\sqrt{2 \\pi / T} / A$
        quotes: normal volatilities, decimals
    """

    options: EuropeanRows
    forwards: Rows
    scales: Rows
    quotes: Rows

    def take(self, rows: Bool[np.ndarray, "rows"]) -> "MatrixSwaptions":
        """Some of them."""
        options = EuropeanRows(*(part[rows] for part in self.options))
        return MatrixSwaptions(options, *(part[rows] for part in self[1:]))


def matrix_swaptions(curves: CurveSystem, volatility: SwaptionVolatility) -> MatrixSwaptions:
    """Swaptions of every expiry and tenor; lognormal quotes are converted at the money.

    A projection curve stands in a fixed ratio to the discount curve, period by period.
    """
    tenors = np.asarray(volatility.tenors)
    expiries = np.repeat(np.asarray(volatility.expiries), tenors.size)
    lengths = np.tile(tenors, volatility.expiries.shape[0])
    marks = np.arange(np.ceil(tenors[-1]) + 1.0)
    times = np.minimum(marks, lengths[:, None])
    at = as_array(expiries[:, None] + times)
    factors, projected = map(np.asarray, _factors((curves.discount, curves.projection), at))
    accruals = np.diff(times, axis=1)
    growth = projected[:, :-1] / projected[:, 1:]
    fixed, paid = accruals * factors[:, 1:], accruals > 0.0
    floating = np.where(paid, (growth - 1.0) * factors[:, 1:], 0.0)
    annuities = fixed.sum(axis=1)
    forwards = floating.sum(axis=1) / annuities
    flows = np.zeros_like(factors)
    flows[:, 1:] += forwards[:, None] * fixed + np.where(paid, factors[:, 1:], 0.0)
    flows[:, :-1] -= np.where(paid, growth * factors[:, 1:], 0.0)
    quotes = _quotes(volatility, *map(as_array, (expiries, lengths, forwards)))
    return MatrixSwaptions(
        EuropeanRows(expiries, flows, times),
        forwards,
        np.sqrt(2.0 * np.pi / expiries) / annuities,
        np.asarray(quotes),
    )


@eqx.filter_jit
def _factors(curves: tuple[AbstractDiscountCurve, ...], times: Array) -> tuple[Array, ...]:
    return tuple(jax.vmap(jax.vmap(curve.discount_factor))(times) for curve in curves)


@eqx.filter_jit
def _quotes(
    volatility: SwaptionVolatility, expiries: Array, lengths: Array, forwards: Array
) -> Array:
    return jax.vmap(volatility.at_strike)(expiries, lengths, forwards, forwards)
