"""The manifest of a store: its plan, and the digests of its shards once all of them are there."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from neuralrates.cluster.plan import Plan, first_difference, sha256_of
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write, read_text
from neuralrates.core.schema import Digest, Strict, first_fault
from neuralrates.core.strict_json import parse_json

NAME = "manifest.json"
_SHOWN = 60


class Manifest(Strict):
    """What a store's JSON holds.

    Args:
        kind: what the folder is
        plan: what decides the labels
        shards: SHA-256 of each shard's file, in order; none until all are there
        sha256: of all the rest, the digest of the store
    """

    kind: Literal["label-store/1"]
    plan: Plan
    shards: list[Digest]
    sha256: Digest


def write_manifest(folder: Path, plan: Plan, shards: list[str]) -> None:
    """Write a store's manifest, whole or not at all."""
    content: dict[str, Any] = {"kind": "label-store/1", "plan": plan.model_dump(), "shards": shards}
    content["sha256"] = sha256_of(content)
    atomic_write(folder / NAME, json.dumps(content, indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a store.

    Raises:
        InputError: where there is none, or it was altered
    """
    file = folder / NAME
    document = parse_json(read_text(file), file)
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(fault.expected, file=file, column=fault.column) from None
    if manifest.sha256 != sha256_of(manifest.model_dump(exclude={"sha256"})):
        raise InputError("the manifest was altered: its SHA-256 digest differs", file=file)
    return manifest


def check_same_plan(folder: Path, kept: Plan, asked: Plan) -> None:
    """Raise unless a store was made, or begun, by the plan that is asked for now.

    Raises:
        InputError: with the first field that differs, and what both have there
    """
    found = first_difference(kept.model_dump(), asked.model_dump())
    if found is None:
        return
    field, here, there = found
    raise InputError(
        f"the store was begun with {_short(here)}, but {_short(there)} is asked for: ask for the same or name another folder",
        file=folder / NAME,
        column=f"plan.{field}",
    )


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
