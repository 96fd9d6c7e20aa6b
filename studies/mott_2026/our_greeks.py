"""Greeks of our networks against path-by-path derivatives of the converged simulation, on the same nodes."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.core.types import Inputs
from neuralrates.problems.forward_curve import Kind, contract
from studies.kept import Result
from studies.mott_2026.contracts import Held
from studies.mott_2026.corrections import KINDS, PROBLEMS, learned, learns
from studies.mott_2026.judge import relative
from studies.mott_2026.study import Study

NODES, NUM_STEPS = 50, 16
BUMP = 1e-3
BUCKETS = {"caplet": (0.0, 1.0, 2.0, 3.0, 4.0, 5.75), "swaption": (0.0, 2.0, 5.0, 10.0, 15.0, 20.0)}

COLUMNS = {"vega": NODES, "theta": NODES + 1, "strike": NODES + 3}

Greeks = dict[str, np.ndarray]


def our_greeks(study: Study) -> Result:
    """Mean error of each Greek over its mean size, and what the noise of the reference alone would make of it."""
    settings = study.settings.corrections
    truths = {kind: _truth(study, kind) for kind in KINDS}

    def run() -> Result:
        return {kind: _greeks(study, kind, truths[kind]) for kind in KINDS}

    judges = settings.num_sloped, settings.sloped_points
    return study.once("our-greeks", run, *learns(settings), *judges)


def _points(study: Study, kind: Kind) -> jax.Array:
    return jnp.asarray(Held.drawn(study, kind, study.settings.corrections.num_sloped).points(NODES))


def _truth(study: Study, kind: Kind) -> list[Greeks]:
    """Greeks of the reference by two independent halves of its points."""
    settings, problem = study.settings.corrections, PROBLEMS[kind](NODES)

    def half(seed: int) -> Result:
        simulation = nr.pricers.ForwardSimulation(settings.sloped_points // 2, NUM_STEPS, seed=seed)
        slopes = _slopes(lambda x: simulation(*problem.build(x)).value, _points(study, kind))
        return {name: values.tolist() for name, values in _named(slopes, kind).items()}

    decides = settings.num_sloped, settings.sloped_points
    kept = [study.once(f"greeks-{kind}-{k}", partial(half, k), *decides) for k in (0, 1)]
    return [{n: np.asarray(v) for n, v in result.items() if n in _names(kind)} for result in kept]


def _greeks(study: Study, kind: Kind, halves: list[Greeks]) -> Result:
    surrogate, x = learned(study, kind).on(NODES), _points(study, kind)
    ours = _named(_slopes(lambda point: surrogate(point)[0], x), kind)
    truth = {name: 0.5 * (halves[0][name] + halves[1][name]) for name in ours}
    noise = {name: 0.5 * (halves[0][name] - halves[1][name]) for name in ours}
    return {
        "contracts": len(x),
        "errors": {name: relative(ours[name] - truth[name], truth[name]) for name in ours},
        "noise": {name: relative(noise[name], truth[name]) for name in ours},
    }


def _names(kind: Kind) -> list[str]:
    return [*buckets(kind), *COLUMNS, "parallel", "gamma"]


def buckets(kind: Kind) -> dict[str, np.ndarray]:
    """Which nodes belong to each bucket of tenors."""
    tenors, edges = np.linspace(0.0, contract(kind, NODES).horizon, NODES), BUCKETS[kind]
    return {
        f"{low:g} to {high:g} years": (tenors >= low) & ((tenors < high) | (high == edges[-1]))
        for low, high in pairwise(edges)
    }


def _named(slopes: tuple[np.ndarray, ...], kind: Kind) -> Greeks:
    """Greeks by name, from derivatives as things are and with all forwards up and down."""
    now, up, down = slopes
    found = {name: now[:, :NODES][:, inside].sum(axis=1) for name, inside in buckets(kind).items()}
    found |= {name: now[:, column] for name, column in COLUMNS.items()}
    parallels = [each[:, :NODES].sum(axis=1) for each in (now, up, down)]
    found["parallel"] = parallels[0]
    return found | {"gamma": (parallels[1] - parallels[2]) / (2.0 * BUMP)}


def _slopes(price: Callable[[Inputs], object], x: jax.Array) -> tuple[np.ndarray, ...]:
    """Derivatives to every input at the points, and with all forwards moved up and down."""
    shift = jnp.zeros(x.shape[1]).at[:NODES].set(BUMP)[None, :]
    run = jax.jit(lambda points: jax.lax.map(jax.grad(price), points))  # type: ignore[arg-type]
    return tuple(np.asarray(run(points)) for points in (x, x + shift, x - shift))
