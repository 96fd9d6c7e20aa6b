"""The backward networks themselves: how far each is from the exact value of keeping, and where it would cancel."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.problems import Problem
from neuralrates.problems.bermudan import CALL_TIMES
from neuralrates.problems.cancellable import held_domains
from neuralrates.problems.generator import MarketGenerator
from studies.gomez_casanova_2024 import learning
from studies.gomez_casanova_2024.sampled import backward_settings, policy_of
from studies.gomez_casanova_2024.settings import Kind
from studies.gomez_casanova_2024.study import Result, Study

SEED, POINTS_KEY = 1, 31
DEVIATIONS, NUM_STATES = 3.0, 49
"""Standard deviations of the state, and states, between which a boundary is looked for in the middling market."""


def backward_networks(study: Study) -> Result:
    """Errors of the nine networks of every kind at points of their own dates, and the states below which they cancel."""
    s = study.settings
    held = nr.problems.ten_year_cancellable_held(
        learning.SIDE, induction=learning.HELD_LABEL_INDUCTION
    )
    points = jnp.concatenate(
        [
            domain.sample(jax.random.fold_in(jax.random.key(POINTS_KEY), date), s.num_dated)
            for date, domain in enumerate(held_domains())
        ]
    )
    lines = jnp.concatenate([_line(at) for at in _dates()])

    def exact() -> Result:
        values = exact_values(held, jnp.concatenate([points, lines]))
        return {
            "values": values[: len(points)].tolist(),
            "boundaries": [_boundary(kept) for kept in np.split(values[len(points) :], 9)],
        }

    truth = study.once("backward-exact", exact, s.num_dated)

    def run(kind: Kind) -> Result:
        rule = policy_of(study, "IV", SEED, kind)
        missed = (_kept(rule, points) - np.asarray(truth["values"])) / nr.core.basis_point
        kept = np.split(_kept(rule, lines), 9)
        return {
            "by_date": {
                f"{year:g}": {
                    "mean_absolute_bp": float(np.mean(np.abs(part))),
                    "mean_bp": float(np.mean(part)),
                    "boundary": _boundary(line),
                }
                for year, part, line in zip(CALL_TIMES, np.split(missed, 9), kept, strict=True)
            }
        }

    found: Result = {"exact boundaries": truth["boundaries"]}
    for kind in s.kinds:
        name = f"backward-{kind.replace(' ', '-')}"
        found[kind] = study.once(
            name, functools.partial(run, kind), *backward_settings(s), s.num_dated
        )["by_date"]
    return found


def exact_values(problem: Problem, x: Float[Array, "samples inputs"]) -> np.ndarray:
    """Values of a problem, without derivatives."""
    run = jax.jit(lambda x: jax.lax.map(lambda point: problem(point).value, x, batch_size=16))
    return np.asarray(run(x))


def _kept(rule: nr.learning.BackwardPolicy, x: Float[Array, "samples inputs"]) -> np.ndarray:
    """What the networks say that keeping is worth at points of their dates, as many of each."""
    date = np.repeat(np.arange(9), len(x) // 9)
    return np.asarray(_at_dates(rule, jnp.asarray(date), x))


@eqx.filter_jit
def _at_dates(
    rule: nr.learning.BackwardPolicy, date: Array, x: Float[Array, "samples inputs"]
) -> Float[Array, "samples"]:
    return jax.lax.map(lambda at: rule(at[0], at[1][:10], at[1][11]), (date, x), batch_size=512)


def _dates() -> list[tuple[float, float]]:
    """Every date, with the standard deviation of the state there, in the middling market."""
    model = nr.problems.ten_year_cancellable(learning.SIDE).build(_market())[0]
    return [(year, float(jnp.sqrt(model.variance(year)))) for year in CALL_TIMES]


def _market() -> Float[Array, "inputs"]:
    return MarketGenerator("IV").point(jnp.full(10, 0.5))


def _line(at: tuple[float, float]) -> Float[Array, "samples inputs"]:
    """The middling market at a date, state by state."""
    year, deviation = at
    states = deviation * jnp.linspace(-DEVIATIONS, DEVIATIONS, NUM_STATES)
    fixed = jnp.broadcast_to(jnp.append(_market(), year), (NUM_STATES, 11))
    return jnp.concatenate([fixed, states[:, None]], axis=1)


def _boundary(kept: np.ndarray) -> float | None:
    """Standard deviations of the state where keeping is worth nothing; none where it always is something, or never."""
    states = np.linspace(-DEVIATIONS, DEVIATIONS, NUM_STATES)
    changes = np.flatnonzero(np.diff(np.sign(kept)) != 0)
    if len(changes) == 0:
        return None
    left = int(changes[0])
    share = kept[left] / (kept[left] - kept[left + 1])
    return float(states[left] + share * (states[left + 1] - states[left]))
