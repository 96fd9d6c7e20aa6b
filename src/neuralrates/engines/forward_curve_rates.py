"""Coterminal swap rates of a dated trade, as the forward-curve engines read them from a market."""

from typing import NamedTuple

import jax
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.types import Exercises
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.traced_quotes import after, quoted
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


def rates_of(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Rates:
    """Coterminal swap rates of one trade with exercises."""
    discount, _ = shape.with_inputs(inputs)
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    times = flow_times + inputs.elapsed
    discount_factors = jax.vmap(after(inputs.elapsed, discount.discount_factor))(times)
    starts = trade.start_times - inputs.elapsed
    return Rates(coterminals, discount_factors, flow_times, starts, quotes, trade.alive)
