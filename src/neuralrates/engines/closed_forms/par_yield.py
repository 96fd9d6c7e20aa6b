"""European swaptions settled in cash by par yield, under one Gaussian factor: an integral over the state, with derivatives.

Exercised at a swap rate S, a receiver is paid $C(S) (K - S)$ at the start of the swap, with
$C(S) = \\sum_{i=1}^{n} \\frac{1/m}{(1 + S/m)^i}$ for n periods of 1/m years: the annuity at the par yield in the place of the
curve's. With $E_j = \\exp(-\\lambda_j y - \\lambda_j^2 V / 2)$, y normal of variance V, the receiver swap is worth
$R = \\sum_j v_j E_j$, its annuity $A = \\sum_j a_j E_j$, $S = K - R / A$ and the payment $D E$ at the start.

Source: Henrard (2010), Cash-settled swaptions: how wrong are we?, section 2; the model's integral in place of its formula.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Trades = Float[np.ndarray, "trades"]
TradeFlows = Float[np.ndarray, "trades flows"]

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_WIDTH = 9.0
"""Deviations of the state that the integral goes to."""
_HALVINGS = 60
_LEAST_GROWTH = 0.1
"""Of a unit over a period at the par yield; what is below has next to no probability."""


class CashRight(NamedTuple):
    """Rights of a batch, a row each.

    Args:
        present_values: value today of each flow of the receiver swap
        annuity_values: the same of a unit of strike
        loadings: of the flow times, years
        variances: of the state
        strikes: decimals
        signs: +1 for a receiver, -1 for a payer
        start: flow at which the cash is paid
        start_factors: its discount factors
        periods: how many
        per_year: periods of a year
    """

    present_values: TradeFlows
    annuity_values: TradeFlows
    loadings: TradeFlows
    variances: Trades
    strikes: Trades
    signs: Trades
    start: np.ndarray
    start_factors: Trades
    periods: np.ndarray
    per_year: Trades


class CashValue(NamedTuple):
    """Values per unit notional, and derivatives to what a right is made of."""

    values: Trades
    present_values: TradeFlows
    annuity_values: TradeFlows
    loadings: TradeFlows
    variances: Trades
    start_factors: Trades
    state: Trades
    side: Trades


def cash_value(right: CashRight) -> CashValue:
    """Values of rights settled by par yield, and their derivatives.

    Args:
        right: the rights

    Returns:
        Values and derivatives; the state in which exercise is worth nothing, and on which side of it it is worth something.
    """
    roots = np.sqrt(right.variances)[:, None]
    low, high, state, side = _exercised(right, roots)
    at = 0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * _POINTS
    weights = 0.5 * (high - low)[:, None] * _WEIGHTS
    weights = weights * np.exp(-0.5 * at**2) / np.sqrt(2.0 * np.pi)
    loadings = right.loadings[:, :, None]
    moves = np.exp(-loadings * (roots * at)[:, None, :] - 0.5 * (loadings * roots[:, :, None]) ** 2)
    receiver = np.einsum("tf,tfq->tq", right.present_values, moves)
    annuity = np.einsum("tf,tfq->tq", right.annuity_values, moves)
    over = receiver / annuity
    cash, slope = _cash_annuity(right, right.strikes[:, None] - over)
    signs, factors = right.signs[:, None], right.start_factors[:, None]
    rows = np.arange(right.start.size)
    paid = weights * moves[rows, right.start]
    payoffs = signs * cash * over
    per_over = paid * factors * signs * (cash - over * slope)
    to_receiver = per_over / annuity
    to_annuity = -to_receiver * over
    to_moves = (
        to_receiver[:, None, :] * right.present_values[:, :, None]
        + to_annuity[:, None, :] * right.annuity_values[:, :, None]
    )
    to_moves[rows, right.start] += weights * payoffs * factors
    moved = to_moves * moves
    to_loadings = moved * ((-roots * at)[:, None, :] - loadings * right.variances[:, None, None])
    to_variances = moved * (-0.5 * loadings * (at / roots)[:, None, :] - 0.5 * loadings**2)
    return CashValue(
        np.sum(paid * payoffs, axis=1) * right.start_factors,
        np.einsum("tq,tfq->tf", to_receiver, moves),
        np.einsum("tq,tfq->tf", to_annuity, moves),
        to_loadings.sum(axis=2),
        to_variances.sum(axis=(1, 2)),
        np.sum(paid * payoffs, axis=1),
        state * roots[:, 0],
        side,
    )


def _exercised(right: CashRight, roots: np.ndarray) -> tuple[Trades, Trades, Trades, Trades]:
    """Ends of the states, in deviations, in which exercise is worth something; where it starts to be, and on which side."""

    def worth(at: Trades) -> Trades:
        slopes = right.loadings * roots
        flows = right.present_values * np.exp(-slopes * at[:, None] - 0.5 * slopes**2)
        return right.signs * flows.sum(axis=1)

    low, high = np.full(right.signs.shape, -_WIDTH), np.full(right.signs.shape, _WIDTH)
    below, above = worth(low) > 0.0, worth(high) > 0.0
    left, edge = low.copy(), high.copy()
    for _ in range(_HALVINGS):
        middle = 0.5 * (left + edge)
        same = (worth(middle) > 0.0) == below
        left, edge = np.where(same, middle, left), np.where(same, edge, middle)
    state = np.where(below == above, np.where(below, high, low), left)
    side = np.where(below | (below == above), 1.0, -1.0)
    return np.where(side > 0.0, low, state), np.where(side > 0.0, state, high), state, side


def _cash_annuity(right: CashRight, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Annuity at a par yield, and its derivative to the yield."""
    per_year = right.per_year[:, None]
    growth = np.maximum(1.0 + rates / per_year, _LEAST_GROWTH)
    value, slope, factor = np.zeros(rates.shape), np.zeros(rates.shape), 1.0 / per_year
    for period in range(1, int(right.periods.max(initial=0)) + 1):
        factor = factor / growth
        counted = np.where(right.periods[:, None] >= period, factor, 0.0)
        value, slope = value + counted, slope - period / per_year * counted / growth
    return value, slope
