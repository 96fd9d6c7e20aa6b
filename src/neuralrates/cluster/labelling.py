"""`make_labels`: a store of exact labels, made by any executor, gone on with where it was stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from neuralrates.cluster.executor import AbstractExecutor, InProcess
from neuralrates.cluster.manifest import NAME, check_same_plan, read_manifest, write_manifest
from neuralrates.cluster.plan import BATCH, Plan, plan_of
from neuralrates.cluster.scheduling import completed
from neuralrates.cluster.store import SHARDS, LabelStore, whole_shards, write_shard
from neuralrates.cluster.worker import Task
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import exclusive
from neuralrates.core.schema import LARGEST_COUNT
from neuralrates.core.types import Key
from neuralrates.problems.domain import Sampling
from neuralrates.problems.problem import Problem

Progress = Callable[[int, int], None]
_LOCK = ".lock"


@door
def make_labels(
    problem: Problem,
    key: Key,
    num_samples: int,
    folder: str | Path,
    *,
    executor: AbstractExecutor | None = None,
    shard_samples: int = 4096,
    joint: bool = False,
    slopes: bool = True,
    sampling: Sampling = "uniform",
    progress: Progress | None = None,
) -> LabelStore:
    """Exact labels in a store on disk: values, derivatives and errors at points drawn from the problem's domain.

    The points of shard k are drawn with `fold_in(key, k)`: executor, number of workers and order change nothing. A folder
    that holds some shards of the same plan is gone on with; shards that were altered, cut or lost are made anew.

    Args:
        problem: gives the points and the prices; for workers, one that is registered
        key: of the points
        num_samples: how many points, a billion at most
        folder: of the store
        executor: who makes the shards; this process when None
        shard_samples: points per file, a multiple of 256
        joint: whether the problem's control prices are outputs too
        slopes: whether derivatives are wanted
        sampling: `uniform` or `sobol`, the latter scrambled anew in each shard
        progress: called with the number of samples done and to do

    Returns:
        The store, complete.

    Raises:
        InputError: where the folder cannot be written, another process writes to it, or it was begun by another plan
        ValueError: where a number of points is out of range, or a shard is no multiple of 256
        RefusalError: where workers cannot be had, or are installed otherwise
        FailedShardsError: where shards failed at every attempt; the others are kept

    Source: Salmon et al. (2011) for keys that count.

    Example:
        >>> import jax, tempfile
        >>> import neuralrates as nr
        >>> def build(x):
        ...     model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.02, 0.01)
        ...     return model, nr.products.Swaption([2], [3, 4], [1, 1], strike=0.03, side="payer")
        >>> domain = nr.problems.Domain((nr.problems.Axis("rate", "decimal", 0.01, 0.05),))
        >>> problem = nr.problems.Problem("example", domain, build, nr.pricers.Jamshidian())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = nr.cluster.make_labels(problem, jax.random.key(0), 300, folder)
        ...     again = nr.cluster.make_labels(problem, jax.random.key(0), 300, folder)
        ...     [len(batch) for batch in store.batches(128)], again.sha256 == store.sha256
        ([128, 128, 44], True)
    """
    for name, count in (("num_samples", num_samples), ("shard_samples", shard_samples)):
        if not 1 <= count <= LARGEST_COUNT:
            raise ValueError(
                f"Argument `{name}` must be from 1 to {LARGEST_COUNT:,}, but is {count:,}."
            )
    if shard_samples % BATCH:
        raise ValueError(
            f"Argument `shard_samples` must be a multiple of {BATCH}, but is {shard_samples}."
        )
    with extra("parquet"):
        import pyarrow  # noqa: F401  (asked before the work)
    plan = plan_of(
        problem, key, num_samples, shard_samples, sampling=sampling, joint=joint, slopes=slopes
    )
    folder = Path(folder)
    with _alone(folder):
        sealed = _opened(folder, plan)
        digests = whole_shards(folder, plan, sealed)
        if len(digests) < plan.num_shards:
            _make_missing(problem, plan, folder, executor or InProcess(), digests, progress)
        _seal(folder, plan, sealed, digests)
    return LabelStore.load(folder)


def _make_missing(
    problem: Problem,
    plan: Plan,
    folder: Path,
    executor: AbstractExecutor,
    digests: dict[int, str],
    progress: Progress | None,
) -> None:
    """Make the shards that are missing, keep each as it comes, and add its digest."""
    missing = [number for number in range(plan.num_shards) if number not in digests]
    done = sum(plan.rows(number) for number in digests)
    if progress is not None:
        progress(done, plan.samples)
    with executor.open(problem) as pool:
        for number, arrays in completed(pool, (Task(plan, n) for n in missing)):
            with _kept(folder):
                digests[number] = write_shard(folder, number, arrays, plan)
            done += plan.rows(number)
            if progress is not None:
                progress(done, plan.samples)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder, locked against other writers for as long as this process lives."""
    with _kept(folder):
        _check_place(folder)
        (folder / SHARDS).mkdir(parents=True, exist_ok=True)
    try:
        with exclusive(folder / _LOCK, wait=False):
            yield
    except BlockingIOError:
        raise InputError(
            "another process writes to this store: wait for its end, or name another folder",
            file=folder,
        ) from None


def _check_place(folder: Path) -> None:
    """Raise where a folder holds something else than a store, hidden files aside, before anything is made in it."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("expected a folder, found a file", file=folder)
    names = sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))
    if NAME in names:
        read_manifest(folder)
        return
    for name in names:
        if name != SHARDS:
            expected = f"expected an empty folder or a store, found {name!r} in it"
            raise InputError(expected, file=folder)
        if any((folder / SHARDS).iterdir()):
            expected = "expected an empty folder or a store, found shards without a manifest"
            raise InputError(expected, file=folder)


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """What the system refuses to write, in one line."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror or error}; finished shards are kept, and a later run goes on from them",
            file=folder,
        ) from None


def _opened(folder: Path, plan: Plan) -> tuple[str, ...]:
    """Begin a store, or make sure that it was begun by the same plan; the digests of one that was finished."""
    if (folder / NAME).exists():
        manifest = read_manifest(folder)
        check_same_plan(folder, manifest.plan, plan)
        return tuple(manifest.shards)
    with _kept(folder):
        write_manifest(folder, plan, [])
    return ()


def _seal(folder: Path, plan: Plan, sealed: tuple[str, ...], digests: dict[int, str]) -> None:
    """Write the digests of all shards into the manifest; those of a finished store must come out again."""
    found = [digests[number] for number in range(plan.num_shards)]
    for number, (kept, made) in enumerate(zip(sealed, found, strict=False)):
        if kept != made:
            raise InputError(
                f"shard {number} was made anew and is not what it was: label this problem into another folder",
                file=folder / NAME,
            )
    if list(sealed) != found:
        with _kept(folder):
            write_manifest(folder, plan, found)
