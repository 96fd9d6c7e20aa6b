"""Reference prices of nine instruments as functions of one input vector, and cheap analytic ones beside them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import normal_density, normal_distribution
from neuralrates.core.types import Inputs, Scalar
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.gaussian.bachelier import bachelier
from neuralrates.pricers.gaussian.backward_induction import (
    BackwardInduction,
    run_induction,
    value_today,
)
from neuralrates.pricers.gaussian.caplet import GaussianCaplet
from neuralrates.pricers.gaussian.floating_rate_note import floating_rate_note_price
from neuralrates.pricers.gaussian.jamshidian import european_value
from neuralrates.pricers.heston.characteristic_function import heston_call
from neuralrates.problems.instrument_inputs import INSTRUMENTS, asset_model, named, rate_model
from neuralrates.products.caplet import Caplet
from neuralrates.products.fixed_rate_bond import FixedRateBond
from neuralrates.products.floating_rate_note import FloatingRateNote
from neuralrates.products.swaption import Swaption

BERMUDAN = BackwardInduction(tolerance=1e-6, num_points=24, num_boundaries=1)
ACCRUAL = 0.25
_LONGEST_SWAP, _LONGEST_BOND, _LONGEST_NOTE = 10, 30, 2
_POWER = 5

Terms = dict[str, Scalar]
Priced = tuple[Scalar, Scalar]
"""The reference price and the cheap one."""


def annual_leg(
    curve: AbstractDiscountCurve, start: Scalar, tenor: Scalar
) -> tuple[Float[Array, "flows"], Float[Array, "flows"], Scalar]:
    """Times and accruals of yearly payments, a shorter one last, with the swap rate; those beyond the end have accrual zero."""
    years = jnp.arange(float(_LONGEST_SWAP))
    accruals = jnp.clip(tenor - years, 0.0, 1.0)
    times = start + jnp.where(accruals > 0.0, years + accruals, 1.0)
    discount = jax.vmap(curve.discount_factor)(times)
    ends = curve.discount_factor(start) - curve.discount_factor(start + tenor)
    return times, accruals, ends / jnp.sum(accruals * discount)


def floating_rate_note(model: HullWhite, at: Terms) -> Priced:
    """Clean price of a Treasury floating rate note; beside it par plus what the spread exceeds the margin by."""
    note = FloatingRateNote.regular(at["tenor"], at["note_spread"], at["index_rate"], _LONGEST_NOTE)
    margin = at["discount_margin"]
    return (
        floating_rate_note_price(model, note, margin),
        1.0 + (at["note_spread"] - margin) * at["tenor"],
    )


def fixed_rate_bond(model: HullWhite, at: Terms) -> Priced:
    """Clean price of a bond; beside it the price at one yield, the zero rate of its maturity."""
    bond = FixedRateBond(at["coupon"], at["tenor"], _LONGEST_BOND)
    flat = model.curve.zero_rate(at["tenor"])
    return (
        bond.clean_price(model.curve.discount_factor),
        bond.clean_price(lambda time: jnp.exp(-flat * time)),
    )


def swap(model: HullWhite, at: Terms) -> Priced:
    """Payer swap from today, struck off its par rate; beside it the spread times an annuity at one rate."""
    times, accruals, _ = annual_leg(model.curve, jnp.zeros(()), at["tenor"])
    discount = jax.vmap(model.curve.discount_factor)(times)
    flat = jnp.exp(-model.curve.zero_rate(at["tenor"]) * times)
    spread = -at["strike_spread"]
    return spread * jnp.sum(accruals * discount), spread * jnp.sum(accruals * flat)


def _caplet_bachelier(model: HullWhite, start: Scalar, end: Scalar, strike: Scalar) -> Scalar:
    """Caplet by the normal model of its forward rate, with the deviation that the rate has to first order."""
    length = end - start
    forward = model.curve.forward_rate(start, end)
    spread = (model.loading(end) - model.loading(start)) / length * (1.0 + length * forward)
    volatility = spread * jnp.sqrt(model.variance(start) / start)
    one = jnp.ones(())
    value = bachelier(forward, strike, volatility, start, one)
    return length * model.curve.discount_factor(end) * value


def _caplet_exact(model: HullWhite, start: Scalar, end: Scalar, strike: Scalar) -> Scalar:
    return GaussianCaplet()(model, Caplet(start, end, strike)).value


def caplet(model: HullWhite, at: Terms) -> Priced:
    """Caplet on a quarter, struck off its forward rate; beside it Bachelier's."""
    start, end = at["expiry"], at["expiry"] + ACCRUAL
    strike = model.curve.forward_rate(start, end) + at["strike_spread"]
    return (
        _caplet_exact(model, start, end, strike),
        _caplet_bachelier(model, start, end, strike),
    )


def cap(model: HullWhite, at: Terms) -> Priced:
    """Cap on quarters from the first reset after today, struck off the swap rate; beside it Bachelier's."""
    strike = annual_leg(model.curve, jnp.zeros(()), at["tenor"])[2] + at["strike_spread"]
    starts = ACCRUAL * jnp.arange(1.0, _LONGEST_SWAP / ACCRUAL)
    ends = jnp.maximum(jnp.minimum(starts + ACCRUAL, at["tenor"]), starts)
    lasting = ends > starts

    def total(one: Callable[..., Scalar]) -> Scalar:
        values = jax.vmap(lambda start, end: one(model, start, end, strike))(
            starts, jnp.where(lasting, ends, starts + ACCRUAL)
        )
        return jnp.sum(jnp.where(lasting, values, 0.0))

    return total(_caplet_exact), total(_caplet_bachelier)


def _bachelier_swaption(
    annuity: Float[Array, "flows"],
    floating: Float[Array, "flows"],
    strike: Scalar,
    loadings: Float[Array, "flows"],
    variance: Scalar,
) -> Scalar:
    """Payer swaption on bonds worth so much today, its swap rate normal with the deviation it has to first order."""
    total = jnp.sum(annuity)
    rate = jnp.sum(floating) / total
    deviation = jnp.abs((floating - rate * annuity) @ loadings) * jnp.sqrt(variance)
    safe = jnp.maximum(deviation, 1e-12)
    moneyness = (rate - strike) * total / safe
    return safe * (normal_density(moneyness) + moneyness * normal_distribution(moneyness))


def european_swaption(model: HullWhite, at: Terms) -> Priced:
    """Payer swaption struck off its forward swap rate; beside it Bachelier's."""
    times, accruals, rate = annual_leg(model.curve, at["expiry"], at["tenor"])
    strike = rate + at["strike_spread"]
    ends = jnp.stack([at["expiry"], at["expiry"] + at["tenor"]])
    flow_times = jnp.concatenate([ends, times])
    discount = jax.vmap(model.curve.discount_factor)(flow_times)
    annuity = jnp.concatenate([jnp.zeros(2), accruals]) * discount
    floating = jnp.concatenate([jnp.array([1.0, -1.0]), 0.0 * accruals]) * discount
    loadings = jax.vmap(model.loading)(flow_times)
    variance = model.variance(at["expiry"])
    return (
        european_value(floating - strike * annuity, loadings, variance),
        _bachelier_swaption(annuity, floating, strike, loadings, variance),
    )


def bermudan_product(model: HullWhite, at: Terms) -> Swaption:
    """Payer swaption with yearly exercise into the rest of one swap; later exercises than the swap are into nothing."""
    times, accruals, rate = annual_leg(model.curve, at["expiry"], at["tenor"])
    years = jnp.arange(float(_LONGEST_SWAP))
    starts = at["expiry"] + years
    alive = (years < at["tenor"]).astype(jnp.float64)
    entered = (years[None, :] >= years[:, None]).astype(jnp.float64) * alive[:, None]
    begins = jnp.eye(_LONGEST_SWAP) * alive[:, None]
    end = jnp.reshape(at["expiry"] + at["tenor"], (1,))
    nothing = jnp.zeros((_LONGEST_SWAP, 1))
    return Swaption.from_weights(
        exercise_times=starts,
        flow_times=jnp.concatenate([starts, times, end]),
        annuity_weights=jnp.concatenate([0.0 * begins, entered * accruals[None, :], nothing], 1),
        floating_weights=jnp.concatenate([begins, 0.0 * entered, -alive[:, None]], 1),
        strike=rate + at["strike_spread"],
        side="payer",
    )


def bermudan_swaption(model: HullWhite, at: Terms) -> Priced:
    """Yearly exercisable payer swaption; beside it the norm of order five of its coterminal Bachelier prices."""
    product = bermudan_product(model, at)
    discount = jax.vmap(model.curve.discount_factor)(product.flow_times)[None, :]
    alive = jnp.any(product.floating_weights != 0.0, axis=1)
    annuity = jnp.where(alive[:, None], product.annuity_weights * discount, 1.0)
    coterminal = jax.vmap(_bachelier_swaption, in_axes=(0, 0, None, None, 0))(
        annuity,
        product.floating_weights * discount,
        product.strike,
        jax.vmap(model.loading)(product.flow_times),
        jax.vmap(model.variance)(product.exercise_times),
    )
    powers = jnp.where(alive, coterminal + 1e-12, 0.0) ** _POWER
    return (
        value_today(run_induction(BERMUDAN, model, product)),
        jnp.sum(powers) ** (1.0 / _POWER),
    )


def option(model: HullWhite, at: Terms) -> Priced:
    """Call per unit of spot under stochastic variance; beside it Black-Scholes at the expected average variance."""
    expiry, asset = at["expiry"], asset_model(at)
    discount = model.curve.discount_factor(expiry)
    forward = jnp.log(discount) + at["carry"] * expiry
    moneyness = at["log_moneyness"] + forward
    paid = jnp.exp(-at["carry"] * expiry)
    deviation = jnp.sqrt(expiry * asset.average_variance(expiry))
    return (
        paid * heston_call(asset, moneyness, expiry),
        paid * black_call(moneyness, deviation),
    )


PRICES: Mapping[str, Callable[[HullWhite, Terms], Priced]] = MappingProxyType(
    dict(
        zip(
            INSTRUMENTS,
            (
                floating_rate_note,
                fixed_rate_bond,
                swap,
                caplet,
                cap,
                european_swaption,
                bermudan_swaption,
                option,
                option,
            ),
            strict=True,
        )
    )
)


def price_and_baseline(x: Inputs, instrument: str) -> Priced:
    """Reference price of an instrument at a point, and the cheap one, per unit notional (options: of spot).

    Args:
        x: the inputs in order
        instrument: its name; the codes in x are not looked at

    Returns:
        Both prices.
    """
    return PRICES[instrument](rate_model(x), named(x))
