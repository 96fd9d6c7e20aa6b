"""Batches of labels that are larger than memory: read ahead of the training, in an order that a key alone decides."""

import functools
import hashlib
import math
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import jax
import numpy as np
from jaxtyping import Array

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.problems.labels import Labels

Item = TypeVar("Item")
Arrays = Mapping[str, np.ndarray]
"""Labels on the host: `x`, `value`, `error` and perhaps `gradient`, shaped as in `Labels`."""
WINDOW = 8
"""Shards that are shuffled together, and the most that are held out."""


@runtime_checkable
class ShardedLabels(Protocol):
    """Labels in parts, of which one at a time need be in memory; `nr.cluster.LabelStore` is one."""

    @property
    def sha256(self) -> str:
        """Digest of all of them: equal digests, equal labels."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Samples of each shard."""

    def arrays(self, number: int) -> Arrays:
        """The labels of one shard on the host, checked: `x`, `value`, `error` and perhaps `gradient`, as in `Labels`."""


@dataclass(frozen=True)
class SomeShards:
    """Some shards of sharded labels.

    Args:
        whole: what they are of
        numbers: which
    """

    whole: ShardedLabels
    numbers: tuple[int, ...]

    @property
    def sha256(self) -> str:
        """Digest of the whole and of the numbers."""
        return hashlib.sha256(f"{self.whole.sha256} {self.numbers}".encode()).hexdigest()

    @functools.cached_property
    def sizes(self) -> tuple[int, ...]:
        """Samples of each shard."""
        sizes = self.whole.sizes
        return tuple(sizes[number] for number in self.numbers)

    def arrays(self, number: int) -> Arrays:
        """The labels of one shard."""
        return self.whole.arrays(self.numbers[number])

    def first(self, most: int = WINDOW) -> Labels:
        """The labels of the first shards, in memory."""
        parts = [self.arrays(number) for number in range(len(self.numbers))[:most]]
        return labels_of(
            {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        )


class Block(NamedTuple):
    """Batches of consecutive steps.

    Args:
        arrays: of labels, shaped (steps, batch, ...), of one shape in every block of a stream
        filled: steps that there are batches of, the first ones
    """

    arrays: dict[str, Array]
    filled: int


@door
@dataclass(frozen=True)
class LabelStream:
    """Batches of sharded labels, epoch after epoch, for `fit`.

    In every epoch the shards are shuffled, and then the samples of each `window` of shards that follow one another. Batches are
    cut from this sequence; the samples at the end of an epoch that fill no batch are left out of it. The batch of a step
    follows from key and step alone. A thread reads the next window while the training uses one: memory holds a
    few windows, however many labels there are. Where JAX has several devices, each takes its part of every batch that divides
    by their number.

    Args:
        source: a label store, or any labels in shards
        batch: samples per step
        window: shards that are shuffled together

    Raises:
        ValueError: where a number is not positive, or the batch is larger than the source

    Source: Salmon et al. (2011) for keys that count.

    Example:
        >>> import jax, tempfile
        >>> import neuralrates as nr
        >>> problem = nr.problems.load("ten_year_bermudan_payer")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = nr.cluster.make_labels(problem, jax.random.key(0), 600, folder, shard_samples=256, slopes=False)
        ...     stream = nr.learning.LabelStream(store, batch=250)
        ...     blocks = stream.blocks(jax.random.key(1), 0)
        ...     print(stream.steps_per_epoch, next(blocks).arrays["value"].shape)
        2 (3, 250, 1)
    """

    source: ShardedLabels
    batch: int
    window: int = WINDOW

    def __post_init__(self) -> None:
        for name in ("batch", "window"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"Argument `{name}` must be at least 1, but is {getattr(self, name)}."
                )
        if self.batch > (most := sum(self.source.sizes)):
            raise ValueError(
                f"Argument `batch` must be at most the {most} samples of the source, but is {self.batch}."
            )

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of an epoch."""
        return sum(self.source.sizes) // self.batch

    def record(self) -> dict[str, str]:
        """What decides the batches but for the key, as plain values."""
        return {
            "labels": self.source.sha256,
            "batch": str(self.batch),
            "window": str(self.window),
            "devices": str(len(self._devices())),
        }

    def blocks(self, key: Key, step: int) -> Iterator[Block]:
        """The batches from some step on, those of a window at a time, without an end.

        Args:
            key: of the order
            step: number of the first batch
        """
        words = [int(word) for word in np.ravel(jax.random.key_data(key))]
        return self._from(words, step, self._placement())

    def _from(self, words: list[int], step: int, placement: Any) -> Iterator[Block]:
        epoch, done = divmod(step, self.steps_per_epoch)
        while True:
            for filled, whole in self._epoch([*words, epoch], done * self.batch):
                parts = {name: self._cut(part) for name, part in filled.items()}
                yield Block(jax.device_put(parts, placement), whole)
            epoch, done = epoch + 1, 0

    def _devices(self) -> list[jax.Device]:
        """All devices of this process, if the batch divides by their number and none was chosen; else no more than one."""
        devices = jax.local_devices()
        settings: Any = jax.config  # which its type does not list
        chosen = settings.jax_default_device is not None
        return devices[:1] if chosen or self.batch % len(devices) else devices

    def _placement(self) -> Any:
        """Where batches go: over several devices each takes its part of every batch."""
        devices = self._devices()
        if len(devices) == 1:
            return None
        mesh = jax.sharding.Mesh(np.array(devices), ("batch",))
        return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(None, "batch"))

    def _epoch(self, seed: list[int], start: int) -> Iterator[tuple[Arrays, int]]:
        """The batches of an epoch from a sample of its sequence on."""
        order = np.random.default_rng([*seed, 0]).permutation(len(self.source.sizes))
        left: Arrays = {}
        for first in range(0, len(order), self.window):
            shards = [int(number) for number in order[first : first + self.window]]
            size = sum(self.source.sizes[number] for number in shards)
            if start >= size:
                start -= size
                continue
            places = np.random.default_rng([*seed, 1 + first]).permutation(size) - start
            filled, count = self._window(shards, places, left), size - start
            count, start = count + (len(left["x"]) if left else 0), 0
            whole = count // self.batch
            left = {name: part[whole * self.batch : count].copy() for name, part in filled.items()}
            if whole:
                yield filled, whole

    def _window(self, shards: list[int], places: np.ndarray, left: Arrays) -> Arrays:
        """What was left, and after it the samples of a window, each at its place; those with a place below zero are done."""
        filled: dict[str, np.ndarray] = {}
        before = len(left["x"]) if left else 0
        for number in shards:
            arrays = self.source.arrays(number)
            filled = filled or _like(arrays, (self._most + 1) * self.batch)
            here, places = np.split(places, [len(arrays["x"])])
            chosen = here >= 0
            rows = slice(None) if chosen.all() else chosen
            for name, part in arrays.items():
                filled[name][before + here[rows]] = part[rows]
        for name, part in left.items():
            filled[name][:before] = part
        return filled

    @functools.cached_property
    def _most(self) -> int:
        """The most batches of a window: filled up to them, all windows are served by one program."""
        return (sum(sorted(self.source.sizes)[-self.window :]) + self.batch - 1) // self.batch

    def _cut(self, array: np.ndarray) -> np.ndarray:
        """Rows as batches."""
        shape = self._most, self.batch, *array.shape[1:]
        return array[: self._most * self.batch].reshape(shape)


def split_shards(
    source: ShardedLabels, key: Key, fraction: float, most: int = WINDOW
) -> tuple[SomeShards, SomeShards]:
    """Two disjoint random parts, neither empty, the second with about this fraction of the shards and no more than `most`.

    Raises:
        ValueError: where the fraction is none, or there is a single shard
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"Argument `fraction` must lie between 0 and 1, but is {fraction}.")
    count = len(source.sizes)
    if count < 2:
        raise ValueError("Labels of a single shard cannot be split in two: make smaller shards.")
    words = [int(word) for word in np.ravel(jax.random.key_data(key))]
    order = [int(number) for number in np.random.default_rng(words).permutation(count)]
    second = min(max(1, round(fraction * count)), most, count - 1)
    parts = sorted(order[second:]), sorted(order[:second])
    return SomeShards(source, tuple(parts[0])), SomeShards(source, tuple(parts[1]))


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Items without an end, each made by a thread while the one before it is in use; the thread ends with the iterator."""
    with ThreadPoolExecutor(1, "reading-labels") as reader:
        coming = reader.submit(next, items)
        while True:
            item = coming.result()
            coming = reader.submit(next, items)
            yield item


def _like(arrays: Arrays, rows: int) -> dict[str, np.ndarray]:
    """Unfilled arrays of so many rows, side by side in one large piece of memory, which the system hands out faster."""
    shapes = {name: (rows, *part.shape[1:]) for name, part in arrays.items()}
    sizes = [math.prod(shape) for shape in shapes.values()]
    parts = np.split(np.empty(sum(sizes)), np.cumsum(sizes)[:-1])
    return {
        name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)
    }


def labels_of(arrays: Mapping[str, np.ndarray] | Mapping[str, Array]) -> Labels:
    """Labels of their arrays by name."""
    found = {name: as_array(array) for name, array in arrays.items()}
    return Labels(found["x"], found["value"], found.get("gradient"), found["error"])
