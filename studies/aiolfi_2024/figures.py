"""Figures as SVG: curves and heat maps of the grids, predictions, importances."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studies.plots import plt, save


def draw(found: Mapping[str, Any], folder: Path) -> list[Path]:
    """All figures of a study."""
    with plt.rc_context({"font.size": 9}):
        figures = {name: _grid(name, grid) for name, grid in found["grids"].items()}
        by_sample = "figure_07_ridge_by_sample"
        figures[by_sample] = _grid(by_sample, found["ridge_by_sample"])
        figures["ranking"] = _ranking(found["test"])
        for name, kinds in found["importance"].items():
            figures[f"importance_{name.replace(' ', '_')}"] = _importance(name, kinds)
        return save(figures, folder)


def _grid(name: str, grid: Mapping[str, Any]) -> Any:
    """Scores along one setting, or over two."""
    return {1: _curve, 2: _heat_map}[len(grid["axes"])](name, grid)


def _curve(name: str, grid: Mapping[str, Any]) -> Any:
    """Training and validation error along one setting, with the spread over the folds."""
    ((setting, values),) = grid["axes"].items()
    figure, axes = plt.subplots()
    training = [score["training"] for score in grid["scores"]]
    validation = [score["validation"] for score in grid["scores"]]
    spread = [score["spread"] for score in grid["scores"]]
    at = np.arange(len(values))
    axes.plot(at, training, "o-", label="training")
    axes.errorbar(at, validation, spread, fmt="s-", capsize=3, label="validation")
    axes.set_xticks(at, [str(value) for value in values])
    axes.set_xlabel(setting)
    axes.set_ylabel("RMSE, bp of notional")
    axes.set_title(f"{name}; the paper chose {grid['paper'][setting]}")
    axes.legend()
    return figure


def _heat_map(name: str, grid: Mapping[str, Any]) -> Any:
    """Validation error over two settings."""
    (rows, row_values), (columns, column_values) = grid["axes"].items()
    errors = np.reshape([score["validation"] for score in grid["scores"]], (len(row_values), -1))
    figure, axes = plt.subplots()
    axes.imshow(np.log10(errors), aspect="auto", cmap="viridis_r")
    for (i, j), error in np.ndenumerate(errors):
        axes.text(j, i, f"{error:.3g}", ha="center", va="center", color="white")
    axes.set_xticks(range(len(column_values)), [str(value) for value in column_values])
    axes.set_yticks(range(len(row_values)), [str(value) for value in row_values])
    axes.set_xlabel(columns)
    axes.set_ylabel(rows)
    chosen = ", ".join(f"{key} {value}" for key, value in grid["paper"].items())
    axes.set_title(f"{name}: validation RMSE, bp; the paper chose {chosen}")
    return figure


def _ranking(test: Mapping[str, Any]) -> Any:
    """Test error of every method with its interval."""
    order = sorted(test, key=lambda name: test[name]["selected"]["metrics"]["RMSE"])
    values = np.array([test[name]["selected"]["metrics"]["RMSE"] for name in order])
    ends = np.array([test[name]["selected"]["intervals"]["RMSE"] for name in order])
    figure, axes = plt.subplots()
    spread = np.maximum([values - ends[:, 0], ends[:, 1] - values], 0.0)
    axes.barh(order, values, xerr=spread, capsize=3)
    axes.set_xscale("log")
    axes.set_xlabel("test RMSE, bp of notional, 95 percent interval by contracts")
    return figure


def _importance(name: str, kinds: Mapping[str, Any]) -> Any:
    """Every kind of importance as a share of the largest, with its spread."""
    figure, axes = plt.subplots(1, len(kinds), sharey=True)
    for place, (kind, inputs) in zip(np.ravel(axes), kinds.items(), strict=True):
        means, spreads = zip(*inputs.values(), strict=True)
        place.barh(list(inputs), means, xerr=spreads, capsize=2)
        place.set_title(f"{kind}{'' if kind == 'impurity' else ', bp'}")
        place.invert_yaxis()
    figure.suptitle(name)
    return figure
