"""Label stores: folders of Parquet files whose names hold their digests, read a shard at a time."""

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from neuralrates.cluster.manifest import NAME, read_manifest
from neuralrates.cluster.parquet import Arrays, from_parquet, is_shard, to_parquet
from neuralrates.cluster.plan import Plan
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write, read_bytes
from neuralrates.learning.data.stream import labels_of
from neuralrates.problems.labels import Labels

SHARDS = "shards"
_FILE = re.compile(r"shard-(?P<number>\d{6,})-(?P<digest>[0-9a-f]{64})\.parquet")
_LARGEST = 16 * 1024**3


@dataclass(frozen=True)
class LabelStore:
    """Labels on disk, all of them made; read in batches, so that they may be larger than memory.

    Args:
        folder: where they are
        plan: what decided them
        shards: SHA-256 of each shard's file, in order
        sha256: digest of the store: equal digests, equal labels to the last bit
    """

    folder: Path
    plan: Plan
    shards: tuple[str, ...]
    sha256: str

    @classmethod
    @door
    def load(cls, folder: str | Path) -> "LabelStore":
        """A store that `make_labels` finished.

        Args:
            folder: of the store

        Returns:
            The store; its shards are checked as they are read.

        Raises:
            InputError: where there is none, or its labels are not all made yet
        """
        folder = Path(folder)
        manifest = read_manifest(folder)
        plan, shards = manifest.plan, tuple(manifest.shards)
        if len(shards) != plan.num_shards:
            found = len(shard_files(folder))
            raise InputError(
                f"expected a finished store, found {found} of {plan.num_shards} shards: run again what makes its labels",
                file=folder / NAME,
            )
        return cls(folder, plan, shards, manifest.sha256)

    def __len__(self) -> int:
        return self.plan.samples

    @functools.cached_property
    def sizes(self) -> tuple[int, ...]:
        """Samples of each shard."""
        return tuple(self.plan.rows(number) for number in range(self.plan.num_shards))

    def shard(self, number: int) -> Labels:
        """Labels of one shard, its file checked against its digest.

        Raises:
            InputError: where the file is missing, altered, cut, or not of this store
        """
        return labels_of(self.arrays(number))

    def arrays(self, number: int) -> Arrays:
        """The same on the host: `x`, `value`, `error` and, where there are derivatives, `gradient`."""
        digest = self.shards[number]
        file = shard_file(self.folder, number, digest)
        again = "run again what makes its labels, which makes this shard anew"
        if not file.exists():
            raise InputError(f"the shard is missing: {again}", file=file)
        content = read_bytes(file, largest=_LARGEST)
        if hashlib.sha256(content).hexdigest() != digest:
            raise InputError(f"the shard was altered or cut: {again}", file=file)
        return from_parquet(content, self.plan, number, file)

    def batches(self, batch_size: int) -> Iterator[Labels]:
        """All labels in order, of which one shard and one batch are in memory at a time.

        Args:
            batch_size: samples per batch; the last one holds what is left

        Raises:
            ValueError: where the batch size is not positive
            InputError: where a shard is missing, altered or cut
        """
        if batch_size < 1:
            raise ValueError(f"Argument `batch_size` must be positive, but is {batch_size}.")
        held: list[Labels] = []
        for number in range(len(self.shards)):
            held.append(self.shard(number))
            if sum(map(len, held)) < batch_size:
                continue
            labels = Labels.concatenate(held)
            whole = len(labels) - len(labels) % batch_size
            for start in range(0, whole, batch_size):
                yield labels.take(slice(start, start + batch_size))
            held = [labels.take(slice(whole, None))] if whole < len(labels) else []
        if held:
            yield Labels.concatenate(held)

    def labels(self) -> Labels:
        """All labels in memory."""
        return Labels.concatenate([self.shard(number) for number in range(len(self.shards))])


def is_store(folder: Path) -> bool:
    """Whether a folder is a label store, finished or not."""
    return (folder / SHARDS).is_dir()


def shard_file(folder: Path, number: int, digest: str) -> Path:
    """Name of a shard's file: whole or not, its content says by its digest."""
    return folder / SHARDS / f"shard-{number:06d}-{digest}.parquet"


def shard_files(folder: Path) -> dict[int, list[Path]]:
    """Files of each shard; more than one only where somebody meddled."""
    found: dict[int, list[Path]] = defaultdict(list)
    for file in sorted((folder / SHARDS).glob("shard-*.parquet")):
        if match := _FILE.fullmatch(file.name):
            found[int(match["number"])].append(file)
    return found


def whole_shards(folder: Path, plan: Plan, sealed: tuple[str, ...]) -> dict[int, str]:
    """Digests of those shards that are whole and of this plan; what is not is removed, to be made anew.

    Args:
        folder: of the store
        plan: which shards there are to be
        sealed: digests that a finished store's manifest holds; none before
    """
    whole: dict[int, str] = {}
    for number, files in shard_files(folder).items():
        for file in files:
            content = read_bytes(file, largest=_LARGEST)
            digest = hashlib.sha256(content).hexdigest()
            expected = sealed[number] if number < len(sealed) else digest
            named = file.name.endswith(f"-{digest}.parquet") and digest == expected
            if named and number not in whole and is_shard(content, plan, number):
                whole[number] = digest
            else:
                file.unlink()
    return whole


def write_shard(folder: Path, number: int, arrays: Arrays, plan: Plan) -> str:
    """Write one shard, whole or not at all; its digest."""
    content = to_parquet(arrays, plan, number)
    digest = hashlib.sha256(content).hexdigest()
    atomic_write(shard_file(folder, number, digest), content)
    return digest
