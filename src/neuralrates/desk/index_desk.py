"""Pricing the trades of one floating rate, batch by batch, by the first engine that can."""

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import jax
import numpy as np

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.core.memory import give_back_freed
from neuralrates.core.processors import num_processors
from neuralrates.core.requests import FIRST_ORDER, SECOND_ORDER
from neuralrates.desk.finite import sound
from neuralrates.desk.greeks import Results, cross_gammas, gammas
from neuralrates.desk.table import Row, failed, priced
from neuralrates.engines.batches import Batch, Plan, planned
from neuralrates.engines.engine import AbstractEngine, Assessment, NotMineError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.market import CurrencyMarket
from neuralrates.trades.resolved import ResolvedTrade

DAY = 1.0 / 365.0
_BY_NODE = frozenset({"zero_delta", "par_delta"})
_FEW = 8
"""Trades of a batch that leaves too little in memory to give back."""
_OUTSIDE = "its numbers lie outside the domain of the learned engine"


class IndexDesk:
    """Everything needed to price the trades of one currency on one floating rate, or basis swaps of the same two.

    Args:
        market: of the currency
        rates: one floating rate, or two; that of the discount curve is projected by it
        mean_reversion: per year
        asked: Greeks requested
        engines: to ask, in order
    """

    def __init__(
        self,
        market: CurrencyMarket,
        rates: tuple[str, ...],
        mean_reversion: float,
        asked: frozenset[str],
        engines: Sequence[AbstractEngine],
    ) -> None:
        self.market, self.asked, self.engines = market, asked, engines
        self.shape = MarketShape.of(
            market.curves.for_index(*rates),
            market.swaption_volatility,
            market.two_factor,
            market.cap_volatility if rates[0] == market.curves.projection_index else None,
            market.forward_curve,
        )
        self.inputs = self.shape.inputs(mean_reversion)

    def rows(self, trades: Sequence[ResolvedTrade]) -> Iterator[tuple[int, Row]]:
        """Rows of the trades as they come, each with its position; a trade is priced by the first engine that takes it."""
        open_reasons: dict[int, dict[str, NeuralratesError]] = {
            number: {} for number in range(len(trades))
        }
        with ThreadPoolExecutor(num_processors()) as pool:
            for engine in self.engines:
                asked = [trades[number] for number in open_reasons]
                numbers = list(open_reasons)
                for place, found in self._ask(engine, asked, pool):
                    number = numbers[place]
                    if isinstance(found, Row):
                        reasons = open_reasons.pop(number)
                        if reasons and not engine.is_learned:
                            found = dataclasses.replace(found, passed_over=tuple(reasons))
                        yield number, found
                    elif not isinstance(found, NotMineError):
                        open_reasons[number][str(found)] = found
        for number, reasons in open_reasons.items():
            yield number, failed(trades[number], list(reasons.values())[-1])

    def _ask(
        self, engine: AbstractEngine, trades: list[ResolvedTrade], pool: Executor
    ) -> Iterator[tuple[int, Row | NeuralratesError]]:
        """What one engine says of each trade: its row, or why it does not price it."""
        taken = []
        uncertified = self._uncertified(engine)
        kind = type(engine)  # a bound method of a module is an object that is slow to call
        for place, trade in enumerate(trades):
            known = uncertified or _unsettled(engine, trade)
            refusal = known or kind.refuses(engine, trade, self.market)
            if refusal is None:
                taken.append(place)
            else:
                yield place, refusal
        if not taken:
            return
        chosen = [trades[n] for n in taken]
        plans = planned(chosen)

        def work(plan: Plan) -> Results:
            return self._results(engine, plan.batch(chosen))

        done = pool.map(work, plans) if len(plans) > 1 else map(work, plans)
        for plan, results in zip(plans, done, strict=True):
            parts, structure = jax.tree.flatten(results)
            for position, member in enumerate(plan.members):
                place = taken[member]
                own = jax.tree.unflatten(structure, [part[position] for part in parts])
                yield place, self._verdict(trades[place], engine, own)

    def _results(self, engine: AbstractEngine, batch: Batch) -> Results:
        """Everything asked for of one batch; Greeks of any order come from first derivatives."""
        first_order = bool(self.asked & (FIRST_ORDER | SECOND_ORDER))
        today = engine.assess(batch, self.inputs, self.shape, first_order)
        seen = [today.checks.in_domain]

        def assess_at(inputs: MarketInputs, with_gradient: bool = True) -> Assessment:
            found = engine.assess(batch, inputs, self.shape, with_gradient, today.choices)
            seen.append(found.checks.in_domain)
            return found

        second = gammas(assess_at, self.inputs) if "gamma" in self.asked else None
        crossed = cross_gammas(assess_at, self.inputs) if "cross_gamma" in self.asked else None
        theta = None
        if "theta" in self.asked:
            tomorrow = self.inputs._replace(elapsed=np.asarray(DAY))
            theta = np.asarray(assess_at(tomorrow, with_gradient=False).value - today.value)
        if first_order and len(batch.members) > _FEW:
            give_back_freed()
        return Results(today._replace(choices=None), second, crossed, theta, np.all(seen, axis=0))

    def _uncertified(self, engine: AbstractEngine) -> RefusalError | None:
        """Which of the Greeks asked for no certificate of a learned engine speaks of."""
        if not engine.is_learned:
            return None
        if self.asked & SECOND_ORDER:
            return RefusalError("second derivatives of learned prices are not certified")
        if self.asked & _BY_NODE and self.shape.projection is not None:
            return RefusalError("deltas of learned prices by node of two curves are not certified")
        return None

    def _verdict(
        self,
        trade: ResolvedTrade,
        engine: AbstractEngine,
        results: Results,
    ) -> Row | NeuralratesError:
        """The row of a trade, or why its price cannot stand: then the next engine is asked."""
        if not results.in_domain:
            return RefusalError(_OUTSIDE)
        reason = type(engine).objection(engine, trade, results.today.checks)
        if reason is not None:
            return reason
        row = sound(priced(trade, engine, self.market, self.asked, results), engine.largest_error)
        return row if row.reason is None else row.reason


def _unsettled(engine: AbstractEngine, trade: ResolvedTrade) -> RefusalError | None:
    """Why an engine, whatever it is, cannot take a right that is settled by par yield: it would price the swap."""
    if not trade.settles_by_par_yield or engine.settles_by_par_yield:
        return None
    return RefusalError("field `settlement`: cash par yield is priced under one factor alone")
