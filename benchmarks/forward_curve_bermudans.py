"""Random Bermudans on the whole forward curve: bounds, one factor that moves as the curve does, and its learned correction.

    python -m benchmarks.forward_curve_bermudans judge [--count 100] [--rows FILE]
    python -m benchmarks.forward_curve_bermudans summary [--rows FILE]
    python -m benchmarks.forward_curve_bermudans cost

Trades are fresh: no label was made from their seeds. `judge` bounds each as `nr.pricers.PrimalDual` does, with twice its fresh
paths; a label has an eighth of them and judges itself. Rows are kept in FILE, one JSON object a line, and a run that was
stopped goes on from there. `summary` prices the same trades without simulation, compares, times, and writes the results;
`cost` times again, and leaves the others as they were.
"""

import argparse
import datetime
import json
import time
from pathlib import Path

import numpy as np
from benchmarks.support.clock import processor_seconds, use_one_core
from benchmarks.support.dated_bermudans import dated_bermudan
from benchmarks.support.forward_curve_cases import (
    Case,
    known,
    priced,
    priced_of,
    random_case,
    simulation,
    stacked,
)
from benchmarks.support.results import save, save_part

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.engines.batches import Batch, in_batches
from neuralrates.engines.forward_curve import LearnedCurveEngine
from neuralrates.engines.forward_curve_certificate import BAND, certificate_of
from neuralrates.engines.forward_curve_correction import BASELINE, shipped
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.engines.one_factor import priced_options
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.primal_dual.pricer import bounded

_SEED = 20261128
_PATHS, _MORE = 2**14, 2**15
_GAPS = 50
_BATCH, _DATED = 1000, 500
_EXACT = 1e-10
_TODAY = datetime.date(2024, 3, 19)


def case_of(number: int) -> Case:
    """A fresh trade."""
    return random_case(np.random.default_rng([_SEED, number]))


def judge(count: int, rows: Path) -> None:
    """Bound trades that have no row yet."""
    done = _read(rows)
    for number in range(len(done), count):
        case = case_of(number)
        squares = known([case]).moves.squares[0]
        simulate, start = simulation(case, squares), time.process_time()
        bounds = bounded(simulate, _MORE, _PATHS, seed=0)
        row = {
            "number": number,
            "exercises": len(case.right.exercise_times),
            "seconds": time.process_time() - start,
            **{name: value / basis_point for name, value in bounds._asdict().items()},
        }
        with rows.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _read(rows: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in rows.read_text().splitlines()] if rows.exists() else []


def summary(rows: Path) -> dict[str, object]:
    """What the rows say of each method, and what each costs."""
    done = _read(rows)
    cases = [case_of(number) for number in range(len(done))]
    found = priced(cases)
    lower, upper, lower_error, upper_error, seconds = (
        np.array([row[name] for row in done])
        for name in ("lower", "upper", "lower_error", "upper_error", "seconds")
    )
    middle, errors = 0.5 * (lower + upper), 0.5 * (lower_error + upper_error)
    baseline = found.baseline / basis_point - middle
    corrected = baseline + found.correction / basis_point
    width = certificate_of(shipped()).problem[BAND] * found.deviation / basis_point
    within = ~found.outside
    return {
        "trades": len(done),
        "gap_basis_points": _spread(upper - lower),
        "gap_of_the_first_50_basis_points": _spread((upper - lower)[:_GAPS]),
        "standard_error_basis_points": _spread(errors),
        "baseline_against_middle_basis_points": _spread(np.abs(baseline)),
        "learned_against_middle_basis_points": _spread(np.abs(corrected[within])),
        "learned_trades_in_domain": int(within.sum()),
        "learned_within_band": float(np.mean(np.abs(corrected) <= width, where=within)),
        "band_basis_points": _spread(width),
        "simulation_seconds": _spread(seconds),
        "simulation_half_gap_and_error_basis_points": _spread(0.5 * (upper - lower) + errors),
        "learned_from": shipped().statement["trades_learned_from"],
        "error_of_the_labels_basis_points": shipped().statement["error_of_the_labels_basis_points"],
        "cost": cost(),
    }


def cost() -> dict[str, float]:
    """Processor time of a price on one core: from swap rates and quotes in arrays, and of dated trades by the engine."""
    use_one_core()
    cases = [case_of(10_000 + number) for number in range(_BATCH)]
    found: dict[str, float] = {"trades": _BATCH}
    for name, some in (("batch", cases), ("single", cases[:1])):
        rates, signs = stacked(some), np.array([case.right.sign for case in some])
        seconds = processor_seconds(lambda r=rates, s=signs: priced_of(r, s).baseline, 15)
        found[f"microseconds_a_price_{name}"] = 1e6 * seconds / len(some)
    return found | _baseline_error(cases) | _engine_cost()


def _baseline_error(cases: list[Case]) -> dict[str, float]:
    """Of the factor's prices as they are served, against much finer ones, in basis points of notional."""
    with np.errstate(all="ignore"):
        option = known(cases).option
        usual, exact = (
            priced_options(pricer, option, False, None).options.values
            for pricer in (BASELINE, BackwardInduction(_EXACT))
        )
    errors = np.abs(usual - exact)[np.isfinite(exact)] / basis_point
    return {
        "baseline_error_mean_basis_points": float(errors.mean()),
        "baseline_error_worst_basis_points": float(errors.max()),
    }


def _engine_cost() -> dict[str, float]:
    """Microseconds a dated trade: random dollar Bermudans in a batch, and one of nine yearly dates alone."""
    market = nr.market.load(nr.desk.example.example_files()[1])["USD"]
    shape = MarketShape.of(market.curves, market.swaption_volatility)
    inputs, engine = shape.inputs(0.03), LearnedCurveEngine()
    random = np.random.default_rng(_SEED)
    many = [
        dated_bermudan(int(random.integers(1, 6)), int(random.integers(2, 21)))
        for _ in range(_DATED)
    ]
    found: dict[str, float] = {"dated_trades": _DATED}
    for name, trades in (("batch", many), ("single", [dated_bermudan(1, 9)])):
        batches = in_batches(trades)
        for what, slope in (("price", False), ("all_market_greeks", True)):

            def run(slope: bool = slope, batches: list[Batch] = batches) -> list[np.ndarray]:
                return [engine.assess(one, inputs, shape, slope).value for one in batches]

            seconds = processor_seconds(run, 15 if len(trades) == 1 else 3)
            found[f"engine_microseconds_{what}_{name}"] = 1e6 * seconds / len(trades)
    return found


def _spread(values: np.ndarray) -> dict[str, float]:
    return {
        "mean": float(np.mean(values)),
        "median": float(np.median(values)),
        "99_percent": float(np.quantile(values, 0.99)),
        "worst": float(np.max(values)),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("judge", "summary", "cost"))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--rows", type=Path, default=Path("forward_curve_bermudans.jsonl"))
    given = parser.parse_args()
    if given.what == "judge":
        judge(given.count, given.rows)
    elif given.what == "cost":
        print(save_part("forward_curve_bermudans", "cost", cost()))
    else:
        found = summary(given.rows)
        print(json.dumps(found, indent=2))
        print(save("forward_curve_bermudans", found))


if __name__ == "__main__":
    main()
