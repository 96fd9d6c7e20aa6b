"""Figures as SVG: errors and costs by the size of the grid, prices against prices, and the course of training."""

from pathlib import Path
from typing import Any

import numpy as np

from studies.mott_2026.claims import TABLE_2
from studies.plots import plt, save

Found = dict[str, Any]


def draw(found: Found, folder: Path) -> list[Path]:
    """All figures of a run."""
    drawings = {
        "errors_by_nodes": ("paper_network", _errors),
        "prices": ("paper_network", _prices),
        "training": ("paper_training", _training),
        "costs_by_nodes": ("growth", _costs),
        "greeks": ("our_greeks", _greeks),
    }
    figures = {name: make(found) for name, (of, make) in drawings.items() if of in found}
    return save(figures, folder)


def _sorted(results: Found) -> list[tuple[int, Any]]:
    return sorted((int(k), v) for k, v in results.items() if k.isdigit())


def _errors(found: Found) -> Any:
    figure, axes = plt.subplots()
    results = _sorted(found["paper_network"])
    nodes = [k for k, _ in results]
    for days, label in (
        ("held_out", "its network here, other days"),
        ("same_days", "its network here, days trained on"),
    ):
        mean = [v[days]["drawn"]["curve"]["mean_absolute"] for _, v in results]
        axes.semilogy(nodes, mean, "o-", label=label)
    axes.semilogy([int(k) for k in TABLE_2], [v[2] for v in TABLE_2.values()], "s--", label="paper")
    for name in ("network", "formula on the nodes") if "caplets" in found else ():
        ours = [(k, v[name]["mean_absolute"]) for k, v in _sorted(found["caplets"])]
        axes.semilogy(*zip(*ours, strict=True), "^-", label=f"square-root law, {name}")
    axes.set_xlabel("nodes of the curve")
    axes.set_ylabel("mean absolute error")
    axes.legend(fontsize=7)
    return figure


def _prices(found: Found) -> Any:
    results = _sorted(found["paper_network"])
    figure, grid = plt.subplots(1, len(results), squeeze=False, figsize=(3.2 * len(results), 3.2))
    for axes, (nodes, result) in zip(grid.flat, results, strict=True):
        shown = result["held_out"]
        axes.scatter(shown["prices"], shown["predicted"], c=shown["strikes"], s=4)
        axes.axline((0.0, 0.0), slope=1.0, linewidth=0.5)
        axes.set_title(f"{nodes} nodes; colour: strike", fontsize=8)
        axes.set_xlabel("closed form")
        axes.set_ylabel("network")
    return figure


def _training(found: Found) -> Any:
    figure, axes = plt.subplots()
    for nodes, result in _sorted(found["paper_training"]):
        axes.semilogy(result["steps"], result["losses"], label=f"{nodes} nodes")
    axes.set_xlabel("steps")
    axes.set_ylabel("loss")
    axes.legend(fontsize=7)
    return figure


def _costs(found: Found) -> Any:
    figure, axes = plt.subplots()
    lines = {"its training step, ms": [(k, v) for k, v in _sorted(found["growth"])]}
    if "inference" in found:
        lines["its price, microseconds"] = [(k, v["price"]) for k, v in _sorted(found["inference"])]
    if "paper_monte_carlo" in found:
        simulated = _sorted(found["paper_monte_carlo"])
        lines["its simulated price, s"] = [
            (k, v["upwind, weekly"]["seconds"]) for k, v in simulated
        ]
    for kind, costs in found.get("our_costs", {}).items():
        if isinstance(costs, dict):
            lines[f"our {kind}, microseconds"] = [(k, v["price"]) for k, v in _sorted(costs)]
    for label, points in lines.items():
        axes.semilogy(*zip(*points, strict=True), "o-", label=label)
    axes.set_xlabel("nodes of the curve")
    axes.legend(fontsize=7)
    return figure


def _greeks(found: Found) -> Any:
    """Errors of our Greeks beside the noise of their reference."""
    kinds = {kind: each for kind, each in found["our_greeks"].items() if isinstance(each, dict)}
    figure, row = plt.subplots(1, len(kinds), squeeze=False, sharex=True)
    for axes, (kind, result) in zip(row[0], kinds.items(), strict=True):
        places = np.arange(len(result["errors"]))
        for shift, name in ((-0.2, "errors"), (0.2, "noise")):
            axes.barh(places + shift, 100.0 * np.array([*result[name].values()]), 0.4, label=name)
        axes.axvline(1.0, color="black", linewidth=0.8)
        axes.set_yticks(places, list(result["errors"]), fontsize=7)
        axes.set_title(kind, fontsize=8)
        axes.set_xlabel("percent of the mean size", fontsize=8)
        axes.invert_yaxis()
    row[0, 0].legend(fontsize=7)
    return figure
