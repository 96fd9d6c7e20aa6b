"""How values change from one market's numbers to another's: by first and second derivatives, and by full revaluation."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neuralrates.desk.greeks import STEP
from neuralrates.engines.batches import Batch
from neuralrates.engines.engine import AbstractEngine
from neuralrates.engines.market_inputs import MarketInputs, MarketShape

RATES = ("discount_rates", "projection_rates")
VOLATILITIES = ("volatility", "smile", "cap_volatility")


class MoveOfValue(NamedTuple):
    """Changes of value per unit notional; an axis for the trades.

    Args:
        start: value at the first numbers
        delta: first derivatives to rates times their move
        gamma: half the second derivatives along the move of the rates
        vega: first derivatives to volatilities times their move
        volga: half the second derivatives along the move of the volatilities
        cross: second derivatives to rates and volatilities times both moves
        rates: full change of value as the rates move
        volatility: the same as the volatilities move after them
    """

    start: np.ndarray
    delta: np.ndarray
    gamma: np.ndarray
    vega: np.ndarray
    volga: np.ndarray
    cross: np.ndarray
    rates: np.ndarray
    volatility: np.ndarray


class ValueMover:
    """A batch of trades between two sets of numbers of one shape.

    Args:
        engine: that prices them
        batch: the trades
        choices: numerical ones, made at the first numbers
        shape: what the numbers go into
        inputs: the first numbers
        target: the second
    """

    def __init__(
        self,
        engine: AbstractEngine,
        batch: Batch,
        choices: object,
        shape: MarketShape,
        inputs: MarketInputs,
        target: MarketInputs,
    ) -> None:
        self._engine, self._batch, self._choices, self._shape = engine, batch, choices, shape
        self._inputs, self._target = inputs, target

    def __call__(self) -> MoveOfValue:
        """The change of value, by what moved."""
        here = self._engine.assess(self._batch, self._inputs, self._shape, True, self._choices)
        assert here.gradient is not None
        of_rates, of_volatilities = (self._second(moved) for moved in (RATES, VOLATILITIES))
        middle = self._value(self._moved(1.0, RATES))
        return MoveOfValue(
            here.value,
            self._along(here.gradient, RATES),
            0.5 * self._along(of_rates, RATES),
            self._along(here.gradient, VOLATILITIES),
            0.5 * self._along(of_volatilities, VOLATILITIES),
            self._along(of_rates, VOLATILITIES),
            middle - here.value,
            self._value(self._moved(1.0, (*RATES, *VOLATILITIES))) - middle,
        )

    def _value(self, inputs: MarketInputs) -> np.ndarray:
        found = self._engine.assess(self._batch, inputs, self._shape, False, self._choices)
        return np.asarray(found.value)

    def _move(self, name: str) -> np.ndarray:
        return np.asarray(getattr(self._target, name)) - np.asarray(getattr(self._inputs, name))

    def _moved(self, share: float, names: Sequence[str]) -> MarketInputs:
        """The first numbers, some of them a share of the way to the second."""
        parts = {
            name: np.asarray(getattr(self._inputs, name)) + share * self._move(name)
            for name in names
        }
        return self._inputs._replace(**parts)

    def _along(self, gradient: MarketInputs, names: Sequence[str]) -> np.ndarray:
        """Derivatives times the moves of these numbers."""
        total = np.zeros(len(self._batch.members))
        for name in names:
            slopes, move = np.asarray(getattr(gradient, name)), self._move(name)
            if move.size:
                total = total + slopes.reshape(total.size, -1) @ move.ravel()
        return total

    def _second(self, names: Sequence[str]) -> MarketInputs:
        """Second derivatives along the move of some numbers, by differences of exact first ones as in `gammas`."""
        largest = max(np.abs(self._move(name)).max(initial=0.0) for name in names)
        share = STEP / largest if largest > 0.0 else 0.0

        def slopes(steps: float) -> MarketInputs:
            inputs = self._moved(steps * share, names)
            found = self._engine.assess(self._batch, inputs, self._shape, True, self._choices)
            assert found.gradient is not None
            return found.gradient

        if share == 0.0:
            return MarketInputs(*(0.0 * np.asarray(part) for part in slopes(0.0)))
        points = [slopes(steps) for steps in (1.0, -1.0, 2.0, -2.0)]
        parts = (
            (8.0 * (up - down) - (far_up - far_down)) / (12.0 * share)
            for up, down, far_up, far_down in zip(*points, strict=True)
        )
        return MarketInputs(*parts)
