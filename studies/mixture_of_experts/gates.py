"""The gate as an instrument: whether it collapses, what it says day by day, and when it sees a regime change."""

import functools
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.surrogates import MixtureOfExperts
from studies.kept import Result
from studies.mixture_of_experts.networks import article, name_of, part_of
from studies.mixture_of_experts.settings import Partition
from studies.mixture_of_experts.study import Study

COLLAPSED = 0.1
"""An expert has collapsed that gets less than this part of its fair share of held-out samples."""
WINDOW, BEFORE = 5, 20
"""Days whose mean gate weights are compared with those of the days before them."""
DELAY, PAUSE = 10, 20
"""Trading days within which a change is to be seen, and for which an alarm silences the next."""
YEAR = 252.0
HIDDEN = 75
"""Calendar days on either side of a change that neither network nor threshold have seen."""


def reliability(study: Study) -> Result:
    """Smallest share of an expert in held-out samples, over its fair share, seed by seed, of narrow networks."""
    found: Result = {}
    for partition in study.settings.partitions:
        if partition == "dense":
            continue
        for seed in study.settings.gate_seeds:

            def run(partition: Partition = partition, seed: int = seed) -> Result:
                own = article(study, partition, seed, rows=study.split[0], mark="-narrow")
                return _usage(study, partition, own)

            name = name_of(partition)
            found.setdefault(name, []).append(study.once(f"gate-{name}-{seed}", run))
    return found


def _usage(study: Study, partition: Partition, network: MixtureOfExperts) -> Result:
    test = study.test
    part, count = part_of(test, partition)
    chosen = np.argmax(gate_weights(network, jnp.asarray(test.x)), axis=1)
    shares = np.bincount(chosen, minlength=count) / np.bincount(part, minlength=count).clip(1)
    return {
        "smallest_share": float(shares.min()),
        "collapsed": int(np.sum(shares < COLLAPSED)),
        "own_part": float(np.mean(chosen == part)),
    }


@eqx.filter_jit
def gate_weights(
    network: MixtureOfExperts, x: Float[Array, "samples inputs"]
) -> Float[Array, "samples experts"]:
    """Softmax of the gate at many points."""
    return jax.lax.map(network.weights, x, batch_size=1024)


@dataclass(frozen=True)
class Days:
    """Mean gate weights by regime, day by day, and which regime it was."""

    day: Int[np.ndarray, "times"]
    weights: Float[np.ndarray, "times experts"]
    regime: Int[np.ndarray, "times"]


def daily_weights(study: Study, network: MixtureOfExperts) -> Days:
    """Mean over each day's rows of the weights of the experts of each regime."""
    panel = study.panel
    weights = np.asarray(gate_weights(network, jnp.asarray(panel.x)))
    days, place = np.unique(panel.day, return_inverse=True)
    count = np.bincount(place)
    mean = np.stack([np.bincount(place, column) / count for column in weights.T], axis=1)
    regime = np.zeros(len(days), dtype=np.int64)
    regime[place] = panel.regime
    return Days(days, mean, regime)


def change_index(weights: Float[np.ndarray, "times experts"]) -> Float[np.ndarray, "times"]:
    """Half the sum of absolute differences between recent mean weights and earlier ones; zero until there are enough days.

    Only the past of each day counts: its `WINDOW` last days against the `BEFORE` days before those.
    """
    index = np.zeros(len(weights))
    for end in range(WINDOW + BEFORE, len(weights) + 1):
        recent = weights[end - WINDOW : end].mean(axis=0)
        earlier = weights[end - WINDOW - BEFORE : end - WINDOW].mean(axis=0)
        index[end - 1] = 0.5 * np.abs(recent - earlier).sum()
    return index


def alarms(index: Float[np.ndarray, "times"], threshold: float) -> Int[np.ndarray, "_"]:
    """Days on which the index passes the threshold, none within `PAUSE` days after another."""
    found: list[int] = []
    for place in np.flatnonzero(index > threshold):
        if not found or place - found[-1] > PAUSE:
            found.append(int(place))
    return np.array(found, dtype=np.int64)


def detection(
    found: Int[np.ndarray, "_"],
    changes: Int[np.ndarray, "_"],
    num_days: int,
) -> dict[str, Any]:
    """Delay of the first alarm at or after each change, up to `DELAY` days, and the other alarms a year."""
    delays: list[int | None] = []
    explained: set[int] = set()
    for change in changes:
        near = [int(a) for a in found if 0 <= a - change <= DELAY]
        delays.append(near[0] - int(change) if near else None)
        explained |= set(near)
    false = len(found) - len(explained)
    return {"delays": delays, "false_a_year": YEAR * false / num_days, "false": false}


def chosen_threshold(index: Float[np.ndarray, "times"], changes: Int[np.ndarray, "_"]) -> float:
    """Threshold with the fewest false alarms among those that miss the fewest changes; the middle of them."""
    steps = np.quantile(index[index > 0.0], np.linspace(0.02, 0.999, 200))

    def cost(threshold: float) -> tuple[int, int]:
        result = detection(alarms(index, threshold), changes, len(index))
        return result["delays"].count(None), result["false"]

    costs = [cost(step) for step in steps]
    best = [step for step, own in zip(steps, costs, strict=True) if own == min(costs)]
    return float(best[len(best) // 2])


def regime_changes(study: Study) -> Result:
    """Delay and false alarms around each change of regime, by networks and thresholds that have not seen those months.

    In full of the first seed, which the figures show; of every seed how late each change was seen and what else was said.
    """
    days, names = study.panel.day, study.panel.regimes
    firsts = [int(days[study.panel.regime == k].min()) for k in range(1, len(names))]
    first_seed = study.settings.seeds[0]
    found: Result = {"changes": {}, "seeds": {}}
    for seed in study.settings.seeds:
        for number, first in enumerate(firsts, 1):
            run = functools.partial(_one_change, study, seed, number, first, firsts)
            mark = "" if seed == first_seed else f"-{seed}"
            result = study.once(f"change-{names[number]}{mark}", run, "of the seeds")
            found["seeds"].setdefault(str(seed), {})[names[number]] = result["held_out"]
            if seed == first_seed:
                found["changes"][names[number]] = result
    own = article(study, "regime", first_seed, rows=study.split[0], mark="-narrow")
    whole = daily_weights(study, own)
    return found | {"day": whole.day.tolist(), "weights": whole.weights.tolist()}


def _one_change(study: Study, seed: int, number: int, first: int, firsts: list[int]) -> Result:
    """By the index and its threshold, and by the expert in the lead."""
    rows = np.flatnonzero(np.abs(study.panel.day - first) > HIDDEN)
    network = article(study, "regime", seed, rows=rows, mark=f"-change-{number}")
    weights = daily_weights(study, network)
    return _around(weights, first, firsts) | {"leader": taken_over(weights, first, number)}


def taken_over(days: Days, first: int, number: int) -> Result:
    """When the new regime's expert takes the lead in the hidden months, in days after the change, and other changes of lead.

    The lead is the largest mean weight of the `WINDOW` last days; no threshold is chosen.
    """
    sums = np.cumsum(np.vstack([np.zeros_like(days.weights[:1]), days.weights]), axis=0)
    ends = np.arange(1, len(days.day) + 1)
    leader = np.argmax(sums[ends] - sums[np.maximum(ends - WINDOW, 0)], axis=1)
    inside = np.abs(days.day - first) <= HIDDEN
    turns = [k for k in np.flatnonzero(np.diff(leader)) + 1 if inside[k]]
    taken = [int(k) for k in turns if leader[k] == number]
    start = int(np.searchsorted(days.day, first))
    return {
        "delay": taken[0] - start if taken else None,
        "others": len(turns) - len(taken[:1]),
        "days": int(inside.sum()),
    }


def _around(days: Days, first: int, firsts: list[int]) -> Result:
    """Threshold from the months outside, whose index reads no day inside, and what it does inside."""
    index = change_index(days.weights)
    inside = np.abs(days.day - first) <= HIDDEN
    outside, begun = days.day[~inside], int(np.argmax(inside))
    seen = np.concatenate([change_index(part) for part in np.split(days.weights[~inside], [begun])])
    others = np.array([np.searchsorted(outside, day) for day in firsts if day != first])
    threshold = chosen_threshold(seen, others)
    own = np.array([np.searchsorted(days.day[inside], first)])
    held = detection(alarms(index[inside], threshold), own, int(inside.sum()))
    learned = detection(alarms(seen, threshold), others, int((~inside).sum()))
    return {
        "threshold": threshold,
        "held_out": held | {"days": int(inside.sum())},
        "training": learned,
        "day": days.day[inside].tolist(),
        "index": index[inside].tolist(),
    }
