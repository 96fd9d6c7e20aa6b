"""What valuation adjustments weigh the values of netting sets by: where their adjoint begins."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.collateral import collateral_adjoint
from neuralrates.exposures.credit import DefaultWeights
from neuralrates.exposures.figures import funding_weights
from neuralrates.exposures.netting import Netting, NettingSet

Weights = Float[np.ndarray, "figures dates paths"]
FIGURES = ("cva", "dva", "fva")


class Seeds(NamedTuple):
    """Derivatives of the three adjustments of a netting set.

    Args:
        values: to its values on paths, in units of the numeraire
        numeraire: to the logarithm of the numeraire; None where there is no collateral
    """

    values: Weights
    numeraire: Weights | None


def seeds_of(
    one: NettingSet,
    netting: Netting,
    defaults: DefaultWeights,
    values: Float[np.ndarray, "dates paths"],
    exposed: Float[np.ndarray, "dates paths"],
    numeraire: Float[np.ndarray, "dates paths"],
    times: Float[np.ndarray, "dates"],
) -> Seeds:
    """Derivatives of CVA, DVA and FVA of a netting set.

    Args:
        one: netting set
        netting: whole file
        defaults: weights by date
        values: in units of the numeraire
        exposed: the same less collateral
        numeraire: of the base currency
        times: of the dates, years
    """
    nothing, paths = np.zeros(times.size), values.shape[1]
    counterparty = defaults.counterparties.get(one.netting_set, nothing)
    own = nothing if defaults.own is None else defaults.own
    funding = funding_weights(times, netting.funding_spread)
    weights = np.empty((len(FIGURES), *values.shape))
    weights[0] = np.where(exposed > 0.0, counterparty[:, None], 0.0)
    weights[1] = np.where(exposed < 0.0, -own[:, None], 0.0)
    weights[2] = funding[:, None]
    weights /= paths
    if one.collateral is None:
        return Seeds(weights, None)
    back = collateral_adjoint(values * numeraire, times, one.collateral, weights / numeraire)
    back *= numeraire
    return Seeds(back, back * values - weights * exposed)
