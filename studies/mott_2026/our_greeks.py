"""Greeks of our networks against path-by-path derivatives of the converged simulation, on the same nodes."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.core.types import Inputs
from neuralrates.problems.forward_curve import Kind, contract
from studies.kept import Result
from studies.mott_2026.contracts import Held
from studies.mott_2026.corrections import KINDS, PROBLEMS, learned
from studies.mott_2026.judge import relative
from studies.mott_2026.study import Study

NODES, NUM_STEPS = 50, 16
BUMP = 1e-3
BUCKETS = {"caplet": (0.0, 1.0, 2.0, 3.0, 4.0, 5.75), "swaption": (0.0, 2.0, 5.0, 10.0, 15.0, 20.0)}

Slopes = Callable[[Inputs], Inputs]


def our_greeks(study: Study) -> Result:
    """Mean error of each Greek over its mean size, by kind of contract."""
    settings = study.settings.corrections
    return study.once("our-greeks", lambda: {k: _greeks(study, k) for k in KINDS}, settings)


def _greeks(study: Study, kind: Kind) -> Result:
    settings, problem = study.settings.corrections, PROBLEMS[kind](NODES)
    simulation = nr.pricers.ForwardSimulation(settings.sloped_points, NUM_STEPS)
    x = jnp.asarray(Held.drawn(study, kind, settings.num_sloped).points(NODES))
    surrogate = learned(study, kind).on(NODES)
    ours = _slopes(lambda point: surrogate(point)[0], x)
    truth = _slopes(lambda point: simulation(*problem.build(point)).value, x)
    tenors = np.linspace(0.0, contract(kind, NODES).horizon, NODES)
    edges = BUCKETS[kind]
    found: Result = {"contracts": len(x), "buckets": {}}
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = (tenors >= low) & ((tenors < high) | (high == edges[-1]))
        one, other = (slopes[0][:, :NODES][:, inside].sum(axis=1) for slopes in (ours, truth))
        found["buckets"][f"{low:g} to {high:g} years"] = relative(one - other, other)
    for name, column in {"vega": NODES, "theta": NODES + 1, "strike": NODES + 3}.items():
        one, other = ours[0][:, column], truth[0][:, column]
        found[name] = relative(one - other, other)
    found["parallel"] = relative(_parallel(ours[0]) - _parallel(truth[0]), _parallel(truth[0]))
    gammas = [(_parallel(up) - _parallel(down)) / (2.0 * BUMP) for _, up, down in (ours, truth)]
    found["gamma"] = relative(gammas[0] - gammas[1], gammas[1])
    return found


def _parallel(slopes: np.ndarray) -> np.ndarray:
    return np.asarray(slopes[:, :NODES].sum(axis=1))


def _slopes(price: Callable[[Inputs], object], x: jax.Array) -> tuple[np.ndarray, ...]:
    """Derivatives to every input at the points, and with all forwards moved up and down."""
    shift = jnp.zeros(x.shape[1]).at[:NODES].set(BUMP)[None, :]
    run = jax.jit(lambda points: jax.lax.map(jax.grad(price), points))  # type: ignore[arg-type]
    return tuple(np.asarray(run(points)) for points in (x, x + shift, x - shift))
