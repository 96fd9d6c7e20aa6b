"""Nine instruments as one problem: the vector says which one is meant."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.problems.domain import Axis, Domain
from neuralrates.problems.instrument_density import MODEL_RANGES, ZERO_RANGE, InstrumentDensity
from neuralrates.problems.instrument_inputs import (
    ASSET_MODEL,
    CODES,
    CONTRACT,
    CURVE,
    INPUTS,
    INSTRUMENTS,
    RATE_MODEL,
    named,
    rate_model,
    term_bounds,
)
from neuralrates.problems.instrument_prices import BERMUDAN, PRICES, Priced, Terms
from neuralrates.problems.problem import ControlPrices, Problem
from neuralrates.surrogates.bounded import Bounds
from neuralrates.surrogates.corrected import Baseline

_CLOSED_FORM_ERROR = 1e-9
_DIFFERENT = tuple(dict.fromkeys(PRICES.values()))
_BRANCH = np.array([_DIFFERENT.index(price) for price in PRICES.values()])
_UNITS = {
    "mean_reversion": "per year",
    "volatility": "per square root of year",
    "variance": "per year",
    "variance_reversion": "per year",
    "long_variance": "per year",
    "variance_volatility": "per year",
    "correlation": "none",
    "carry": "decimal per year",
    "expiry": "years",
    "tenor": "years",
    "strike_spread": "decimal",
    "log_moneyness": "none",
    "coupon": "decimal per year",
    "note_spread": "decimal per year",
    "discount_margin": "decimal per year",
    "index_rate": "decimal per year",
}


class Contract(eqx.Module):
    """A contract among nine, by the vector that says which and on what terms.

    Args:
        x: the inputs in order
    """

    x: Inputs


class InstrumentPricer(AbstractPricer):
    """Reference of each instrument: closed forms, and backward induction for Bermudans.

    A vector that names no instrument, or several, has no price: the value is NaN.
    """

    def __call__(self, model: HullWhite, product: Contract) -> Price:
        code = product.x[-len(CODES) :]
        value = _one(model, product.x, 0)
        known = (jnp.max(code) == 1.0) & (jnp.sum(jnp.abs(code)) == 1.0)
        bermudan = code[INSTRUMENTS.index("bermudan_swaption")] == 1.0
        error = jnp.where(bermudan, BERMUDAN.tolerance, _CLOSED_FORM_ERROR)
        return Price(jnp.where(known, value, jnp.nan), error)

    def order(self) -> float | None:
        return None


@functools.partial(jax.custom_jvp, nondiff_argnums=(2,))
def _one(model: HullWhite, x: Inputs, which: int) -> Scalar:
    """Reference price (0) or cheap price (1) of the instrument that x names."""
    return _chosen(x, [_priced(price, which) for price in _DIFFERENT], model)


@_one.defjvp
def _one_with_slopes(
    which: int, point: tuple[HullWhite, Inputs], along: tuple[HullWhite, Inputs]
) -> tuple[Scalar, Scalar]:
    """Price and derivative, each branch differentiated by itself: differentiating the switch would compile for minutes."""
    both = [jax.value_and_grad(_priced(price, which), argnums=(0, 1)) for price in _DIFFERENT]
    value, slopes = _chosen(point[1], both, point[0])
    pairs = zip(jax.tree.leaves(slopes), jax.tree.leaves(along), strict=True)
    return value, sum((jnp.vdot(slope, step) for slope, step in pairs), jnp.zeros(()))


def _priced(price: Callable[[HullWhite, Terms], Priced], which: int) -> Callable[..., Scalar]:
    return lambda model, x: price(model, named(x))[which]


def _chosen(x: Inputs, branches: Sequence[Callable[..., Any]], model: HullWhite) -> Any:
    """What the branch of the instrument that x names says."""
    return jax.lax.switch(jnp.asarray(_BRANCH)[jnp.argmax(x[-len(CODES) :])], branches, model, x)


def build(x: Inputs) -> tuple[HullWhite, Contract]:
    """Model and contract at one point."""
    return rate_model(x), Contract(x)


def _held(model: HullWhite, product: Contract) -> Scalar:
    """What a contract holds beside any right: a swap is worth what its flows are, all others are never below zero."""
    at, is_swap = named(product.x), product.x[INPUTS.index("is_swap")] == 1.0
    value = PRICES["swap"](model, at | {"tenor": jnp.where(is_swap, at["tenor"], 1.0)})[0]
    return jnp.where(is_swap, value, 0.0)


def _no_control_prices(model: HullWhite, product: Contract) -> Outputs:
    return jnp.zeros(0)


def baseline(x: Inputs) -> Baseline:
    """The inputs as they are, and the cheap price of the instrument; corrections in units of the notional."""
    value = _one(rate_model(x), x, 1)
    return Baseline(x, jnp.reshape(value, (1,)), jnp.ones(1))


def _axes() -> tuple[Axis, ...]:
    bounds = [term_bounds(name) for name in INSTRUMENTS]
    low = np.min([low for low, _ in bounds], axis=0)
    high = np.max([high for _, high in bounds], axis=0)
    terms = zip(CONTRACT, low, high, strict=True)
    return (
        *(Axis(name, "decimal per year", *ZERO_RANGE) for name in CURVE),
        *(Axis(name, _UNITS[name], *MODEL_RANGES[name]) for name in RATE_MODEL + ASSET_MODEL),
        *(
            Axis(name, _UNITS[name], float(lowest), float(highest))
            for name, lowest, highest in terms
        ),
        *(Axis(name, "0 or 1", 0.0, 1.0) for name in CODES),
    )


@functools.cache
def nine_instruments() -> Problem:
    """Floating rate note, bond, swap, caplet, cap, swaptions and options on an index and on gold, in 35 inputs.

    Returns:
        The problem, named `nine_instruments`; its baseline is the cheap analytic price.

    Example:
        >>> import neuralrates as nr
        >>> problem = nr.problems.nine_instruments()
        >>> len(problem.domain.names), problem.domain.names[-1]
        (35, 'is_gold_option')
    """
    return Problem(
        name="nine_instruments",
        domain=Domain(_axes(), InstrumentDensity()),
        build=build,
        pricer=InstrumentPricer(),
        control_prices=ControlPrices((), _no_control_prices, are_lower_bounds=False, beside=_held),
        baseline=baseline,
        known_bounds=_bounds,
        bounds_are_cheap=True,
        coordinates=_coordinates,
    )


def _bounds(x: Inputs) -> Bounds:
    """Of a swap its own value, which its flows say; of all others nothing below zero."""
    value, is_swap = _floor(x), x[INPUTS.index("is_swap")] > 0.5
    return Bounds(value, jnp.where(is_swap, value, jnp.inf))


def _swap(x: Inputs) -> Scalar:
    return PRICES["swap"](rate_model(x), named(x))[0]


def _nothing(x: Inputs) -> Scalar:
    return 0.0 * x[0]


@jax.custom_jvp
def _floor(x: Inputs) -> Scalar:
    """Least value of what x names; a swap's flows are looked at only for a swap."""
    return jax.lax.cond(x[INPUTS.index("is_swap")] > 0.5, _swap, _nothing, x)


@_floor.defjvp
def _floor_with_slopes(point: tuple[Inputs], along: tuple[Inputs]) -> tuple[Scalar, Scalar]:
    both = [jax.value_and_grad(branch) for branch in (_swap, _nothing)]
    value, slope = jax.lax.cond(point[0][INPUTS.index("is_swap")] > 0.5, *both, point[0])
    return value, slope @ along[0]


def _coordinates(x: Inputs) -> dict[str, Scalar]:
    """Number of the instrument, moneyness of swaptions, expiry, volatility, level and slope of the curve."""
    at = named(x)
    return {
        "instrument": jnp.argmax(x[-len(CODES) :]).astype(jnp.float64),
        "moneyness": at["strike_spread"],
        "expiry": at["expiry"],
        "volatility": at["volatility"],
        "curve level": at["zero_10"],
        "curve slope": at["zero_30"] - at["zero_0.25"],
    }
