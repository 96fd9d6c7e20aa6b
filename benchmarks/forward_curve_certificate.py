"""The certificate of the learned correction on the forward curve: fresh random trades against tighter bounds.

    python -m benchmarks.forward_curve_certificate judge --rows FOLDER [--count 459]
    python -m benchmarks.forward_curve_certificate write --rows FOLDER

`judge` draws trades from a seed that nothing was learned or chosen from, passes over those that the engine leaves to the
bounds, and bounds each of the others with four times the paths of a label. A trade is a file in FOLDER, written whole or not
at all; a run that was stopped goes on from there. `write` holds prices against the bounds and writes the certificate that the
package ships: the error of a price is its distance from the farther bound and one standard error more, so that the gap is part
of it.
"""

import argparse
import hashlib
import itertools
import json
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from benchmarks.support.clock import processor_seconds, use_one_core
from benchmarks.support.forward_curve_cases import (
    Case,
    Priced,
    known,
    priced,
    priced_of,
    random_case,
    simulation,
    stacked,
)
from benchmarks.support.results import save

from neuralrates.certificates import Certificate, Evidence, OutputErrors, tolerance_bound
from neuralrates.certificates.digests import code_digest
from neuralrates.certificates.evidence import Digests, Floor, Probe
from neuralrates.certificates.statements import statements
from neuralrates.core.units import basis_point
from neuralrates.engines.forward_curve import LARGEST_GAP
from neuralrates.engines.forward_curve_certificate import (
    BAND,
    FILE,
    problem_record,
    settings_digest,
    weights_digest,
)
from neuralrates.engines.forward_curve_correction import shipped
from neuralrates.pricers.primal_dual.policy import fit
from neuralrates.pricers.primal_dual.pricer import PriceBounds, bounded, of_paths

_SEED = 20261209
_FITTED, _PATHS = 2**13, 2**13
_COUNT = 459
"""Trades of which none may exceed a band that 99 percent stay within, with a confidence of 99 percent."""

_CONFIDENCE, _PROBES = 0.99, 8
_TIMED, _FEW_PATHS = 24, 2**12
_BLOCK = 64
_DISTRIBUTION = (
    "random rights of 2 to 20 dates, yearly or half-yearly, first in three months to five years, at most 29 years in all; "
    "Nelson-Siegel curves with forwards above 0.8 percent; normal volatilities of 20 to 150 basis points; strikes within about "
    "three deviations of a forward swap rate; of them those within the domain"
)
_OUTPUT, _AROUND_MIDDLE = "price", "price, against the middle of its bounds"
_NO_OTHER_CODE = "no other code prices rights on the whole forward curve; the error of the bounds is part of every error"


def case_of(number: int) -> Case:
    """A trade of the distribution, by its number among the draws."""
    return random_case(np.random.default_rng([_SEED, number]))


def within_domain() -> Iterator[tuple[int, Case]]:
    """The draws that the correction answers, with their numbers, without end."""
    for start in itertools.count(0, _BLOCK):
        numbers = range(start, start + _BLOCK)
        cases = [case_of(number) for number in numbers]
        answered = ~priced(cases).outside
        yield from itertools.compress(zip(numbers, cases, strict=True), answered)


def judge(count: int, rows: Path) -> None:
    """Bound the trades that have no file yet."""
    rows.mkdir(parents=True, exist_ok=True)
    for number, case in itertools.islice(within_domain(), count):
        file = rows / f"{number:05d}.json"
        if file.exists():
            continue
        squares = known([case]).moves.squares[0]
        start = time.process_time()
        bounds = bounded(simulation(case, squares), _PATHS, _FITTED, seed=number)
        row = {"number": number, **bounds._asdict(), "seconds": time.process_time() - start}
        temporary = file.with_suffix(".tmp")
        temporary.write_text(json.dumps(row) + "\n", encoding="utf-8")
        temporary.replace(file)


class Judged(NamedTuple):
    """Trades, what was said of each, and its bounds, per unit notional.

    Args:
        numbers: of the draws
        found: prices
        bounds: lower, upper, and the standard error of each
        seconds: of processor time that the bounds took
    """

    numbers: list[int]
    found: Priced
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    seconds: np.ndarray

    @property
    def prices(self) -> np.ndarray:
        """With the correction."""
        return self.found.baseline + self.found.correction

    @property
    def middles(self) -> np.ndarray:
        """Of the bounds."""
        lower, upper, _, _ = self.bounds
        return 0.5 * (lower + upper)

    @property
    def known_to(self) -> np.ndarray:
        """Half of the gap, and one standard error of the middle."""
        lower, upper, lower_error, upper_error = self.bounds
        return 0.5 * (np.abs(upper - lower) + lower_error + upper_error)

    @property
    def errors(self) -> np.ndarray:
        """Distance of the prices from the farther bound, and its standard error."""
        lower, upper, lower_error, upper_error = self.bounds
        return np.maximum(upper + upper_error - self.prices, self.prices - lower + lower_error)


def judged(rows: Path) -> Judged:
    """The trades that have a file, if there are as many as a certificate asks for."""
    drawn = list(itertools.islice(within_domain(), _COUNT))
    files = [rows / f"{number:05d}.json" for number, _ in drawn]
    missing = sum(not file.exists() for file in files)
    if missing:
        raise SystemExit(f"{missing} of {_COUNT} trades have no bounds yet: judge first")
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    lower, upper, lower_error, upper_error, seconds = (
        np.array([row[name] for row in found]) for name in (*PriceBounds._fields, "seconds")
    )
    bounds = lower, upper, lower_error, upper_error
    return Judged(
        [number for number, _ in drawn], priced([case for _, case in drawn]), bounds, seconds
    )


def _points(found: Priced, trade: int) -> tuple[float, ...]:
    """Features of the exercises of a trade, one after the other."""
    return tuple(found.features[trade][found.known.rates.alive[trade]].ravel().tolist())


def _errors(output: str, errors: np.ndarray, found: Priced) -> OutputErrors:
    return OutputErrors(
        output=output,
        mean=float(errors.mean()),
        root_mean_square=float(np.sqrt(np.mean(errors**2))),
        median=float(np.median(errors)),
        quantile_95=float(np.quantile(errors, 0.95)),
        quantile_99=float(np.quantile(errors, 0.99)),
        largest=float(errors.max()),
        bound_99=tolerance_bound(errors, 0.99, _CONFIDENCE),
        bound_999=None,
        worst_point=_points(found, int(errors.argmax())),
        greeks=(),
    )


def certificate(of: Judged) -> Certificate:
    """What the judged trades say of the shipped correction."""
    correction, found = shipped(), of.found
    around = np.abs(of.prices - of.middles)
    kinds = {_OUTPUT: of.errors, _AROUND_MIDDLE: around}
    band = tolerance_bound(of.errors / found.deviation, 0.99, _CONFIDENCE)
    most = float(of.known_to.max())
    probes = tuple(
        Probe(_points(found, trade), float(of.middles[trade]), float(of.prices[trade]))
        for trade in range(_PROBES)
    )
    shapes = [(name, part.shape) for name, part in correction.weights._asdict().items()]
    digests = Digests(
        hashlib.sha256(json.dumps(shapes).encode()).hexdigest(),
        weights_digest(correction),
        settings_digest(correction),
        code_digest(),
    )
    return Certificate(
        problem=problem_record(correction) | {BAND: band},
        surrogate=digests.weights,
        key=(0, _SEED),
        num_samples=len(of.numbers),
        confidence=_CONFIDENCE,
        reference_error=most,
        outputs=tuple(_errors(name, errors, found) for name, errors in kinds.items()),
        arbitrage=(),
        schema="neuralrates.certificate/2",
        evidence=Evidence(
            distribution=_DISTRIBUTION,
            statements=(
                *statements(_OUTPUT, of.errors, _CONFIDENCE),
                *statements(_AROUND_MIDDLE, around, _CONFIDENCE),
            ),
            regions=(),
            band=None,
            guard=None,
            floor=Floor(most, "", 0, 0.0, 0.0, _NO_OTHER_CODE),
            probes=probes,
            digests=digests,
        ),
    )


def write(rows: Path) -> dict[str, object]:
    """Write the certificate; what it leaves out, of baseline, bounds and domain."""
    of = judged(rows)
    made = certificate(of)
    file = Path(str(resources.files("neuralrates.engines"))) / FILE
    temporary = file.with_suffix(".tmp")
    temporary.write_text(made.to_json(), encoding="utf-8")
    temporary.replace(file)
    bands = made.problem[BAND] * of.found.deviation
    errors = {
        "baseline_against_middle": np.abs(of.found.baseline - of.middles),
        "corrected_against_middle": np.abs(of.prices - of.middles),
        "corrected_against_farther_bound": of.errors,
        "half_gap_and_standard_error": of.known_to,
        "band": bands,
    }
    return {
        "trades": len(of.numbers),
        "paths": _PATHS,
        "fitted_paths": _FITTED,
        "share_of_draws_within_domain": len(of.numbers) / (of.numbers[-1] + 1),
        "share_with_a_band_that_is_served": float(np.mean(bands <= LARGEST_GAP)),
        "simulation_seconds_mean": float(of.seconds.mean()),
        "speed": speed(of),
        **{f"{name}_basis_points": _spread(found) for name, found in errors.items()},
    }


def speed(of: Judged) -> dict[str, float]:
    """Processor seconds of a price and of bounds by few paths, and how far the first trades are from the middle by each."""
    cases, middles = [case_of(number) for number in of.numbers], of.middles[:_TIMED]
    simulated, seconds = [], []
    for number, case in zip(of.numbers[:_TIMED], cases, strict=False):
        simulate = simulation(case, known([case]).moves.squares[0])
        start = time.process_time()
        paths = simulate(np.random.default_rng([_SEED, number, 1]), _FEW_PATHS)
        simulated.append(of_paths(fit(paths)[1]).middle)
        seconds.append(time.process_time() - start)
    found = {
        "trades": float(_TIMED),
        "paths": float(_FEW_PATHS),
        "simulation_seconds": float(np.mean(seconds)),
        "simulation_error_basis_points": float(np.abs(simulated - middles).mean()) / basis_point,
        "learned_error_basis_points": float(np.abs(of.prices[:_TIMED] - middles).mean())
        / basis_point,
    }
    for name, some in (("batch", cases), ("single", cases[:1])):
        rates, signs = stacked(some), np.array([case.right.sign for case in some])
        each = processor_seconds(lambda r=rates, s=signs: priced_of(r, s), 15) / len(some)
        found |= {f"seconds_{name}": each, f"times_faster_{name}": float(np.mean(seconds)) / each}
    return found


def _spread(values: np.ndarray) -> dict[str, float]:
    return {
        "mean": float(values.mean()) / basis_point,
        "median": float(np.median(values)) / basis_point,
        "99_percent": float(np.quantile(values, 0.99)) / basis_point,
        "worst": float(values.max()) / basis_point,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("judge", "write"))
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=_COUNT)
    given = parser.parse_args()
    if given.what == "judge":
        judge(given.count, given.rows)
    else:
        use_one_core()
        print(save("forward_curve_certificate", write(given.rows)))


if __name__ == "__main__":
    main()
