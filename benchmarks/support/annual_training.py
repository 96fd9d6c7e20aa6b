"""Labels and training of the annual Bermudans' networks: within minutes on a GPU."""

import dataclasses
import functools
import json
import tempfile
import time
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from rich.console import Console

import neuralrates as nr
from neuralrates.core.archive import read_archive, write_archive
from neuralrates.core.units import basis_point
from neuralrates.problems import Problem
from neuralrates.problems.exact_labels import value_and_jacobian
from neuralrates.problems.shards import in_shards
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.surrogate import named_leaves

KIND = "annual-bermudan-network"
CONSOLE = Console()


@dataclasses.dataclass(frozen=True)
class Settings:
    """What decides the surrogate."""

    side: str
    samples: int = 491_520
    validation: int = 16_384
    fresh: int = 20_000
    widths: tuple[int, ...] = (192, 192, 192)
    batch: int = 4_096
    shard: int = 16_384
    together: int = 2_048
    chunk: int = 500
    steps: int | None = None
    minutes: float = 3.0
    learning_rate: float = 1e-2
    weight: float = 1.0

    def smoke(self) -> "Settings":
        """The same way in miniature."""
        return dataclasses.replace(
            self,
            samples=512,
            validation=256,
            fresh=512,
            widths=(16, 16),
            batch=64,
            shard=256,
            together=8,
            chunk=100,
            steps=200,
        )


class _OutOfTime(Exception):
    """Training has lasted as long as it may."""


def say(began: float, text: str) -> None:
    """A line with the seconds since `began`."""
    CONSOLE.print(f"[{time.perf_counter() - began:7.1f} s] {text}")


def labels(
    problem: Problem, settings: Settings, work: Path, name: str, key: int, size: int
) -> nr.learning.Labels:
    """Exact labels with differentials, kept on disk as they come; a point without finite ones is replaced, and counted."""
    began = time.perf_counter()
    shard = min(settings.shard, size)

    def evaluate(points: jax.Array, index: int) -> nr.learning.Labels:
        made = exact(problem, points, min(settings.together, shard))
        fine = np.isfinite(
            np.asarray(made.value[:, 0]) + np.asarray(made.gradient[:, 0]).sum(axis=1)
        )
        if not fine.all():
            say(began, f"shard {index}: {np.sum(~fine)} points have no finite label")
        return made.take(np.where(fine, np.arange(len(fine)), np.argmax(fine)))

    return in_shards(
        problem.domain.sample(jax.random.key(key), size),
        shard,
        evaluate,
        {"kind": "annual-bermudan-labels", "problem": problem.record()},
        work / f"labels-{name}",
        lambda done, total: say(began, f"{done} of {total} labels for {name}"),
    )


@eqx.filter_jit
def exact(problem: Problem, x: jax.Array, together: int) -> nr.learning.Labels:
    """Values and differentials by the reference, `together` points at a time."""
    values, slopes, errors = jax.lax.map(
        lambda point: value_and_jacobian(problem, point, joint=False), x, batch_size=together
    )
    return nr.learning.Labels(x, values, slopes, errors)


@eqx.filter_jit
def errors(loss: nr.learning.Loss, network: Network) -> jax.Array:
    """Mean and 99 percent quantile of the errors of a network at the points of a loss, in basis points."""
    predicted = loss.samples.predicted(network)
    miss = jnp.abs(predicted.residual - loss.samples.residual)[:, 0] / basis_point
    return jnp.stack([jnp.mean(miss), jnp.quantile(miss, 0.99)])


def optimiser(settings: Settings, num_steps: int) -> optax.GradientTransformation:
    """Muon, its learning rate decaying by a cosine to nearly nothing at the last step."""
    return optax.contrib.muon(optax.cosine_decay_schedule(settings.learning_rate, num_steps, 1e-3))


def steps_in_time(
    network: Network,
    loss: nr.learning.Loss,
    settings: Settings,
    work: Path,
    began: float,
) -> int:
    """Number of steps: as asked for, as an earlier run chose, or as fit into the minutes that are left."""
    if settings.steps is not None:
        return settings.steps
    record = work / "steps.json"
    if record.exists():
        return int(json.loads(record.read_text()))
    ends: list[float] = []
    start, chunks = time.perf_counter(), 3
    with tempfile.TemporaryDirectory() as place:
        nr.learning.fit(
            network,
            loss,
            optimiser(settings, 10**6),
            key=jax.random.key(1),
            num_steps=chunks * settings.chunk,
            chunk=settings.chunk,
            progress=lambda *_: ends.append(time.perf_counter()),
            checkpoint=Path(place) / "trial",
        )
    per_chunk = (ends[-1] - ends[0]) / (chunks - 1)
    compiling = ends[0] - start - per_chunk
    left = 60.0 * settings.minutes - (time.perf_counter() - began) - max(compiling, 0.0)
    found = max(1, int(0.9 * left / per_chunk)) * settings.chunk
    say(began, f"{settings.chunk / per_chunk:.0f} steps a second: {found} steps")
    record.write_text(json.dumps(found))
    return found


def train(problem: Problem, settings: Settings, work: Path) -> Network:
    """Labels, then the correction of the problem's baseline, values and differentials together."""
    work.mkdir(parents=True, exist_ok=True)
    data = labels(problem, settings, work, "training", 101, settings.samples)
    unseen = labels(problem, settings, work, "validation", 102, settings.validation)
    began = time.perf_counter()
    make = functools.partial(
        nr.learning.differential_loss, baseline=problem.baseline, common_size=True, single=True
    )
    loss, judge = make(data, settings.batch, settings.weight), make(unseen)
    network = loss.start(settings.widths, jax.random.key(103))
    alone = float(jnp.mean(jnp.abs(judge.samples.residual))) / basis_point
    say(began, f"the baseline alone: {alone:.3f} bp on average")
    num_steps = steps_in_time(network, loss, settings, work, began)
    resumed = (work / "checkpoint").exists() and (work / "network").exists()
    best = scores(work)["mean_bp"] if resumed else np.inf

    def monitor(network: Network) -> float:
        nonlocal best
        mean, rare = np.asarray(errors(judge, network), dtype=np.float64)
        if mean < best:
            best = float(mean)
            keep(network, work, {"mean_bp": best, "quantile_99_bp": float(rare)})
        return float(mean)

    def show(history: nr.learning.History, total: int) -> None:
        done = history.num_steps
        if done % (10 * settings.chunk) == 0 or done == total:
            say(
                began,
                f"step {done} of {total}: loss {history.losses[-1]:.2e}, {history.scores[-1]:.4f} bp",
            )
        if time.perf_counter() - began > 72.0 * settings.minutes and settings.steps is None:
            raise _OutOfTime

    try:
        nr.learning.fit(
            network,
            loss,
            optimiser(settings, num_steps),
            key=jax.random.key(104),
            num_steps=num_steps,
            chunk=min(settings.chunk, num_steps),
            monitor=monitor,
            progress=show,
            checkpoint=work / "checkpoint",
        )
    except _OutOfTime:
        say(began, "out of time: the best network so far is kept")
    except nr.learning.DivergenceError as error:
        say(began, str(error))
    return kept(work)


def keep(network: Network, work: Path, scores: dict[str, float]) -> None:
    """Write a network in double precision, and what it scores."""
    double = jax.tree.map(lambda array: np.asarray(array, dtype=np.float64), network)
    record = {"kind": KIND, "network": network.record(), "scores": scores}
    write_archive(work / "network", named_leaves(double), record)


def kept(work: Path) -> Network:
    """The network that `keep` wrote."""
    arrays, record, _ = read_archive(work / "network", KIND)
    CONSOLE.print(f"{work / 'network'}: {record['scores']}")
    network: Network = filled(record["network"], arrays)
    return network


def scores(work: Path) -> dict[str, float]:
    """What the kept network scores."""
    return dict(read_archive(work / "network", KIND)[1]["scores"])
