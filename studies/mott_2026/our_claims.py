"""Rows of the table on our own networks, and the marks that they are to reach."""

from collections.abc import Callable
from typing import Any

Found = dict[str, Any]
Row = tuple[str, str, str, str]
CAPLET, CAPLET_TAIL, COARSE, SWAPTION = 1e-6, 1e-5, 1e-5, 1e-5
GREEK, TRAINING = 0.01, 900.0
PRICE_TIMES, GREEKS_TIME = {"50": 1.0, "150": 3.0}, 5.0


def _verdict(reached: bool) -> str:
    return "reached" if reached else "not reached"


def _caplets(found: Found) -> list[Row]:
    results = found["caplets"]
    fine = {k: results[k]["network"] for k in ("25", "50", "100", "150")}
    mean = max(r["mean_absolute"] for r in fine.values())
    tail = max(r["quantiles"]["0.99"] for r in fine.values())
    coarse = results["10"]["network"]["mean_absolute"]
    formula = results["50"]["formula on the nodes"]["mean_absolute"]
    return [
        (
            "caplets, ours, K = 25 to 150: mean absolute error per unit notional 1e-6, 99 percent within 1e-5",
            "3.75e-4 to 9.42e-4",
            f"at most {mean:.1e}, 99 percent within {tail:.1e}; the formula under it {formula:.1e} at K = 50; reference "
            f"{results['standard error']['mean_absolute']:.1e}",
            _verdict(mean <= CAPLET and tail <= CAPLET_TAIL),
        ),
        ("caplets, ours, K = 10: 1e-5", "8.73e-4", f"{coarse:.1e}", _verdict(coarse <= COARSE)),
        (
            "caplets without a network, whole curve",
            "not shown",
            "; ".join(
                f"{name} {results[name]['mean_absolute']:.1e}"
                for name in ("frozen volatility", "square root")
            ),
            "the second formula is a thousand times closer than the paper's networks",
        ),
    ]


def _swaptions(found: Found) -> list[Row]:
    results = found["swaptions"]
    ours = {k: results[k]["network"]["mean_absolute"] for k in ("50", "150")}
    tails = [results[k]["network"]["quantiles"]["0.99"] for k in ours]
    return [
        (
            "European swaptions, 1 to 10 years into 1 to 10, K = 50 and 150: 1e-5",
            "claimed possible",
            f"{ours['50']:.1e} and {ours['150']:.1e}, 99 percent within {max(tails):.1e}; constant elasticity "
            f"{results['constant elasticity']['mean_absolute']:.1e}, with the rate's own elasticity "
            f"{results['square root']['mean_absolute']:.1e}; reference {results['standard error']['mean_absolute']:.1e}",
            _verdict(max(ours.values()) <= SWAPTION),
        )
    ]


def _greeks(found: Found) -> list[Row]:
    rows = []
    for kind in ("caplet", "swaption"):
        result = found["our_greeks"][kind]
        errors, noise = result["errors"], result["noise"]
        worst = max((name for name in errors if name.endswith("years")), key=errors.__getitem__)
        names = ("parallel", "theta", "vega", "gamma", worst)
        shown = ", ".join(f"{name} {errors[name]:.2%} (noise {noise[name]:.2%})" for name in names)
        rows.append(
            (
                f"{kind}s, ours, K = 50: mean error of Greeks over their mean size, 1 percent; the worst bucket last",
                "claimed free",
                shown,
                _verdict(max(errors[name] for name in names) <= GREEK),
            )
        )
    return rows


def _costs(found: Found) -> list[Row]:
    rows = []
    for kind in ("caplet", "swaption"):
        result = found["our_costs"][kind]
        prices = {k: result[k]["price"] for k in PRICE_TIMES}
        greeks = {k: result[k]["price_and_greeks"] for k in PRICE_TIMES}
        reached = all(prices[k] <= most for k, most in PRICE_TIMES.items())
        rows += [
            (
                f"{kind}s, ours: microseconds per price, batches of 1,000, two cores: 1 at K = 50, 3 at K = 150; Greeks 5",
                "2.2 to 5.9 on a GPU",
                f"{prices['50']:.1f} and {prices['150']:.1f}; with all derivatives {greeks['50']:.1f} and {greeks['150']:.1f}",
                _verdict(reached and max(greeks.values()) <= GREEKS_TIME),
            ),
            (
                f"{kind}s, ours: labels and training, one network for every K, 15 minutes",
                "1 hour on a GPU for each K",
                f"{result['training_seconds']:.0f} processor seconds",
                _verdict(result["training_seconds"] <= TRAINING),
            ),
        ]
    sizes = found["our_costs"]["caplet"]
    growth = sizes["150"]["price"] / sizes["10"]["price"]
    return [
        *rows,
        (
            "caplets, ours: time of a price, K = 150 over K = 10",
            "flat",
            f"{growth:.2f}",
            "measured",
        ),
    ]


def _equal_accuracy(found: Found) -> list[Row]:
    rows = []
    for kind in ("caplet", "swaption"):
        result = found["equal_accuracy"][kind]
        rows.append(
            (
                f"{kind}s, ours: time of our own simulation of equal accuracy over that of a price",
                "257,440 to 4,522,638, over its own",
                f"{result['ratio']:,.0f} ({result['paths']} paths, standard error {result['standard error']:.1e})",
                "measured",
            )
        )
    return rows + _over_the_papers(found)


def _over_the_papers(found: Found) -> list[Row]:
    if "50" not in found.get("paper_monte_carlo", {}):
        return []
    seconds = found["paper_monte_carlo"]["50"]["upwind, weekly"]["seconds"]
    ratio = seconds / (found["our_costs"]["caplet"]["50"]["price"] * 1e-6)
    return [
        (
            "caplets, ours, K = 50: time of the paper's simulation over that of a price",
            "324,690",
            f"{ratio:,.0f}, and the price is the closer one",
            "measured",
        )
    ]


OUR_ROWS: tuple[tuple[str, Callable[[Found], list[Row]]], ...] = (
    ("caplets", _caplets),
    ("swaptions", _swaptions),
    ("our_greeks", _greeks),
    ("our_costs", _costs),
    ("equal_accuracy", _equal_accuracy),
)
