"""The learned price of annual Bermudans on a market's own curve: labels, training, certificate, bundle.

    python -m benchmarks.annual_bermudan --train --side payer    # labels and network: minutes on a GPU, hours on two cores
    python -m benchmarks.annual_bermudan --bundle --side payer   # certifies that network at fresh points, and bundles it
    python -m benchmarks.annual_bermudan --side payer            # certifies the shipped bundle afresh, and times it
    python -m benchmarks.annual_bermudan --trades 20             # dated trades on each of 16 markets, against the exact engine
    python -m benchmarks.annual_bermudan --smoke                 # the whole way in miniature, nothing kept

Labels, networks and fresh reference prices are kept under `build/annual_bermudan`, or where `--work` says; a run that was
stopped goes on from its labels and its checkpoint. Training lasts `--minutes` at most: the speed of its steps is measured
first, and their number follows. The best network so far is kept in `network` all along.
"""

import argparse
import dataclasses
import importlib
import tempfile
import time
from pathlib import Path

import jax
from benchmarks.support.annual_training import CONSOLE, Settings, kept, say, train
from benchmarks.support.clock import use_one_core
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.problems import Problem

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "annual_bermudan"
BUNDLES = ROOT / "src" / "neuralrates" / "bundles" / "shipped"


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
    """The shipped bundle certified afresh, and timed beside the exact engine, which calibrates."""
    support = importlib.import_module("benchmarks.support.surrogate_cost")  # training does without
    shipped = nr.bundles.load(folder)
    results = report(certify(shipped.surrogate, problem, settings, work))
    use_one_core()
    results["processor_seconds_per_price_one_core"] = seconds = support.costs(shipped)
    for name, value in seconds.items():
        CONSOLE.print(f"{name.replace('_', ' ')}: {1e6 * value:.1f} microseconds")
    save(f"annual_bermudan_{settings.side}", results)


def read_settings() -> tuple[argparse.Namespace, Settings]:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag in ("train", "bundle", "smoke"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("--side", choices=("payer", "receiver"), default="payer")
    parser.add_argument("--trades", type=int, default=0)
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
    if asked.trades:
        support = importlib.import_module("benchmarks.support.annual_trades")
        found = support.against_the_exact_engine(asked.trades)
        CONSOLE.print(found)
        save("annual_bermudan_trades", found)
        return
    if asked.train:
        train(problem, settings, work)
    if asked.bundle:
        bundle(problem, settings, work, folder)
    if not (asked.train or asked.bundle):
        measure(problem, settings, work, folder)


if __name__ == "__main__":
    main()
