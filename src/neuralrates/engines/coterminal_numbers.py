"""What the one-factor engine computes from a market for one trade by JAX: all else needs nothing but these numbers."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.calibration.coterminal import out_of_the_money, rate_moves, still
from neuralrates.core.functions import decay_between, largest, normal_density
from neuralrates.core.types import (
    Exercises,
    HostArray,
    HostExercises,
    HostScalar,
    Scalar,
)
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor_fit import held_value, quoted
from neuralrates.trades.padded_trade import PaddedTrade

_FEW = 8
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)


class Numbers(NamedTuple):
    """Functions of the market's numbers that a price is a function of.

    Args:
        held: value of the swap held less the premium due, per unit notional
        present_values: value today of each flow of the receiver swap that an exercise enters
        loadings: $H(T_k) - H(T_n)$ of the flow times, years, from that of the last
        targets: quoted values of the Europeans that are out of the money
        starts: variances of the state at which the swap rates have their quoted deviations near the money
    """

    held: HostScalar
    present_values: Float[HostArray, "exercises flows"]
    loadings: Float[HostArray, "flows"]
    targets: HostExercises
    starts: HostExercises


class Facts(NamedTuple):
    """What goes with them, and no derivative is taken of.

    Args:
        sides: +1 where the European out of the money is the receiver, -1 where it is the payer
        centres: average of the loadings, weighted by the annuity
        slopes: movement of the swap rate per unit of the state
        deviations: quoted, of the swap rates, decimals
        vegas: derivatives of the targets to the quoted volatilities
        still: whether a quote says that its rate does not move
        mean_loadings: average of H - H(T_n) from each exercise to the next, weighted by the growth of the variance
        forwards: forward swap rates, decimals
        quotes: normal volatilities
    """

    sides: HostExercises
    centres: HostExercises
    slopes: HostExercises
    deviations: HostExercises
    vegas: HostExercises
    still: Bool[HostArray, "exercises"]
    mean_loadings: HostExercises
    forwards: HostExercises
    quotes: HostExercises


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of stacked trades, compiled with little optimising: with none where they are few.

    A program of closed forms runs for milliseconds, and compiling it is what a user waits for: without this a first book of a
    thousand trades with first derivatives took 41 seconds for 25, and a tenth more memory than a gigabyte.
    """
    compiled: Any = eqx.filter_jit  # its signature leaves out what it passes to `jax.jit`
    options = {"xla_cpu_use_fusion_emitters": False, "xla_llvm_disable_expensive_passes": True}
    few, many = (
        compiled(function, compiler_options=options | {"xla_backend_optimization_level": level})
        for level in (0, 1)
    )

    @functools.wraps(function)
    def run(shape: MarketShape, trades: Any, *rest: Any) -> Any:
        return (few if trades.strike.shape[0] <= _FEW else many)(shape, trades, *rest)

    return run


def numbers_of(
    shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> tuple[Numbers, Facts]:
    """Numbers of one trade with exercises."""
    held = held_value(shape, trade, inputs)
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    end = largest(flow_times)
    loadings = -jax.vmap(lambda t: decay_between(inputs.mean_reversion, t, end))(flow_times)
    moved = jax.vmap(rate_moves, in_axes=(0, 0, None))(
        coterminals.present_values, coterminals.annuity_values, loadings
    )
    targets = jax.vmap(out_of_the_money, in_axes=(0, 0, None, 0, 0))(
        coterminals.annuities, coterminals.forwards, trade.strike, coterminals.expiries, quotes
    )
    deviations = quotes * jnp.sqrt(coterminals.expiries)
    distances = (coterminals.forwards - trade.strike) / jnp.where(deviations > 0.0, deviations, 1.0)
    vegas = coterminals.annuities * jnp.sqrt(coterminals.expiries) * normal_density(distances)
    facts = Facts(
        jnp.where(coterminals.forwards > trade.strike, 1.0, -1.0),
        moved.centre,
        moved.slope,
        deviations,
        vegas,
        still(quotes, coterminals.expiries),
        _mean_loadings(coterminals.expiries, inputs.mean_reversion, end),
        coterminals.forwards,
        quotes,
    )
    numbers = Numbers(
        held,
        trade.alive[:, None] * coterminals.present_values,
        loadings,
        targets,
        (deviations / moved.slope) ** 2,
    )
    return numbers, jax.lax.stop_gradient(facts)


def _mean_loadings(expiries: Exercises, mean_reversion: Scalar, end: Scalar) -> Exercises:
    """Average of H - H(end) up to each expiry since the one before, at constant volatility of the short rate."""

    def one(start: Scalar, stop: Scalar) -> Scalar:
        times = start + 0.5 * (stop - start) * (1.0 + jnp.asarray(_POINTS))
        weights = jnp.asarray(_WEIGHTS) * jnp.exp(2.0 * mean_reversion * (times - start))
        loadings = -jax.vmap(lambda t: decay_between(mean_reversion, t, end))(times)
        return jnp.sum(weights * loadings) / jnp.sum(weights)

    return jax.vmap(one)(jnp.concatenate([jnp.zeros(1), expiries[:-1]]), expiries)


@compiled
def all_numbers(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> tuple[Numbers, Facts]:
    """Numbers of stacked trades with exercises."""
    return jax.vmap(lambda trade: numbers_of(shape, trade, inputs))(trades)


@compiled
def pulled_back(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, weights: Numbers
) -> MarketInputs:
    """Derivatives of weights times numbers to the market's numbers, per trade."""

    def one(trade: PaddedTrade, weight: Numbers) -> MarketInputs:
        _, back = jax.vjp(lambda at: numbers_of(shape, trade, at)[0], inputs)
        found: MarketInputs
        (found,) = back(weight)
        return found

    return jax.vmap(one)(trades, weights)


@compiled
def swaps(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, with_gradient: bool
) -> tuple[Float[Array, "batch"], MarketInputs | None]:
    """Values of stacked trades without exercises, and their derivatives to the market's numbers."""

    def one(trade: PaddedTrade) -> tuple[Scalar, MarketInputs | None]:
        def held(at: MarketInputs) -> Scalar:
            return held_value(shape, trade, at)

        return jax.value_and_grad(held)(inputs) if with_gradient else (held(inputs), None)

    return jax.vmap(one)(trades)
