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
from studies.mott_2026.paper_network import NUM_PARAMETERS, NUM_TERMS, Grid, PaperNetwork, single
from studies.mott_2026.paper_training import trained
from studies.mott_2026.study import Study

LEVEL, EXPIRY = -NUM_TERMS - NUM_PARAMETERS, -NUM_TERMS
SHOWN, BUMP = 250, 1e-5
Price = Callable[[Inputs], Any]
Prices = Callable[[Array], np.ndarray]


def paper_network(study: Study) -> Result:
    """Errors of the paper's network on each grid, on days it was not trained on and on days it was."""
    settings = study.settings
    return {str(k): _one(study, k) for k in settings.nodes}


def _one(study: Study, num_nodes: int) -> Result:
    def run() -> Result:
        judged = Judged(study, trained(study, num_nodes)[0], num_nodes)
        return {
            "held_out": judged.errors(study.drawn(num_nodes)),
            "same_days": judged.errors(study.drawn(num_nodes, same_days=True)),
            "greeks": judged.greeks(study.drawn(num_nodes).x),
            "share": study.settings.schedule_share,
        }

    settings = study.settings
    decides = (num_nodes, settings.width, settings.schedule, settings.num_contracts)
    return study.once(f"errors-{num_nodes}", run, *decides)


class Judged:
    """A network beside the closed forms on the curve and on the nodes of its grid."""

    def __init__(self, study: Study, network: PaperNetwork, num_nodes: int) -> None:
        volatility = study.volatility.by_tenor
        self.grid = Grid(num_nodes)
        self.network: Price = lambda x: network(x)[0]
        self.curve: Price = lambda x: on_the_curve(volatility, x)
        self.nodes: Price = lambda x: on_the_nodes(volatility, self.grid, x)
        self.priced, self.on_curve, self.on_nodes = (
            _mapped(price) for price in (self.network, self.curve, self.nodes)
        )

    def errors(self, drawn: Drawn) -> Result:
        """Errors of prices, at the strikes drawn and at zero, and some prices at the former."""
        x = drawn.x
        return {
            "drawn": self._missed(x),
            "zero_strike": self._missed(drawn.at_zero().x),
            "prices": _some(self.on_curve(x)),
            "predicted": _some(self.priced(single(x))),
            "strikes": _some(np.asarray(drawn.strike)),
        }

    def _missed(self, x: Array) -> Result:
        on_curve, on_nodes, predicted = self.on_curve(x), self.on_nodes(x), self.priced(single(x))
        return {
            "curve": summary(predicted - on_curve),
            "nodes": summary(predicted - on_nodes),
            "trapezoid": summary(on_nodes - on_curve),
            "mean_price": float(np.mean(on_curve)),
        }

    def greeks(self, x: Array) -> Result:
        """Mean errors of derivatives over their mean sizes.

        Those of the network are at fixed Svensson parameters, as in the paper's equation, but for one: with the level of the
        Svensson curve moved along, the network is moved within the family that it was trained on.
        """
        num_nodes = self.grid.num_nodes
        free = _mapped(jax.grad(self.network))(single(x))
        by_node = _mapped(jax.grad(self.nodes))(x)[:, :num_nodes]
        on_curve = _along(self.curve)
        level, expiry = (jnp.zeros(x.shape[1]).at[place].set(1.0) for place in (LEVEL, EXPIRY))
        delta, theta = on_curve(x, level), on_curve(x, expiry)
        gamma = (on_curve(x + BUMP * level, level) - on_curve(x - BUMP * level, level)) / BUMP / 2.0
        across = single(jnp.zeros(x.shape[1]).at[:num_nodes].set(1.0))
        bent = _along(lambda x: jax.jvp(self.network, (x,), (across,))[1])(single(x), across)
        parallel = free[:, :num_nodes].sum(axis=1)
        return {
            "parallel": relative(parallel - delta, delta),
            "parallel_with_parameters": relative(parallel + free[:, LEVEL] - delta, delta),
            "parallel_on_nodes": relative(by_node.sum(axis=1) - delta, delta),
            "theta": relative(free[:, EXPIRY] - theta, theta),
            "buckets": _buckets(free[:, :num_nodes], by_node, self.grid),
            "gamma": relative(bent - gamma, gamma),
        }


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


def _mapped(function: Price) -> Prices:
    """A function of a point as one of many points, compiled once."""
    compiled = jax.jit(jax.vmap(function))
    return lambda x: np.asarray(compiled(x), dtype=float)


def _along(function: Price) -> Callable[[Array, Inputs], np.ndarray]:
    """Derivative of a function of a point along a direction, at many points, compiled once."""

    def one(x: Inputs, direction: Inputs) -> Any:
        return jax.jvp(function, (x,), (direction,))[1]

    compiled = jax.jit(jax.vmap(one, in_axes=(0, None)))
    return lambda x, direction: np.asarray(compiled(x, direction), dtype=float)


def _some(values: np.ndarray) -> list[float]:
    """What is shown of them."""
    return [float(value) for value in values[:SHOWN]]
