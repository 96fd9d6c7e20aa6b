"""Figures as SVG: error histograms, convergence, prices against the state, errors by date."""

from pathlib import Path
from typing import Any

import numpy as np

from studies.gomez_casanova_2024.settings import KINDS
from studies.plots import plt, save

Found = dict[str, Any]


def draw(found: Found, folder: Path) -> list[Path]:
    """All figures of a run."""
    compared = found.get("joint_against_plain", {})
    cases = sorted({mark.split()[0] for mark in compared})
    figures = {f"joint_case_{case}": _case(case, compared) for case in cases}
    if "convergence" in found:
        figures["samples_and_paths"] = _convergence(found["convergence"])
    if "states" in found:
        figures["price_against_state"] = _states(found["states"])
    if "backward_networks" in found:
        figures["backward_networks"] = _backward(found["backward_networks"])
    if "sampled_dates" in found:
        figures["sampled_dates"] = _sampled_dates(found["sampled_dates"])
    if "future_dates" in found:
        figures["errors_by_date"] = _dates(found["future_dates"]["by_date"])
    return save(figures, folder)


def _histogram(axes: Any, result: Found, title: str) -> None:
    counts, limit = result["histogram"]["counts"], result["histogram"]["limit_bp"]
    edges = np.linspace(-limit, limit, len(counts) + 1)
    axes.stairs(counts, edges, fill=True)
    low, high = result["interval_99_bp"]
    axes.set_title(
        f"{title}\nmean {result['mean_absolute_bp']:.2f}, interval [{low:.1f}, {high:.1f}]",
        fontsize=9,
    )
    axes.set_xlabel("error, bp of notional")


def _case(case: str, results: Found) -> Any:
    seed = next(mark.split()[2] for mark in results if mark.startswith(f"{case} "))
    figure, pair = plt.subplots(1, 2, sharex=True)
    for axes, kind in zip(pair, ("plain", "joint"), strict=True):
        _histogram(axes, results[f"{case} {kind} {seed}"], f"case {case}, {kind}")
    return figure


def _convergence(results: Found) -> Any:
    figure, axes = plt.subplots()
    lines: dict[str, list[tuple[int, float]]] = {}
    for name, result in results.items():
        _, kind, size = name.split("-")
        samples, paths = size.split("x")
        point = (int(samples), result["mean_absolute_bp"])
        lines.setdefault(f"{kind}, {paths} paths", []).append(point)
    for label, points in lines.items():
        axes.loglog(*zip(*sorted(points), strict=True), "o-", label=label)
    axes.set_xlabel("samples of the forward network")
    axes.set_ylabel("mean error, bp")
    axes.legend(fontsize=7)
    return figure


def _states(result: Found) -> Any:
    figure, grid = plt.subplots(3, 3, sharex=True, figsize=(7.5, 6.5))
    for axes, (year, lines) in zip(grid.flat, result["dates"].items(), strict=True):
        axes.plot(result["state"], lines["exact"], "-", label="exact")
        axes.plot(result["state"], lines["forward"], "--", label="forward network")
        axes.plot(result["state"], lines["backward"], ":", label="backward network")
        axes.set_title(f"year {year}", fontsize=8)
    grid.flat[0].legend(fontsize=6)
    return figure


def _dates(by_date: Found) -> Any:
    figure, axes = plt.subplots()
    years = list(by_date)
    axes.plot(years, [by_date[y]["mean_absolute_bp"] for y in years], "o-", label="mean")
    axes.plot(years, [by_date[y]["within_99_bp"] for y in years], "s--", label="99 percent within")
    axes.set_xlabel("date, years")
    axes.set_ylabel("error, bp of notional")
    axes.legend()
    return figure


def _backward(results: Found) -> Any:
    """Mean error of every network, and where each cancels in the middling market."""
    figure, (errors, boundaries) = plt.subplots(1, 2, figsize=(8.0, 3.6))
    for kind in (kind for kind in KINDS if kind in results):
        dates = results[kind]
        errors.semilogy(
            list(dates), [date["mean_absolute_bp"] for date in dates.values()], "o-", label=kind
        )
        where = [np.nan if d["boundary"] is None else d["boundary"] for d in dates.values()]
        boundaries.plot(list(dates), where, "o", label=kind, alpha=0.6)
    exact = [np.nan if at is None else at for at in results["exact boundaries"]]
    boundaries.plot(list(results["plain"]), exact, "k_", markersize=14, label="exact")
    errors.set_ylabel("mean error, bp of notional")
    boundaries.set_ylabel("boundary, deviations of the state")
    for axes in (errors, boundaries):
        axes.set_xlabel("date, years")
        axes.legend(fontsize=7)
    return figure


def _sampled_dates(results: Found) -> Any:
    """Histograms of errors at every date, plain above and joint below."""
    figure, grid = plt.subplots(2, 9, figsize=(14.0, 4.0))
    for row, kind in zip(grid, ("plain", "joint"), strict=True):
        for axes, (year, result) in zip(row, results[kind]["by_date"].items(), strict=True):
            _histogram(axes, result, f"{kind}, year {year}")
            axes.title.set_fontsize(5)
            axes.set_xlabel("")
            axes.tick_params(labelsize=5)
    return figure
