"""Tables of a run as Markdown, written beside its results and shown in the README."""

from collections.abc import Iterable, Mapping
from typing import Any

Found = Mapping[str, Any]


def tables(found: Found) -> dict[str, str]:
    """Every table by the name of its file."""
    return {
        "errors.md": _table(_ERRORS, _errors(found)),
        "costs.md": _table(_COSTS, _costs(found)),
        "choices.md": _table(_CHOICES, _choices(found)),
        "ablation.md": _table(("without", *found["importance"]), _ablation(found)),
    }


_ERRORS = (
    "RMSE, bp",
    "test set",
    "with the paper's settings, or our first ones",
    "split by sample",
    "the same with the paper's settings",
    "fresh basket",
    "fresh basket, with the norm",
)
_COSTS = (
    "method",
    "MAE, bp",
    "WAPE",
    "s to train",
    "µs a price, in batches",
    "µs, one by one",
)
_CHOICES = ("grid", "the paper's choice", "its RMSE, bp", "lowest here", "its RMSE, bp")


def _errors(found: Found) -> Iterable[tuple[str, ...]]:
    for name, measured in _by_error(found):
        by_sample = found["by_sample"][name]
        yield (
            name,
            _interval(measured["selected"]),
            _rmse(measured["default"]),
            _rmse(by_sample["selected"]),
            _rmse(by_sample["default"]),
            _interval(measured["selected"]["fresh"]),
            _interval(found["with_norm"][name]["fresh"]),
        )
    slopes = found["processes"]["slopes"]
    fresh = (_interval(slopes[key]["fresh"]) for key in ("seven", "with_norm"))
    yield ("Gaussian process with slopes", _interval(slopes["seven"]), "", "", "", *fresh)


def _costs(found: Found) -> Iterable[tuple[str, ...]]:
    for name, measured in _by_error(found):
        one = measured["selected"]
        yield (
            name,
            f"{one['metrics']['MAE']:.2f}",
            f"{one['metrics']['WAPE']:.2%}",
            f"{one['seconds_to_train']:.2f}",
            f"{one['microseconds_to_predict']:,.3g}",
            f"{one['microseconds_alone']:,.0f}",
        )


def _choices(found: Found) -> Iterable[tuple[str, ...]]:
    grids = {**found["grids"], "figure_07_ridge, folds by sample": found["ridge_by_sample"]}
    for name, grid in grids.items():
        errors = {_settings(score["settings"]): score["validation"] for score in grid["scores"]}
        paper, best = _settings(grid["paper"]), grid["best"]
        known = f"{errors[paper]:.2f}" if paper in errors else "not on this grid"
        yield (name, paper, known, _settings(best["settings"]), f"{best['validation']:.2f}")


def _ablation(found: Found) -> Iterable[tuple[str, ...]]:
    """Rise of the validation error without each feature."""
    kinds = [inputs["drop_column"] for inputs in found["importance"].values()]
    for name in kinds[0]:
        yield (f"`{name}`", *("{:.1f} ± {:.1f}".format(*inputs[name]) for inputs in kinds))


def _by_error(found: Found) -> list[tuple[str, Any]]:
    return sorted(found["test"].items(), key=lambda one: one[1]["selected"]["metrics"]["RMSE"])


def _rmse(measured: Mapping[str, Any]) -> str:
    return f"{measured['metrics']['RMSE']:.2f}"


def _interval(measured: Mapping[str, Any]) -> str:
    low, high = measured["intervals"]["RMSE"]
    return f"{_rmse(measured)} ({low:.2f} to {high:.2f})"


def _settings(chosen: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in chosen.items())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
