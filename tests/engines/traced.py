"""The one-factor numbers and model of a trade, traced and differentiated by JAX: what the engine's own are compared with."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.calibration.coterminal import out_of_the_money, rate_moves, still
from neuralrates.calibration.volatility import fit_gaussian
from neuralrates.core.functions import decay_between, largest, normal_density
from neuralrates.core.types import Exercises, Scalar
from neuralrates.engines.coterminal_numbers import Facts, Numbers
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.traced_quotes import held_value, quoted
from neuralrates.trades.padded_trade import PaddedTrade

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PADDING_SHARE = 1e-3
"""Least step of variance between exercises that are only padding, of all before; a smaller one is lost to rounding."""


class Fit(NamedTuple):
    """The one-factor model of one trade, calibrated, in the form its pricer wants.

    Args:
        variances: of the state at the exercise times
        loadings: $H(T_k) - H(T_n)$ of the flow times, years, from that of the last
        present_values: value today of each flow received on exercise
        residual: model minus quoted normal volatility, per exercise
        expiries: exercise times, years
        end: time of the last flow, years
        forwards: forward swap rates of the European swaptions that it meets, decimals
        quotes: their normal volatilities
    """

    variances: Exercises
    loadings: Float[Array, "flows"]
    present_values: Float[Array, "exercises flows"]
    residual: Exercises
    expiries: Exercises
    end: Scalar
    forwards: Exercises
    quotes: Exercises


def fit(shape: MarketShape, trade: PaddedTrade, inputs: MarketInputs) -> Fit:
    """Calibrate the model of one trade to the European swaptions of its exercise times."""
    coterminals, flow_times, quotes = quoted(shape, trade, inputs)
    found = fit_gaussian(coterminals, flow_times, inputs.mean_reversion, quotes)
    return Fit(
        _beyond_the_last(found.variances, trade.alive),
        found.loadings,
        trade.option_sign * trade.alive[:, None] * coterminals.present_values,
        trade.alive * found.residuals,
        coterminals.expiries,
        found.end,
        coterminals.forwards,
        quotes,
    )


def _beyond_the_last(variances: Exercises, alive: Exercises) -> Exercises:
    """Variances that go on growing evenly through exercises that are only padding."""
    steps = jnp.diff(jnp.concatenate([jnp.zeros(1), variances]))
    last = jnp.max(jnp.where(alive > 0.0, variances, 0.0))
    padding = jnp.maximum(variances[0], _PADDING_SHARE * last)
    steps = jnp.where(alive > 0.0, steps, jax.lax.stop_gradient(padding))
    return jnp.cumsum(steps)


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
