"""What the forward-curve engines compute from a market for one trade: numbers of a factor that moves as the curve does."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import Coterminals, out_of_the_money, rate_moves, still
from neuralrates.calibration.curve_coterminals import CurveMoves, curve_moves
from neuralrates.core.functions import normal_density
from neuralrates.core.types import Exercises, Scalar
from neuralrates.engines.coterminal_numbers import Facts, Numbers, compiled
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor_fit import after, held_value, quoted
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.trades.padded_trade import PaddedTrade

Flows = Float[Array, "flows"]


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


def _mean_loadings(rates: Rates, loadings: Flows) -> Exercises:
    """Loading halfway between neighbouring exercises, straight between the flow times."""
    expiries = rates.coterminals.expiries
    starts = jnp.concatenate([jnp.zeros(1), expiries[:-1]])
    return jnp.interp(0.5 * (starts + expiries), rates.flow_times, loadings)


def rates_of(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Rates:
    """Coterminal swap rates of one trade with exercises."""
    discount, _ = shape.with_inputs(inputs)
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    times = flow_times + inputs.elapsed
    discount_factors = jax.vmap(after(inputs.elapsed, discount.discount_factor))(times)
    starts = trade.start_times - inputs.elapsed
    return Rates(coterminals, discount_factors, flow_times, starts, quotes, trade.alive)


def curve_numbers_of(
    shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> tuple[Numbers, Facts, CurveMoves]:
    """Numbers of one trade with exercises."""
    rates = rates_of(shape, trade, inputs)
    return numbers_from(shape.forward_curve, rates, held_value(shape, trade, inputs))


@compiled
def all_curve_numbers(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> tuple[Numbers, Facts, CurveMoves]:
    """Numbers of stacked trades with exercises."""
    return jax.vmap(lambda trade: curve_numbers_of(shape, trade, inputs))(trades)


@compiled
def all_rates(shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs) -> Rates:
    """Coterminal swap rates of stacked trades with exercises."""
    return jax.vmap(lambda trade: rates_of(shape, trade, inputs))(trades)


@compiled
def curve_pulled_back(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, weights: Numbers
) -> MarketInputs:
    """Derivatives of weights times numbers to the market's numbers, per trade."""

    def one(trade: PaddedTrade, weight: Numbers) -> MarketInputs:
        _, back = jax.vjp(lambda at: curve_numbers_of(shape, trade, at)[0], inputs)
        found: MarketInputs
        (found,) = back(weight)
        return found

    return jax.vmap(one)(trades, weights)
