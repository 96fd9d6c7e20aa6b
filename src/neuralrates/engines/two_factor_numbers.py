"""What the two-factor engine computes from a market for one trade by JAX: all else needs nothing but these numbers."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.calibration.coterminal import out_of_the_money, still
from neuralrates.core.functions import decay_between, decay_integral, largest, normal_density
from neuralrates.core.types import HostArray, HostExercises, HostScalar, Scalar
from neuralrates.engines.coterminal_numbers import compiled
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor_fit import held_value, quoted
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.trades.padded_trade import PaddedTrade

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)

Pair = Float[Array, "factors"]
Matrix = Float[Array, "factors factors"]


class PlaneNumbers(NamedTuple):
    """Functions of the market's numbers that a price is a function of.

    Args:
        held: value of the swap held less the premium due, per unit notional
        present_values: value today of each flow of the receiver swap that an exercise enters
        loadings: $H(T_k) - H(T_n)$ of the flow times by factor, years, from that of the last
        growths: of the state's covariance up to each exercise since the one before, at unit volatility of the first factor
        targets: quoted values of the Europeans that are out of the money
    """

    held: HostScalar
    present_values: Float[HostArray, "exercises flows"]
    loadings: Float[HostArray, "flows factors"]
    growths: Float[HostArray, "exercises factors factors"]
    targets: HostExercises


class PlaneFacts(NamedTuple):
    """What goes with them, and no derivative is taken of.

    Args:
        sides: +1 where the European out of the money is the receiver, -1 where it is the payer
        annuities: value of a unit of strike, years
        deviations: quoted, of the swap rates, decimals
        vegas: derivatives of the targets to the quoted volatilities
        still: whether a quote says that its rate does not move
        drifts: of the state in the bank-account measure up to each exercise since the one before, at unit volatility
        forwards: forward swap rates, decimals
        quotes: normal volatilities
    """

    sides: HostExercises
    annuities: HostExercises
    deviations: HostExercises
    vegas: HostExercises
    still: Bool[HostArray, "exercises"]
    drifts: Float[HostArray, "exercises factors"]
    forwards: HostExercises
    quotes: HostExercises


def plane_numbers_of(
    shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs
) -> tuple[PlaneNumbers, PlaneFacts]:
    """Numbers of one trade with exercises."""
    held = held_value(shape, trade, inputs)
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    end, expiries = largest(flow_times), coterminals.expiries
    reversions, scale = _law(shape.two_factor, inputs.mean_reversion)
    starts = jnp.concatenate([jnp.zeros(1), expiries[:-1]])
    loadings = -jax.vmap(lambda t: _between(reversions, t, end))(flow_times)
    targets = jax.vmap(out_of_the_money, in_axes=(0, 0, None, 0, 0))(
        coterminals.annuities, coterminals.forwards, trade.strike, expiries, quotes
    )
    deviations = quotes * jnp.sqrt(expiries)
    distances = (coterminals.forwards - trade.strike) / jnp.where(deviations > 0.0, deviations, 1.0)
    numbers = PlaneNumbers(
        held,
        trade.alive[:, None] * coterminals.present_values,
        loadings,
        jax.vmap(lambda s, t: scale * _growth(reversions, s, t))(starts, expiries),
        targets,
    )
    facts = PlaneFacts(
        jnp.where(coterminals.forwards > trade.strike, 1.0, -1.0),
        coterminals.annuities,
        deviations,
        coterminals.annuities * jnp.sqrt(expiries) * normal_density(distances),
        still(quotes, expiries),
        jax.vmap(lambda s, t: _drift(reversions, scale, s, t, end))(starts, expiries),
        coterminals.forwards,
        quotes,
    )
    return numbers, jax.lax.stop_gradient(facts)


def _law(parameters: TwoFactorParameters, mean_reversion: Scalar) -> tuple[Pair, Matrix]:
    """Mean reversions of the factors, and the covariance of their short rates at unit volatility of the first."""
    reversions = jnp.stack(
        [jnp.asarray(parameters.fast_mean_reversion), jnp.asarray(mean_reversion)]
    )
    ratio, mixed = (
        parameters.volatility_ratio,
        parameters.correlation * parameters.volatility_ratio,
    )
    return reversions, jnp.asarray([[ratio * ratio, mixed], [mixed, 1.0]])


def _between(reversions: Pair, start: Scalar, end: Scalar) -> Pair:
    return jax.vmap(decay_between, in_axes=(0, None, None))(reversions, start, end)


def _growth(reversions: Pair, start: Scalar, end: Scalar) -> Matrix:
    """$\\int_s^t e^{(\\kappa_i + \\kappa_j) r} dr$."""
    rates = -(reversions[:, None] + reversions[None, :])
    pairs = jax.vmap(jax.vmap(decay_integral, in_axes=(0, None)), in_axes=(0, None))
    return jnp.exp(-rates * start) * pairs(rates, end - start)


def _drift(reversions: Pair, scale: Matrix, start: Scalar, end: Scalar, last: Scalar) -> Pair:
    """$-\\int dZ (H - H(T_n))$ over an interval."""
    times = start + 0.5 * (end - start) * (1.0 + jnp.asarray(_POINTS))
    weights = 0.5 * (end - start) * jnp.asarray(_WEIGHTS)

    def at(time: Scalar, weight: Scalar) -> Pair:
        growth = jnp.exp((reversions[:, None] + reversions[None, :]) * time) * scale
        return weight * growth @ _between(reversions, time, last)

    return jnp.sum(jax.vmap(at)(times, weights), axis=0)


@compiled
def all_plane_numbers(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs
) -> tuple[PlaneNumbers, PlaneFacts]:
    """Numbers of stacked trades with exercises."""
    return jax.vmap(lambda trade: plane_numbers_of(shape, trade, inputs))(trades)


@compiled
def plane_pulled_back(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, weights: PlaneNumbers
) -> MarketInputs:
    """Derivatives of weights times numbers to the market's numbers, per trade."""

    def one(trade: PaddedTrade, weight: PlaneNumbers) -> MarketInputs:
        _, back = jax.vjp(lambda at: plane_numbers_of(shape, trade, at)[0], inputs)
        found: MarketInputs
        (found,) = back(weight)
        return found

    return jax.vmap(one)(trades, weights)
