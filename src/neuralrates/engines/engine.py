"""What an engine is: the one seam between a dated trade and everything that prices it."""

import abc
from collections.abc import Hashable, Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array, Bool

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.core.types import Exercises
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.price import Price
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.resolved import ResolvedTrade


class NotMineError(RefusalError):
    """A refusal that says nothing of the trade: an engine beside this one is made for it."""


class Checks(NamedTuple):
    """What comes with a price.

    Args:
        probabilities: risk-neutral, of each exercise; empty where the engine knows none
        in_domain: whether the numbers lie where the engine may answer
        model: what the engine wants to look at before its price counts, see `AbstractEngine.objection`
    """

    probabilities: Exercises
    in_domain: Bool[Array, ""]
    model: Any


class AbstractEngine(eqx.Module):
    """Prices dated trades: a calibration and a pricer composed to one function of the market's numbers.

    Greeks, scenarios and the choice between engines are written above this, and name no model. What is static of a market
    (curves' nodes, labels) is its `MarketShape`; what Greeks are taken of is its `MarketInputs`.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """What the table calls it."""

    @property
    @abc.abstractmethod
    def key(self) -> Hashable:
        """Equal for engines that price by one compiled function."""

    @property
    @abc.abstractmethod
    def batch_size(self) -> int:
        """Trades that one call of the compiled function prices."""

    @property
    @abc.abstractmethod
    def is_learned(self) -> bool:
        """Whether its prices are a surrogate's: good where `Checks.in_domain`, and for first derivatives only."""

    @property
    @abc.abstractmethod
    def certified_error(self) -> float:
        """Error per unit notional that its certificate bounds; zero where each price comes with an error of its own."""

    @abc.abstractmethod
    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        """Why this engine cannot take a trade, naming the field that stops it; None where it can."""

    @abc.abstractmethod
    def settled(
        self,
        trades: Sequence[ResolvedTrade],
        shape: MarketShape,
        inputs: MarketInputs,
        pool: Executor,
    ) -> "list[AbstractEngine]":
        """This engine as each trade needs it, its numerical choices made from the market's numbers."""

    @abc.abstractmethod
    def value(
        self, trade: PaddedTrade, inputs: MarketInputs, shape: MarketShape
    ) -> tuple[Price, Checks]:
        """Price of one trade per unit notional, differentiable in the market's numbers, calibration included."""

    @abc.abstractmethod
    def refined(self, error: float) -> "AbstractEngine | None":
        """The engine to try next where an error misses the target; None where it does not, or none is better."""

    @abc.abstractmethod
    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        """Why a price does not count although it was computed: a quote that the model misses, say."""
