"""The input vector of many instruments: market, model, contract terms, and which instrument it is."""

from collections.abc import Mapping
from types import MappingProxyType

import jax.numpy as jnp
import numpy as np

from neuralrates.core.checks import check_choice
from neuralrates.core.types import Inputs, Scalar
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.heston import Heston
from neuralrates.models.hull_white import HullWhite

CURVE_TIMES = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 30.0)
INSTRUMENTS = (
    "floating_rate_note",
    "fixed_rate_bond",
    "swap",
    "caplet",
    "cap",
    "european_swaption",
    "bermudan_swaption",
    "index_option",
    "gold_option",
)
CURVE = tuple(f"zero_{time:g}" for time in CURVE_TIMES)
RATE_MODEL = ("mean_reversion", "volatility")
ASSET_MODEL = (
    "variance",
    "variance_reversion",
    "long_variance",
    "variance_volatility",
    "correlation",
    "carry",
)
TERMS: Mapping[str, Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "floating_rate_note": {
            "tenor": (0.05, 2.0),
            "note_spread": (-0.002, 0.004),
            "discount_margin": (-0.002, 0.004),
            "index_rate": (0.0, 0.06),
        },
        "fixed_rate_bond": {"tenor": (0.5, 30.0), "coupon": (0.0, 0.06)},
        "swap": {"tenor": (1.0, 10.0), "strike_spread": (-0.015, 0.015)},
        "caplet": {"expiry": (0.25, 5.0), "strike_spread": (-0.015, 0.015)},
        "cap": {"tenor": (1.0, 10.0), "strike_spread": (-0.015, 0.015)},
        "european_swaption": {
            "expiry": (0.25, 5.0),
            "tenor": (1.0, 10.0),
            "strike_spread": (-0.015, 0.015),
        },
        "bermudan_swaption": {
            "expiry": (1.0, 5.0),
            "tenor": (2.0, 10.0),
            "strike_spread": (-0.015, 0.015),
        },
        "index_option": {"expiry": (0.04, 2.0), "log_moneyness": (-1.5, 1.0)},
        "gold_option": {"expiry": (0.04, 2.0), "log_moneyness": (-1.0, 1.0)},
    }
)
"""Contract terms of each instrument and their ranges; terms that an instrument does not have are zero."""

CONTRACT = (
    "expiry",
    "tenor",
    "strike_spread",
    "log_moneyness",
    "coupon",
    "note_spread",
    "discount_margin",
    "index_rate",
)
CODES = tuple(f"is_{name}" for name in INSTRUMENTS)
INPUTS = CURVE + RATE_MODEL + ASSET_MODEL + CONTRACT + CODES


def instrument_number(name: str) -> int:
    """Position of an instrument.

    Raises:
        ValueError: for an unknown instrument, with the known ones

    Example:
        >>> from neuralrates.problems.instrument_inputs import instrument_number
        >>> instrument_number("swap")
        2
    """
    check_choice("name", name, INSTRUMENTS)
    return INSTRUMENTS.index(name)


def named(x: Inputs) -> dict[str, Scalar]:
    """Inputs by name."""
    return dict(zip(INPUTS, x, strict=True))


def rate_model(x: Inputs) -> HullWhite:
    """Hull-White on the curve of a point: a natural spline through its zero rates."""
    curve = ZeroCurve(jnp.asarray(CURVE_TIMES), x[: len(CURVE)], "natural_spline")
    at = named(x)
    return HullWhite(curve, at["mean_reversion"], at["volatility"])


def asset_model(at: Mapping[str, Scalar]) -> Heston:
    """Stochastic variance of the asset, from inputs by name."""
    return Heston(
        at["variance"],
        at["variance_reversion"],
        at["long_variance"],
        at["variance_volatility"],
        at["correlation"],
    )


def term_bounds(instrument: str) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest contract terms of an instrument, in the order of `CONTRACT`."""
    ranges = [TERMS[instrument].get(name, (0.0, 0.0)) for name in CONTRACT]
    return np.array([low for low, _ in ranges]), np.array([high for _, high in ranges])
