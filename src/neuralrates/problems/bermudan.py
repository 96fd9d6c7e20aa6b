"""The ten-year annual Bermudan swaption, first call after one year, in ten inputs.

Inputs and the reason for their ranges:

- `mean_reversion` in [-0.01, 0.10]: desks calibrate Hull-White mean reversions of 0 to 5 percent to
  swaption matrices, now and then slightly negative; the upper end leaves room.
- `volatility_1..4` in [0.004, 0.016], short-rate volatility on (0, 2.5], (2.5, 5], (5, 7.5] and
  (7.5, 10] years: quoted at-the-money normal volatilities of swaptions into the rest of ten years
  were 63 bp (USD, 2019-12-30), 70 to 76 bp (EUR, 2016-02-05) and 95 to 107 bp (USD, 2024-03-19); a
  short rate with mean reversion 0.10 moves half as much again as its nine-year swap rate.
- `beta0..2`, `tau` of a Nelson-Siegel curve: least-squares fits to the one- to ten-year zero yields
  of Gurkaynak, Sack and Wright (2007), every day from 2001 to 2025, with tau held between one and
  four years (median residual 0.3 bp, at worst 4.4 bp): the box holds 97.4 percent of the 6,190 days.
- `strike_spread` in [-0.015, 0.015] over the swap rate from year one to year ten.

Each range is a box of its own, so that corners hold curves no market has shown; the certificate
is therefore stricter than daily use.
"""

import functools

import jax
import jax.numpy as jnp

from neuralrates.core.functions import largest
from neuralrates.core.types import Inputs, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.coterminal import coterminal_values_at_once
from neuralrates.pricers.gaussian.jamshidian import coterminal_values
from neuralrates.problems.domain import Axis, Domain
from neuralrates.problems.problem import ControlPrices, Problem
from neuralrates.products.swaption import Side, Swaption
from neuralrates.surrogates.bounded import Bounds

VOLATILITY_TIMES = (2.5, 5.0, 7.5)
CALL_TIMES = tuple(float(year) for year in range(1, 10))
PAYMENT_TIMES = tuple(float(year) for year in range(2, 11))
DOMAIN = Domain(
    (
        Axis("mean_reversion", "per year", -0.01, 0.10),
        Axis("volatility_1", "per square root of year", 0.004, 0.016),
        Axis("volatility_2", "per square root of year", 0.004, 0.016),
        Axis("volatility_3", "per square root of year", 0.004, 0.016),
        Axis("volatility_4", "per square root of year", 0.004, 0.016),
        Axis("beta0", "decimal per year", 0.01, 0.075),
        Axis("beta1", "decimal per year", -0.065, 0.02),
        Axis("beta2", "decimal per year", -0.08, 0.02),
        Axis("tau", "years", 1.0, 4.0),
        Axis("strike_spread", "decimal", -0.015, 0.015),
    )
)

REFERENCE = BackwardInduction(tolerance=1e-8, num_points=48, num_boundaries=1)
"""Fixed for the whole box: over it, within 2e-9 of four times the nodes."""

CONTROL_PRICES = ControlPrices(
    names=tuple(f"european_{year:.0f}y" for year in CALL_TIMES),
    prices=coterminal_values,
    are_lower_bounds=True,
)


@functools.cache
def ten_year_bermudan(side: Side, pricer: BackwardInduction = REFERENCE) -> Problem:
    """The ten-year annual Bermudan in ten inputs, its nine coterminal Europeans as control prices.

    Args:
        side: `receiver` or `payer` of the fixed rate
        pricer: the reference, its choices settled

    Returns:
        The problem, named `ten_year_bermudan_receiver` or `ten_year_bermudan_payer`.

    Source: the inputs are those of Gomez Casanova et al. (2024), section 3.2; the ranges are ours.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> problem = nr.problems.ten_year_bermudan("receiver")
        >>> x = jnp.array([0.03, 0.01, 0.01, 0.01, 0.01, 0.04, -0.02, -0.02, 2.0, 0.0])
        >>> print(f"{problem(x).value:.6f}")
        0.041337
    """
    rising = side == "receiver"
    return Problem(
        name=f"ten_year_bermudan_{side}",
        domain=DOMAIN,
        build=functools.partial(build, side=side),
        pricer=pricer,
        control_prices=CONTROL_PRICES,
        increasing=("strike_spread",) if rising else (),
        decreasing=() if rising else ("strike_spread",),
        known_bounds=functools.partial(known_bounds, side=side),
        coordinates=coordinates,
    )


def known_bounds(x: Inputs, side: Side) -> Bounds:
    """The best of the coterminal Europeans, and their sum."""
    europeans = coterminal_values_at_once(*build(x, side))
    return Bounds(largest(europeans), jnp.sum(europeans))


def coordinates(x: Inputs) -> dict[str, Scalar]:
    """Moneyness, mean volatility, mean reversion, and level and slope of the curve (long less short end)."""
    return {
        "moneyness": x[9],
        "volatility": jnp.mean(x[1:5]),
        "mean reversion": x[0],
        "curve level": x[5],
        "curve slope": -x[6],
    }


def build(x: Inputs, side: Side) -> tuple[HullWhite, Swaption]:
    """Model and trade at one point of the domain."""
    mean_reversion, volatility, (beta0, beta1, beta2, tau, spread) = x[0], x[1:5], x[5:10]
    curve = NelsonSiegel(beta0, beta1, beta2, tau)
    model = HullWhite(curve, mean_reversion, volatility, VOLATILITY_TIMES)
    strike = at_the_money_rate(curve) + spread
    return model, Swaption(CALL_TIMES, PAYMENT_TIMES, [1.0] * 9, strike=strike, side=side)


def at_the_money_rate(curve: AbstractDiscountCurve) -> Scalar:
    """Swap rate from year one to year ten: the first coterminal swap's."""
    discount = jax.vmap(curve.discount_factor)(jnp.array([CALL_TIMES[0], *PAYMENT_TIMES]))
    return (discount[0] - discount[-1]) / jnp.sum(discount[1:])
