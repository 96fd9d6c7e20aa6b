"""European swaptions of all exercises of a batch: what the market quotes for them, and derivatives to its numbers."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from scipy.special import ndtr

from neuralrates.core.errors import RefusalError
from neuralrates.core.types import HostArray
from neuralrates.engines.closed_forms.bonds import Bonds, CurveGradient
from neuralrates.engines.closed_forms.cash_flows import CashFlows, RightFlows
from neuralrates.engines.closed_forms.volatilities import swaption_volatilities
from neuralrates.engines.market_inputs import MarketInputs, MarketShape

SHORTEST_EXPIRY = 1e-6
"""Years; an exercise that falls on the valuation date as time passes has no time value left, only its exercise value."""
_SMALLEST_DEVIATION = 1e-10
"""Of a swap rate; one that is quoted to move by less is said not to move."""
_LEAST_WIDTH = 1e-12

ByRight = Float[np.ndarray, "rights"]


class RightWeights(NamedTuple):
    """Derivatives of prices to what a batch's coterminals are, to be taken back to the market's numbers.

    Args:
        held: to the value held beside the right
        present_values: to what each flow of the receiver swaps is worth today
        targets: to the quoted values of the Europeans that are out of the money
        deviations: to the quoted deviations of the swap rates
        annuities: to the annuities, beside what the targets make of them
        floating: to the values of the floating legs, likewise
        bonds: to the discount factors of the flow times, likewise
        expiries: to the expiries, likewise
    """

    held: Float[np.ndarray, "trades"]
    present_values: Float[np.ndarray, "trades exercises flows"]
    targets: ByRight
    deviations: ByRight
    annuities: ByRight
    floating: ByRight
    bonds: Float[np.ndarray, "trades flows"]
    expiries: ByRight


class CoterminalQuotes:
    """Swaptions of a batch at the market's numbers, as receivers; attributes by right, see `RightFlows`.

    Args:
        flows: of the batch, in which there are exercises
        shape: curves and matrix that the numbers go into
        inputs: the numbers

    Attributes:
        held: value of what each trade holds beside its right
        present_values: today, of each flow of the receiver swap, by trade, exercise and flow
        annuities: values of a unit of strike, years
        forwards: swap rates, decimals
        expiries: years
        quotes: normal volatilities
        deviations: of the swap rates as quoted, decimals
        targets: quoted values of the Europeans out of the money
        sides: +1 where that is the receiver, -1 where it is the payer
        vegas: derivatives of the targets to the quotes

    Source: Bachelier (1900).
    """

    def __init__(self, flows: CashFlows, shape: MarketShape, inputs: MarketInputs) -> None:
        if shape.swaption_volatility is None:
            raise RefusalError("the market has no swaption volatilities, which options need")
        self._flows, self._inputs = flows, inputs
        self._bonds = Bonds(flows, shape, inputs)
        trades, bonds, rights = flows.trades, self._bonds.values, self.rights
        self._places = rights.trade * flows.num_exercises + rights.exercise
        self.held = flows.held(bonds)
        sizes = (flows.count, flows.num_exercises, flows.num_flows)
        self.present_values = rights.present_values(bonds).reshape(sizes)
        self.annuities, self.floating = rights.annuities(bonds), rights.floating(bonds)
        self.forwards = self.floating / self.annuities
        self._spreads = rights.spreads(bonds) / self.annuities
        self.strikes = trades.strike[rights.trade]
        later = self.of_rights(trades.exercise_times) - float(inputs.elapsed)
        self._is_ahead = later > SHORTEST_EXPIRY
        self.expiries = np.where(self._is_ahead, later, SHORTEST_EXPIRY)
        tenors = trades.maturity[rights.trade] - self.of_rights(trades.start_times)
        rates = (self.forwards - self._spreads, self.strikes - self._spreads)
        self._read = swaption_volatilities(shape, inputs, self.expiries, tenors, *rates)
        self.quotes, self._roots = self._read.value, np.sqrt(self.expiries)
        self.deviations = self.quotes * self._roots
        self.sides = np.where(self.forwards > self.strikes, 1.0, -1.0)
        self._wide = np.maximum(self.deviations, _LEAST_WIDTH)
        distances = self.sides * (self.strikes - self.forwards) / self._wide
        self._chances = ndtr(distances)
        self._density = np.exp(-0.5 * distances * distances) / np.sqrt(2.0 * np.pi)
        self._values = self._wide * (distances * self._chances + self._density)
        self.targets = self.annuities * self._values
        self.vegas = self.annuities * self._roots * self._density
        self.still = (self.deviations >= 0.0) & (self.deviations <= _SMALLEST_DEVIATION)

    @property
    def rights(self) -> RightFlows:
        """Exercises of the batch."""
        assert self._flows.rights is not None
        return self._flows.rights

    @property
    def at_flows(self) -> Float[np.ndarray, "trades flows"]:
        """Discount factors of the flow times."""
        return self._bonds.at_flows

    @property
    def starts(self) -> ByRight:
        """The expiry before each, zero before the first."""
        return np.where(self.rights.first, 0.0, np.append(0.0, self.expiries[:-1]))

    def of_rights(
        self, values: Float[HostArray, "trades exercises ..."]
    ) -> Float[np.ndarray, "rights ..."]:
        """Of values by trade and exercise those of the rights."""
        return values[self.rights.trade, self.rights.exercise]

    def by_exercise(
        self, values: Shaped[np.ndarray, "rights ..."]
    ) -> Shaped[np.ndarray, "trades exercises ..."]:
        """Values of the rights by trade and exercise, zero in the padding."""
        count, exercises = self._flows.count, self._flows.num_exercises
        found = np.zeros((count * exercises, *values.shape[1:]), dtype=values.dtype)
        found[self._places] = values
        return found.reshape(count, exercises, *values.shape[1:])

    def annuity_average(self, loadings: Float[np.ndarray, "trades flows"]) -> ByRight:
        """Average of numbers of the flow times, weighted by the annuity."""
        weighted = np.zeros(self._flows.num_bonds)
        weighted[: loadings.size] = (self.at_flows * loadings).ravel()
        return self.rights.annuities(weighted) / self.annuities

    def annuity_weights(self, weights: ByRight) -> Float[np.ndarray, "trades flows"]:
        """What each flow's unit pays of a weighted sum of the annuities, discounting left out."""
        size = self._flows.count * self._flows.num_flows
        found = self.rights.annuities.transposed(weights)[:size]
        return found.reshape(self._flows.count, self._flows.num_flows)

    def pulled_back(self, weights: RightWeights) -> MarketInputs:
        """Derivatives of each trade's weighted sum to the market's numbers; none of it to the mean reversion."""
        rights, flows = self.rights, self._flows
        by_target = weights.targets * self.annuities
        deviations = weights.deviations + by_target * np.where(
            self.deviations > _LEAST_WIDTH, self._density, 0.0
        )
        quotes = np.where(deviations == 0.0, 0.0, deviations * self._roots)
        read = self._read
        expiries = weights.expiries + deviations * 0.5 * self.quotes / self._roots
        expiries = expiries + quotes * read.expiry
        forwards = quotes * read.forward - by_target * self.sides * self._chances
        spreads = -quotes * (read.forward + read.strike)
        annuities = (
            weights.annuities
            + weights.targets * self._values
            - (forwards * self.forwards + spreads * self._spreads) / self.annuities
        )
        bonds = flows.held.transposed(weights.held)
        bonds += rights.present_values.transposed(weights.present_values.ravel())
        bonds += rights.annuities.transposed(annuities)
        bonds += rights.floating.transposed(weights.floating + forwards / self.annuities)
        bonds += rights.spreads.transposed(spreads / self.annuities)
        bonds[: weights.bonds.size] += weights.bonds.ravel()
        curves = self._bonds.pulled_back(bonds)
        money, smile = read.quoted.pulled_back(quotes * read.scale, rights.trade, flows.count)
        passed = np.where(self._is_ahead, expiries, 0.0)
        elapsed = curves.elapsed - np.bincount(rights.trade, passed, flows.count)
        found = of_curves(curves._replace(elapsed=elapsed), self._inputs)
        return found._replace(volatility=money, smile=smile)


def held_values(
    flows: CashFlows, shape: MarketShape, inputs: MarketInputs, with_gradient: bool
) -> tuple[Float[np.ndarray, "trades"], MarketInputs | None]:
    """Values of trades without exercises per unit notional, and their derivatives to the market's numbers."""
    bonds = Bonds(flows, shape, inputs)
    values = flows.held(bonds.values)
    if not with_gradient:
        return values, None
    curves = bonds.pulled_back(flows.held.transposed(np.ones(flows.count)))
    return values, of_curves(curves, inputs)


def of_curves(curves: CurveGradient, inputs: MarketInputs) -> MarketInputs:
    """Derivatives of trades that depend on the curves alone, among those to all numbers."""
    count = curves.elapsed.shape[0]
    return MarketInputs(
        curves.discount_rates,
        curves.projection_rates,
        np.zeros((count, *inputs.volatility.shape)),
        np.zeros((count, *inputs.smile.shape)),
        np.zeros(count),
        curves.elapsed,
        np.zeros((count, *inputs.cap_volatility.shape)),
    )
