"""The two-factor numbers of a trade, traced and differentiated by JAX: what the engine's own are compared with."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import out_of_the_money, still
from neuralrates.core.functions import decay_between, decay_integral, largest, normal_density
from neuralrates.core.types import Scalar
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.traced_quotes import held_value, quoted
from neuralrates.engines.two_factor_numbers import PlaneFacts, PlaneNumbers
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.trades.padded_trade import PaddedTrade

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
Pair = Float[Array, "factors"]
Matrix = Float[Array, "factors factors"]


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
