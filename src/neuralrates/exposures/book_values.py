"""Every trade of a book as something that has values on paths."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.exposures.caplets import Caplets
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.flows import BondTerms, FixingPaths, read_bonds
from neuralrates.exposures.rights import FutureRight
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.exposures.swaps import FutureSwap
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.products.swap import side_sign
from neuralrates.trades.resolved import ResolvedTrade

Values = Float[np.ndarray, "dates paths"]


@dataclass(frozen=True, eq=False)
class FutureTrade:
    """A trade of unit notional: a swap held, a right, options on rates, a premium still due.

    Args:
        trade: resolved
        fixings: rates of its index on the paths
        held: swap that is held
        right: right to exercise
        caplets: options on rates
        premium: what is still due
    """

    trade: ResolvedTrade
    fixings: FixingPaths
    held: FutureSwap | None
    right: FutureRight | None
    caplets: Caplets | None
    premium: BondTerms

    @classmethod
    def of(
        cls,
        trade: ResolvedTrade,
        delivered: bool,
        fixings: FixingPaths,
        projection: CurveReader,
    ) -> "FutureTrade":
        """A trade along paths; the paths may still be without states, of which only the model is asked.

        Args:
            trade: resolved
            delivered: whether exercise leaves the swap itself
            fixings: rates of its index
            projection: curve of its index

        Raises:
            RefusalError: naming the trade, where it has what no model here values
        """
        due = trade.premium
        premium = BondTerms.fixed(
            np.array([] if due is None else [due.time]),
            np.array([] if due is None else [-due.amount]),
        )
        sign = side_sign(trade.side)
        try:
            if trade.rates is not None:
                caplets = Caplets.of(trade.rates, trade.strike, fixings, projection)
                return cls(trade, fixings, None, None, caplets, premium)
            keeps = trade.kind in ("swap", "cancellable")
            held = FutureSwap.of(trade.swap, trade.strike, sign, fixings, projection)
            right = _right(trade, delivered, -sign if keeps else sign, fixings, projection)
        except NeuralratesError as error:
            raise RefusalError(f"trade {trade.trade_id}: {error}") from None
        return cls(trade, fixings, held if keeps else None, right, None, premium)

    def times(self) -> np.ndarray:
        """Times at which states are needed, beside the exposure dates."""
        parts = [one.times() for one in (self.held, self.right, self.caplets) if one is not None]
        return np.unique(np.concatenate(parts))

    @property
    def last(self) -> float:
        """Time of the last payment."""
        ends = [one.last for one in (self.held, self.caplets) if one is not None]
        ends += [] if self.right is None else [self.right.swap.last]
        return float(max(*ends, 0.0, self.premium.until.max(initial=0.0)))

    def values(self) -> Iterator[np.ndarray | float]:
        """Values on all paths at each exposure date, per unit notional, in units of the currency's numeraire."""
        paths = self.fixings.paths
        taken = None if self.right is None else self.right.exercises(paths)
        for place in paths.dates:
            value = read_bonds(self.premium, paths, int(place))
            if paths.times[place] < self.last:
                if self.held is not None:
                    value = value + self.held.values(self.fixings, int(place))
                if self.right is not None and taken is not None:
                    value = value + self.right.values(self.fixings, int(place), taken)
                if self.caplets is not None:
                    value = value + self.caplets.values(self.fixings, int(place))
            yield value


def _right(
    trade: ResolvedTrade,
    delivered: bool,
    sign: float,
    fixings: FixingPaths,
    projection: CurveReader,
) -> FutureRight | None:
    option = trade.option
    if option is None:
        return None
    swap = FutureSwap.of(option.swap, trade.strike, sign, fixings, projection)
    fees = BondTerms.fixed(np.zeros(0), np.zeros(0))
    if option.fees is not None and option.fee_times is not None:
        fees = BondTerms.fixed(np.asarray(option.fee_times), -sign * np.asarray(option.fees))
    model = fixings.paths.model
    times, starts = np.asarray(option.exercise_times), np.asarray(option.start_times)
    return FutureRight(swap, times, starts, fees, delivered, model)


def without_states(model: CurrencyModel) -> CurrencyPaths:
    """Paths of a currency before any is drawn: what trades ask for is known from them."""
    nothing, none = np.zeros((0, 0)), np.zeros(0)
    return CurrencyPaths(model, none, np.zeros(0, dtype=int), nothing, nothing, nothing, none)
