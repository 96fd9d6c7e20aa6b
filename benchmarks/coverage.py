"""Coverage of the bands of shipped bundles at fresh points, by region, and walk-forward in time on US curves.

    python -m benchmarks.coverage [NAME ...] [--points 100000] [--draws 4]

Served prices are held against the reference at points that no band, no certificate and no training has seen. Walk-forward: the
band's factor is calibrated on the curves of all years up to one and checked on the next, as a desk would have had to; what lies
outside a domain counts for neither. Reference prices are kept under `build/coverage`.
"""

import argparse
from pathlib import Path
from typing import Any

import jax
import numpy as np
from benchmarks.support.history_points import HISTORY, history_points
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.bundles.bundle import Bundle
from neuralrates.certificates.bounds import proportion_interval
from neuralrates.certificates.conformal import conformal_factor
from neuralrates.certificates.gathering import coordinate_values
from neuralrates.certificates.regions import regions
from neuralrates.core.units import basis_point
from neuralrates.problems.exact_labels import exact_labels, reference_values

SEED = 20_270_601
WORK = Path(__file__).resolve().parents[1] / "build" / "coverage"
SIMULATED = {"forward_caplet": 1024, "forward_swaption": 256}
"""Points where the reference simulates."""
ON_CURVES = (
    "bermudan",
    "bermudan_payer",
    "cancellable_payer",
    "annual_bermudan_payer",
    "annual_bermudan_receiver",
)
CONFIDENCE, LEVEL = 0.99, 0.99
_FIRST_CHECKED = 2004
_BATCH = 2048
_ROUNDING = 1e-12


def main() -> None:
    """Measure and save, bundle by bundle."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage")
    parser.add_argument("names", nargs="*", default=list(nr.bundles.shipped()))
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=4, help="points a day of the history")
    asked = parser.parse_args()
    for name in asked.names:
        bundle = nr.bundles.load(name)
        count = min(asked.points, SIMULATED.get(name, asked.points))
        result = at_fresh_points(bundle, count)
        if name in ON_CURVES and HISTORY.exists():
            result["walk_forward"] = walk_forward(bundle, asked.draws)
        save(f"coverage_{name}", result)
        print(name, {key: value for key, value in result.items() if key != "regions"}, flush=True)


def at_fresh_points(bundle: Bundle, count: int) -> dict[str, Any]:
    """Coverage over all and by region, breaches of the bounds, and false alarms of the guard."""
    labels = exact_labels(
        bundle.problem,
        jax.random.key(SEED),
        count,
        slopes=False,
        joint=bool(
            bundle.problem.control_values(
                bundle.problem.domain.sample(jax.random.key(0), 1)[0]
            ).size
        ),
        folder=WORK / bundle.name,
    )
    x, value = np.asarray(labels.x), np.asarray(labels.value)
    served = bundle.price(x)
    near = served.in_domain
    errors = np.abs(served.value - value[:, 0])[near]
    bands = served.error_band[near]
    found = regions(coordinate_values(bundle.problem, x[near]), errors, bands, CONFIDENCE)
    return {
        "points": count,
        "far": int(np.sum(~near)),
        **_covered(errors, bands),
        "constant_band_bp": bundle.certificate.error_band / basis_point,
        "mean_band_bp": float(np.mean(bands)) / basis_point,
        "lowest_region": min(found, key=lambda one: one.coverage).coverage,
        "regions": [
            {
                "coordinate": one.coordinate,
                "from": one.low,
                "to": one.high,
                "points": one.samples,
                "coverage": one.coverage,
                "interval": [one.coverage_low, one.coverage_high],
            }
            for one in found
        ],
        **_breaches(bundle, x[near], served.value[near]),
    }


def walk_forward(bundle: Bundle, draws: int) -> list[dict[str, Any]]:
    """Coverage year by year, of a factor calibrated on all years before."""
    band = bundle.local.band
    assert band is not None
    x, years = history_points(bundle.problem, draws, SEED)
    served = bundle.price(x)
    near = served.in_domain
    x, years = x[near], years[near]
    errors = np.abs(served.value[near] - _reference(bundle, x))
    ratios = errors / band.scale(x)
    rows = []
    for year in range(_FIRST_CHECKED, int(years.max()) + 1):
        factor = conformal_factor(ratios[years < year], LEVEL)
        ahead = years == year
        rows.append(
            {
                "calibrated_until": year - 1,
                "checked": year,
                "points": int(ahead.sum()),
                "coverage": float(np.mean(ratios[ahead] <= factor)),
                "coverage_of_the_shipped_band": float(np.mean(ratios[ahead] <= band.record.factor)),
                "factor": factor / band.record.factor,
            }
        )
    return rows


def _reference(bundle: Bundle, x: np.ndarray) -> np.ndarray:
    """Reference prices in calls of one size."""
    filled = np.concatenate([x, np.repeat(x[-1:], -len(x) % _BATCH, axis=0)])
    parts = [
        np.asarray(reference_values(bundle.problem, jax.numpy.asarray(filled[k : k + _BATCH])))[
            :, 0
        ]
        for k in range(0, len(filled), _BATCH)
    ]
    return np.concatenate(parts)[: len(x)]


def _covered(errors: np.ndarray, bands: np.ndarray) -> dict[str, Any]:
    covered = int(np.sum(errors <= bands))
    low, high = proportion_interval(covered, errors.size, CONFIDENCE)
    return {"coverage": covered / errors.size, "interval": [low, high]}


def _breaches(bundle: Bundle, x: np.ndarray, value: np.ndarray) -> dict[str, Any]:
    """Prices below the best of the control prices, or above their sum, by more than rounding."""
    problem = bundle.problem
    if problem.bounds is None:
        return {}
    between = jax.jit(lambda x: jax.lax.map(problem.bounds, x, batch_size=256))(
        jax.numpy.asarray(x)
    )
    below, above = np.asarray(between.low) - value, value - np.asarray(between.high)
    return {
        "below_the_lower_bound": int(np.sum(below > _ROUNDING)),
        "above_the_upper_bound": int(np.sum(above > _ROUNDING)),
        "deepest_breach_bp": float(max(below.max(), above.max(), 0.0)) / basis_point,
    }


if __name__ == "__main__":
    main()
