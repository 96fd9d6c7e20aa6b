"""What an engine is: the one seam between a dated trade and everything that prices it."""

import abc
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Bool, Float

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.core.types import HostArray
from neuralrates.core.units import basis_point
from neuralrates.engines.batches import Batch
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.market import CurrencyMarket
from neuralrates.trades.resolved import ResolvedTrade

LARGEST_ERROR = 1.0 * basis_point
"""Of the notional; a price known less well is refused."""


class NotMineError(RefusalError):
    """A refusal that says nothing of the trade: an engine beside this one is made for it."""


class Checks(NamedTuple):
    """What comes with prices; a leading axis for the trades.

    Args:
        probabilities: risk-neutral, of each exercise; empty where the engine knows none
        in_domain: whether the numbers lie where the engine may answer
        model: what the engine wants to look at before a price counts, see `AbstractEngine.objection`
    """

    probabilities: Float[HostArray, "batch exercises"]
    in_domain: Bool[HostArray, "batch"]
    model: Any


class Assessment(NamedTuple):
    """Trades of one size, per unit notional; a leading axis for the trades.

    Args:
        value: prices
        error: of the prices
        checks: exercise probabilities, and what the engine wants looked at
        gradient: derivatives to every market number; None where not asked for
        choices: numerical choices that were made, to be made again near by; None where an engine makes none
    """

    value: Float[HostArray, "batch"]
    error: Float[HostArray, "batch"]
    checks: Checks
    gradient: MarketInputs | None
    choices: Any = None


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
    def is_learned(self) -> bool:
        """Whether its prices are a surrogate's: good where `Checks.in_domain`, and for first derivatives only."""

    @property
    @abc.abstractmethod
    def certified_error(self) -> float:
        """Error per unit notional that its certificate bounds; zero where each price comes with an error of its own."""

    @property
    def settles_by_par_yield(self) -> bool:
        """Whether it prices rights that are settled in cash by par yield, and no others."""
        return False

    @property
    def bundle(self) -> str:
        """Name of the bundle whose surrogate answers; empty where none does."""
        return ""

    @property
    def largest_error(self) -> float:
        """Error per unit notional beyond which a price of it says too little to stand."""
        return LARGEST_ERROR

    @abc.abstractmethod
    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        """Why this engine cannot take a trade, naming the field that stops it; None where it can."""

    @abc.abstractmethod
    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Any = None,
    ) -> Assessment:
        """Prices of the members of a batch per unit notional, calibration included, and their derivatives.

        Args:
            batch: trades of one size
            inputs: the market's numbers
            shape: curves and matrix that the numbers go into
            with_gradient: whether derivatives are wanted
            choices: of this batch in a market near by, for differences between the two: then only values and derivatives are
                wanted, of the same numerical method

        Returns:
            One entry per member.
        """

    @abc.abstractmethod
    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        """Why a price does not count although it was computed: a quote that the model misses, say."""
