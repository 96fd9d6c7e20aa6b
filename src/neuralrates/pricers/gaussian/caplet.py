"""Caplets and caps under one Gaussian factor, in closed form."""

import jax
import jax.numpy as jnp

from neuralrates.core.types import Periods, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.black_scholes import black_call

_SMALLEST_DEVIATION = 1e-9


def hull_white_caplet(model: HullWhite, start: Scalar, end: Scalar, strike: Scalar) -> Scalar:
    """Caplet on the simply compounded rate of a period, paid at its end.

    It pays $\\max(1 - (1 + K \\tau) P(s, e), 0)$ at the start, and $P(s, e)$ is lognormal with deviation
    $(H(e) - H(s)) \\sqrt{\\zeta(s)}$.

    Args:
        model: one Gaussian factor
        start: start of the period $s$, years
        end: end of the period $e$, years
        strike: K, decimal

    Returns:
        Price per unit notional; zero for a period without length.

    Source: Hull and White (1990); Brigo and Mercurio (2006), section 3.3.2.

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.pricers.gaussian.caplet import hull_white_caplet
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> print(f"{hull_white_caplet(model, 1.0, 1.25, 0.03):.8f}")
        0.00096360
    """
    begin = model.curve.discount_factor(start)
    paid = (1.0 + strike * (end - start)) * model.curve.discount_factor(end)
    spread = model.loading(end) - model.loading(start)
    variance = spread**2 * model.variance(start)
    lively = variance > _SMALLEST_DEVIATION**2
    deviation = jnp.where(lively, jnp.sqrt(jnp.where(lively, variance, 1.0)), _SMALLEST_DEVIATION)
    return begin * black_call(jnp.log(paid / begin), deviation)


def hull_white_cap(model: HullWhite, starts: Periods, ends: Periods, strike: Scalar) -> Scalar:
    """Cap: the caplets of its periods; a period without length adds nothing.

    Args:
        model: one Gaussian factor
        starts: starts of the periods, years
        ends: ends of the periods, years
        strike: decimal

    Returns:
        Price per unit notional.
    """
    lasting = ends > starts
    values = jax.vmap(lambda start, end: hull_white_caplet(model, start, end, strike))(
        starts, jnp.where(lasting, ends, starts + 1.0)
    )
    return jnp.sum(jnp.where(lasting, values, 0.0))
