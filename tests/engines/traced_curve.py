"""Numbers of the forward-curve engines traced by JAX: the second method that those by hand are held against."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from benchmarks.support.traced_recurrence import in_units
from jaxtyping import Array, Float

from calibration.traced_curve import CurveMoves, curve_moves
from neuralrates.calibration.coterminal import Coterminals, out_of_the_money, rate_moves, still
from neuralrates.core.functions import normal_density
from neuralrates.core.types import Exercises, Scalar
from neuralrates.engines.coterminal_numbers import Facts, Numbers
from neuralrates.engines.forward_curve_correction import Correction, shipped
from neuralrates.engines.forward_curve_numbers import CurveNumbers
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.traced_quotes import after, held_value, quoted
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.trades.padded_trade import PaddedTrade

Flows = Float[Array, "flows"]
Features = Float[Array, "exercises features"]
_SATURATION = 3.0
_SMALLEST = 1e-9


class CurveFacts(NamedTuple):
    """As the engines' own."""

    factor: Facts
    moves: CurveMoves
    features: Features
    deviation: Scalar


class Rates(NamedTuple):
    """Coterminal swap rates of a trade and what is known of them.

    Args:
        coterminals: European swaptions of the exercises
        discount_factors: of the flow times
        flow_times: years
        start_times: of the swaps, years
        quotes: normal volatilities at the strike
        alive: one where an exercise is real
    """

    coterminals: Coterminals
    discount_factors: Flows
    flow_times: Flows
    start_times: Exercises
    quotes: Exercises
    alive: Exercises


def rates_of(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Rates:
    """Coterminal swap rates of one trade with exercises."""
    discount, _ = shape.with_inputs(inputs)
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    times = flow_times + inputs.elapsed
    discount_factors = jax.vmap(after(inputs.elapsed, discount.discount_factor))(times)
    starts = trade.start_times - inputs.elapsed
    return Rates(coterminals, discount_factors, flow_times, starts, quotes, trade.alive)


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


def correction_of(
    correction: Correction, rates: Rates, moves: CurveMoves, shift: float, sign: Scalar
) -> Scalar:
    """Correction of one trade per unit notional."""
    features = features_of(rates, moves, shift, sign)
    return deviation_of_value(rates) * in_units(correction.weights, features, rates.alive)


def numbers_from(
    parameters: ForwardCurveParameters, rates: Rates, held: Scalar
) -> tuple[Numbers, Facts, CurveMoves]:
    """Numbers of one trade, as the one-factor engine wants them, with loadings that the forward curve asks for."""
    coterminals, quotes = rates.coterminals, rates.quotes
    moves = curve_moves(parameters, *rates)
    moved = jax.vmap(rate_moves, in_axes=(0, 0, None))(
        coterminals.present_values, coterminals.annuity_values, moves.loadings
    )
    targets = jax.vmap(out_of_the_money, in_axes=(0, 0, None, 0, 0))(
        coterminals.annuities,
        coterminals.forwards,
        coterminals.strike,
        coterminals.expiries,
        quotes,
    )
    deviations = quotes * jnp.sqrt(coterminals.expiries)
    distances = (coterminals.forwards - coterminals.strike) / jnp.where(
        deviations > 0.0, deviations, 1.0
    )
    facts = Facts(
        jnp.where(coterminals.forwards > coterminals.strike, 1.0, -1.0),
        moved.centre,
        moved.slope,
        deviations,
        coterminals.annuities * jnp.sqrt(coterminals.expiries) * normal_density(distances),
        still(quotes, coterminals.expiries),
        _mean_loadings(rates, moves.loadings),
        coterminals.forwards,
        quotes,
    )
    numbers = Numbers(
        held,
        rates.alive[:, None] * coterminals.present_values,
        moves.loadings,
        targets,
        (deviations / moved.slope) ** 2,
    )
    return numbers, jax.lax.stop_gradient(facts), moves


def _mean_loadings(rates: Rates, loadings: Float[Array, "flows"]) -> Exercises:
    """Loading halfway between neighbouring exercises, straight between the flow times."""
    expiries = rates.coterminals.expiries
    starts = jnp.concatenate([jnp.zeros(1), expiries[:-1]])
    return jnp.interp(0.5 * (starts + expiries), rates.flow_times, loadings)


def curve_numbers_of(
    shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> tuple[CurveNumbers, CurveFacts]:
    """Numbers of one trade with exercises."""
    rates, shift = rates_of(shape, trade, inputs), shape.forward_curve.shift
    held, sign = held_value(shape, trade, inputs), jnp.asarray(trade.option_sign)
    numbers, facts, moves = numbers_from(shape.forward_curve, rates, held)
    correction = correction_of(shipped(), rates, moves, shift, sign)
    known = CurveFacts(
        facts, moves, features_of(rates, moves, shift, sign), deviation_of_value(rates)
    )
    return CurveNumbers(numbers, correction), jax.lax.stop_gradient(known)
