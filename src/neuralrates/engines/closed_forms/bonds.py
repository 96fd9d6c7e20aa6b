"""Bonds of a batch of trades, read off the curves of a market."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.curves.curve_reader import CurveReader, Exponents

Vector = Float[np.ndarray, "bonds"]


class CurveGradient(NamedTuple):
    """Derivatives by trade to the rates of all curves and to the time that has passed."""

    discount_rates: Float[np.ndarray, "trades nodes"]
    projection_rates: Float[np.ndarray, "trades projection_nodes"]
    elapsed: Float[np.ndarray, "trades"]


class _Projected(NamedTuple):
    """A projection curve, its exponents at both ends of all floating periods, and one where a period is of its rate."""

    reader: CurveReader
    read: Exponents
    own: Float[np.ndarray, "trades periods"]


class Bonds:
    """Discount factors and growths of a batch: see `CashFlows` for their order.

    Args:
        flows: of the batch
        shape: curves that the numbers go into
        inputs: zero rates, and the time by which the curves have moved on

    Attributes:
        values: the bonds
    """

    def __init__(self, flows: CashFlows, shape: MarketShape, inputs: MarketInputs) -> None:
        self._flows, elapsed = flows, float(inputs.elapsed)
        self._discount = CurveReader(shape.discount, np.asarray(inputs.discount_rates))
        self._read = self._discount(flows.times - elapsed)
        at_flows = self._read.value[:, :-1]
        floating = flows.trades.swap.floating
        self._edges = np.concatenate([floating.start_times, floating.end_times], axis=1)
        start, end = (_taken(at_flows, places) for places in (flows.start, flows.end))
        self._projected: list[_Projected] = []
        self._on_discount = np.ones(start.shape)
        for number, reader in enumerate(shape.projection_readers(inputs)):
            if reader is None:
                continue
            own = np.where(floating.on_second == number, 1.0, 0.0)
            read = reader(self._edges - elapsed)
            self._projected.append(_Projected(reader, read, own))
            self._on_discount = self._on_discount - own
            start, end = (
                np.where(own > 0.0, edge, other)
                for edge, other in zip(np.split(read.value, 2, axis=1), (start, end), strict=True)
            )
        self._cancels = flows.pays_at_end & (self._on_discount > 0.0)
        growth = start + np.where(self._cancels, 0.0, _taken(at_flows, flows.payment) - end)
        parts = (at_flows.ravel(), growth.ravel(), self._read.value[:, -1])
        self.values: Vector = np.exp(-np.concatenate(parts))

    @property
    def at_flows(self) -> Float[np.ndarray, "trades flows"]:
        """Discount factors of the flow times."""
        count, flows = self._flows.count, self._flows.num_flows
        return self.values[: count * flows].reshape(count, flows)

    def pulled_back(self, weights: Vector) -> CurveGradient:
        """Derivatives of each trade's weighted sum of its bonds."""
        flows = self._flows
        count, num_flows = flows.count, flows.num_flows
        amounts = np.split(
            -weights * self.values, [count * num_flows, count * (num_flows + flows.num_periods)]
        )
        growth = amounts[1].reshape(count, -1)
        later = np.where(self._cancels, 0.0, growth)
        places = [flows.payment, flows.start, flows.end]
        moved = [later, growth * self._on_discount, -later * self._on_discount]
        projection_rates, elapsed = [np.zeros((count, 0))], np.zeros(count)
        both = np.concatenate([growth, -later], axis=1)
        for reader, read_edges, own in self._projected:
            edges = both * np.tile(own, 2)
            projection_rates.append(reader.pulled_back(read_edges, edges))
            elapsed = elapsed - np.sum(edges * read_edges.forward_rate, axis=1)
        first = num_flows * np.arange(count)[:, None]
        at_flows = amounts[0] + np.bincount(
            (first + np.concatenate(places, axis=1)).ravel(),
            np.concatenate(moved, axis=1).ravel(),
            count * num_flows,
        )
        read = np.concatenate([at_flows.reshape(count, -1), amounts[2][:, None]], axis=1)
        elapsed = elapsed - np.sum(read * self._read.forward_rate, axis=1)
        return CurveGradient(
            self._discount.pulled_back(self._read, read),
            np.concatenate(projection_rates, axis=1),
            elapsed,
        )


def _taken(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Of each row the values at its places."""
    return np.take_along_axis(values, places, axis=1)
