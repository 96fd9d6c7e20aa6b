"""How points of many instruments are drawn, and which are let in.

Ranges and their reasons: all 718 days from 2020-02-20 to 2022-12-30 that the study of mixtures of experts uses are let in.

- curve: a Nelson-Siegel curve, with level, short rate, hump and decay from ranges that hold its least-squares fits to those
  days, and a few basis points of its own at every node. Let in are curves whose forward rates between nodes lie in [-0.5, 6]
  percent and which two such curves (decays of one and five years) fit within 30 basis points;
- models: mean reversion of 0.5 to 4 percent, a short-rate volatility of 60 to 320 basis points; stochastic variance in a box;
- contracts: uniform between the bounds of each instrument, options struck within two deviations, the margin of a note within 25
  basis points of its spread and its index within 150 of the three-month rate.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.core.types import Inputs, Scalar
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.problems.density import AbstractDensity
from neuralrates.problems.instrument_inputs import (
    ASSET_MODEL,
    CODES,
    CONTRACT,
    CURVE,
    CURVE_TIMES,
    INPUTS,
    INSTRUMENTS,
    RATE_MODEL,
    asset_model,
    named,
    term_bounds,
)

MODEL_RANGES = {
    "mean_reversion": (0.005, 0.04),
    "volatility": (0.006, 0.032),
    "variance": (0.008, 0.45),
    "variance_reversion": (1.2, 8.0),
    "long_variance": (0.01, 0.12),
    "variance_volatility": (0.12, 2.0),
    "correlation": (-0.9, 0.3),
    "carry": (-0.005, 0.025),
}
SHAPE_RANGES = ((0.012, 0.05), (0.0, 0.05), (-0.04, 0.03), (1.0, 6.0))
ZERO_RANGE, FORWARD_RANGE = (-0.005, 0.06), (-0.005, 0.06)
NODE_NOISE, CURVE_RESIDUAL, NEAR_SPREAD, NEAR_INDEX, DEVIATIONS = 5e-4, 3e-3, 2.5e-3, 1.5e-2, 2.0
FITTED_DECAYS = (1.0, 5.0)
_TOLERANCE = 1e-9
_TIMES = np.array(CURVE_TIMES)
_LOW, _HIGH = (np.stack([term_bounds(name)[end] for name in INSTRUMENTS]) for end in (0, 1))
_OPTIONS = np.array([float(name.endswith("_option")) for name in INSTRUMENTS])
_NOTES = np.array([float(name == "floating_rate_note") for name in INSTRUMENTS])
_MODELS = RATE_MODEL + ASSET_MODEL
_MODEL_LOW, _MODEL_HIGH = (
    np.array([MODEL_RANGES[name][end] for name in _MODELS]) for end in (0, 1)
)
_SHAPE_LOW, _SHAPE_HIGH = (np.array([r[end] for r in SHAPE_RANGES]) for end in (0, 1))
_FIRST_TERM = len(CURVE) + len(_MODELS)


def _residual_of_curve() -> np.ndarray:
    """Matrix that takes zero rates to what two curves of fixed decays leave of them."""
    columns = [np.ones(len(CURVE))]
    for decay in FITTED_DECAYS:
        ratio = _TIMES / decay
        falling = -np.expm1(-ratio) / ratio
        columns += [falling, falling - np.exp(-ratio)]
    basis = np.stack(columns, axis=1)
    return np.eye(len(CURVE)) - basis @ np.linalg.pinv(basis)


_LEAVES = _residual_of_curve()


class InstrumentDensity(AbstractDensity):
    """One instrument in nine at a time, on curves and under models near those of 2020 to 2022.

    Source: Nelson and Siegel (1987) for the curves; the ranges are ours.

    Example:
        >>> import equinox as eqx, jax.numpy as jnp
        >>> from neuralrates.problems.instrument_density import InstrumentDensity
        >>> density = InstrumentDensity()
        >>> x = eqx.filter_jit(density.point)(jnp.full(density.num_uniforms, 0.5))
        >>> x.shape, bool(eqx.filter_jit(density.accepts)(x))
        ((35,), True)
    """

    @property
    def num_uniforms(self) -> int:
        return len(SHAPE_RANGES) + len(CURVE) + len(_MODELS) + len(CONTRACT) + 1

    def point(self, uniforms: Float[Array, "steps"]) -> Inputs:
        ends = np.cumsum([len(SHAPE_RANGES), len(CURVE), len(_MODELS), len(CONTRACT)])
        shape, noise, models, terms, last = jnp.split(uniforms, ends)
        level, short, hump, decay = _SHAPE_LOW + shape * (_SHAPE_HIGH - _SHAPE_LOW)
        curve = NelsonSiegel(level, short - level, hump, decay)
        rates = jax.vmap(curve.zero_rate)(jnp.asarray(_TIMES)) + NODE_NOISE * (2.0 * noise - 1.0)
        models = _MODEL_LOW + models * (_MODEL_HIGH - _MODEL_LOW)
        numbers = jnp.arange(float(len(INSTRUMENTS)))
        code = (numbers == jnp.floor(last[0] * len(INSTRUMENTS))).astype(jnp.float64)
        low, high = code @ _LOW, code @ _HIGH
        contract = low + terms * (high - low)
        x = jnp.concatenate([rates, models, contract, code])
        return _tied(x, code, terms)

    def accepts(self, x: Inputs) -> Bool[Array, ""]:
        at, code = named(x), x[-len(CODES) :]
        one = jnp.all((code == 0.0) | (code == 1.0)) & (jnp.sum(code) == 1.0)
        terms = x[_FIRST_TERM : _FIRST_TERM + len(CONTRACT)]
        inside = jnp.all((terms >= code @ _LOW - _TOLERANCE) & (terms <= code @ _HIGH + _TOLERANCE))
        near = jnp.abs(at["discount_margin"] - at["note_spread"]) <= NEAR_SPREAD
        near &= jnp.abs(at["index_rate"] - at["zero_0.25"]) <= NEAR_INDEX
        struck = jnp.abs(at["log_moneyness"]) <= DEVIATIONS * _deviation(at) + _TOLERANCE
        rules = (near | (code @ _NOTES == 0.0)) & (struck | (code @ _OPTIONS == 0.0))
        return one & inside & rules & _smooth(x[: len(CURVE)])

    def describe(self) -> str:
        return (
            f"name one instrument, with contract terms in its bounds, and a smooth curve with forward rates in "
            f"{FORWARD_RANGE}"
        )

    def record(self) -> dict[str, Any]:
        return {
            "law": "nine_instruments",
            "shape_ranges": [list(bounds) for bounds in SHAPE_RANGES],
            "forward_range": list(FORWARD_RANGE),
            "node_noise": NODE_NOISE,
            "misfit": CURVE_RESIDUAL,
            "near_spread": NEAR_SPREAD,
            "near_index": NEAR_INDEX,
            "deviations": DEVIATIONS,
        }


def _deviation(at: dict[str, Scalar]) -> Scalar:
    """Expected standard deviation of the asset's log at expiry; zero where nothing expires."""
    wait = jnp.maximum(at["expiry"], 1e-3)
    return jnp.sqrt(jnp.maximum(wait * asset_model(at).average_variance(wait), 0.0))


def _smooth(rates: Float[Array, "nodes"]) -> Bool[Array, ""]:
    """Whether forward rates lie in their range and two Nelson-Siegel curves fit."""
    areas = jnp.concatenate([jnp.zeros(1), rates * _TIMES])
    forwards = jnp.diff(areas) / jnp.diff(jnp.concatenate([jnp.zeros(1), _TIMES]))
    low, high = FORWARD_RANGE
    within = jnp.all((forwards >= low) & (forwards <= high))
    return within & (jnp.max(jnp.abs(_LEAVES @ rates)) <= CURVE_RESIDUAL)


def _tied(x: Inputs, code: Float[Array, "experts"], terms: Float[Array, "features"]) -> Inputs:
    """The point with margin near spread, index near the short rate and strike within two deviations."""
    at, place = named(x), {name: i for i, name in enumerate(INPUTS)}
    drawn = {name: 2.0 * terms[i] - 1.0 for i, name in enumerate(CONTRACT)}
    ties = {
        "discount_margin": (_NOTES, at["note_spread"] + NEAR_SPREAD * drawn["discount_margin"]),
        "index_rate": (_NOTES, at["zero_0.25"] + 0.1 * NEAR_INDEX * drawn["index_rate"]),
        "log_moneyness": (_OPTIONS, DEVIATIONS * _deviation(at) * drawn["log_moneyness"]),
    }
    for name, (who, value) in ties.items():
        low, high = (code @ bounds[:, CONTRACT.index(name)] for bounds in (_LOW, _HIGH))
        tied = jnp.where(code @ who > 0.0, jnp.clip(value, low, high), at[name])
        x = x.at[place[name]].set(tied)
    return x
