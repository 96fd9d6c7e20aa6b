"""Monte Carlo of one price at a time: antithetic normals, drawn beforehand, and a control variate for each instrument."""

import functools
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.heston.simulation import law_given_variance
from neuralrates.problems.instrument_inputs import asset_model, named, rate_model
from neuralrates.problems.instrument_prices import ACCRUAL, annual_leg

KEY = 41
SETS, LARGEST_WORK = 8, 2**21
_SMALLEST_VARIANCE = 1e-16

Normals = Float[Array, "..."]
Price = Callable[[Float[Array, "inputs"], Normals], Float[Array, ""]]


def simulated(price: Price, shape: tuple[int, ...], x: np.ndarray) -> tuple[np.ndarray, float]:
    """Values by several sets of random numbers, and processor seconds of one once compiled, one after the other."""
    points = jnp.asarray(x)
    count = max(1, min(SETS, LARGEST_WORK // int(np.prod(shape))))
    sets = [_normals(key, shape) for key in jax.random.split(jax.random.key(KEY), count)]
    jax.block_until_ready(_many(points, sets[0], price))
    began = time.process_time()
    values = [np.asarray(_many(points, normals, price)) for normals in sets]
    return np.stack(values), (time.process_time() - began) / (count * len(x))


@functools.partial(jax.jit, static_argnames="price")
def _many(rows: Float[Array, "batch inputs"], normals: Normals, price: Price) -> Array:
    return jax.lax.map(lambda row: price(row, normals), rows)


def _normals(key: PRNGKeyArray, shape: tuple[int, ...]) -> Normals:
    """Antithetic standard normals; paths along the last axis."""
    half = jax.random.normal(key, (*shape[:-1], shape[-1] // 2), dtype=jnp.float64)
    return jnp.concatenate([half, -half], axis=-1)


def option(x: Float[Array, "inputs"], normals: Normals) -> Float[Array, ""]:
    """Call under stochastic variance: mean of its lognormal prices given the variance; controlled by the martingale asset."""
    at = named(x)
    expiry, model = at["expiry"], asset_model(at)
    forward = jnp.log(rate_model(x).curve.discount_factor(expiry)) + at["carry"] * expiry
    moneyness = at["log_moneyness"] + forward
    mean, variance = law_given_variance(model, expiry, normals)
    gains = mean * jax.vmap(black_call)(moneyness - jnp.log(mean), jnp.sqrt(variance))
    return jnp.exp(-at["carry"] * expiry) * _controlled(gains, mean, jnp.ones(()))


def _controlled(
    gains: Float[Array, "paths"], control: Float[Array, "paths"], expected: Float[Array, ""]
) -> Float[Array, ""]:
    """Mean of the gains, corrected by what the control's mean is off; the regression is over antithetic pairs."""
    gains, control = (jnp.mean(jnp.reshape(a, (2, -1)), axis=0) for a in (gains, control))
    middle = jnp.mean(control)
    off = control - middle
    slope = jnp.mean(off * gains) / jnp.maximum(jnp.mean(off * off), _SMALLEST_VARIANCE)
    return jnp.mean(gains) - slope * (middle - expected)


def _portfolio(
    x: Float[Array, "inputs"],
    amounts: Float[Array, "flows"],
    times: Float[Array, "flows"],
    normals: Normals,
) -> Float[Array, ""]:
    """A right to bonds at its expiry, in units of the numeraire; the control is the bonds without the right."""
    model = rate_model(x)
    loadings = jax.vmap(model.loading)(times)
    variance = model.variance(named(x)["expiry"])
    today = amounts * jax.vmap(model.curve.discount_factor)(times)
    worth = today * jnp.exp(-0.5 * loadings**2 * variance)
    states = jnp.sqrt(variance) * normals
    bonds = jnp.exp(-states[:, None] * loadings[None, :]) @ worth
    return _controlled(jnp.maximum(bonds, 0.0), bonds, jnp.sum(today))


def caplet(x: Float[Array, "inputs"], normals: Normals) -> Float[Array, ""]:
    """Caplet by the model's exact law at expiry."""
    at = named(x)
    start, end = at["expiry"], at["expiry"] + ACCRUAL
    strike = rate_model(x).curve.forward_rate(start, end) + at["strike_spread"]
    amounts = jnp.stack([jnp.ones(()), -(1.0 + ACCRUAL * strike)])
    return _portfolio(x, amounts, jnp.stack([start, end]), normals)


def swaption(x: Float[Array, "inputs"], normals: Normals) -> Float[Array, ""]:
    """European swaption by the model's exact law at expiry."""
    at = named(x)
    times, accruals, rate = annual_leg(rate_model(x).curve, at["expiry"], at["tenor"])
    strike = rate + at["strike_spread"]
    ends = jnp.stack([at["expiry"], at["expiry"] + at["tenor"]])
    amounts = jnp.concatenate([jnp.array([1.0, -1.0]), -strike * accruals])
    return _portfolio(x, amounts, jnp.concatenate([ends, times]), normals)
