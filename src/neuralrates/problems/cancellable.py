"""The ten-year annual swap that may be cancelled every year: today in ten inputs, at future dates in twelve.

The inputs are those of `ten_year_bermudan`, drawn by the generator of joint learning; the strike is a spread over the
ten-year swap rate of today. At a future date come the time, one of the nine dates of cancellation, and the state of the
model; the value is that of keeping the swap there.
"""

import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from neuralrates.core.functions import largest
from neuralrates.core.types import Exercises, Inputs, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.cancellable import Cancellable, swap_value
from neuralrates.pricers.gaussian.coterminal import (
    coterminal_values_at_once,
    held_values_at_once,
)
from neuralrates.pricers.gaussian.held import HeldPricer, beside_right, held_europeans
from neuralrates.pricers.gaussian.jamshidian import coterminal_values
from neuralrates.problems.baselines import coterminal_baseline
from neuralrates.problems.bermudan import (
    CALL_TIMES,
    DOMAIN,
    PAYMENT_TIMES,
    REFERENCE,
    VOLATILITY_TIMES,
    coordinates,
)
from neuralrates.problems.density import AbstractDensity
from neuralrates.problems.domain import Axis, Domain
from neuralrates.problems.generator import Case, MarketGenerator
from neuralrates.problems.problem import ControlPrices, Problem
from neuralrates.products.cancellable import CancellableSwap, opposite
from neuralrates.products.held import HeldProduct
from neuralrates.products.swap import Side, Swap
from neuralrates.products.swaption import Swaption
from neuralrates.surrogates.bounded import Bounds
from neuralrates.surrogates.corrected import Baseline

SWAP_TIMES = (1.0, *PAYMENT_TIMES)
DEVIATIONS = 4.0
"""Standard deviations of the state that a future date may be away from its mean."""
STATE_LIMIT = 0.35
HELD_REFERENCE = BackwardInduction(tolerance=1e-13, num_points=72, num_boundaries=1)
"""Wide enough for the Gaussian average from any state of the domain, which a price today would not need."""
_WIDENING = 1.25
_NAMES = tuple(f"european_{year:.0f}y" for year in CALL_TIMES)


@functools.cache
def ten_year_cancellable(
    side: Side, case: Case = "IV", induction: BackwardInduction = REFERENCE
) -> Problem:
    """The cancellable swap today, its nine coterminal Europeans as control prices.

    Args:
        side: of the swap, `payer` or `receiver` of the fixed rate
        case: which inputs vary, see `MarketGenerator`
        induction: the reference, its choices settled

    Returns:
        The problem, named `ten_year_cancellable_payer` or `ten_year_cancellable_receiver`; other cases than IV say so.

    Source: Gomez Casanova et al. (2024), section 2.4; the ranges are ours.

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> problem = nr.problems.ten_year_cancellable("payer")
        >>> x = problem.domain.sample(jax.random.key(0), 1)[0]
        >>> bool(problem(x).value > jax.jit(problem.lower_bound)(x))
        True
    """
    return Problem(
        name=_name(side, case),
        domain=Domain(DOMAIN.axes, MarketGenerator(case)),
        build=functools.partial(build, side=side),
        pricer=Cancellable(induction),
        control_prices=ControlPrices(_NAMES, _europeans, are_lower_bounds=True, beside=swap_value),
        increasing=("strike_spread",) if side == "receiver" else (),
        decreasing=() if side == "receiver" else ("strike_spread",),
        baseline=functools.partial(baseline, side=side),
        known_bounds=functools.partial(_bounds, side=side),
        bounds_are_cheap=True,
        coordinates=coordinates,
    )


@functools.cache
def ten_year_cancellable_held(
    side: Side, case: Case = "IV", induction: BackwardInduction = HELD_REFERENCE
) -> Problem:
    """The cancellable swap kept at each of its nine dates, in any state of the model: twelve inputs.

    Args:
        side: of the swap, `payer` or `receiver` of the fixed rate
        case: which market inputs vary, see `MarketGenerator`
        induction: the reference, its choices settled

    Returns:
        The problem, named `ten_year_cancellable_payer_held` or its mirror; values in currency of the date.

    Source: Gomez Casanova et al. (2024), section 4.4; the law of the states is ours.

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> problem = nr.problems.ten_year_cancellable_held("payer")
        >>> problem.domain.names[-2:]
        ('time', 'state')
    """
    axes = (
        *DOMAIN.axes,
        Axis("time", "years", CALL_TIMES[0], CALL_TIMES[-1]),
        Axis("state", "of the linear Gauss-Markov model", -STATE_LIMIT, STATE_LIMIT),
    )
    return Problem(
        name=_name(side, case) + "_held",
        domain=Domain(axes, HeldDensity(MarketGenerator(case))),
        build=functools.partial(build_held, side=side),
        pricer=HeldPricer(induction),
        control_prices=ControlPrices(
            _NAMES, held_europeans, are_lower_bounds=True, beside=beside_right
        ),
        increasing=("strike_spread",) if side == "receiver" else (),
        decreasing=() if side == "receiver" else ("strike_spread",),
        baseline=functools.partial(baseline_held, side=side),
        known_bounds=functools.partial(_bounds_held, side=side),
        coordinates=_coordinates_held,
    )


def held_domains(case: Case = "IV") -> tuple[Domain, ...]:
    """Domain of the held problem at each of its dates alone, in order."""
    axes = ten_year_cancellable_held("payer").domain.axes
    generator = MarketGenerator(case)
    return tuple(Domain(axes, HeldDensity(generator, year)) for year in CALL_TIMES)


def _name(side: Side, case: Case) -> str:
    return f"ten_year_cancellable_{side}" + ("" if case == "IV" else f"_case_{case.lower()}")


def build(x: Inputs, side: Side) -> tuple[HullWhite, CancellableSwap]:
    """Model and cancellable swap at one point of the domain."""
    mean_reversion, volatility, (beta0, beta1, beta2, tau, spread) = x[0], x[1:5], x[5:10]
    curve = NelsonSiegel(beta0, beta1, beta2, tau)
    model = HullWhite(curve, mean_reversion, volatility, VOLATILITY_TIMES)
    strike = ten_year_rate(curve) + spread
    swap = Swap(SWAP_TIMES, [1.0] * 10, strike=strike, side=side)
    right = Swaption(CALL_TIMES, PAYMENT_TIMES, [1.0] * 9, strike=strike, side=opposite(side))
    return model, CancellableSwap(swap, right)


def build_held(x: Inputs, side: Side) -> tuple[HullWhite, HeldProduct]:
    """Model and cancellable swap kept at a date, at one point of the larger domain."""
    model, product = build(x[:10], side)
    return model, HeldProduct(
        product, jax.lax.stop_gradient(x[10]), x[11]
    )  # dates are given: no slope


def baseline(x: Inputs, side: Side) -> Baseline:
    """What closed forms nearly say of the swap today and its Europeans."""
    model, product = build(x, side)
    beside = swap_value(model, product)
    return coterminal_baseline(x, model, product.right, 0.0, model.initial_state, beside)


def baseline_held(x: Inputs, side: Side) -> Baseline:
    """The same at a date."""
    model, held = build_held(x, side)
    beside = beside_right(model, held)
    return coterminal_baseline(x, model, held.right, held.time, held.state, beside)


def ten_year_rate(curve: AbstractDiscountCurve) -> Scalar:
    """Swap rate of the ten years from today."""
    discount = jax.vmap(curve.discount_factor)(jnp.array(SWAP_TIMES))
    return (1.0 - discount[-1]) / jnp.sum(discount)


def _bounds(x: Inputs, side: Side) -> Bounds:
    """The swap with the best of the Europeans, and with all of them."""
    model, product = build(x, side)
    swap = swap_value(model, product)
    europeans = coterminal_values_at_once(model, product.right)
    return Bounds(swap + largest(europeans), swap + jnp.sum(europeans))


def _bounds_held(x: Inputs, side: Side) -> Bounds:
    """The same at a date."""
    model, held = build_held(x, side)
    beside = beside_right(model, held)
    europeans = held_values_at_once(model, held)
    return Bounds(beside + largest(europeans), beside + jnp.sum(europeans))


def _coordinates_held(x: Inputs) -> dict[str, Scalar]:
    """Those of today, the date, and the state in its own deviations."""
    return coordinates(x) | {"time": x[10], "state": x[11] / _deviation(x[:10], x[10])}


def _europeans(model: HullWhite, product: CancellableSwap) -> Exercises:
    return coterminal_values(model, product.right)


class HeldDensity(AbstractDensity):
    """Market from a generator, one of the nine dates, and a state a quarter wider than its law, up to four deviations.

    Args:
        market: generator of the first ten inputs
        year: the one date drawn; any of the nine when None
    """

    market: MarketGenerator
    year: float | None = eqx.field(static=True, default=None)

    @property
    def num_uniforms(self) -> int:
        return self.market.num_uniforms + 2

    def point(self, uniforms: Float[Array, "steps"]) -> Inputs:
        x = self.market.point(uniforms[:-2])
        which = jnp.minimum(jnp.floor(uniforms[-2] * len(CALL_TIMES)), len(CALL_TIMES) - 1.0)
        time = 1.0 + which if self.year is None else jnp.asarray(self.year)
        state = _WIDENING * jax.scipy.special.ndtri(uniforms[-1]) * _deviation(x, time)
        return jnp.concatenate([x, jnp.stack([time, state])])

    def accepts(self, x: Inputs) -> Bool[Array, ""]:
        near = jnp.min(jnp.abs(jnp.asarray(CALL_TIMES) - x[10])) < 1e-9
        reachable = jnp.abs(x[11]) <= DEVIATIONS * _deviation(x[:10], x[10])
        return self.market.accepts(x[:10]) & near & reachable

    def describe(self) -> str:
        return (
            f"{self.market.describe()}, sits at one of the years {CALL_TIMES} and within {DEVIATIONS:g} standard "
            "deviations of the state"
        )

    def record(self) -> dict[str, Any]:
        return {
            "law": "market_date_state",
            "market": self.market.record(),
            "year": self.year,
            "deviations": DEVIATIONS,
            "widening": _WIDENING,
        }


def _deviation(x: Inputs, time: Scalar) -> Scalar:
    """Standard deviation of the model's state at a time."""
    flat = NelsonSiegel(0.0, 0.0, 0.0, 1.0)
    return jnp.sqrt(HullWhite(flat, x[0], x[1:5], VOLATILITY_TIMES).variance(time))
