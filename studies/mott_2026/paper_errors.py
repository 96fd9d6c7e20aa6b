"""Prices and Greeks of the paper's network against the closed forms (figures 1 and 4, table 2)."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from neuralrates.core.types import Inputs
from studies.kept import Result
from studies.mott_2026.judge import Drawn, on_the_curve, on_the_nodes, relative, summary
from studies.mott_2026.paper_network import NUM_TERMS, Grid, PaperNetwork, single
from studies.mott_2026.paper_training import trained
from studies.mott_2026.study import Study

LEVEL, EXPIRY = -NUM_TERMS - 6, -NUM_TERMS
BATCH = 250
Price = Callable[[Inputs], Any]


def paper_network(study: Study) -> Result:
    """Errors of the paper's network on each grid, on days it was not trained on and on days it was."""
    return {str(nodes): _one(study, nodes) for nodes in study.settings.nodes}


def _one(study: Study, num_nodes: int) -> Result:
    def run() -> Result:
        network, _ = trained(study, num_nodes)
        truths = _Truths(study, num_nodes)
        return {
            "held_out": errors(network, study.drawn(num_nodes), truths),
            "same_days": errors(network, study.drawn(num_nodes, same_days=True), truths),
            "greeks": greeks(network, study.drawn(num_nodes), truths),
        }

    settings = study.settings
    decides = (num_nodes, settings.width, settings.schedule, settings.num_contracts)
    return study.once(f"errors-{num_nodes}", run, *decides)


class _Truths:
    """The two closed forms on one grid."""

    def __init__(self, study: Study, num_nodes: int) -> None:
        volatility, self.grid = study.volatility.by_tenor, Grid(num_nodes)
        self.curve: Price = lambda x: on_the_curve(volatility, x)
        self.nodes: Price = lambda x: on_the_nodes(volatility, self.grid, x)


def errors(network: PaperNetwork, drawn: Drawn, truths: _Truths) -> Result:
    """Errors of prices, at the strikes drawn and at zero, and the prices themselves."""
    found: Result = {}
    for name, some in (("drawn", drawn), ("zero_strike", drawn.at_zero())):
        predicted = predictions(network, some)
        on_curve, on_nodes = _mapped(truths.curve, some.x), _mapped(truths.nodes, some.x)
        found[name] = {
            "curve": summary(predicted - on_curve),
            "nodes": summary(predicted - on_nodes),
            "trapezoid": summary(on_nodes - on_curve),
            "mean_price": float(np.mean(on_curve)),
        }
        found[name] |= {"prices": on_curve.tolist(), "predicted": predicted.tolist()}
    return found | {"strikes": np.asarray(drawn.strike).tolist()}


def predictions(network: PaperNetwork, drawn: Drawn) -> np.ndarray:
    """Prices of the network."""
    return _mapped(lambda x: network(x)[0], single(drawn.x)).astype(float)


def greeks(network: PaperNetwork, drawn: Drawn, truths: _Truths) -> Result:
    """Mean errors of derivatives over their mean sizes.

    Those of the network are at fixed Svensson parameters, as in the paper's equation, but for one: with the level of the
    Svensson curve moved along, the network is moved within the family that it was trained on.
    """
    x, num_nodes = drawn.x, truths.grid.num_nodes
    free = _mapped(jax.grad(lambda x: network(x)[0]), single(x)).astype(float)
    by_node = _mapped(jax.grad(truths.nodes), x)[:, :num_nodes]
    by_curve = _mapped(jax.grad(truths.curve), x)
    parallel, level = free[:, :num_nodes].sum(axis=1), by_curve[:, LEVEL]
    theta = by_curve[:, EXPIRY]
    return {
        "parallel": relative(parallel - level, level),
        "parallel_with_parameters": relative(parallel + free[:, LEVEL] - level, level),
        "parallel_on_nodes": relative(by_node.sum(axis=1) - level, level),
        "theta": relative(free[:, EXPIRY] - theta, theta),
        "buckets": _buckets(free[:, :num_nodes], by_node, truths.grid),
        "gamma": _gamma(network, x, truths),
    }


def _gamma(network: PaperNetwork, x: Array, truths: _Truths) -> float:
    """Error of the second derivative to a parallel move, at fixed parameters, over its mean size."""
    num_nodes = truths.grid.num_nodes
    across = jnp.zeros(x.shape[1]).at[:num_nodes].set(1.0)
    level = jnp.zeros(x.shape[1]).at[LEVEL].set(1.0)
    free = _mapped(_second(lambda x: network(x)[0], single(across)), single(x)).astype(float)
    truth = _mapped(_second(truths.curve, level), x)
    return relative(free - truth, truth)


def _second(price: Price, direction: Inputs) -> Price:
    def first(x: Inputs) -> Any:
        return jax.jvp(price, (x,), (direction,))[1]

    return lambda x: jax.jvp(first, (x,), (direction,))[1]


def _buckets(free: np.ndarray, truth: np.ndarray, grid: Grid) -> dict[str, float]:
    """By year of the curve: error of the sum of its nodes' deltas over the mean size of all buckets' deltas."""
    year = np.floor(grid.tenors).astype(int)
    years = range(year[-1] + 1)
    ours, theirs = (
        np.stack([deltas[:, year == y].sum(axis=1) for y in years], axis=1)
        for deltas in (free, truth)
    )
    size = np.mean(np.abs(theirs))
    missed = np.mean(np.abs(ours - theirs), axis=0) / size
    return {str(y): float(missed[y]) for y in years}


def _mapped(function: Price, x: Array) -> np.ndarray:
    """A function of a point at many points."""
    return np.asarray(jax.jit(lambda x: jax.lax.map(function, x, batch_size=BATCH))(x))
