"""What one factor misses of a Bermudan on the whole forward curve: a recurrence backward over its dates, learned."""

import functools
import json
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.calibration.curve_coterminals import CurveMoves
from neuralrates.calibration.curve_swaps import CoterminalRates, RateWeights
from neuralrates.engines.recurrence import Features, Recurrence
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction

FILE = "forward_curve_correction.json"
BASELINE = BackwardInduction(1e-5)
"""The factor's prices, that a correction adds to: off by a hundredth of a basis point, and the correction by half of one."""

NAMES = (
    "moneyness",
    "relative deviation",
    "log strike over rate",
    "share of the largest deviation of value",
    "log expiry",
    "decorrelation with the next rate",
    "decorrelation with the last rate",
    "log next rate over rate",
    "annuity over the first",
    "years left over ten",
    "scale of the volatility",
    "side",
)
"""What the recurrence is given of each date; none of it depends on how many there are."""

_SATURATION = 3.0
_SMALLEST = 1e-9
_MOST = 1.0 - _SMALLEST


class Correction(NamedTuple):
    """A recurrence, and where it holds.

    Args:
        weights: of the recurrence
        low: smallest of each feature among the trades that it learned from
        high: largest
        most_dates: of a trade that it learned from
        statement: what was measured, on how many trades
    """

    weights: Recurrence
    low: Float[np.ndarray, "features"]
    high: Float[np.ndarray, "features"]
    most_dates: int
    statement: dict[str, Any]


class CurveFeatures:
    """What the recurrence is given of each date, and the unit of a correction.

    Args:
        rates: coterminal rates of the trades
        moves: how the curve moves them
        shift: of the forward-curve model
        signs: +1 for receivers, -1 for payers

    Attributes:
        values: by trade, exercise and feature, see `NAMES`
        deviation: largest product of annuity and deviation among the swaps of each trade
    """

    def __init__(
        self,
        rates: CoterminalRates,
        moves: CurveMoves,
        shift: float,
        signs: Float[np.ndarray, "trades"],
    ) -> None:
        self._rates, self._moves, alive = rates, moves, rates.alive
        sign = signs[:, None]
        shifted = np.where(alive, rates.forwards + shift, 1.0)
        self._level, self._is_level = np.maximum(shifted, _SMALLEST), shifted > _SMALLEST
        strike = np.maximum(rates.strike[:, None] + shift, _SMALLEST)
        self._expiries = np.where(alive, rates.expiries, 1.0)
        moved = np.where(alive, rates.quotes * np.sqrt(rates.expiries), 1.0)
        self._deviations, self._is_moving = np.maximum(moved, _SMALLEST), moved > _SMALLEST
        self._sign = sign / self._deviations
        self._moneyness = np.where(alive, rates.strike[:, None] - rates.forwards, 0.0) * self._sign
        self._far = np.tanh(self._moneyness / _SATURATION)
        self._has_next = np.zeros_like(alive)
        self._has_next[:, :-1] = alive[:, 1:] & alive[:, :-1]
        following = self._level.copy()
        np.copyto(following[:, :-1], self._level[:, 1:], where=self._has_next[:, :-1])
        worth = np.where(alive, rates.annuities * self._deviations, 0.0)
        self._who = np.arange(alive.shape[0])
        self._largest = np.argmax(worth, axis=1)
        self.deviation = worth[self._who, self._largest]
        self._shares = worth / self.deviation[:, None]
        self._apart = _apart(np.minimum(moves.correlations, _MOST))
        self._apart_from_last = _apart(np.clip(moves.correlation_to_last, 0.0, _MOST))
        self._scale = np.sqrt(np.maximum(moves.squares, _SMALLEST))
        last = np.max(rates.flow_times, axis=1, keepdims=True)
        self.values: Features = np.empty((*alive.shape, len(NAMES)))
        columns = (
            _SATURATION * self._far,
            self._deviations / self._level,
            np.log(strike / self._level),
            self._shares,
            np.log(self._expiries),
            self._apart,
            self._apart_from_last,
            np.log(following / self._level),
            rates.annuities / rates.annuities[:, :1],
            0.1 * (last - rates.expiries),
            self._scale,
            sign,
        )
        for place, column in enumerate(columns):
            self.values[:, :, place] = column

    def pulled_back(
        self, weights: Features, deviation: Float[np.ndarray, "trades"]
    ) -> tuple[RateWeights, CurveMoves]:
        """Derivatives of a weighted sum of features and units to the rates, and to how the curve moves them."""
        rates, moves, first = self._rates, self._moves, self._rates.annuities[:, :1]
        near, relative, log_strike, share, log_expiry, apart, far, slope, long, _, scale, _ = (
            np.moveaxis(np.where(rates.alive[..., None], weights, 0.0), 2, 0)
        )
        near = near * (1.0 - self._far**2)
        levels = -relative * self._deviations / self._level**2
        steps = np.where(self._has_next, slope, 0.0)
        levels = levels - (log_strike + steps) / self._level
        levels[:, 1:] += steps[:, :-1] / self._level[:, 1:]
        worth = share / self.deviation[:, None]
        lost = np.sum(share * self._shares, axis=1) / self.deviation
        worth[self._who, self._largest] += deviation - lost
        deviations = relative / self._level - near * self._moneyness / self._deviations
        deviations = deviations + worth * rates.annuities
        annuities = worth * self._deviations + long / first
        annuities[:, 0] -= np.sum(long * rates.annuities, axis=1) / first[:, 0] ** 2
        to_rates = RateWeights.nothing(rates)._replace(
            expiries=log_expiry / self._expiries,
            forwards=np.where(self._is_level, levels, 0.0) - near * self._sign,
            deviations=np.where(self._is_moving, deviations, 0.0),
            annuities=annuities,
        )
        is_near = moves.correlations < _MOST
        is_far = (moves.correlation_to_last > 0.0) & (moves.correlation_to_last < _MOST)
        to_moves = CurveMoves(
            np.zeros_like(moves.loadings),
            np.where(moves.squares > _SMALLEST, 0.5 * scale / self._scale, 0.0),
            np.where(is_near, -apart * moves.correlations / self._apart, 0.0),
            np.where(is_far, -far * moves.correlation_to_last / self._apart_from_last, 0.0),
        )
        return to_rates, to_moves


def _apart(correlations: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    found: np.ndarray = np.sqrt(1.0 - correlations**2)
    return found


def outside(
    correction: Correction,
    features: Float[np.ndarray, "trades exercises features"],
    alive: Bool[np.ndarray, "trades exercises"],
) -> Bool[np.ndarray, "trades"]:
    """Whether a feature of any date lies beyond what the recurrence learned from."""
    known = (features >= correction.low) & (features <= correction.high)
    found: np.ndarray = ~np.all(known | ~alive[..., None], axis=(1, 2))
    return found


@functools.cache
def shipped() -> Correction:
    """The correction that comes with the package."""
    text = resources.files("neuralrates.engines").joinpath(FILE).read_text("utf-8")
    return from_entries(json.loads(text))


def from_entries(entries: dict[str, Any]) -> Correction:
    """Correction from what its file holds."""
    weights = Recurrence(*(np.array(entries["weights"][name]) for name in Recurrence._fields))
    return Correction(
        weights,
        np.array(entries["low"]),
        np.array(entries["high"]),
        int(entries["most_dates"]),
        entries["statement"],
    )
