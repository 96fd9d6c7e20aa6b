"""Contracts on the forward curve of a market: today's curve on the nodes, the volatility scaled to today's quotes."""

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.bundles.bundle import Bundle
from neuralrates.calibration.scale_to_quote import volatility_scale
from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.types import ArrayLike, Inputs, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.market import CurrencyMarket
from neuralrates.models.forward_curve import SMALLEST_FORWARD
from neuralrates.pricers.forward_curve.forward_swaption import RateVariance
from neuralrates.pricers.gaussian.bachelier import bachelier
from neuralrates.problems.forward_curve import OnForwardCurve, forward_point

TERMS = ("expiry", "length", "strike")
LARGEST_STRIKE = 0.5
_QUOTED = MappingProxyType({"caplet": "caps", "swaption": "swaptions"})


def check_on_forward_curve(bundle: Bundle) -> OnForwardCurve:
    """The contract of a bundle whose inputs a market and three terms can fill.

    Raises:
        InputError: where the bundle is of another kind
    """
    match bundle.problem.family:
        case OnForwardCurve() as family:
            return family
    raise InputError(
        "expected a bundle on the forward curve, such as forward_caplet or forward_swaption, beside --market, "
        f"found {bundle.problem.name}"
    )


def fault_of_terms(shape: OnForwardCurve, terms: Sequence[float]) -> tuple[str, str] | None:
    """The term that no model can be asked for, and what was expected; None where all are well."""
    expiry, length, strike = terms
    if not expiry > 0.0:
        return "expiry", f"expected years above zero, found {expiry:g}"
    if not (length > 0.0 and expiry + length <= shape.horizon):
        expected = f"above zero that end within {shape.horizon:g} years of today"
        return "length", f"expected years {expected}, found {length:g} after {expiry:g}"
    if not 0.0 <= strike <= LARGEST_STRIKE:
        return (
            "strike",
            f"expected a decimal from 0 to {LARGEST_STRIKE} (0.03, not 3.0), found {strike:g}",
        )
    return None


@door
def points_on_market(
    bundle: Bundle, market: CurrencyMarket, terms: ArrayLike
) -> Float[np.ndarray, "samples inputs"]:
    """Inputs of a bundle on the forward curve: nodes of the market's discount curve, and volatilities that meet its quotes.

    The volatility is scaled so that the surrogate's price at the money, same expiry and length, is the quoted one: that of
    the matrix of swaptions, or of the cap that ends with the caplet. Where that scale lies outside the domain, so that the
    reference will price, it is the one of the square-root law.

    Args:
        bundle: of caplets or swaptions on the forward curve
        market: curves and quotes of one currency
        terms: expiry and length in years and strike, a row a contract, none at fault (`fault_of_terms`)

    Returns:
        Points of the bundle's domain; the scale is NaN where no scale meets the quote.

    Raises:
        InputError: where the market lacks the quotes, or its forward rates are too low for the model

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.desk.example import example_files
        >>> bundle, (_, file) = nr.bundles.load("forward_swaption"), example_files()
        >>> x = nr.bundles.points_on_market(bundle, nr.market.load(file)["USD"], [[5.0, 5.0, 0.04]])
        >>> print(f"{x[0, 50]:.3f}")
        0.968
    """
    shape = check_on_forward_curve(bundle)
    quotes = market.swaption_volatility if shape.kind == "swaption" else market.cap_volatility
    if quotes is None:
        raise InputError(
            f"expected normal volatilities of {_QUOTED[shape.kind]} of {market.currency}, found none",
            file=market.source.file or None,
        )
    if quotes.quote_type != "normal" and shape.kind != "swaption":
        raise InputError(
            f"expected normal volatilities of {_QUOTED[shape.kind]} of {market.currency}, found {quotes.quote_type} ones",
            file=market.source.file or None,
        )
    curve = market.curves.discount
    run = eqx.filter_jit(eqx.filter_vmap(partial(_scaled, bundle.surrogate, shape, curve, quotes)))
    points = np.asarray(run(as_array(terms)))
    _check_forwards(points[:, : shape.num_nodes], market)
    return points


def _check_forwards(forwards: Float[np.ndarray, "samples nodes"], market: CurrencyMarket) -> None:
    """Raise where the model cannot be on a curve."""
    lowest = float(np.min(forwards))
    if not lowest >= SMALLEST_FORWARD:
        raise InputError(
            f"expected forward rates of {market.currency} of at least {SMALLEST_FORWARD}, found {lowest:.6f}",
            file=market.source.file or None,
        )


def _scaled(
    surrogate: Any,
    shape: OnForwardCurve,
    curve: AbstractDiscountCurve,
    quotes: Any,
    terms: Float[Array, "terms"],
) -> Inputs:
    """Point of one contract, at the scale that meets the quote at the money."""
    expiry, length, strike = terms
    unscaled = forward_point(shape.kind, curve, expiry, length, strike, num_nodes=shape.num_nodes)

    def point(scale: Scalar, strike: Scalar) -> Inputs:
        return unscaled.at[shape.num_nodes].set(scale).at[-1].set(strike)

    swap = RateVariance.of(*shape.build(unscaled))
    by_length = shape.kind == "swaption"
    volatility = (
        quotes.at_strike(expiry, length, swap.rate, swap.rate)
        if by_length
        else quotes(expiry + length, swap.rate)
    )
    quote = swap.annuity * bachelier(swap.rate, swap.rate, volatility, expiry, jnp.ones(()))
    learned = volatility_scale(lambda scale: surrogate(point(scale, swap.rate))[0], quote)
    lawful = volatility_scale(lambda s: shape.baseline(point(s, swap.rate)).value[0], quote)
    inside = shape.domain().contains(point(learned, strike))
    return point(jnp.where(inside, learned, lawful), strike)
