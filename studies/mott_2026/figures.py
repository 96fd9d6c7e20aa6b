"""Figures as SVG: errors and costs by the size of the grid, prices against prices, and the course of training."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

from studies.mott_2026.claims import TABLE_2  # noqa: E402

plt.rcParams.update(
    {"svg.hashsalt": "neuralrates", "svg.fonttype": "none", "figure.figsize": (6.0, 3.6)}
)
Found = dict[str, Any]


def draw(found: Found, folder: Path) -> list[Path]:
    """All figures of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "paper_network": {"errors_by_nodes": _errors, "prices": _prices},
        "paper_training": {"training": _training},
        "growth": {"costs_by_nodes": _costs},
    }
    for experiment, drawings in figures.items():
        for name, drawing in drawings.items() if experiment in found else ():
            figure = drawing(found)
            figure.tight_layout()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)
    return sorted(folder.glob("*.svg"))


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
    lines = {"training step, ms": [(k, v) for k, v in _sorted(found["growth"])]}
    if "inference" in found:
        lines["price, microseconds"] = [(k, v["price"]) for k, v in _sorted(found["inference"])]
    if "paper_monte_carlo" in found:
        simulated = _sorted(found["paper_monte_carlo"])
        lines["simulated price, s"] = [(k, v["upwind, weekly"]["seconds"]) for k, v in simulated]
    for label, points in lines.items():
        axes.semilogy(*zip(*points, strict=True), "o-", label=label)
    axes.set_xlabel("nodes of the curve")
    axes.legend(fontsize=7)
    return figure
