"""European swaptions settled in cash by par yield, under the one-factor model that reprices the physical one."""

from typing import Any

import numpy as np
from scipy.special import ndtr

from neuralrates.core.errors import NeuralratesError
from neuralrates.engines.batches import Batch
from neuralrates.engines.closed_forms.par_yield import CashRight, CashValue, cash_value
from neuralrates.engines.coterminal_numbers import CoterminalNumbers, Numbers
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import Calibration, OneFactorEngine, quotes_of
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.gaussian.batched.coterminals import meet, through_quotes
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE
from neuralrates.trades.coverage import without_volatilities
from neuralrates.trades.periods import SAME_TIME
from neuralrates.trades.resolved import ResolvedTrade


class ParYieldEngine(AbstractEngine):
    """The payoff itself, integrated over the state of the model that reprices the physically settled swaption.

    The market's formula puts the cash annuity at the forward rate in the place of the curve's, outside the expectation; the
    two differ by what the cash annuity moves with the rate.

    Source: Henrard (2010), Cash-settled swaptions: how wrong are we?
    """

    @property
    def name(self) -> str:
        return "reference, par yield"

    @property
    def is_learned(self) -> bool:
        return False

    @property
    def certified_error(self) -> float:
        return 0.0

    @property
    def settles_by_par_yield(self) -> bool:
        return True

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if not trade.settles_by_par_yield:
            return NotMineError(f"a {trade.kind} is not settled by par yield")
        return without_volatilities(trade, market)

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Any = None,
    ) -> Assessment:
        with np.errstate(all="ignore"):
            found = CoterminalNumbers(batch.flows, shape, inputs)
            alive = batch.flows.trades.alive > 0.0
            quotes = quotes_of(found.numbers, found.facts, alive)
            met = meet(quotes, with_slopes=with_gradient)
            variances = np.where(quotes.still, SMALLEST_VARIANCE, met.variances)
            right = _right(batch, found, np.maximum(variances, SMALLEST_VARIANCE))
            priced = cash_value(right)
            gradient = None
            if with_gradient:
                back = through_quotes(quotes, met, np.where(quotes.still, 0.0, priced.variances))
                gradient = found.pulled_back(
                    _numbers(found, back, priced), _bonds(batch, right, priced)
                )
        value = found.numbers.held + priced.values
        chances = priced.side * (
            priced.state / np.sqrt(right.variances)
            + found.facts.mean_loadings[:, 0] * np.sqrt(right.variances)
        )
        checks = Checks(
            ndtr(chances)[:, None],
            np.ones(len(batch.members), dtype=bool),
            Calibration(met.residuals[:, None], met.variances[:, None]),
        )
        return Assessment(value, np.zeros(len(batch.members)), checks, gradient)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return OneFactorEngine().objection(trade, checks)


def _right(batch: Batch, found: CoterminalNumbers, variances: np.ndarray) -> CashRight:
    trades, flows = batch.flows.trades, batch.flows
    wanted = trades.start_times[:, :1] - SAME_TIME
    start = np.array(
        [
            int(np.searchsorted(*pair))
            for pair in zip(trades.swap.flow_times, wanted[:, 0], strict=True)
        ]
    )
    fixed = trades.swap.fixed
    periods = np.count_nonzero(fixed.notionals, axis=1)
    length = np.sum(np.where(fixed.notionals != 0.0, fixed.accruals, 0.0), axis=1)
    at_flows = found.at_flows
    return CashRight(
        found.numbers.present_values[:, 0],
        flows.unit_flows[:, 0] * at_flows,
        found.numbers.loadings,
        variances,
        np.asarray(trades.strike),
        np.asarray(trades.option_sign),
        start,
        at_flows[np.arange(start.size), start],
        periods,
        np.round(periods / length),
    )


def _numbers(found: CoterminalNumbers, back: Any, priced: CashValue) -> Numbers:
    """Derivatives to the numbers, through the calibration."""
    count = priced.values.size
    return Numbers(
        np.ones(count),
        (priced.present_values + back.present_values)[:, None],
        priced.loadings + back.loadings,
        back.targets[:, None],
        back.starts[:, None],
    )


def _bonds(batch: Batch, right: CashRight, priced: CashValue) -> np.ndarray:
    """Derivatives to the discount factors of the flow times, beside those through the numbers."""
    bonds = priced.annuity_values * batch.flows.unit_flows[:, 0]
    bonds[np.arange(right.start.size), right.start] += priced.start_factors
    return bonds
