"""A smile between and beyond its quotes by SABR, and what of the quotes the model misses."""

from typing import NamedTuple

import numpy as np

from neuralrates.core.checks import as_array
from neuralrates.core.units import basis_point
from neuralrates.market.files.schema import SabrEntry
from neuralrates.market.volatility.sabr import fitted
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

_FINE, _NEAR, _COARSE, _BEYOND = 0.001, 0.01, 0.0025, 0.02
"""Offsets a tenth of a percent apart within one percent of the money, then a quarter, to two percent beyond the quotes."""


class Fitted(NamedTuple):
    """A smile by SABR.

    Args:
        smile: quotes met exactly: what the model misses of them is added, by a natural cubic spline between quotes and held
            beyond them
        misses: largest of the model's misses at each point, normal volatility, by expiry and tenor
    """

    smile: VolatilitySmile
    misses: np.ndarray


def by_sabr(
    smile: VolatilitySmile, at_the_money: np.ndarray, forwards: np.ndarray, entry: SabrEntry
) -> Fitted:
    """The smile on a fine grid of offsets.

    Args:
        smile: as quoted
        at_the_money: normal volatilities at its expiries and tenors
        forwards: forward swap rates at the same, decimals
        entry: what is given of the model

    Raises:
        ValueError: naming the expiry and tenor in years where no model can be fitted
    """
    quoted, spreads = np.asarray(smile.offsets), np.asarray(smile.spreads)
    offsets = _grid(quoted)
    away = quoted != 0.0
    found, misses = np.zeros((offsets.size, *spreads.shape[1:])), np.zeros(spreads.shape[1:])
    for row, column in np.ndindex(*misses.shape):
        expiry, forward = float(smile.expiries[row]), float(forwards[row, column])
        money, spread = float(at_the_money[row, column]), spreads[:, row, column]
        try:
            law = fitted(
                forward, expiry, quoted[away], money + spread[away], money, entry.beta, entry.shift
            )
        except ValueError as error:
            tenor = float(smile.tenors[column])
            raise ValueError(f"smile at {expiry:.4g} x {tenor:.4g} years: {error}") from None
        missed = spread - (law.volatilities(forward, expiry, forward + quoted) - money)
        missed[~away] = 0.0
        own = law.volatilities(forward, expiry, forward + offsets) - money
        found[:, row, column] = own + _between(offsets, quoted, missed)
        misses[row, column] = np.max(np.abs(missed))
    found[offsets == 0.0] = 0.0
    finer = VolatilitySmile(as_array(offsets), smile.expiries, smile.tenors, as_array(found))
    return Fitted(finer, misses)


def _between(offsets: np.ndarray, quoted: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """What the model misses, smooth between the quotes and held beyond them: a kink would be a butterfly below nothing."""
    from scipy.interpolate import CubicSpline  # slow to import, and few markets state it

    inside = np.clip(offsets, quoted[0], quoted[-1])
    return np.asarray(CubicSpline(quoted, missed, bc_type="natural")(inside))


def sabr_note(misses: np.ndarray, entry: SabrEntry) -> str:
    """What was fitted and how well, in one line."""
    worst, mean = np.max(misses) / basis_point, np.mean(misses) / basis_point
    return (
        f"swaption smile by SABR at {misses.size} points (beta {entry.beta:g}, shift {entry.shift:g}), which misses quotes by "
        f"{mean:.2f} bp of volatility on average and {worst:.2f} at most; the rest is added, so that every quote is met"
    )


def _grid(quoted: np.ndarray) -> np.ndarray:
    """Offsets of the finer smile, the quoted ones among them."""
    reach = max(_BEYOND + float(np.max(np.abs(quoted))), _NEAR)
    parts = np.arange(1, round(_NEAR / _FINE) + 1) * _FINE, np.arange(_NEAR, reach, _COARSE)
    steps = np.round(np.concatenate([*parts, [reach]]), 10)
    added = np.concatenate([-steps, [0.0], steps])
    apart = np.min(np.abs(added[:, None] - quoted), axis=1) > 1e-9
    return np.unique(np.concatenate([quoted, added[apart]]))
