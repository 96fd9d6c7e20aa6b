"""The adjustments of a netting set as functions of its values on paths: where their adjoint begins."""

import functools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.collateral import collateral_adjoint, collateralised
from neuralrates.exposures.credit import DefaultWeights
from neuralrates.exposures.figures import funding_weights
from neuralrates.exposures.netting import Netting, NettingSet

Values = Float[np.ndarray, "dates paths"]
Weights = Float[np.ndarray, "figures dates paths"]
FIGURES = ("cva", "dva", "fva")


@dataclass(frozen=True, eq=False)
class SetAdjustments:
    """CVA, DVA and FVA of a netting set, as sums over dates by path.

    Args:
        one: netting set
        weights: by date, of the positive part, the negative part and the whole
        values: in units of the numeraire
        exposed: the same less collateral
        numeraire: of the base currency
        times: of the dates, years
    """

    one: NettingSet
    weights: Float[np.ndarray, "figures dates"]
    values: Values
    exposed: Values
    numeraire: Values
    times: Float[np.ndarray, "dates"]

    @classmethod
    def of(
        cls,
        one: NettingSet,
        netting: Netting,
        defaults: DefaultWeights,
        values: Values,
        exposed: Values,
        numeraire: Values,
        times: Float[np.ndarray, "dates"],
    ) -> "SetAdjustments":
        """Adjustments by the default probabilities and the funding spread of a netting file."""
        nothing = np.zeros(times.size)
        counterparty = defaults.counterparties.get(one.netting_set, nothing)
        own = nothing if defaults.own is None else defaults.own
        weights = np.stack([counterparty, own, funding_weights(times, netting.funding_spread)])
        return cls(one, weights, values, exposed, numeraire, times)

    def by_path(self, values: Values, numeraire: Values) -> Float[np.ndarray, "figures paths"]:
        """The adjustments on some paths, of other values than those of the set."""
        if self.one.collateral is not None:
            held = collateralised(values * numeraire, self.times, self.one.collateral)
            values = held / numeraire
        parts = np.maximum(values, 0.0), np.maximum(-values, 0.0), values
        return np.stack([own @ part for own, part in zip(self.weights, parts, strict=True)])

    @functools.cached_property
    def seeds(self) -> tuple[Weights, Weights | None]:
        """Derivatives to the values and, where there is collateral, to the logarithm of the numeraire."""
        exposed, annex = self.exposed, self.one.collateral
        positive, negative, whole = self.weights[:, :, None] / exposed.shape[1]
        weights = np.empty((len(FIGURES), *exposed.shape))
        weights[0] = np.where(exposed > 0.0, positive, 0.0)
        weights[1] = np.where(exposed < 0.0, -negative, 0.0)
        weights[2] = whole
        if annex is None:
            return weights, None
        amounts = self.values * self.numeraire
        back = collateral_adjoint(amounts, self.times, annex, weights / self.numeraire)
        back *= self.numeraire
        return back, back * self.values - weights * exposed
