"""Caplets on the whole forward curve: two closed forms of its square-root dynamics."""

from typing import Literal

import jax
import jax.numpy as jnp

from neuralrates.core.checks import check_above, check_choice, is_concrete
from neuralrates.core.types import Periods, Scalar
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.forward_curve.square_root import square_root_ratio_call

_SMALLEST_VARIANCE = 1e-22


def frozen_caplet(model: ForwardCurve, start: Scalar, end: Scalar, strike: Scalar) -> Scalar:
    """Caplet on the simply compounded rate of a period, with the volatility frozen at today's forwards.

    It pays $\\max(R - (1 + K \\tau), 0)$ at the end, with the bond ratio $R = P(s, s) / P(s, e)$; at frozen volatility R is
    lognormal. Exact where no forward of the period can move away from the cap of the volatility, else a Gaussian limit.

    Args:
        model: forward curve
        start: start of the period s, years
        end: end of the period e, years, after the start and within the horizon
        strike: K, decimal

    Returns:
        Price per unit notional, computed within 1e-12. The floorlet is the caplet less $D(s) - (1 + K \\tau) D(e)$.

    Source: Heath, Jarrow and Morton (1992), section 7; Brigo and Mercurio (2006), section 3.3.2.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility)
        >>> print(f"{nr.pricers.frozen_caplet(model, 5.0, 5.5, 0.04):.8f}")
        0.00712827
    """
    _check_period(start, end)
    variance = jnp.maximum(model.ratio_variance(start, end), _SMALLEST_VARIANCE)
    begin, finish = model.curve.discount_factor(start), model.curve.discount_factor(end)
    log_moneyness = jnp.log((1.0 + strike * (end - start)) * finish / begin)
    return begin * black_call(log_moneyness, jnp.sqrt(variance))


def square_root_caplet(model: ForwardCurve, start: Scalar, end: Scalar, strike: Scalar) -> Scalar:
    """Caplet on the simply compounded rate of a period, with forwards that move in proportion over it.

    If the forwards of the period keep their proportions, the log of the bond ratio follows an absorbed square-root process
    under the measure of the bond that pays at the end, and the caplet is a difference of two chi-square probabilities. The
    volatility's cap is taken not to bind. At a strike of zero the price is $D(s) - D(e)$.

    Args:
        model: forward curve, with forwards over the period below the square of the cap
        start: start of the period s, years
        end: end of the period e, years, after the start and within the horizon
        strike: K, decimal, not negative

    Returns:
        Price per unit notional, computed within 1e-12. The floorlet is the caplet less $D(s) - (1 + K \\tau) D(e)$.

    Source: Cox (1996); Andersen and Andreasen (2000), for rates of constant elasticity.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility)
        >>> print(f"{nr.pricers.square_root_caplet(model, 5.0, 5.5, 0.04):.8f}")
        0.00683553
    """
    _check_period(start, end)
    check_above("strike", strike, 0.0)
    begin, finish = model.curve.discount_factor(start), model.curve.discount_factor(end)
    log_ratio, log_strike = jnp.log(begin / finish), jnp.log1p(strike * (end - start))
    _check_below_cap(model, log_ratio / (end - start))
    variance = model.ratio_variance(start, end)
    return finish * square_root_ratio_call(log_ratio, log_strike, variance)


def square_root_cap(
    model: ForwardCurve,
    starts: Periods,
    ends: Periods,
    strike: Scalar,
    side: Literal["cap", "floor"] = "cap",
) -> Scalar:
    """Cap or floor: the caplets of its periods by `square_root_caplet`, or the floorlets by parity.

    Args:
        model: forward curve, with forwards over the periods below the square of the cap of the volatility
        starts: starts of the periods, years, in the future
        ends: ends of the periods, years, each after its start and within the horizon
        strike: decimal, not negative
        side: `cap` or `floor`

    Returns:
        Price per unit notional; each caplet within 3e-6 of the model, 5e-7 on average.

    Source: Cox (1996); Andersen and Andreasen (2000).

    Example:
        >>> import jax.numpy as jnp, neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility)
        >>> starts = jnp.arange(0.5, 5.0, 0.5)
        >>> cap = nr.pricers.square_root_cap(model, starts, starts + 0.5, 0.04)
        >>> floor = nr.pricers.square_root_cap(model, starts, starts + 0.5, 0.04, "floor")
        >>> print(f"{cap:.6f} {floor:.6f}")
        0.047294 0.045685
    """
    check_choice("side", side, ("cap", "floor"))

    def caplet(start: Scalar, end: Scalar) -> Scalar:
        value = square_root_caplet(model, start, end, strike)
        begin, finish = model.curve.discount_factor(start), model.curve.discount_factor(end)
        forward = begin - (1.0 + strike * (end - start)) * finish
        return value if side == "cap" else value - forward

    return jnp.sum(jax.vmap(caplet)(starts, ends))


def _check_period(start: Scalar, end: Scalar) -> None:
    """Raise unless the period begins in the future and ends after it begins."""
    check_above("start", start, 0.0)
    if is_concrete(start, end) and float(end) <= float(start):
        raise ValueError(f"Argument `end` must be after the start {start}, but is {end}.")


def _check_below_cap(model: ForwardCurve, rate: Scalar) -> None:
    """Raise where the cap of the volatility binds."""
    if is_concrete(rate) and float(rate) >= model.cap**2:
        raise ValueError(
            f"Argument `model` must have forwards below the square of its cap, {model.cap**2}, for a square-root law, "
            f"but they average {float(rate)}; use frozen_caplet."
        )
