"""Plans: everything that decides the labels of a store, down to the last bit."""

import functools
import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any, Literal

import jax
import numpy as np

from neuralrates.cluster.installation import installation
from neuralrates.core.schema import Count, Digest, Label, Strict
from neuralrates.core.types import Key
from neuralrates.problems.domain import Sampling
from neuralrates.problems.fingerprint import fingerprint
from neuralrates.problems.problem import Problem

BATCH = 256
"""Points per compiled call; shards hold a multiple of it, so that one program makes them all."""
_PRICE = "currency per unit notional"


class Column(Strict):
    """An input or an output: its name and its unit."""

    name: Label
    unit: Label


class Plan(Strict):
    """Everything that decides the labels of a store.

    Args:
        problem: record of the problem with its reference settings, and under `build` what it builds at two points
        problem_sha256: digest of that record
        inputs: names and units of the inputs
        outputs: names and units of the outputs
        key: words of the counter-based key; shard k draws from it folded with k
        key_type: the generator's name
        samples: points in all
        shard_samples: points per shard, the last one apart
        sampling: how points are drawn
        joint: whether control prices are outputs too
        slopes: whether there are derivatives
        installation: versions, code, processor, device, precision and compiler flags
    """

    problem: dict[str, Any]
    problem_sha256: Digest
    inputs: list[Column]
    outputs: list[Column]
    key: list[int]
    key_type: str
    samples: Count
    shard_samples: Count
    sampling: Literal["uniform", "sobol"]
    joint: bool
    slopes: bool
    installation: dict[str, str]

    @property
    def num_shards(self) -> int:
        """How many shards hold all samples."""
        return math.ceil(self.samples / self.shard_samples)

    @functools.cached_property
    def sha256(self) -> str:
        """Digest of all of it, which each shard's file holds."""
        return sha256_of(self.model_dump())

    def rows(self, shard: int) -> int:
        """Samples of one shard."""
        return min(self.shard_samples, self.samples - shard * self.shard_samples)

    def shard_key(self, shard: int) -> Key:
        """Key of one shard's points, whoever makes it."""
        words = jax.numpy.asarray(np.array(self.key, dtype=np.uint32))
        return jax.random.fold_in(jax.random.wrap_key_data(words, impl=self.key_type), shard)


def plan_of(
    problem: Problem,
    key: Key,
    samples: int,
    shard_samples: int,
    *,
    sampling: Sampling,
    joint: bool,
    slopes: bool,
) -> Plan:
    """The plan of what is asked for, as this process would carry it out."""
    record = json.loads(json.dumps(problem.record() | {"build": fingerprint(problem)}))
    names = problem.output_names if joint else problem.output_names[:1]
    return Plan(
        problem=record,
        problem_sha256=sha256_of(record),
        inputs=[Column(name=axis.name, unit=axis.unit) for axis in problem.domain.axes],
        outputs=[Column(name=name, unit=_PRICE) for name in names],
        key=[int(word) for word in np.asarray(jax.random.key_data(key))],
        key_type=str(jax.random.key_impl(key)),
        samples=samples,
        shard_samples=shard_samples,
        sampling=sampling,
        joint=joint,
        slopes=slopes,
        installation=installation(),
    )


def first_difference(kept: Any, asked: Any) -> tuple[str, Any, Any] | None:
    """The first field in which two trees of plain values differ, and what each has there; None where they agree."""
    return next(_differences(kept, asked, ""), None)


def _differences(kept: Any, asked: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    pairs: list[tuple[Any, Any, Any]] = []
    match kept, asked:
        case dict(), dict():
            pairs = [(name, kept.get(name), asked.get(name)) for name in kept | asked]
        case list(), list() if len(kept) == len(asked):
            pairs = [(number, *both) for number, both in enumerate(zip(kept, asked, strict=True))]
        case _ if kept != asked:
            yield place, kept, asked
    for name, one, other in pairs:
        yield from _differences(one, other, f"{place}.{name}".removeprefix("."))


def sha256_of(record: Any) -> str:
    """SHA-256 of plain values, whatever the order of their names."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
