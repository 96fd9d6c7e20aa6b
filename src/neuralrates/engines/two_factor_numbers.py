"""What the two-factor engine computes from a market in closed form: all else needs nothing but these numbers."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.core.types import HostArray, HostExercises, HostScalar
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.closed_forms.coterminals import ByRight, CoterminalQuotes, RightWeights
from neuralrates.engines.closed_forms.decays import Decay, decay_between, decay_from, decay_integral
from neuralrates.engines.coterminal_numbers import through_loadings
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.two_factor import TwoFactorParameters

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_SLOW_ONES = np.array([[0.0, 1.0], [1.0, 2.0]])
"""How often the slow mean reversion is in the rate at which a covariance grows."""

Matrices = Float[np.ndarray, "rights factors factors"]


class PlaneNumbers(NamedTuple):
    """Functions of the market's numbers that a price is a function of.

    Args:
        held: value of the swap held less the premium due, per unit notional
        present_values: value today of each flow of the receiver swap that an exercise enters
        loadings: $H(T_k) - H(T_n)$ of the flow times by factor, years, from that of the last
        growths: of the state's covariance up to each exercise since the one before, at unit volatility of the first factor
        targets: quoted values of the Europeans that are out of the money
    """

    held: HostScalar
    present_values: Float[HostArray, "exercises flows"]
    loadings: Float[HostArray, "flows factors"]
    growths: Float[HostArray, "exercises factors factors"]
    targets: HostExercises


class PlaneFacts(NamedTuple):
    """What goes with them, and no derivative is taken of.

    Args:
        sides: +1 where the European out of the money is the receiver, -1 where it is the payer
        annuities: value of a unit of strike, years
        deviations: quoted, of the swap rates, decimals
        vegas: derivatives of the targets to the quoted volatilities
        still: whether a quote says that its rate does not move
        drifts: of the state in the bank-account measure up to each exercise since the one before, at unit volatility
        forwards: forward swap rates, decimals
        quotes: normal volatilities
    """

    sides: HostExercises
    annuities: HostExercises
    deviations: HostExercises
    vegas: HostExercises
    still: Bool[HostArray, "exercises"]
    drifts: Float[HostArray, "exercises factors"]
    forwards: HostExercises
    quotes: HostExercises


class TwoFactorNumbers:
    """Numbers of a batch with exercises, and the way back from derivatives to them; a leading axis for the trades.

    Args:
        flows: of the batch
        shape: curves, matrix and second factor
        inputs: the market's numbers; their mean reversion is that of the first factor

    Attributes:
        numbers: what the price is a function of; zero in the padding
        facts: what goes with them
    """

    def __init__(self, flows: CashFlows, shape: MarketShape, inputs: MarketInputs) -> None:
        self._law = _Law.of(shape.two_factor, float(inputs.mean_reversion))
        self._coterminals = CoterminalQuotes(flows, shape, inputs)
        found, rates = self._coterminals, self._law.mean_reversions
        times = flows.trades.swap.flow_times - float(inputs.elapsed)
        self._decays = decay_between(rates[:, None, None], times, times[:, -1:])
        self._growths = self._law.growths(found.starts, found.expiries)
        self.numbers = PlaneNumbers(
            found.held,
            found.present_values,
            -np.moveaxis(self._decays.value, 0, 2),
            found.by_exercise(self._growths.value),
            found.by_exercise(found.targets),
        )
        ends = times[found.rights.trade, -1]
        facts = (
            found.sides,
            found.annuities,
            found.deviations,
            found.vegas,
            found.still,
            self._law.drifts(found.starts, found.expiries, ends),
            found.forwards,
            found.quotes,
        )
        self.facts = PlaneFacts(*map(found.by_exercise, facts))

    def pulled_back(self, weights: PlaneNumbers) -> MarketInputs:
        """Derivatives of weights times numbers to the market's numbers, per trade."""
        found, trade = self._coterminals, self._coterminals.rights.trade
        targets, growths = map(found.of_rights, (weights.targets, weights.growths))
        count, nothing = weights.held.shape[0], np.zeros(targets.shape)
        ends = np.einsum("rij,rij->r", growths, self._growths.to_end)
        starts = np.einsum("rij,rij->r", growths, self._growths.to_start)
        earlier = np.append(np.where(found.rights.first, 0.0, starts)[1:], 0.0)
        gradient = found.pulled_back(
            RightWeights(
                weights.held,
                weights.present_values,
                targets,
                nothing,
                nothing,
                nothing,
                np.zeros(weights.loadings.shape[:2]),
                ends + earlier,
            )
        )
        to_rate = np.einsum("rij,rij->r", growths, self._growths.to_rate)
        mean_reversion, elapsed = np.bincount(trade, to_rate, count), gradient.elapsed
        for factor, rate in enumerate(self._law.mean_reversions):
            moved = weights.loadings[:, :, factor]
            own = Decay(self._decays.value[factor], self._decays.to_rate[factor])
            through_rate, passed = through_loadings(rate, own, moved)
            elapsed = elapsed + passed
        return gradient._replace(mean_reversion=mean_reversion + through_rate, elapsed=elapsed)


class _Growths(NamedTuple):
    """Growth of the state's covariance over intervals, with derivatives to both ends and to the slow mean reversion."""

    value: Matrices
    to_start: Matrices
    to_end: Matrices
    to_rate: Matrices


class _Law(NamedTuple):
    """Mean reversions of the factors, the slow one last, and the covariance of their short rates at unit volatility of it."""

    mean_reversions: Float[np.ndarray, "factors"]
    covariance: Float[np.ndarray, "factors factors"]

    @classmethod
    def of(cls, parameters: TwoFactorParameters, mean_reversion: float) -> "_Law":
        """Law of a second factor beside a first one of this mean reversion."""
        ratio = float(parameters.volatility_ratio)
        mixed = float(parameters.correlation) * ratio
        reversions = np.array([float(parameters.fast_mean_reversion), mean_reversion])
        return cls(reversions, np.array([[ratio * ratio, mixed], [mixed, 1.0]]))

    def growths(self, starts: ByRight, ends: ByRight) -> _Growths:
        """$\\int_s^t e^{(\\kappa_i + \\kappa_j) r} dr$ times the covariance."""
        starts, ends = starts[:, None, None], ends[:, None, None]
        rates = self.mean_reversions[:, None] + self.mean_reversions
        growth = decay_integral(-rates, ends - starts)
        before = self.covariance * np.exp(rates * starts)
        return _Growths(
            before * growth.value,
            -before,
            self.covariance * np.exp(rates * ends),
            _SLOW_ONES * before * (starts * growth.value - growth.to_rate),
        )

    def drifts(
        self, starts: ByRight, ends: ByRight, last: ByRight
    ) -> Float[np.ndarray, "rights factors"]:
        """$-\\int dZ (H - H(T_n))$ over intervals."""
        half = 0.5 * (ends - starts)[:, None]
        times, weights = starts[:, None] + half * (1.0 + _POINTS), half * _WEIGHTS
        rates = self.mean_reversions[:, None, None]
        grown = np.exp(rates * times)
        left = grown * decay_from(rates, times, last[:, None])
        both: np.ndarray = np.einsum("rp,irp,ij,jrp->ri", weights, grown, self.covariance, left)
        return both
