"""A European swaption settled in cash by par yield, summed over states of one Gaussian factor on QuantLib's flows."""

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.desk.verification.calibration import variances
from neuralrates.desk.verification.curves import QuantLibCurves
from neuralrates.desk.verification.exercise import Exercise
from neuralrates.desk.verification.flows import Flows, flows
from neuralrates.desk.verification.swap import SIGNS, QuantLibSwap
from neuralrates.desk.verification.volatility import QuotedVolatility
from neuralrates.products.swap import Side
from neuralrates.trades.callable_trade import EuropeanSwaptionTrade

_STATES = 20_001
_WIDTH = 10.0


def par_yield_value(
    trade: EuropeanSwaptionTrade,
    one: Exercise,
    curves: QuantLibCurves,
    quoted: tuple[float, ...],
    volatility: QuotedVolatility,
    reversion: float,
) -> float:
    """Value per unit notional, by the model that is calibrated apart to the physical European on QuantLib's flows.

    Under the measure of the bond to the start of the swap, when the cash is paid, the bond to T is worth
    $D(T) / D(s) \\exp(-h x - h^2 V / 2)$ with $h = (e^{-a s} - e^{-a T}) / a$ and x normal of variance V.

    Args:
        trade: the right
        one: its exercise, and the swap that a physical one would enter
        curves: QuantLib's
        quoted: forward, strike, annuity, expiry and tenor by which the physical European is quoted
        volatility: as quoted
        reversion: per year
    """
    product = flows([one], curves, trade.strike, {})
    forward, strike, annuity, expiry, tenor = quoted
    call = ql.Option.Call if product.receiver_values.sum() > 0.0 else ql.Option.Put
    target = volatility.price(call, strike, forward, annuity, expiry, tenor)
    normal = volatility.normal(strike, forward, expiry, tenor)
    (variance,) = variances(product, reversion, np.array([target]), np.array([normal]))
    return _summed(product, float(variance), reversion, one.swap, trade.side)


def _summed(
    product: Flows, variance: float, reversion: float, swap: QuantLibSwap, side: Side
) -> float:
    start, times = product.starts[0], product.times
    h = (
        times - start
        if reversion == 0.0
        else np.exp(-reversion * start) * -np.expm1(-reversion * (times - start)) / reversion
    )
    factor = float(np.interp(start, times, product.factors))
    x = np.linspace(-_WIDTH, _WIDTH, _STATES)
    receiver, annuity = np.zeros(_STATES), np.zeros(_STATES)
    for slope, worth, unit in zip(
        h * np.sqrt(variance),
        product.receiver_values[0],
        product.annuity[0] * product.factors,
        strict=True,
    ):
        bond = np.exp(-slope * x - 0.5 * slope**2)
        receiver, annuity = receiver + worth * bond, annuity + unit * bond
    rates = product.strike - receiver / annuity
    count = len(swap.fixed)
    days = swap.fixed[-1].accrualEndDate() - swap.fixed[0].accrualStartDate()
    per_year = round(count * 365.25 / days)
    cash = sum((1.0 / per_year) * (1.0 + rates / per_year) ** -n for n in range(1, count + 1))
    payoffs = np.maximum(SIGNS[side] * (product.strike - rates), 0.0) * cash
    density = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)
    return float(factor * np.sum(density * payoffs) * (x[1] - x[0]))
