"""The first surrogate: train it, certify it, bundle it, and say what it costs beside the exact engine.

    python -m benchmarks.first_surrogate             # certifies the shipped bundle afresh, and times it
    python -m benchmarks.first_surrogate --train     # makes it: minutes; stopped and started again it goes on
    python -m benchmarks.first_surrogate --smoke     # the whole way in miniature, nothing kept

With `--side payer` the same for the payer's.

Labels, checkpoints and fresh reference prices are kept under `build/first_surrogate`.
"""

import argparse
import dataclasses
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import optax
from benchmarks.support.clock import use_one_core
from benchmarks.support.results import save
from benchmarks.support.surrogate_cost import costs
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import neuralrates as nr
from neuralrates.problems import Problem
from neuralrates.surrogates import Network

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "first_surrogate"
BUNDLES = ROOT / "src" / "neuralrates" / "bundles" / "shipped"
NAMES = {"receiver": "bermudan", "payer": "bermudan_payer"}
CONSOLE = Console()


@dataclasses.dataclass(frozen=True)
class Settings:
    """What decides the surrogate."""

    side: str = "receiver"
    num_samples: int = 49_152
    num_validation: int = 4_096
    num_fresh: int = 20_000
    widths: tuple[int, ...] = (64, 64, 64)
    batch: int = 512
    num_steps: int = 50_000
    chunk: int = 1_000
    learning_rate: float = 1e-2
    label_key: int = 101
    validation_key: int = 102
    training_key: int = 103
    fresh_key: int = 20_240_319

    def smoke(self) -> "Settings":
        """The same way in miniature."""
        return dataclasses.replace(
            self, num_samples=512, num_validation=256, num_fresh=512, num_steps=200, chunk=100
        )


def make_labels(problem: Problem, settings: Settings, work: Path) -> tuple[nr.learning.Labels, ...]:
    """Training and validation labels, kept on disk as they come."""
    sizes = {
        settings.label_key: settings.num_samples,
        settings.validation_key: settings.num_validation,
    }
    with Progress(console=CONSOLE) as bars:
        made = []
        for seed, size in sizes.items():
            bar = bars.add_task(f"{size} exact labels", total=size)
            made.append(
                nr.learning.exact_labels(
                    problem,
                    jax.random.key(seed),
                    size,
                    batch=min(512, size),
                    folder=work / f"labels-{seed}",
                    progress=lambda done, _, bar=bar: bars.update(bar, completed=done),
                )
            )
    return tuple(made)


def start(problem: Problem, labels: nr.learning.Labels, settings: Settings) -> Network:
    """Untrained network between the domain's box and the labels' spread."""
    return Network.random(
        nr.surrogates.Scaling.from_bounds(problem.domain.low, problem.domain.high),
        nr.surrogates.Scaling.from_samples(labels.value),
        settings.widths,
        key=jax.random.key(settings.training_key),
    )


def train(problem: Problem, settings: Settings, work: Path) -> Network:
    """Labels, then values and differentials by Muon with a cosine decay."""
    labels, validation = make_labels(problem, settings, work)
    rate = optax.cosine_decay_schedule(settings.learning_rate, settings.num_steps, 1e-3)

    def monitor(network: Network) -> jax.Array:
        miss = jax.vmap(network)(validation.x) - validation.value
        return jnp.mean(jnp.abs(miss)) / nr.core.basis_point

    with Progress(console=CONSOLE) as bars:
        bar = bars.add_task("training", total=settings.num_steps)

        def show(history: nr.learning.History, _: int) -> None:
            text = f"training, mean error {history.scores[-1]:.3f} bp"
            bars.update(bar, completed=history.num_steps, description=text)

        network, _ = nr.learning.fit(
            start(problem, labels, settings),
            nr.learning.differential_loss(labels, batch=settings.batch),
            optax.contrib.muon(rate),
            key=jax.random.key(settings.training_key),
            num_steps=settings.num_steps,
            chunk=settings.chunk,
            monitor=jax.jit(monitor),
            progress=show,
            checkpoint=work / "checkpoint",
        )
    return network


def certify(
    network: Network, problem: Problem, settings: Settings, work: Path
) -> nr.certificates.Certificate:
    """The judge's verdict at fresh points."""
    with Progress(console=CONSOLE) as bars:
        bar = bars.add_task(
            f"{settings.num_fresh} fresh reference prices", total=settings.num_fresh
        )
        return nr.certificates.certify(
            network,
            problem,
            key=jax.random.key(settings.fresh_key),
            num_samples=settings.num_fresh,
            folder=work / "fresh",
            progress=lambda done, _: bars.update(bar, completed=done),
        )


def report(bundle: nr.bundles.Bundle, seconds: dict[str, float]) -> dict[str, object]:
    """Print the table; return what is kept of it."""
    target = bundle.certificate.outputs[0]
    unit = nr.core.basis_point
    worst = max(target.greeks, key=lambda greek: greek.relative)
    rows = [
        ("mean error", f"{target.mean / unit:.4f} bp", "0.1 bp"),
        ("99 percent within", f"{target.quantile_99 / unit:.3f} bp", "0.5 bp"),
        ("bound for 99 percent of the domain", f"{target.bound_99 / unit:.3f} bp", ""),
        ("worst of the fresh points", f"{target.largest / unit:.3f} bp", ""),
        (f"Greeks, worst input ({worst.input})", f"{worst.relative:.2%} of mean size", "1%"),
    ]
    rows += [
        (
            check.relation,
            f"broken at {check.fraction:.3%}, deepest {check.deepest / unit:.3f} bp",
            "",
        )
        for check in bundle.certificate.arbitrage
    ]
    rows += [
        (name.replace("_", " "), f"{1e6 * s:.1f} microseconds", "") for name, s in seconds.items()
    ]
    table = Table("quantity", "measured", "to reach", title=f"first surrogate, {bundle.name}")
    for row in rows:
        table.add_row(*row)
    CONSOLE.print(table)
    return {
        "fresh_points": bundle.certificate.num_samples,
        "mean_error_bp": target.mean / unit,
        "quantile_99_bp": target.quantile_99 / unit,
        "bound_99_bp": target.bound_99 / unit,
        "largest_error_bp": target.largest / unit,
        "greeks_relative_to_mean_size": {greek.input: greek.relative for greek in target.greeks},
        "processor_seconds_per_price_one_core": seconds,
    }


def train_and_bundle(settings: Settings, work: Path, folder: Path) -> nr.bundles.Bundle:
    """From nothing to a certified bundle."""
    problem = nr.problems.ten_year_bermudan(settings.side)
    began = time.perf_counter()
    network = train(problem, settings, work)
    minutes = (time.perf_counter() - began) / 60.0
    CONSOLE.print(f"labels and training took {minutes:.1f} minutes in this run")
    return nr.bundles.save(folder, network, problem, certify(network, problem, settings, work))


def measure(bundle: nr.bundles.Bundle, settings: Settings, work: Path) -> dict[str, object]:
    """A bundle certified afresh, and timed, on one core."""
    certificate = certify(bundle.surrogate, bundle.problem, settings, work)
    again = dataclasses.replace(
        bundle, headline=certificate.headline, certified=lambda: certificate
    )
    return report(again, costs(again))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", action="store_true", help="train, certify and bundle")
    parser.add_argument("--smoke", action="store_true", help="all of it in miniature, nothing kept")
    parser.add_argument("--side", choices=tuple(NAMES), default="receiver")
    asked = parser.parse_args()
    settings, folder = Settings(side=asked.side), BUNDLES / NAMES[asked.side]
    if asked.smoke:
        with tempfile.TemporaryDirectory() as place:
            work = Path(place)
            measure(
                train_and_bundle(settings.smoke(), work, work / "bundle"), settings.smoke(), work
            )
    elif asked.train:
        report(train_and_bundle(settings, WORK / asked.side, folder), {})
    else:
        use_one_core()
        results = measure(nr.bundles.load(folder), settings, WORK / asked.side)
        save(f"first_surrogate_{asked.side}", results)


if __name__ == "__main__":
    main()
