"""The learned engine: a certified surrogate behind the same seam as the exact engines."""

import abc
import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np

from neuralrates.bundles.bundle import Bundle
from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.core.types import Inputs, Scalar
from neuralrates.engines.batches import Batch
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.market import CurrencyMarket
from neuralrates.problems.domain import Domain
from neuralrates.surrogates.surrogate import AbstractSurrogate
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.resolved import ResolvedTrade

_SIZES = (1, 8, 128)


class Reading(NamedTuple):
    """A dated trade on a market, as a point of a problem.

    Args:
        x: the point
        unit: value today of one unit of the problem's price
        beside: value of what the trade holds beside that, per unit notional
        error: of the price per unit notional, where the problem's contract is not quite the trade
    """

    x: Inputs
    unit: Scalar
    beside: Scalar
    error: Scalar


class AbstractReader(eqx.Module):
    """Reads dated trades as points of one problem."""

    @property
    @abc.abstractmethod
    def problem(self) -> str:
        """Name of the problem."""

    @abc.abstractmethod
    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        """Why a trade is no point of the problem, naming the field that stops it; None where it is one."""

    @abc.abstractmethod
    def __call__(self, trade: PaddedTrade, inputs: MarketInputs, shape: MarketShape) -> Reading:
        """The point of a trade, differentiable in the market's numbers."""


class LearnedEngine(AbstractEngine):
    """Prices of a certified surrogate for dated trades; nothing is calibrated and nothing is solved.

    The error of a price is the bundle's band at its point, within which 99 percent of its law lies, and an estimate of what the
    trade differs from the problem's contract. A point that is far from the certified distribution is outside, as for
    `Bundle.price`.

    Args:
        surrogate: of the problem
        domain: where its certificate holds
        band: error within which 99 percent of the certified law lies, in units of the problem's price
        reader: of dated trades
        source: the bundle, with band and distance from the distribution point by point
    """

    surrogate: AbstractSurrogate
    domain: Domain
    band: float = eqx.field(static=True)
    reader: AbstractReader
    source: Bundle = eqx.field(static=True)

    @classmethod
    def of(cls, bundle: Bundle, reader: AbstractReader) -> "LearnedEngine":
        """Engine of a bundle whose problem the reader reads trades as."""
        if bundle.problem.name != reader.problem:
            raise ValueError(
                f"Argument `reader` must read points of {bundle.problem.name!r}, but reads those of {reader.problem!r}."
            )
        return cls(bundle.surrogate, bundle.domain, bundle.error_band, reader, bundle)

    @property
    def name(self) -> str:
        return "learned"

    @property
    def bundle(self) -> str:
        return self.source.name

    @property
    def is_learned(self) -> bool:
        return True

    @property
    def certified_error(self) -> float:
        return self.band

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        return self.reader.refuses(trade, market)

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Any = None,
    ) -> Assessment:
        count = len(batch.members)
        rows = np.minimum(np.arange(_batch_size(count)), count - 1)
        trades = jax.tree.map(lambda leaf: leaf[rows], batch.swaps)
        found: _Read = jax.tree.map(
            lambda leaf: np.asarray(leaf)[:count],
            _read(self.reader, self.surrogate, self.domain, shape, trades, inputs, with_gradient),
        )
        x = np.asarray(found.at.x)
        bands = self.source.local.bands(x, self.band)
        inside = found.inside & self.source.local.near(x)
        error = found.at.unit * bands + found.at.error
        return Assessment(
            found.value, error, Checks(np.zeros((count, 0)), inside, None), found.gradient
        )

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return None


class UnusableEngine(AbstractEngine):
    """What stands for a learned engine whose bundle cannot be read: it refuses what that would have priced, and says why.

    Args:
        reader: of the trades that it would have priced
        reason: what is wrong with the bundle
    """

    reader: AbstractReader
    reason: str = eqx.field(static=True)

    @property
    def name(self) -> str:
        return "learned"

    @property
    def is_learned(self) -> bool:
        return True

    @property
    def certified_error(self) -> float:
        return math.inf

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        return self.reader.refuses(trade, market) or RefusalError(self.reason)

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Any = None,
    ) -> Assessment:
        raise RefusalError(self.reason)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return RefusalError(self.reason)


def _batch_size(count: int) -> int:
    """One of few numbers that holds this one, as a program is compiled for each; the last trade is repeated up to it."""
    return next(size for size in _SIZES if size >= count)


class _Read(NamedTuple):
    """Stacked trades read and priced; band and distance are still to be asked for."""

    value: Any
    at: Reading
    inside: Any
    gradient: MarketInputs | None


@eqx.filter_jit
def _read(
    reader: AbstractReader,
    surrogate: AbstractSurrogate,
    domain: Domain,
    shape: MarketShape,
    trades: PaddedTrade,
    inputs: MarketInputs,
    with_gradient: bool,
) -> _Read:
    """Values and first derivatives of stacked trades; one adjoint pass gives every Greek."""

    def one(trade: PaddedTrade) -> _Read:
        def priced(at: MarketInputs) -> tuple[Scalar, Reading]:
            reading = reader(trade, at, shape)
            return reading.beside + reading.unit * surrogate(reading.x)[0], reading

        gradient = None
        if with_gradient:
            (value, reading), gradient = jax.value_and_grad(priced, has_aux=True)(inputs)
        else:
            value, reading = priced(inputs)
        return _Read(value, reading, domain.contains(reading.x), gradient)

    return jax.vmap(one)(trades)
