"""Labels in batches, each kept on disk as it comes: what was stopped goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.archive import read_archive, write_archive
from neuralrates.core.checks import as_array
from neuralrates.problems.labels import Labels

Progress = Callable[[int, int], None]
Evaluate = Callable[[Float[Array, "batch inputs"], int], Labels]


def in_shards(
    x: Float[Array, "samples inputs"],
    batch: int,
    evaluate: Evaluate,
    record: dict[str, Any],
    folder: str | Path | None,
    progress: Progress | None,
) -> Labels:
    """Labels of all points, batch by batch.

    Args:
        x: the points
        batch: points per call of `evaluate`; the last batch is filled up with copies
        evaluate: points and number of the batch to their labels
        record: everything else that decides the labels, its `kind` among it
        folder: where finished batches are kept; a later call with the same points and record goes on from them
        progress: called with the number of samples done and to do

    Returns:
        Labels in the order of the points, checked.

    Raises:
        ValueError: where a label is not finite, or the folder was filled with other settings
    """
    num_samples, points = x.shape[0], np.asarray(x)
    batch = min(batch, num_samples)
    shards = None if folder is None else _open_plan(Path(folder), x, record | {"batch": batch})
    parts = []
    for index, start in enumerate(range(0, num_samples, batch)):
        place = None if shards is None else shards / f"shard-{index:06d}"
        parts.append(_shard(points[start : start + batch], index, batch, evaluate, place))
        if progress is not None:
            progress(min(start + batch, num_samples), num_samples)
    return Labels.concatenate(parts)


def _shard(x: np.ndarray, index: int, batch: int, evaluate: Evaluate, place: Path | None) -> Labels:
    """Labels of one batch: read where they exist, else made, checked and kept."""
    if place is not None and place.exists():
        return Labels.load(place)
    full = np.concatenate([x, np.broadcast_to(x[-1], (batch - x.shape[0], x.shape[1]))])
    made = evaluate(as_array(full), index).take(slice(0, x.shape[0]))
    checked = Labels.from_arrays(made.x, made.value, made.gradient, made.error)
    if place is not None:
        checked.save(place)
    return checked


def _open_plan(folder: Path, x: Array, record: dict[str, Any]) -> Path:
    """The folder, once it is sure that its shards belong to the same points and settings."""
    if not (folder / "plan").exists():
        write_archive(folder / "plan", {"x": np.asarray(x)}, record)
    arrays, found, _ = read_archive(folder / "plan", record["kind"])
    if found != record or not np.array_equal(arrays["x"], np.asarray(x)):
        raise ValueError(f"Folder {folder} holds labels made with other settings: choose another.")
    return folder
