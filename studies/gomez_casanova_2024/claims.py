"""Claims and verdicts, one row each, from what was measured."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from studies.gomez_casanova_2024.learning import LABELS
from studies.gomez_casanova_2024.settings import KINDS

Found = dict[str, Any]
HEAD = ("claim", "to reach", "measured", "verdict")


def claims(found: Found) -> list[dict[str, str]]:
    """Rows of the table; of experiments that were not run there are none."""
    rows = [row(found[name]) for name, row in ROWS if name in found]
    return [dict(zip(HEAD, row, strict=True)) for row in rows if row]


def _joint(
    results: Found, kind: str = "joint", whose: str = "the source's loss"
) -> tuple[str, ...]:
    """Joint over plain, over the seeds of case IV: mean error, the same without the common level, length of the interval."""
    seeds = [mark.split()[2] for mark in results if mark.startswith(f"IV {kind} ")]
    if not seeds:
        return ()
    ratios = []
    for seed in seeds:
        joint, plain = results[f"IV {kind} {seed}"], results[f"IV plain {seed}"]
        ratios.append([_size(joint, part) / _size(plain, part) for part in PARTS])
    middle, low, high = (f(ratios, axis=0) for f in (np.mean, np.min, np.max))
    shown = ", ".join(
        f"{part} times {middle[n]:.2f} ({low[n]:.2f} to {high[n]:.2f})"
        for n, part in enumerate(PARTS)
    )
    halved = middle <= 0.5
    return (
        f"sampled payoffs, one path: joint over plain learning, case IV, {whose}",
        "mean error and interval at least halved",
        f"{shown}, {len(seeds)} seeds",
        "reproduced" if halved[0] and halved[2] else "not reproduced",
    )


PARTS = ("mean error", "centred error", "interval")


def _size(result: Found, part: str) -> float:
    if part == "interval":
        return _length(result)
    return float(result["mean_absolute_bp" if part == "mean error" else "centred_bp"])


def _backward(results: Found) -> tuple[str, ...]:
    """The worst of the nine backward networks, by the source's loss, and the others beside it."""
    worst = {}
    for kind in (kind for kind in KINDS if kind in results):
        sizes = {year: date["mean_absolute_bp"] for year, date in results[kind].items()}
        worst[kind] = max(sizes.items(), key=lambda item: item[1])
    return (
        "backward networks: mean error of the worst of the nine, at points of its own date",
        "5 bp",
        "; ".join(f"{kind} {size:.1f} bp in year {year}" for kind, (year, size) in worst.items()),
        "reached" if worst["joint"][1] <= 5.0 else "not reached",
    )


def _sampled_dates(results: Found) -> tuple[str, ...]:
    """The source: about a basis point closer on average, and shorter intervals."""
    joint, plain = results["joint"], results["plain"]
    closer = joint["mean_absolute_bp"] < plain["mean_absolute_bp"]
    shorter = _length(joint) < _length(plain)
    return (
        "future dates by sampled payoffs, joint over plain, the source's loss",
        "about 1 bp closer, shorter interval",
        "; ".join(
            f"{kind} mean {found['mean_absolute_bp']:.2f} bp, centred {found['centred_bp']:.2f}, interval "
            f"{_length(found):.1f} bp long"
            for kind, found in (("joint", joint), ("plain", plain))
        ),
        "reproduced" if closer and shorter else "not reproduced",
    )


def _length(result: Found) -> float:
    low, high = result["interval_99_bp"]
    return float(high - low)


def _at_most(result: Found, name: str, mean: float, within: float | None = None) -> tuple[str, ...]:
    holds = result["mean_absolute_bp"] <= mean
    target = f"mean {mean:g} bp"
    if within is not None:
        holds = holds and result["within_99_bp"] <= within
        target += f", 99 percent within {within:g} bp"
    measured = f"mean {result['mean_absolute_bp']:.3f} bp, 99 percent within {result['within_99_bp']:.3f} bp"
    return name, target, measured, "reached" if holds else "not reached"


def _sampled(result: Found, **asked: Any) -> tuple[str, ...]:
    """The same of sampled payoffs; those of older code exchanged the notional, and are named."""
    name, target, measured, verdict = _at_most(result, **asked)
    if result.get("labels") != LABELS:
        measured += " (on labels of older code, which exchange the notional)"
    return name, target, measured, verdict


def _greeks(result: Found) -> tuple[str, ...]:
    target, control_price = result["greeks"]["worst_target"], result["greeks"]["worst_companion"]
    return (
        "its Greeks, worst of ten inputs",
        "0.5 percent of mean size",
        f"{target:.2%}; of the Europeans {control_price:.2%}",
        "reached" if max(target, control_price) <= 0.005 else "not reached",
    )


def _five_factor(result: Found) -> tuple[str, ...]:
    """The joint network against the polynomial, on the same arrays."""
    ours, theirs = "differential network, joint", "differential polynomial of degree 5"
    errors, seeds = result["errors_bp"], result["seeds"]
    won = result["seeds_won"][f"{ours} over {theirs}"]
    mean, other = errors[ours]["mean"], errors[theirs]["mean"]
    return (
        "five factors, one-path differential labels: joint network against the differential polynomial of degree 5",
        "closer",
        f"mean {mean:.1f} against {other:.1f} bp, closer on {won} of {seeds} seeds",
        "reached" if mean < other and 2 * won > seeds else "not reached",
    )


ROWS: tuple[tuple[str, Callable[[Found], tuple[str, ...]]], ...] = (
    ("joint_against_plain", _joint),
    (
        "paper_at_its_best",
        functools.partial(
            _sampled, name="the paper's method at its best, joint", mean=1.0, within=3.0
        ),
    ),
    (
        "hedged_network",
        functools.partial(_sampled, name="labels hedged in Europeans, at the same cost", mean=0.3),
    ),
    (
        "compensated_network",
        functools.partial(
            _at_most, name="compensated labels at no more cost, raw inputs", mean=0.3
        ),
    ),
    (
        "compensated_anchored",
        functools.partial(_at_most, name="compensated labels, correcting closed forms", mean=0.3),
    ),
    (
        "exact_joint",
        functools.partial(_at_most, name="exact differential joint labels", mean=0.03, within=0.15),
    ),
    ("exact_joint", _greeks),
    ("future_dates", functools.partial(_at_most, name="future dates, all nine", mean=0.1)),
    ("grid_bundling", functools.partial(_at_most, name="grid bundling against exact", mean=0.3)),
    ("five_factor", _five_factor),
    (
        "joint_against_plain",
        functools.partial(_joint, kind="target-first", whose="the target first (ours)"),
    ),
    ("backward_networks", _backward),
    ("sampled_dates", _sampled_dates),
)
