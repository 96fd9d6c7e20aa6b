"""What the one-factor engine computes from a market in closed form: all else needs nothing but these numbers."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.core.types import HostArray, HostExercises, HostScalar
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.closed_forms.coterminals import CoterminalQuotes, RightWeights
from neuralrates.engines.closed_forms.decays import Decay, decay_between, decay_from
from neuralrates.engines.market_inputs import MarketInputs, MarketShape

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_SMALLEST_SLOPE = 1e-8
"""Of a swap rate in the state, relative to the largest movement of its flows."""


class Numbers(NamedTuple):
    """Functions of the market's numbers that a price is a function of.

    Args:
        held: value of the swap held less the premium due, per unit notional
        present_values: value today of each flow of the receiver swap that an exercise enters
        loadings: $H(T_k) - H(T_n)$ of the flow times, years, from that of the last
        targets: quoted values of the Europeans that are out of the money
        starts: variances of the state at which the swap rates have their quoted deviations near the money
    """

    held: HostScalar
    present_values: Float[HostArray, "exercises flows"]
    loadings: Float[HostArray, "flows"]
    targets: HostExercises
    starts: HostExercises


class Facts(NamedTuple):
    """What goes with them, and no derivative is taken of.

    Args:
        sides: +1 where the European out of the money is the receiver, -1 where it is the payer
        centres: average of the loadings, weighted by the annuity
        slopes: movement of the swap rate per unit of the state
        deviations: quoted, of the swap rates, decimals
        vegas: derivatives of the targets to the quoted volatilities
        still: whether a quote says that its rate does not move
        mean_loadings: average of H - H(T_n) from each exercise to the next, weighted by the growth of the variance
        forwards: forward swap rates, decimals
        quotes: normal volatilities
    """

    sides: HostExercises
    centres: HostExercises
    slopes: HostExercises
    deviations: HostExercises
    vegas: HostExercises
    still: Bool[HostArray, "exercises"]
    mean_loadings: HostExercises
    forwards: HostExercises
    quotes: HostExercises


class CoterminalNumbers:
    """Numbers of a batch with exercises, and the way back from derivatives to them; a leading axis for the trades.

    Args:
        flows: of the batch
        shape: curves and matrix that the market's numbers go into
        inputs: the market's numbers

    Attributes:
        numbers: what the price is a function of; zero in the padding
        facts: what goes with them
    """

    def __init__(self, flows: CashFlows, shape: MarketShape, inputs: MarketInputs) -> None:
        self._mean_reversion = float(inputs.mean_reversion)
        self._coterminals = found = CoterminalQuotes(flows, shape, inputs)
        times = flows.trades.swap.flow_times - float(inputs.elapsed)
        self._decays = decay_between(self._mean_reversion, times, times[:, -1:])
        means = self._mean_loadings(times[found.rights.trade, -1:])
        self._factor = FactorNumbers(found, -self._decays.value, means)
        self.numbers, self.facts = self._factor.numbers, self._factor.facts

    def _mean_loadings(self, end: Float[np.ndarray, "rights 1"]) -> Float[np.ndarray, "rights"]:
        """Average of H - H(end) up to each expiry since the one before, at constant volatility of the short rate."""
        rate, starts = self._mean_reversion, self._coterminals.starts[:, None]
        since = 0.5 * (self._coterminals.expiries[:, None] - starts) * (1.0 + _POINTS)
        weights = _WEIGHTS * np.exp(2.0 * rate * since)
        loadings = -decay_from(rate, starts + since, end)
        found: np.ndarray = np.sum(weights * loadings, axis=1) / np.sum(weights, axis=1)
        return found

    @property
    def at_flows(self) -> Float[np.ndarray, "trades flows"]:
        """Discount factors of the flow times."""
        return self._coterminals.at_flows

    def pulled_back(
        self, weights: Numbers, bonds: Float[np.ndarray, "trades flows"] | None = None
    ) -> MarketInputs:
        """Derivatives to the market's numbers of weights times numbers, and times discount factors of the flow times."""
        back, loadings = self._factor.pulled_back(weights)
        if bonds is not None:
            back = back._replace(bonds=back.bonds + bonds)
        gradient = self._coterminals.pulled_back(back)
        mean_reversion, elapsed = through_loadings(self._mean_reversion, self._decays, loadings)
        return gradient._replace(mean_reversion=mean_reversion, elapsed=gradient.elapsed + elapsed)


class FactorNumbers:
    """Numbers of a factor with given loadings, and the way back to these and to what the coterminals are.

    Args:
        coterminals: of the batch
        loadings: of the flow times, from that of the last
        mean_loadings: between the exercises

    Attributes:
        numbers: what the price is a function of; zero in the padding
        facts: what goes with them
    """

    def __init__(
        self,
        coterminals: CoterminalQuotes,
        loadings: Float[np.ndarray, "trades flows"],
        mean_loadings: Float[np.ndarray, "rights"],
    ) -> None:
        self._coterminals = found = coterminals
        self._loadings = loadings
        self._centres = found.annuity_average(self._loadings)
        moves = np.sum(found.present_values * self._loadings[:, None, :], axis=2)
        self._values = found.strikes * found.annuities - found.floating
        self._moves = found.of_rights(moves) - self._centres * self._values
        self._slopes = np.abs(self._moves) / found.annuities
        least = _SMALLEST_SLOPE * np.maximum(
            np.abs(self._loadings[found.rights.trade, 0] - self._centres), np.abs(self._centres)
        )
        self._is_steep = self._slopes > least
        self._slopes = np.where(self._is_steep, self._slopes, least)
        self._starts = (found.deviations / self._slopes) ** 2
        self.numbers = Numbers(
            found.held,
            found.present_values,
            self._loadings,
            *map(found.by_exercise, (found.targets, self._starts)),
        )
        facts = (
            found.sides,
            self._centres,
            self._slopes,
            found.deviations,
            found.vegas,
            found.still,
            mean_loadings,
            found.forwards,
            found.quotes,
        )
        self.facts = Facts(*map(found.by_exercise, facts))

    def pulled_back(
        self, weights: Numbers
    ) -> tuple[RightWeights, Float[np.ndarray, "trades flows"]]:
        """Derivatives of weights times numbers to what the coterminals are, and to the loadings."""
        starts, targets = map(self._coterminals.of_rights, (weights.starts, weights.targets))
        nothing = np.zeros(targets.shape)
        back = RightWeights(
            weights.held,
            weights.present_values,
            targets,
            nothing,
            nothing,
            nothing,
            np.zeros(self._loadings.shape),
            nothing,
        )
        if not np.any(starts):
            return back, weights.loadings
        back, more = self._through_starts(starts, back)
        return back, weights.loadings + more

    def _through_starts(
        self, starts: Float[np.ndarray, "rights"], back: RightWeights
    ) -> tuple[RightWeights, Float[np.ndarray, "trades flows"]]:
        """What derivatives to the starting variances add, and derivatives to the loadings.

        A slope is $|\\sum_j v_j (\\lambda_j - c)| / A$, with c the average of the loadings weighted by the annuity A.
        """
        found = self._coterminals
        per_deviation = 2.0 * starts * found.deviations / self._slopes**2
        slopes = np.where(self._is_steep, -2.0 * starts * self._starts / self._slopes, 0.0)
        moves = slopes * np.sign(self._moves) / found.annuities
        centres, values = -moves * self._values, -moves * self._centres
        share = found.annuity_weights(centres / found.annuities)
        annuities = (
            found.strikes * values
            - (slopes * self._slopes + centres * self._centres) / found.annuities
        )
        by_exercise = found.by_exercise(moves)
        present_values = by_exercise[:, :, None] * self._loadings[:, None, :]
        more = back._replace(
            present_values=back.present_values + present_values,
            deviations=per_deviation,
            annuities=annuities,
            floating=-values,
            bonds=share * self._loadings,
        )
        moved = np.einsum("te,tef->tf", by_exercise, found.present_values)
        return more, moved + share * found.at_flows


def through_loadings(
    rate: float, decays: Decay, weights: Float[np.ndarray, "trades flows"]
) -> tuple[Float[np.ndarray, "trades"], Float[np.ndarray, "trades"]]:
    """Derivatives of weighted sums of loadings, minus integrals of decays, to their rate and to the time that has passed."""
    to_rate = -np.sum(weights * decays.to_rate, axis=1)
    return to_rate, -rate * np.sum(weights * decays.value, axis=1)
