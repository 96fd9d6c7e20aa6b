"""What one factor misses of a Bermudan on the whole forward curve: a recurrence backward over its dates, learned."""

import functools
import json
from importlib import resources
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.calibration.curve_coterminals import CurveMoves
from neuralrates.core.types import HostArray, Scalar
from neuralrates.engines.forward_curve_rates import Rates

FILE = "forward_curve_correction.json"
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

Features = Float[Array, "exercises features"]


class Recurrence(NamedTuple):
    """Weights of a gated recurrence (Cho et al.), several of them side by side, whose outputs are averaged.

    Args:
        centre: of the features
        spread: of the features
        inputs: from features and one to update, reset and candidate
        states: the same from the state
        output: from the state
    """

    centre: Float[HostArray, "features"]
    spread: Float[HostArray, "features"]
    inputs: Float[HostArray, "members features_and_one gates"]
    states: Float[HostArray, "members hidden gates"]
    output: Float[HostArray, "members hidden"]


class Correction(NamedTuple):
    """A recurrence, and what is known of its errors.

    Args:
        weights: of the recurrence
        low: smallest of each feature among the trades that it learned from
        high: largest
        largest_share: of the deviation of value, that a correction's error exceeded in one held-out trade of a hundred; the
            limits of the domain were chosen on the same trades, and of fresh ones a few more exceed it
        most_dates: of a trade that it learned from
        statement: what was measured, on how many trades
    """

    weights: Recurrence
    low: Float[np.ndarray, "features"]
    high: Float[np.ndarray, "features"]
    largest_share: float
    most_dates: int
    statement: dict[str, Any]


def features_of(rates: Rates, moves: CurveMoves, shift: float, sign: Scalar) -> Features:
    """What the recurrence is given of each date."""
    known, last = rates.coterminals, jnp.max(rates.flow_times)
    level = jnp.maximum(known.forwards + shift, _SMALLEST)
    strike = jnp.maximum(known.strike + shift, _SMALLEST)
    deviations = jnp.maximum(rates.quotes * jnp.sqrt(known.expiries), _SMALLEST)
    moneyness = sign * (known.strike - known.forwards) / deviations
    following = jnp.concatenate([level[1:], level[-1:]])
    worth = rates.alive * known.annuities * deviations
    ones = jnp.ones_like(level)
    columns = (
        _SATURATION * jnp.tanh(moneyness / _SATURATION),
        deviations / level,
        jnp.log(strike / level),
        worth / jnp.max(worth),
        jnp.log(known.expiries),
        jnp.sqrt(1.0 - jnp.minimum(moves.correlations, 1.0 - _SMALLEST) ** 2),
        jnp.sqrt(1.0 - jnp.clip(moves.correlation_to_last, 0.0, 1.0 - _SMALLEST) ** 2),
        jnp.log(following / level),
        known.annuities / known.annuities[0],
        0.1 * (last - known.expiries),
        jnp.sqrt(jnp.maximum(moves.squares, _SMALLEST)),
        sign * ones,
    )
    return jnp.stack(columns, axis=1)


def deviation_of_value(rates: Rates) -> Scalar:
    """Largest product of annuity and deviation among the swaps: the unit of a correction."""
    deviations = rates.quotes * jnp.sqrt(rates.coterminals.expiries)
    return jnp.max(rates.alive * rates.coterminals.annuities * deviations)


def in_units(weights: Recurrence, features: Features, alive: Float[Array, "exercises"]) -> Scalar:
    """Correction per deviation of value: zero for a single date, whatever the weights are.

    Source: Cho et al. (2014), for the gates.
    """
    scaled = (features - weights.centre[None, :]) / weights.spread[None, :]
    given = jnp.concatenate([scaled, jnp.ones((scaled.shape[0], 1))], axis=1)
    before = jnp.concatenate([alive[1:], jnp.zeros(1)])

    def step(
        state: Float[Array, "members hidden"], at: tuple[Float[Array, "_"], Scalar]
    ) -> tuple[Float[Array, "members hidden"], None]:
        now, counts = at
        update, reset, candidate = jnp.split(
            jnp.einsum("f,mfg->mg", now, weights.inputs), 3, axis=1
        )
        from_update, from_reset, from_state = jnp.split(
            jnp.einsum("mh,mhg->mg", state, weights.states), 3, axis=1
        )
        gate = jax.nn.sigmoid(update + from_update)
        kept = jax.nn.sigmoid(reset + from_reset)
        moved = gate * state + (1.0 - gate) * jnp.tanh(candidate + kept * from_state)
        return jnp.where(counts > 0.0, moved, state), None

    first = jnp.zeros(weights.output.shape)
    state, _ = jax.lax.scan(step, first, (given, before), reverse=True)
    return jnp.mean(jnp.sum(weights.output * state, axis=1))


def correction_of(
    correction: Correction, rates: Rates, moves: CurveMoves, shift: float, sign: Scalar
) -> Scalar:
    """Correction of one trade per unit notional."""
    features = features_of(rates, moves, shift, sign)
    return deviation_of_value(rates) * in_units(correction.weights, features, rates.alive)


def outside(
    correction: Correction,
    features: Float[np.ndarray, "trades exercises features"],
    alive: Bool[np.ndarray, "trades exercises"],
) -> Bool[np.ndarray, "trades"]:
    """Whether a feature of any date lies beyond what the recurrence learned from."""
    beyond = (features < correction.low) | (features > correction.high) | ~np.isfinite(features)
    found: np.ndarray = np.any(np.any(beyond, axis=2) & alive, axis=1)
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
        float(entries["largest_share"]),
        int(entries["most_dates"]),
        entries["statement"],
    )
