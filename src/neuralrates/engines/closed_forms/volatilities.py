"""Quoted volatilities read at many points at once, with derivatives to the quotes and to where they are read."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neuralrates.core.types import HostArray
from neuralrates.engines.closed_forms.lognormal import normal_from_lognormal
from neuralrates.engines.market_inputs import MarketInputs, MarketShape

Points = Float[np.ndarray, "points"]


class Volatilities(NamedTuple):
    """Normal volatilities of options, and their derivatives to where they are read.

    Args:
        value: decimals per square root of year
        expiry: derivative to the expiry
        forward: to the forward rate, decimal
        strike: to the strike, decimal
        scale: to the volatility as quoted
        quoted: how that reads the quotes
    """

    value: Points
    expiry: Points
    forward: Points
    strike: Points
    scale: Points
    quoted: "QuotedAtStrike"


class _Axis:
    """Points on an axis of quotes: linear between its nodes, flat outside."""

    def __init__(self, nodes: HostArray, points: Points) -> None:
        nodes = np.asarray(nodes)
        self.single = nodes.size == 1
        self.low = np.zeros(points.shape, dtype=np.intp)
        self.share, self.slope = np.zeros(points.shape), np.zeros(points.shape)
        if self.single:
            return
        self.low = np.searchsorted(nodes[1:-1], points)
        width = nodes[self.low + 1] - nodes[self.low]
        share = (points - nodes[self.low]) / width
        self.share = np.clip(share, 0.0, 1.0)
        self.slope = np.where((share >= 0.0) & (share <= 1.0), 1.0 / width, 0.0)

    @property
    def places(self) -> Int[np.ndarray, "2 points"]:
        """Of both neighbours."""
        return np.stack([self.low, self.low if self.single else self.low + 1])

    @property
    def weights(self) -> Float[np.ndarray, "2 points"]:
        """Theirs."""
        return np.stack([1.0 - self.share, self.share])


class Interpolated:
    """A table of quotes at points: linear along each axis.

    Args:
        table: quotes, an axis of it per set of nodes
        nodes: where they stand
        points: where they are read, coordinates by axis
    """

    def __init__(
        self, table: HostArray, nodes: tuple[HostArray, ...], points: tuple[Points, ...]
    ) -> None:
        self._shape = table.shape
        self._axes = [_Axis(*pair) for pair in zip(nodes, points, strict=True)]
        self._corners = np.zeros(points[0].shape, dtype=np.intp)
        for axis, length in zip(self._axes, self._shape, strict=True):
            self._corners = self._corners[..., None, :] * length + axis.places
        value, slopes = np.asarray(table).ravel()[self._corners], []
        for axis in reversed(self._axes):
            rise = value[..., 1, :] - value[..., 0, :]
            slopes = [_between(slope, axis.share) for slope in slopes] + [axis.slope * rise]
            value = _between(value, axis.share)
        self.value, self.slopes = value, slopes[::-1]

    def pulled_back(
        self, weights: Points, trade: Int[np.ndarray, "points"], count: int
    ) -> Float[np.ndarray, "trades ..."]:
        """Derivatives to the quotes of each trade's weighted sum of the values."""
        size = math.prod(self._shape)
        amounts = weights
        for axis in self._axes:
            amounts = amounts[..., None, :] * axis.weights
        places = (trade * size + self._corners).ravel()
        return np.bincount(places, amounts.ravel(), count * size).reshape(count, *self._shape)


def _between(
    values: Float[np.ndarray, "... 2 points"], share: Points
) -> Float[np.ndarray, "... points"]:
    """Of both neighbours on an axis, so far from the lower one."""
    found: np.ndarray = (1.0 - share) * values[..., 0, :] + share * values[..., 1, :]
    return found


class QuotedAtStrike:
    """Swaption volatilities as quoted, at the money and with their smile, as `SwaptionVolatility` reads them."""

    def __init__(
        self,
        shape: MarketShape,
        inputs: MarketInputs,
        expiry: Points,
        tenor: Points,
        offset: Points,
    ) -> None:
        matrix = shape.swaption_volatility
        assert matrix is not None
        nodes = (matrix.expiries, matrix.tenors)
        self._money = Interpolated(np.asarray(inputs.volatility), nodes, (expiry, tenor))
        self.value, self.expiry = self._money.value, self._money.slopes[0]
        self.offset = np.zeros(expiry.shape)
        self._smile: Interpolated | None = None
        self._no_smile = inputs.smile.shape
        smile = matrix.smile
        if smile is None:
            return
        expiries, tenors = np.asarray(smile.expiries), np.asarray(smile.tenors)
        near = np.clip(expiry, expiries[0], expiries[-1])
        inside = (near, np.clip(tenor, tenors[0], tenors[-1]))
        self._inside = Interpolated(np.asarray(inputs.volatility), nodes, inside)
        axes, points = (smile.offsets, expiries, tenors), (offset, expiry, tenor)
        self._smile = Interpolated(np.asarray(inputs.smile), axes, points)
        known = self._inside.value > 0.0
        safe = np.where(known, self._inside.value, 1.0)
        self._scale = np.where(known, self._money.value / safe, 1.0)
        self._to_money = 1.0 + np.where(known, self._smile.value / safe, 0.0)
        self._to_inside = -np.where(known, self._scale * self._smile.value / safe, 0.0)
        self.value = self._money.value + self._scale * self._smile.value
        self.offset = self._scale * self._smile.slopes[0]
        moves = np.where(near == expiry, self._inside.slopes[0], 0.0)
        self.expiry = (
            self._to_money * self._money.slopes[0]
            + self._to_inside * moves
            + self._scale * self._smile.slopes[1]
        )

    def pulled_back(
        self, weights: Points, trade: Int[np.ndarray, "points"], count: int
    ) -> tuple[Float[np.ndarray, "trades ..."], Float[np.ndarray, "trades ..."]]:
        """Derivatives to the quotes at the money and to the smile of each trade's weighted sum of the values."""
        if self._smile is None:
            nothing = np.zeros((count, *self._no_smile))
            return self._money.pulled_back(weights, trade, count), nothing
        money = self._money.pulled_back(weights * self._to_money, trade, count)
        money += self._inside.pulled_back(weights * self._to_inside, trade, count)
        return money, self._smile.pulled_back(weights * self._scale, trade, count)


def swaption_volatilities(
    shape: MarketShape,
    inputs: MarketInputs,
    expiry: Points,
    tenor: Points,
    forward: Points,
    strike: Points,
) -> Volatilities:
    """Normal volatilities of European swaptions; of lognormal quotes those with the same price at forward and strike.

    Args:
        shape: matrix that the quotes go into
        inputs: the quotes
        expiry: years
        tenor: years
        forward: decimals
        strike: decimals

    Returns:
        Volatilities with their derivatives.
    """
    matrix = shape.swaption_volatility
    assert matrix is not None
    quoted = QuotedAtStrike(shape, inputs, expiry, tenor, strike - forward)
    if matrix.quote_type == "normal":
        one = np.ones(expiry.shape)
        return Volatilities(quoted.value, quoted.expiry, -quoted.offset, quoted.offset, one, quoted)
    shift = Interpolated(np.asarray(matrix.shift), (matrix.tenors,), (tenor,)).value
    found = normal_from_lognormal(forward + shift, strike + shift, quoted.value, expiry)
    return Volatilities(
        found.value,
        found.expiry + found.volatility * quoted.expiry,
        found.forward - found.volatility * quoted.offset,
        found.strike + found.volatility * quoted.offset,
        found.volatility,
        quoted,
    )


class CapVolatilities(NamedTuple):
    """Normal volatilities of caplets and their derivatives, as `Volatilities`; `term` to the length of the cap."""

    value: Points
    expiry: Points
    forward: Points
    term: Points
    scale: Points
    quoted: Interpolated


def cap_volatilities(
    shape: MarketShape,
    inputs: MarketInputs,
    term: Points,
    expiry: Points,
    forward: Points,
    strike: Points,
) -> CapVolatilities:
    """Normal volatilities of caplets in caps of these terms, as `CapVolatility.at_strike`."""
    matrix = shape.cap_volatility
    assert matrix is not None
    nodes = (matrix.terms, matrix.strikes)
    quoted = Interpolated(np.asarray(inputs.cap_volatility), nodes, (term, strike))
    nothing, one = np.zeros(term.shape), np.ones(term.shape)
    if matrix.quote_type == "normal":
        return CapVolatilities(quoted.value, nothing, nothing, quoted.slopes[0], one, quoted)
    shift = float(matrix.shift)
    found = normal_from_lognormal(forward + shift, strike + shift, quoted.value, expiry)
    to_term = found.volatility * quoted.slopes[0]
    return CapVolatilities(
        found.value, found.expiry, found.forward, to_term, found.volatility, quoted
    )
