"""The learned price of annual Bermudans on a market's own curve: labels, training, certificate, bundle.

    python -m benchmarks.annual_bermudan --train --side payer    # labels and network: minutes on a GPU, hours on two cores
    python -m benchmarks.annual_bermudan --bundle --side payer   # certifies that network at fresh points, and bundles it
    python -m benchmarks.annual_bermudan --side payer            # certifies the shipped bundle afresh
    python -m benchmarks.annual_bermudan --smoke                 # the whole way in miniature, nothing kept

Labels, networks and fresh reference prices are kept under `build/annual_bermudan`, or where `--work` says; a run that was
stopped goes on from its labels and its checkpoint. Training lasts `--minutes` at most: the speed of its steps is measured
first, and their number follows. The best network so far is kept in `network` all along.
"""

import argparse
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

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "annual_bermudan"
BUNDLES = ROOT / "src" / "neuralrates" / "bundles" / "shipped"
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


def certify(
    surrogate: nr.surrogates.Corrected, problem: Problem, settings: Settings, work: Path
) -> "nr.certificates.Certificate":
    """The judge's verdict at fresh points."""
    began = time.perf_counter()
    return nr.certificates.certify(
        surrogate,
        problem,
        key=jax.random.key(20_261_127),
        num_samples=settings.fresh,
        folder=work / "fresh",
        progress=lambda done, total: done % 2560 or say(began, f"{done} of {total} fresh prices"),
    )


def report(certificate: "nr.certificates.Certificate") -> dict[str, object]:
    """Print what a certificate says; return what is kept of it."""
    target = certificate.outputs[0]
    results = {
        "fresh_points": certificate.num_samples,
        "mean_error_bp": target.mean / basis_point,
        "quantile_99_bp": target.quantile_99 / basis_point,
        "bound_99_bp": target.bound_99 / basis_point,
        "largest_error_bp": target.largest / basis_point,
        "greeks_relative_to_mean_size": {greek.input: greek.relative for greek in target.greeks},
    }
    for name, value in results.items():
        CONSOLE.print(f"{name}: {value}")
    for check in certificate.arbitrage:
        CONSOLE.print(f"{check.relation}: broken at {check.fraction:.3%}")
    return results


def bundle(problem: Problem, settings: Settings, work: Path, folder: Path) -> dict[str, object]:
    """The trained network, certified and bundled."""
    surrogate = nr.surrogates.Corrected(problem.baseline, kept(work))
    certificate = certify(surrogate, problem, settings, work)
    nr.bundles.save(folder, surrogate, problem, certificate)
    return report(certificate)


def measure(problem: Problem, settings: Settings, work: Path, folder: Path) -> None:
    """The shipped bundle certified afresh."""
    from benchmarks.support.results import save  # noqa: PLC0415 - needs what training does without

    shipped = nr.bundles.load(folder)
    results = report(certify(shipped.surrogate, problem, settings, work))
    save(f"annual_bermudan_{settings.side}", results)


def read_settings() -> tuple[argparse.Namespace, Settings]:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag in ("train", "bundle", "smoke"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("--side", choices=("payer", "receiver"), default="payer")
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--widths", type=int, nargs="+", default=list(Settings.widths))
    for field in ("samples", "validation", "fresh", "batch", "shard", "together", "chunk", "steps"):
        parser.add_argument(f"--{field}", type=int, default=getattr(Settings, field))
    for field in ("minutes", "learning_rate", "weight"):
        name = f"--{field.replace('_', '-')}"
        parser.add_argument(name, type=float, default=getattr(Settings, field))
    asked = parser.parse_args()
    chosen = {field.name: getattr(asked, field.name) for field in dataclasses.fields(Settings)}
    return asked, Settings(**chosen | {"widths": tuple(asked.widths)})


def main() -> None:
    jax.config.update("jax_default_matmul_precision", "highest")
    asked, settings = read_settings()
    problem = nr.problems.annual_bermudan(settings.side)
    folder, work = BUNDLES / f"annual_bermudan_{settings.side}", asked.work / settings.side
    if asked.smoke:
        with tempfile.TemporaryDirectory() as place:
            train(problem, settings.smoke(), Path(place))
            bundle(problem, settings.smoke(), Path(place), Path(place) / "bundle")
        return
    if asked.train:
        train(problem, settings, work)
    if asked.bundle:
        bundle(problem, settings, work, folder)
    if not (asked.train or asked.bundle):
        measure(problem, settings, work, folder)


if __name__ == "__main__":
    main()
