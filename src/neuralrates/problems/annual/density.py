"""Law of the inputs of an annual Bermudan: curves, volatilities and dates as markets and calendars make them.

What lies far from what is drawn is rejected although each number is in its range: a network is asked only where it has learned.
Why these ranges:

- curve: a Nelson-Siegel curve of the box of `ten_year_bermudan`, begun when the first swap begins, with independent noise of
  15 bp on every annual forward rate, so that the kinks of bootstrapped curves lie inside;
- volatility: Rebonato's formula in the time to exercise around levels of 45 to 125 bp, a tilt of up to 15 percent along the
  exercises (their swaps differ in length), and independent noise of 2 percent;
- time to the first exercise: from a week to five years, evenly in its logarithm; it enters only through total volatilities;
- mean reversion as in `ten_year_bermudan`; strikes within 2 percent of the first swap rate;
- spacings: 363 to 369 days over 365, what weekends and leap years make of a year.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.core.functions import decay_integral
from neuralrates.core.types import Exercises, Inputs, Scalar
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.problems.annual.inputs import AnnualInputs
from neuralrates.problems.density import AbstractDensity

Range = tuple[float, float]
RANGES: Mapping[str, Range] = MappingProxyType(
    {
        "mean_reversion": (-0.01, 0.10),
        "beta0": (0.01, 0.075),
        "beta1": (-0.065, 0.02),
        "beta2": (-0.08, 0.02),
        "tau": (1.0, 4.0),
        "a": (-0.004, 0.004),
        "b": (0.0, 0.004),
        "c": (0.2, 1.0),
        "d": (0.0045, 0.0125),
        "tilt": (-0.15, 0.15),
        "first_exercise": (1.0 / 52.0, 5.0),
        "strike_spread": (-0.02, 0.02),
    }
)
SPACING_RANGE: Range = (363.0 / 365.0, 369.0 / 365.0)
FORWARD_RANGE: Range = (-0.015, 0.095)
VOLATILITY_RANGE: Range = (0.0035, 0.018)
"""Normal volatilities that are drawn."""
LOCAL_RANGE: Range = (0.0025, 0.03)
"""Volatilities of the short rate between two exercises."""
LARGEST_RATIO = 3.0
"""Between neighbours among those."""
FIRST_RANGE: Range = (0.01, 12.0)
"""Years in which the local volatility after the first exercise makes the variance before it."""
LEAST_GROWTH = 1.03
"""Of the variance from one exercise to the next."""
LARGEST_STEP = 0.02
"""Between neighbouring forward rates."""
ROUGHEST_CURVE = 0.002
"""Root mean square of what a cubic in the number of the period leaves of the forward rates: noise, or jumps."""
ROUGHEST_VARIANCE = 0.3
"""The same of total variances, over their mean step."""
_FORWARD_NOISE, _VOLATILITY_NOISE = 0.0015, 0.02


class AnnualDensity(AbstractDensity):
    """Nelson-Siegel curves with noise, Rebonato volatilities with noise, dates with a calendar's jitter.

    Args:
        num_exercises: annual exercises, as many as periods

    Source: Nelson and Siegel (1987); Rebonato (2009) for the volatility formula; the noise and the ranges are ours.

    Example:
        >>> import equinox as eqx, jax.numpy as jnp
        >>> from neuralrates.problems.annual.density import AnnualDensity
        >>> density = AnnualDensity(9)
        >>> x = eqx.filter_jit(density.point)(jnp.full(density.num_uniforms, 0.5))
        >>> x.shape, bool(eqx.filter_jit(density.accepts)(x))
        ((29,), True)
    """

    num_exercises: int = eqx.field(static=True)

    @property
    def num_uniforms(self) -> int:
        return len(RANGES) + 3 * self.num_exercises

    def point(self, uniforms: Float[Array, "steps"]) -> Inputs:
        settings = uniforms[: len(RANGES)]
        jitter, *noises = jnp.split(uniforms[len(RANGES) :], 3)
        forward_noise, volatility_noise = (_normals(noise) for noise in noises)
        shares = dict(zip(RANGES, settings, strict=True))
        drawn = {name: _between(bounds, shares[name]) for name, bounds in RANGES.items()}
        spacings = _between(SPACING_RANGE, jitter)
        first = _between(jnp.log(jnp.asarray(RANGES["first_exercise"])), shares["first_exercise"])
        expiries = jnp.exp(first) + jnp.cumsum(spacings) - spacings
        forwards = _forwards(drawn, expiries, spacings) + _FORWARD_NOISE * forward_noise
        volatilities = _volatilities(drawn, expiries) * (1.0 + _VOLATILITY_NOISE * volatility_noise)
        inputs = AnnualInputs(
            drawn["mean_reversion"],
            forwards,
            jnp.sqrt(expiries) * volatilities,
            jnp.zeros(()),
            spacings,
        )
        strike = inputs.swap_rates[0] + drawn["strike_spread"]
        return inputs._replace(strike=strike).point

    def accepts(self, x: Inputs) -> Bool[Array, ""]:
        inputs = AnnualInputs.of(x)
        variances = inputs.deviations**2
        starts = inputs.times[:-1]
        growth = jax.vmap(lambda t: decay_integral(-2.0 * inputs.mean_reversion, t))(starts)
        steps, totals = jnp.diff(variances), inputs.total_volatilities**2
        local = jnp.sqrt(jnp.maximum(steps, 0.0) / jnp.diff(growth))
        years = variances[0] / jnp.maximum(local[0], LOCAL_RANGE[0]) ** 2
        low, high = RANGES["strike_spread"]
        spread = inputs.strike - inputs.swap_rates[0]
        return (
            jnp.all(steps >= (LEAST_GROWTH - 1.0) * variances[:-1])
            & _within(local, LOCAL_RANGE)
            & jnp.all(
                jnp.abs(jnp.diff(jnp.log(jnp.maximum(local, 1e-9)))) <= jnp.log(LARGEST_RATIO)
            )
            & _within(years, FIRST_RANGE)
            & jnp.all(jnp.abs(jnp.diff(inputs.forwards)) <= LARGEST_STEP)
            & (_roughness(inputs.forwards) <= ROUGHEST_CURVE)
            & (_roughness(totals) <= ROUGHEST_VARIANCE * jnp.mean(jnp.diff(totals)))
            & _within(spread, (low - 1e-9, high + 1e-9))
        )

    def describe(self) -> str:
        low, high = RANGES["strike_spread"]
        return (
            f"has a strike from {low:+} to {high:+} around the first swap rate, forward rates with steps up to {LARGEST_STEP}, "
            f"{ROUGHEST_CURVE} from a smooth curve in root mean square, total variances {ROUGHEST_VARIANCE} steps from one, "
            f"and total volatilities that ask for short-rate volatilities in {LOCAL_RANGE}, neighbours within a factor of "
            f"{LARGEST_RATIO:g}, each exercise with {LEAST_GROWTH - 1.0:.0%} more variance than the one before"
        )

    def record(self) -> dict[str, Any]:
        return {
            "law": "annual_bermudan",
            "num_exercises": self.num_exercises,
            "ranges": {name: list(bounds) for name, bounds in RANGES.items()},
            "spacing_range": list(SPACING_RANGE),
            "local_range": list(LOCAL_RANGE),
            "largest_ratio": LARGEST_RATIO,
            "first_range": list(FIRST_RANGE),
            "least_growth": LEAST_GROWTH,
            "largest_step": LARGEST_STEP,
            "roughest": [ROUGHEST_CURVE, ROUGHEST_VARIANCE],
            "noises": [_FORWARD_NOISE, _VOLATILITY_NOISE],
        }


def _between(bounds: Any, uniform: Any) -> Any:
    return bounds[0] + (bounds[1] - bounds[0]) * uniform


def _roughness(values: Exercises) -> Scalar:
    """Root mean square of what a cubic in the number of the exercise leaves."""
    powers = np.vander(np.linspace(-1.0, 1.0, values.shape[0]), 4)
    smooth = powers @ np.linalg.pinv(powers)
    return jnp.sqrt(jnp.mean((values - jnp.asarray(smooth) @ values) ** 2))


def _within(values: Array, bounds: Range) -> Bool[Array, ""]:
    return jnp.all((values >= bounds[0]) & (values <= bounds[1]))


def _normals(uniforms: Exercises) -> Exercises:
    return jax.scipy.special.ndtri(jnp.clip(uniforms, 1e-6, 1.0 - 1e-6))


def _forwards(drawn: Mapping[str, Scalar], expiries: Exercises, spacings: Exercises) -> Exercises:
    """Simple forward rates of the periods from each expiry on."""
    curve = NelsonSiegel(drawn["beta0"], drawn["beta1"], drawn["beta2"], drawn["tau"])
    discount = jax.vmap(curve.discount_factor)
    return (discount(expiries) / discount(expiries + spacings) - 1.0) / spacings


def _volatilities(drawn: Mapping[str, Scalar], expiries: Exercises) -> Exercises:
    """Normal volatilities by Rebonato's formula, tilted along the exercises."""
    bent = (drawn["a"] + drawn["b"] * expiries) * jnp.exp(-drawn["c"] * expiries) + drawn["d"]
    place = jnp.linspace(-1.0, 1.0, expiries.shape[0])
    low, high = VOLATILITY_RANGE
    return jnp.clip(bent * (1.0 + drawn["tilt"] * place), low, high)
