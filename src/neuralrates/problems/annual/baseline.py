"""What closed forms nearly say of an annual Bermudan: the ground on which a network learns the rest."""

import jax
import jax.numpy as jnp

from neuralrates.core.functions import largest, normal_density, normal_distribution
from neuralrates.core.types import Exercises, Inputs, Scalar
from neuralrates.problems.annual.inputs import AnnualInputs
from neuralrates.products.swap import Side, side_sign
from neuralrates.surrogates.bounded import Bounds
from neuralrates.surrogates.corrected import Baseline

_SATURATION = 4.0
_LEAST_SHARE = 0.02


def annual_baseline(x: Inputs, side: Side) -> Baseline:
    """Baseline of an annual Bermudan, one output.

    The value on exercise k is taken as normal, $d_k + s_k Z$, with $d_k$ its forward value and $s_k$ its total volatility
    times the annuity. Backward from the last exercise, the right to wait is taken as normal too, with value $C$ and slope
    $\\Delta$ in the state; the better of the two adds a Bachelier option on their difference,

    $C_k = C_{k+1} + \\eta (\\phi(u) + u \\Phi(u))$ with $u = (d_k - C_{k+1}) / \\eta$ and $\\eta = s_k - \\Delta_{k+1} \\nu_k$,

    where $\\nu_k$ is the deviation of the state at exercise k. The spacings enter here, and nowhere else in the features.

    Args:
        x: raw inputs of `annual_bermudan`
        side: of the fixed rate

    Returns:
        Features: mean reversion, forwards, strike, saturated $d_k / s_k$ and u, log s, log of the growth of the state's
        deviation; baseline $C_1$; scale, the root mean square of the $s_k$.

    Source: Bachelier (1900) for the formula; the recursion is ours.
    """
    inputs = AnnualInputs.of(x)
    sign, annuities = side_sign(side), inputs.annuities
    values = sign * annuities * (inputs.strike - inputs.swap_rates)
    spreads = annuities * inputs.total_volatilities
    deviations = inputs.deviations
    price, places = _waiting(values, spreads, deviations)
    return Baseline(
        features=jnp.concatenate(
            [
                jnp.stack([inputs.mean_reversion, inputs.strike]),
                inputs.forwards,
                jnp.tanh(values / spreads / _SATURATION),
                jnp.tanh(places[:-1] / _SATURATION),
                jnp.log(spreads),
                jnp.diff(jnp.log(deviations)),
            ]
        ),
        value=jnp.reshape(price, (1,)),
        scale=jnp.reshape(jnp.sqrt(jnp.mean(spreads**2)), (1,)),
    )


def annual_bounds(x: Inputs, side: Side) -> Bounds:
    """The best of the coterminal Europeans, which quotes at the strike say by Bachelier's formula, and their sum.

    Args:
        x: raw inputs of `annual_bermudan`
        side: of the fixed rate

    Source: Bachelier (1900).
    """
    inputs = AnnualInputs.of(x)
    values = side_sign(side) * inputs.annuities * (inputs.strike - inputs.swap_rates)
    spreads = inputs.annuities * inputs.total_volatilities
    place = values / spreads
    europeans = spreads * (normal_density(place) + place * normal_distribution(place))
    return Bounds(largest(europeans), jnp.sum(europeans))


def _waiting(
    values: Exercises, spreads: Exercises, deviations: Exercises
) -> tuple[Scalar, Exercises]:
    """Value of the right by the recursion, and the place u of each exercise."""

    def back(later: tuple[Scalar, Scalar], now: tuple[Scalar, Scalar, Scalar]) -> tuple:
        worth, slope = later
        value, spread, deviation = now
        move = jnp.maximum(spread - slope * deviation, _LEAST_SHARE * spread)
        place = (value - worth) / move
        better = normal_distribution(place)
        ahead = worth + move * (normal_density(place) + place * better)
        return (ahead, slope + better * move / deviation), place

    nothing = (jnp.zeros(()), jnp.zeros(()))
    rows = (values, spreads, deviations)
    (price, _), places = jax.lax.scan(back, nothing, rows, reverse=True)
    return price, places
