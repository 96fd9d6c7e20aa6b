"""Figures as SVG: errors, time, gate weights through time, the index of change, hedging errors."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np

from studies.mixture_of_experts.regimes import REGIME_NAMES, REGIMES, Regime
from studies.plots import plt, save

Found = dict[str, Any]


def draw(found: Found, folder: Path) -> list[Path]:
    """All figures of a run."""
    drawings = {
        "errors": ("comparison", _errors),
        "time": ("speed", _time),
        "gate_weights": ("regime_changes", _weights),
        "change_index": ("regime_changes", _index),
        "hedging": ("hedging", _hedging),
    }
    figures = {name: make(found[of]) for name, (of, make) in drawings.items() if of in found}
    return save(figures, folder)


def _errors(results: Found) -> Any:
    figure, axes = plt.subplots()
    for place, runs in enumerate(results.values()):
        values = [run["relative"] for run in runs]
        axes.plot([place] * len(values), values, "o", alpha=0.6)
    axes.set_xticks(range(len(results)), list(results), rotation=30, ha="right", fontsize=7)
    axes.set_yscale("log")
    axes.set_ylabel("mean error, in spreads")
    return figure


def _time(results: Found) -> Any:
    figure, pair = plt.subplots(1, 2)
    for axes, batch in zip(pair, (1, 10_000), strict=True):
        seconds = results[f"batch {batch}"]["seconds"]
        axes.bar(range(len(seconds)), [1e6 * s / batch for s in seconds.values()])
        axes.set_xticks(range(len(seconds)), list(seconds), rotation=30, ha="right", fontsize=7)
        axes.set_title(f"batches of {batch:,}", fontsize=9)
        axes.set_ylabel("microseconds a price")
    return figure


def _day(regime: Regime) -> int:
    """Days since 1970-01-01 of the first day."""
    return (regime.first - datetime.date(1970, 1, 1)).days


def _dates(days: list[int]) -> Any:
    return np.datetime64("1970-01-01") + np.asarray(days, dtype="timedelta64[D]")


def _weights(result: Found) -> Any:
    figure, axes = plt.subplots()
    axes.stackplot(_dates(result["day"]), np.array(result["weights"]).T, labels=REGIME_NAMES)
    for regime in REGIMES[1:]:
        axes.axvline(_dates([_day(regime)])[0], color="black", linewidth=0.8)
    axes.set_ylabel("mean gate weight")
    axes.legend(fontsize=6, loc="lower left")
    axes.tick_params(axis="x", labelsize=7)
    return figure


def _index(result: Found) -> Any:
    changes = result["changes"]
    figure, row = plt.subplots(1, len(changes), sharey=True, figsize=(7.5, 3.0))
    firsts = {regime.name: _dates([_day(regime)])[0] for regime in REGIMES}
    for axes, (name, change) in zip(row, changes.items(), strict=True):
        axes.plot(_dates(change["day"]), change["index"])
        axes.axhline(change["threshold"], linestyle="--", linewidth=0.8)
        axes.axvline(firsts[name], color="black", linewidth=0.8)
        axes.set_title(name, fontsize=8)
        axes.tick_params(axis="x", labelsize=6, rotation=30)
    row[0].set_ylabel("index of change")
    return figure


def _hedging(results: Found) -> Any:
    figure, row = plt.subplots(1, len(results), sharey=True, figsize=(8.0, 3.6))
    for axes, (regime, hedges) in zip(np.atleast_1d(row), results.items(), strict=True):
        names = [name for name in hedges if not name.startswith("none")]
        for place, name in enumerate(names):
            low, first, middle, third, high = hedges[name]["quantiles_bp"]
            axes.plot([low, high], [place, place], color="gray")
            axes.plot([first, third], [place, place], linewidth=5)
            axes.plot([middle], [place], "k|")
        axes.set_yticks(range(len(names)), names, fontsize=6)
        axes.set_title(regime, fontsize=7)
        axes.set_xlabel("bp of spot", fontsize=7)
    return figure
