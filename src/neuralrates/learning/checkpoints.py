"""Checkpoints: the state of a training run on disk, whole or not at all, for the same run to go on from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuralrates.core.archive import MANIFEST, read_archive, write_archive
from neuralrates.core.errors import InputError
from neuralrates.surrogates.surrogate import named_leaves, with_leaves

KIND = "training-checkpoint/2"
_SHOWN = 20

Settings = Mapping[str, str]
"""Everything that decides a run, by name."""


def save_checkpoint(folder: Path, settings: Settings, state: Any) -> None:
    """Write the arrays of a run's state beside its settings; a writer that is killed leaves the last ones whole."""
    write_archive(folder, named_leaves(state), {"kind": KIND, "settings": dict(settings)})


def load_checkpoint(folder: Path, settings: Settings, state: Any) -> Any:
    """The state that was written for these settings; `state` gives its structure.

    Raises:
        InputError: where the checkpoint was altered, or belongs to a run with other settings, by the first that differs
    """
    arrays, record, _ = read_archive(folder, KIND)
    kept = dict(record.get("settings", {}))
    for name in sorted(kept.keys() | settings.keys()):
        found, wanted = kept.get(name), settings.get(name)
        if found != wanted:
            raise InputError(
                f"the checkpoint belongs to a run with other settings: expected {_short(wanted)}, found {_short(found)}; "
                "name another folder, or remove this one",
                file=folder / MANIFEST,
                column=f"record.settings.{name}",
            )
    return with_leaves(state, arrays)


def _short(value: str | None) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
