"""Coterminal swap rates of a batch, as the forward-curve engines read them from a market, and the way back."""

import numpy as np

from neuralrates.calibration.curve_swaps import CoterminalRates, RateWeights
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.closed_forms.coterminals import CoterminalQuotes, RightWeights


def rates_of(flows: CashFlows, found: CoterminalQuotes, elapsed: float) -> CoterminalRates:
    """Coterminal rates of a batch with exercises.

    Args:
        flows: of the batch
        found: its coterminals at the market's numbers
        elapsed: years by which the valuation date has moved on
    """
    trades = flows.trades
    return CoterminalRates(
        trades.strike,
        found.by_exercise(found.expiries),
        found.by_exercise(found.forwards),
        found.by_exercise(found.annuities),
        flows.unit_flows * found.at_flows[:, None, :],
        found.present_values,
        found.at_flows,
        trades.swap.flow_times - elapsed,
        trades.start_times - elapsed,
        found.by_exercise(found.quotes),
        trades.alive > 0.0,
    )


def onto_rights(
    flows: CashFlows, found: CoterminalQuotes, weights: RateWeights, to: RightWeights
) -> RightWeights:
    """Derivatives to rates beside those to what the coterminals are."""
    forwards = found.of_rights(weights.forwards) / found.annuities
    annuities = found.of_rights(weights.annuities) - forwards * found.forwards
    bonds = weights.discount_factors + np.sum(flows.unit_flows * weights.annuity_values, axis=1)
    return to._replace(
        present_values=to.present_values + weights.present_values,
        deviations=to.deviations + found.of_rights(weights.deviations),
        annuities=to.annuities + annuities,
        floating=to.floating + forwards,
        bonds=to.bonds + bonds,
        expiries=to.expiries + found.of_rights(weights.expiries),
    )
