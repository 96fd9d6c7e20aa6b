"""The two-factor induction: against its own refinement, an independent method and QuantLib; what it costs.

    python -m benchmarks.two_factor_induction [ROW ...] [--cases 500]

Rows: refinement, independent, cost, doors, quantlib, book; all of them where none is named. Each is saved when it is done; the
others stay as they were. Prices are per unit notional; times are processor time on one core, the book's is by the clock.
"""

import argparse
import json
import time
from collections.abc import Callable

import equinox as eqx
import numpy as np
import QuantLib as ql  # noqa: N813
from benchmarks.book import mixed_book
from benchmarks.support.clock import processor_seconds
from benchmarks.support.dated_bermudans import TODAY, dated_bermudan
from benchmarks.support.results import save_part
from benchmarks.support.two_factor_cases import Case, random_case, rights_of, usual_case
from benchmarks.two_factors import CURVES, MODELS, build, theirs, trade

import neuralrates as nr
from neuralrates.desk.verification.tensor import tensor_value
from neuralrates.engines.batches import in_batches
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.engines.two_factor import TwoFactorEngine
from neuralrates.pricers.gaussian.two_factor.options import Wanted, valued

TOLERANCE, FINE = 1e-7, 1e-9

NAMED = {"10NC1": (1.0, 9, 1.0), "30NC1": (1.0, 29, 1.0), "20NC5_semi_annual": (5.0, 30, 0.5)}
"""Usual Bermudans: first exercise after so many years, so many of them, so many years apart."""
PRICE, GRADIENT = Wanted(False), Wanted(True)


def cases_of(count: int, seed: int, fewest: int = 1, most: int = 30) -> list[Case]:
    """Random cases that no part of the method was chosen on, with so many exercises."""
    random = np.random.default_rng([20261201, seed])
    found: list[Case] = []
    while len(found) < count:
        case = random_case(random)
        if fewest <= case.exercises.shape[0] <= most:
            found.append(case)
    return found


def refinement(count: int) -> dict[str, object]:
    """Default and fine setting against twice the nodes, forty lines and a wider plane."""
    rights = rights_of(cases_of(count, 3))
    usual, rules = valued(TOLERANCE, rights, PRICE)
    fine, _ = valued(FINE, rights, PRICE)
    finer = {
        trade: rule._replace(
            tolerance=1e-11, num_points=2 * rule.num_points + 8, num_lines=40, num_slivers=8
        )
        for trade, rule in rules.items()
    }
    exact, _ = valued(1e-11, rights, Wanted(False, errors=False), finer)
    errors, fine_errors = (np.abs(found.values - exact.values) for found in (usual, fine))
    return {
        "cases": count,
        "mean": float(errors.mean()),
        "worst": float(errors.max()),
        "share_within_band": float(np.mean(errors <= usual.errors)),
        "fine_mean": float(fine_errors.mean()),
        "fine_worst": float(fine_errors.max()),
    }


def independent(_: int) -> dict[str, object]:
    """Twenty cases against tensor integration, which has nothing in common with the induction."""
    cases = cases_of(20, 2, fewest=2, most=12)
    ours, _ = valued(TOLERANCE, rights_of(cases), PRICE)
    errors = np.abs(ours.values - [_dense(case) for case in cases])
    return {"cases": len(cases), "mean": float(errors.mean()), "worst": float(errors.max())}


def _dense(case: Case) -> float:
    return tensor_value(case.covariances, case.loadings, case.present_values)


def cost(_: int) -> dict[str, object]:
    """Milliseconds a price with its error, and with all derivatives; one by one and in a batch."""
    found: dict[str, object] = {}
    for name, numbers in NAMED.items():
        case = usual_case(*numbers)
        for size, repeats in ((1, 15), (512, 3)):
            if size > 1 and name != "10NC1":
                continue
            rights = rights_of([case] * size)
            for what, wanted in (("price", PRICE), ("with_derivatives", GRADIENT)):
                seconds = processor_seconds(
                    lambda r=rights, w=wanted: valued(TOLERANCE, r, w)[0].values, repeats
                )
                found[f"{name}_{what}_of_{size}_ms"] = 1e3 * seconds / size
    return found


def doors(_: int) -> dict[str, object]:
    """Milliseconds where users call: the pricer on a model, the engine from a market's numbers, calibration included."""
    case = usual_case(*NAMED["10NC1"])
    times = np.asarray(case.exercises)
    product = nr.products.Swaption(times, times + 1.0, np.ones(times.shape[0]), 0.03, "payer")
    law = build(nr.market.FlatCurve(0.03), MODELS["steepening"])
    pricer = nr.pricers.TwoFactorInduction()
    slopes = eqx.filter_jit(eqx.filter_value_and_grad(lambda at: pricer(at, product).value))
    found: dict[str, object] = {
        "10NC1_pricer_price_ms": 1e3 * processor_seconds(lambda: pricer(law, product).value, 31),
        "10NC1_pricer_gradient_ms": 1e3 * processor_seconds(lambda: slopes(law), 31),
    }
    market = nr.market.load(nr.desk.example.example_files()[1])["USD"]
    shape = MarketShape.of(market.curves, market.swaption_volatility, market.two_factor)
    inputs, engine = shape.inputs(0.03), TwoFactorEngine()
    for name, (first, exercises, frequency) in NAMED.items():
        (batch,) = in_batches([dated_bermudan(first, exercises, frequency)])
        for what, slope in (("price", False), ("all_market_greeks", True)):
            seconds = processor_seconds(
                lambda b=batch, s=slope: engine.assess(b, inputs, shape, s).value, 31
            )
            found[f"{name}_engine_{what}_ms"] = 1e3 * seconds
    return found


def quantlib(_: int) -> dict[str, object]:
    """`FdG2SwaptionEngine` on five exercises: processor time and error on three grids, beside ours; ratios to the finest."""
    law, product = build(CURVES["flat"], MODELS["steepening"]), trade(CURVES["flat"], "receiver", 5)
    exact = float(nr.pricers.TwoFactorInduction(1e-10)(law, product).value)
    usual = nr.pricers.TwoFactorInduction()
    rows = []
    for size in (40, 80, 160):

        def grid(g2: ql.G2, n: int = size) -> object:
            return ql.FdG2SwaptionEngine(g2, n, n, n)

        start = time.process_time()
        value = theirs(law, product, grid)
        rows.append((time.process_time() - start, abs(value - exact)))
    seconds, error = rows[-1]
    own = processor_seconds(lambda: usual(law, product).value, 15)
    reached = abs(float(usual(law, product).value) - exact)
    return {
        "quantlib_seconds": [row[0] for row in rows],
        "quantlib_errors": [row[1] for row in rows],
        "our_seconds": own,
        "our_error": reached,
        "times_faster": seconds / own,
        "times_nearer": error / max(reached, 1e-9),
    }


def book(_: int) -> dict[str, object]:
    """200 mixed dollar trades on the example market, prices and first-order Greeks, first and second time in a process."""
    market = nr.market.load(nr.desk.example.example_files()[1])
    trades = mixed_book(200, "USD", TODAY, 7)
    seconds, processor = [], []
    for _number in range(2):
        start, begun = time.perf_counter(), time.process_time()
        table = nr.price(
            trades,
            market,
            model="two_factor",
            greeks=("zero_delta", "par_delta", "vega"),
            keep_going=True,
        )
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - begun)
    return {
        "trades": len(table),
        "priced": int((table.status == "ok").sum()),
        "first_seconds": seconds[0],
        "warm_seconds": seconds[1],
        "warm_processor_seconds": processor[1],
    }


ROWS: dict[str, Callable[[int], dict[str, object]]] = {
    "refinement": refinement,
    "independent": independent,
    "cost": cost,
    "doors": doors,
    "quantlib": quantlib,
    "book": book,
}


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []])
    parser.add_argument("--cases", type=int, default=500)
    asked = parser.parse_args()
    for name in asked.rows or ROWS:
        found = ROWS[name](asked.cases)
        print(name, json.dumps(found, indent=1))
        save_part("two_factor_induction", name, found)


if __name__ == "__main__":
    main()
