"""What the forward-curve engines compute from a market for one trade: numbers of a factor that moves as the curve does."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import out_of_the_money, rate_moves, still
from neuralrates.calibration.curve_coterminals import CurveMoves, curve_moves
from neuralrates.core.checks import as_array
from neuralrates.core.functions import normal_density
from neuralrates.core.types import Exercises, HostArray, HostScalar, Scalar
from neuralrates.engines.coterminal_numbers import Facts, Numbers
from neuralrates.engines.forward_curve_correction import (
    correction_of,
    deviation_of_value,
    features_of,
    shipped,
)
from neuralrates.engines.forward_curve_rates import Rates, rates_of
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.traced_quotes import held_value
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.trades.padded_trade import PaddedTrade

_FEW = 8
_SIZES = (1, 8, 32, 128)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of stacked trades, compiled with little optimising, for few sizes: the last trade is repeated up to one."""
    compiled: Any = eqx.filter_jit  # its signature leaves out what it passes to `jax.jit`
    options = {"xla_cpu_use_fusion_emitters": False, "xla_llvm_disable_expensive_passes": True}
    few, many = (
        compiled(function, compiler_options=options | {"xla_backend_optimization_level": level})
        for level in (0, 1)
    )

    @functools.wraps(function)
    def run(shape: MarketShape, trades: Any, inputs: MarketInputs, *rest: Any) -> Any:
        count = trades.strike.shape[0]
        size = next((size for size in _SIZES if size >= count), count)
        rows = np.minimum(np.arange(size), count - 1)
        padded, others = jax.tree.map(lambda leaf: as_array(np.asarray(leaf)[rows]), (trades, rest))
        found = (few if size <= _FEW else many)(shape, padded, inputs, *others)
        return jax.tree.map(lambda leaf: np.asarray(leaf)[:count], found)

    return run


class CurveNumbers(NamedTuple):
    """Functions of the market's numbers that a price is a function of.

    Args:
        factor: of the one factor that moves as the curve does
        correction: learned, of what it misses, per unit notional
    """

    factor: Numbers
    correction: HostScalar


class CurveFacts(NamedTuple):
    """What goes with them, and no derivative is taken of.

    Args:
        factor: of the same factor
        moves: how the curve moves the trade's rates
        features: what the correction was given of each date
        deviation: the unit of a correction
    """

    factor: Facts
    moves: CurveMoves
    features: Float[HostArray, "exercises features"]
    deviation: HostScalar


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


@compiled
def all_curve_numbers(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> tuple[CurveNumbers, CurveFacts]:
    """Numbers of stacked trades with exercises."""
    return jax.vmap(lambda trade: curve_numbers_of(shape, trade, inputs))(trades)


@compiled
def all_rates(shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs) -> Rates:
    """Coterminal swap rates of stacked trades with exercises."""
    return jax.vmap(lambda trade: rates_of(shape, trade, inputs))(trades)


@compiled
def curve_pulled_back(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, weights: CurveNumbers
) -> MarketInputs:
    """Derivatives of weights times numbers to the market's numbers, per trade."""

    def one(trade: PaddedTrade, weight: CurveNumbers) -> MarketInputs:
        _, back = jax.vjp(lambda at: curve_numbers_of(shape, trade, at)[0], inputs)
        found: MarketInputs
        (found,) = back(weight)
        return found

    return jax.vmap(one)(trades, weights)
