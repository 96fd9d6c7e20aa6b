"""Claims and verdicts, one row each, from what was measured."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

Found = dict[str, Any]
HEAD = ("claim", "to reach", "measured", "verdict")


def claims(found: Found) -> list[dict[str, str]]:
    """Rows of the table; of experiments that were not run there are none."""
    rows = [row(found[name]) for name, row in ROWS if name in found]
    return [dict(zip(HEAD, row, strict=True)) for row in rows]


def _joint(results: Found) -> tuple[str, ...]:
    """Joint over plain, mean error and length of the interval, over the seeds of case IV."""
    ratios = []
    for mark, joint in results.items():
        case, kind, seed = mark.split()
        if case != "IV" or kind != "joint":
            continue
        plain = results[f"IV plain {seed}"]
        ratios.append(
            (
                joint["mean_absolute_bp"] / plain["mean_absolute_bp"],
                _length(joint) / _length(plain),
            )
        )
    mean, interval = np.mean(ratios, axis=0)
    low, high = np.min(ratios, axis=0), np.max(ratios, axis=0)
    reached = mean <= 0.5 and interval <= 0.5
    return (
        "sampled payoffs, one path: joint over plain learning, case IV",
        "mean error and interval at least halved",
        f"mean error times {mean:.2f} ({low[0]:.2f} to {high[0]:.2f}), interval times {interval:.2f} "
        f"({low[1]:.2f} to {high[1]:.2f}), {len(ratios)} seeds",
        "reproduced" if reached else "not reproduced",
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
            _at_most, name="the paper's method at its best, joint", mean=1.0, within=3.0
        ),
    ),
    (
        "hedged_network",
        functools.partial(_at_most, name="labels hedged in Europeans, at the same cost", mean=0.3),
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
)
