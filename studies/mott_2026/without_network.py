"""What contracts are worth without any network, where the paper's is judged; and what the filters remove, by history."""

from collections.abc import Callable

import jax
import numpy as np
import pandas as pd
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.core.types import Inputs, Scalar
from studies.kept import Result
from studies.mott_2026 import history
from studies.mott_2026.judge import Drawn, on_the_curve, summary
from studies.mott_2026.paper_network import CAP, HORIZON, NUM_TERMS, Grid
from studies.mott_2026.study import Study


def without_network(study: Study) -> Result:
    """Errors of intrinsic value, which says that time is worth nothing, and of the Gaussian formula at frozen volatility."""
    return {str(nodes): _one(study, nodes) for nodes in study.settings.nodes}


def _one(study: Study, num_nodes: int) -> Result:
    volatility = study.volatility.by_tenor

    def run() -> Result:
        found: Result = {}
        for days, same in (("held_out", False), ("same_days", True)):
            drawn = study.drawn(num_nodes, same_days=same)
            truth = _mapped(lambda x: on_the_curve(volatility, x), drawn.x)
            frozen = _mapped(lambda x: _frozen(volatility, x), drawn.x)
            found[days] = {
                "intrinsic": summary(intrinsic(drawn, Grid(num_nodes)) - truth),
                "frozen": summary(frozen - truth),
            }
        return found

    return study.once(f"without-network-{num_nodes}", run, num_nodes, study.settings.num_contracts)


def intrinsic(drawn: Drawn, grid: Grid) -> np.ndarray:
    """What forward minus strike is worth, on the nodes; nothing where it is negative."""
    contracts = drawn.contracts
    pair = contracts.pairs[drawn.pair]
    bonds = np.exp(-np.asarray(contracts.forwards)[drawn.day] @ grid.integration.T)
    rows, (start, span) = np.arange(len(pair)), np.asarray(pair).T
    growth = 1.0 + span * grid.spacing * np.asarray(drawn.strike)
    return np.maximum(bonds[rows, start] - growth * bonds[rows, start + span], 0.0)


def _frozen(volatility: nr.models.TenorVolatility, x: Inputs) -> Scalar:
    """The Gaussian formula of a contract, its volatility that of today's forwards."""
    curve = nr.market.Svensson(*x[-NUM_TERMS - 6 : -NUM_TERMS])
    model = nr.models.ForwardCurve(curve, volatility, HORIZON, CAP)
    start, accrual, strike = x[-NUM_TERMS:]
    return nr.pricers.FrozenCaplet()(
        model, nr.products.Caplet(start, start + accrual, strike)
    ).value


def _mapped(price: Callable[[Inputs], Scalar], x: Float[Array, "batch inputs"]) -> np.ndarray:
    return np.asarray(jax.jit(jax.vmap(price))(x))


def filters(study: Study) -> Result:
    """Days that each filter removes, one after the other, and those that the quantiles would remove alone.

    Of the whole history, which was refitted before the official days, and of the official days.
    """
    published = study.published
    official = published[published.index >= study.published.attrs["first_official"]]

    def run() -> Result:
        return {"whole history": _removed(published), "official days": _removed(official)}

    return study.once("filters", run, "quantiles of all days with a fit")


def _removed(days: pd.DataFrame) -> Result:
    found = history.filtered(days)
    count = len(found.parameters) + sum(found.removed.values())
    known = days.dropna()
    low, high = (known.quantile(level) for level in history.QUANTILES)
    inside = ((known >= low) & (known <= high)).all(axis=1)
    return {
        "days": count,
        "removed": found.removed,
        "share": 1.0 - len(found.parameters) / count,
        "share by quantiles": 1.0 - float(inside.mean()),
    }
