"""Caps, floors, collars and forward rate agreements in closed form, rate by rate."""

from typing import Any, Literal

import equinox as eqx
import numpy as np

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.engines.batches import Batch
from neuralrates.engines.closed_forms.rates import RateOptions
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.market import CurrencyMarket
from neuralrates.trades.resolved import ResolvedTrade

Quotes = Literal["no", "cap", "swaption"]


class RateEngine(AbstractEngine):
    """Each rate normal around its forward, with the volatility that is quoted for it.

    Of cap quotes one volatility prices a whole cap, as it is quoted, by its term and strike. Where a market quotes none for the
    rate, each caplet is the European swaption of its one period that a model calibrated to the swaption quotes reprices:
    the volatility of its expiry and length, at its strike. An overnight rate goes on moving while it compounds, less and less:
    the variance of a period from s to e is that of a rate known at $s + (e - s) / 3$.

    Args:
        quotes: whose volatilities: `cap` or `swaption`; `no` for trades without options

    Source: Bachelier (1900); Lyashenko and Mercurio (2019), "Looking forward to backward-looking rates", section 6, for the
        linear decay of the volatility within the period.
    """

    quotes: Quotes = eqx.field(static=True, default="cap")

    @property
    def name(self) -> str:
        return "closed form" if self.quotes == "no" else f"closed form, {self.quotes} quotes"

    @property
    def is_learned(self) -> bool:
        return False

    @property
    def certified_error(self) -> float:
        return 0.0

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.rates is None:
            return NotMineError(f"a {trade.kind} is no trade on single rates")
        if trade.rates.has_options is (self.quotes == "no"):
            return NotMineError("it is for another engine in closed form")
        quoted = market.cap_volatility is not None
        quoted = quoted and trade.index == market.curves.projection_index
        if self.quotes == "cap" and not quoted:
            return NotMineError(
                f"the {trade.currency} market has no cap volatilities of {trade.index}"
            )
        if self.quotes == "swaption" and market.swaption_volatility is None:
            return RefusalError(
                f"expected cap volatilities of {trade.index}, or swaption volatilities, in the {trade.currency} market, found "
                "neither"
            )
        return None

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Any = None,
    ) -> Assessment:
        trades, count = batch.rates, len(batch.members)
        with np.errstate(all="ignore"):
            found = RateOptions(trades, shape, inputs, self.quotes)
            gradient = found.gradient() if with_gradient else None
        checks = Checks(np.zeros((count, 0)), np.ones(count, dtype=bool), None)
        return Assessment(found.values, np.zeros(count), checks, gradient)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return None
