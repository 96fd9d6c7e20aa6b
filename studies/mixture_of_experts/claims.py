"""Claims and verdicts, one row each, from what was measured."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

Found = dict[str, Any]
Row = tuple[str, str, str, str]
HEAD = ("claim", "article", "ours", "verdict")
CONFIDENCE = 0.95
MIXTURES = (
    "lean",
    "instrument-15",
    "instrument-19",
    "regime-15",
    "regime-19",
    "both-15",
    "both-19",
)
SIZES = {"one": "one by one", "batch": "in batches"}
CHOOSING = 1
"""First seeds, which choose among the mixtures and are left out of what is then said of the chosen one."""


def claims(found: Found) -> list[dict[str, str]]:
    """Rows of the table; of experiments that were not run there are none."""
    rows = [row(found) for needed, row in ROWS if all(name in found for name in needed)]
    return [dict(zip(HEAD, row, strict=True)) for row in rows]


def interval(values: list[float]) -> tuple[float, float, float]:
    """Mean and its 95 percent confidence interval over seeds, by Student's law."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, -np.inf, np.inf
    reach = stats.t.ppf(0.5 + 0.5 * CONFIDENCE, len(values) - 1) * stats.sem(values)
    return mean, mean - reach, mean + reach


def _over(found: Found, name: str, other: str, field: str) -> list[float]:
    """Ratios seed by seed, of the seeds that did not choose the mixture; of that one where it is alone."""
    results = found["comparison"]
    ratios = [
        one[field] / two[field] for one, two in zip(results[name], results[other], strict=True)
    ]
    return ratios[CHOOSING:] or ratios


def _shown(values: list[float]) -> str:
    mean, least, most = interval(values)
    if len(values) < 2:
        return f"{mean:.2f} (one seed)"
    return f"{mean:.2f} ({max(0.0, least):.2f} to {most:.2f}, {len(values)} seeds)"


def _candidates(found: Found) -> dict[str, float]:
    """Errors over the dense network's, on the choosing seed, of the mixtures that every seed has."""
    results = found["comparison"]
    dense = results["dense"]
    return {
        name: results[name][0]["relative"] / dense[0]["relative"]
        for name in MIXTURES
        if len(results.get(name, ())) == len(dense)
    }


def best_mixture(found: Found) -> str:
    """The article's network with the lowest error on the choosing seed, which is reported for the others."""
    errors = _candidates(found)
    return min(errors, key=lambda name: errors[name])


def _verdict(reached: bool) -> str:
    return "reached" if reached else "not reached"


def _at_most(ratios: list[float], bound: float) -> str:
    """Verdict by the upper end of the interval; of one seed the ratio itself."""
    if len(ratios) < 2:
        return f"{_verdict(ratios[0] <= bound)} on one seed"
    return _verdict(interval(ratios)[2] <= bound)


def _faster(found: Found) -> Row:
    """Of the article's networks that are no worse than the dense one on the choosing seed, the fastest."""
    one, many = (found["speed"][f"batch {size}"]["ratio"] for size in (1, 10_000))
    errors = {name: error for name, error in _candidates(found).items() if name in one}
    good = [name for name in errors if errors[name] <= 1.0] or list(errors)
    name = max(good, key=lambda name: min(one[name], many[name]))
    held = {who: _over(found, who, "dense", "relative") for who in (name, "ours")}
    shown = "; ".join(
        f"{who}: {one[who]:.1f} times one by one, {many[who]:.1f} times in batches, error times {interval(ratios)[0]:.3f}"
        for who, ratios in held.items()
    )
    return (
        "faster than the dense 31-layer network at equal or lower error, one by one and in batches of 10,000: 4 times",
        "up to 4 times",
        shown,
        _verdict(min(one[name], many[name]) >= 4.0 and interval(held[name])[0] <= 1.0),
    )


def _lower(found: Found) -> Row:
    name = best_mixture(found)
    ratios = _over(found, name, "dense", "relative")
    return (
        "error below the dense 31-layer network's: 25 percent",
        "20 to 25 percent",
        f"error times {_shown(ratios)} ({name})",
        _at_most(ratios, 0.75),
    )


def _budget(found: Found) -> Row:
    """Ours against the best engine at the same time, the dearer of one by one and batches; no win where there is none."""
    results = found["time_budget"]["instruments"]
    rivals = {name: [one[f"rival_bp_{size}"] for size in SIZES] for name, one in results.items()}
    alone = [name.replace("_", " ") for name, least in rivals.items() if None in least]
    reached = sum(
        results[n]["error_bp"] <= 0.7 * min(r) for n, r in rivals.items() if None not in r
    )
    verdict = f"reached for {reached} of {len(results) - len(alone)} instruments"
    if alone:
        verdict += f"; no grid is quick enough to be compared for: {', '.join(alone)}"
    won = [name.replace("_", " ") for name in results if "house" in _winners(results[name])]
    if won:
        verdict += f"; but the house's own engine is closer in no more time for: {', '.join(won)}"
    return (
        "error below Monte Carlo and finite differences at the same time per price: 30 percent (ours)",
        "30 percent",
        "; ".join(f"{name.replace('_', ' ')} {_beside(one)}" for name, one in results.items()),
        verdict,
    )


def _beside(one: Found) -> str:
    against = []
    for size, words in SIZES.items():
        rival, micro = one[f"rival_bp_{size}"], 1e6 * one[f"seconds_{size}"]
        least = "no grid quick enough" if rival is None else f"{rival:.2f}"
        against.append(f"{least} {words} ({micro:.{0 if size == 'one' else 1}f} us)")
    return f"{one['error_bp']:.2f} bp against {', '.join(against)}"


def _winners(one: Found) -> tuple[str, ...]:
    """Whose error is the least at our time, one by one and in batches: the network's, or an engine's of the house."""
    least = [one[f"house_bp_{size}"] for size in SIZES]
    return tuple("network" if bp is None or bp > one["error_bp"] else "house" for bp in least)


def _house(found: Found) -> Row:
    """The house's own engines, which need no training, beside the network; where they win, the row says so."""
    results = found["time_budget"]["instruments"]
    verdicts = []
    for words, place in (("one by one", 0), ("in batches", 1)):
        won = [
            name.replace("_", " ") for name in results if _winners(results[name])[place] == "house"
        ]
        verdicts.append(f"{words} the exact engine wins for {', '.join(won) or 'none'}")
    return (
        "the house's own engines without a network, from the same inputs: closer in no more time than the network",
        "not compared",
        "; ".join(
            f"{name.replace('_', ' ')} {_engine_beside(one)}" for name, one in results.items()
        ),
        "; ".join(verdicts) + "; the network for the others",
    )


def _engine_beside(one: Found) -> str:
    """The network's error and times, and the engine's that is closest in no more time, or else the quickest's."""
    shown = [f"network {one['error_bp']:.2g} bp"]
    for size, words in SIZES.items():
        mine = one[f"seconds_{size}"]
        quick = [e for e in one["house"] if e[f"seconds_{size}"] <= mine]
        best = (
            min(quick, key=lambda e: e["error_bp"])
            if quick
            else min(one["house"], key=lambda e: e[f"seconds_{size}"])
        )
        shown.append(
            f"{words} {1e6 * mine:.3g} us, {best['engine']} {best['error_bp']:.2g} bp "
            f"in {1e6 * best[f'seconds_{size}']:.3g}"
        )
    return ", ".join(shown)


def _notes(found: Found) -> Row:
    cents = found["notes"]["mean_absolute_cents"]
    name = "ours, trained on earlier auctions"
    median = found["notes"]["median_absolute_cents"][name]
    return (
        "real reopenings of floating rate notes 2020 to 2022, held out: 1 cent per 100",
        "not measured",
        "; ".join(f"{who} {value:.2f}" for who, value in cents.items())
        + f" cents; median of ours on earlier auctions {median:.2f}; fitted in hindsight, the least that a line through "
        f"the inputs leaves, {found['notes']['hindsight_cents']:.2f}",
        _verdict(cents[name] <= 1.0),
    )


def _variance(found: Found) -> Row:
    shown, higher = [], []
    for rival in ("boosted trees", "random forest"):
        for name in (best_mixture(found), "ours"):
            ratios = _over(found, rival, name, "variance")
            shown.append(f"{rival} over {name} {_shown(ratios)}")
            higher.append(interval(ratios)[0])
    against_article, against_ours = higher[::2], higher[1::2]
    verdict = "reached" if min(against_article) >= 1.35 else "refuted"
    ours = "reached" if min(against_ours) >= 1.35 else "refuted"
    return (
        "variance of errors of boosted trees and forests: 35 percent higher",
        "35 percent higher",
        "; ".join(shown),
        f"against the article's network {verdict}, against ours {ours}",
    )


def _ours(found: Found) -> Row:
    results, name = found["comparison"], best_mixture(found)
    ratios = _over(found, "ours", name, "relative")
    work = results["ours"][0]["operations"] / results[name][0]["operations"]
    return (
        "our variant: a tenth of the error of the article's network at a quarter of its operations",
        "-",
        f"error times {interval(ratios)[0]:.4f} at {work:.2f} of the operations ({name})",
        _at_most(ratios, 0.1) if work <= 0.25 else _verdict(False),
    )


def _gate(found: Found) -> Row:
    runs = [run for results in found["reliability"].values() for run in results]
    per = min(len(results) for results in found["reliability"].values())
    collapsed = sum(run["collapsed"] > 0 for run in runs)
    smallest = min(run["smallest_share"] for run in runs)
    return (
        "gate: none collapses in ten seeds",
        "not reliable",
        f"{collapsed} of {len(runs)} gates, {per} seeds; smallest share {smallest:.2f} of the fair one",
        _verdict(collapsed == 0) if per >= 10 else f"{_verdict(collapsed == 0)} in {per} seeds",
    )


def _unlabelled(found: Found) -> Row:
    """Gates without part labels, trained with trunk and experts; the better weight of the penalty decides."""
    shown, seeds = [], set()
    collapsed: dict[str, int] = {}
    for partition, by_weight in found["unlabelled_gates"].items():
        for weight, runs in by_weight.items():
            own = sum(run["collapsed"] > 0 for run in runs)
            shown.append(
                f"as many experts as {partition}s, weight {weight}: {own} of {len(runs)} collapse, smallest share "
                f"{min(run['smallest_share'] for run in runs):.2f} of an even one, "
                f"{np.mean([run['of_its_commonest_part'] for run in runs]):.0%} of an expert's samples of one {partition}, "
                f"error {np.mean([run['relative'] for run in runs]):.2f} spreads"
            )
            seeds.add(len(runs))
            collapsed[weight] = collapsed.get(weight, 0) + own
    least = min(collapsed.values())
    return (
        "gate trained end to end, without part labels and without the instrument's columns: none collapses in ten seeds",
        "not reliable",
        "; ".join(shown),
        _verdict(least == 0) + ("" if min(seeds) >= 10 else f" in {min(seeds)} seeds"),
    )


def _changes(found: Found) -> Row:
    """Over the seeds, on average: how many of the changes are seen, and what else is said in the hidden months."""
    seeds = found["regime_changes"]["seeds"].values()
    seen, false, delays = [], [], []
    for changes in seeds:
        late = [change["delays"][0] for change in changes.values()]
        delays.append(f"({_delays(late)})")
        seen.append(sum(delay is not None for delay in late))
        days = sum(change["days"] for change in changes.values())
        false.append(sum(change["false"] for change in changes.values()) * 252.0 / days)
    leads = [change["leader"] for change in found["regime_changes"]["changes"].values()]
    others = sum(lead["others"] for lead in leads) * 252.0 / sum(lead["days"] for lead in leads)
    reached = _verdict(bool(np.mean(seen) >= 2.0 and np.mean(false) <= 1.0))
    return (
        "two of three regime changes seen within 10 trading days, at most one false alarm a year, months held out",
        "gates reveal shifts",
        f"delays in days, seed by seed: {', '.join(delays)}; {np.mean(seen):.1f} seen and {np.mean(false):.1f} false alarms a "
        f"year on average; by the expert in the lead, first seed, {_delays([lead['delay'] for lead in leads])}; {others:.1f} "
        "other changes of lead a year",
        reached if len(delays) > 1 else f"{reached}, one seed",
    )


def _detector(found: Found) -> Row:
    """The detector that was chosen before 2020, and what the others would have seen."""
    result = found["detector"]
    chosen = result["detectors"][result["chosen"]]
    seen = {
        name: sum(delay is not None for delay in part["after"]["delays"])
        for name, part in result["detectors"].items()
    }
    early = [delay is not None for delay in chosen["before"]["delays"]]
    after = chosen["after"]
    return (
        "two of three regime changes seen within 10 trading days, one false alarm a year at most: a detector of before 2020",
        "gates reveal shifts",
        f"{result['chosen']}: delays in days {_delays(after['delays'])}, {after['false_a_year']:.1f} false alarms a year "
        f"({sum(early)} of {len(early)} turning points of 2003 to 2019); of {len(seen)} detectors the best sees "
        f"{max(seen.values())} of {len(after['delays'])}",
        _verdict(seen[result["chosen"]] >= 2 and after["false_a_year"] <= 1.0),
    )


def _delays(delays: list[int | None]) -> str:
    return ", ".join("missed" if delay is None else f"{delay}" for delay in delays)


def _transfer(found: Found) -> Row:
    results = found["transfer"]
    across, refitted, own = (
        float(np.mean(results[name]))
        for name in ("trained on options", "options, output refitted to notes", "trained on notes")
    )
    mean = float(np.mean(results["mean of the notes"]))
    return (
        "trained on options, priced on floating rate notes",
        "captures the macro correlations",
        f"{across:.1f} bp, with the output refitted {refitted:.1f} bp; trained on notes {own:.1f} bp; "
        f"their mean {mean:.1f} bp",
        "reproduced" if across <= 1.1 * own else "refuted",
    )


def _hedging(found: Found) -> Row:
    def deviation(owner: str) -> float:
        return float(
            np.mean(
                [
                    regime[f"delta and vega, {owner}"]["deviation_bp"]
                    for regime in found["hedging"].values()
                ]
            )
        )

    regimes = found["hedging"].values()
    inside = np.mean([regime["delta and vega, ours"]["inside"] for regime in regimes])
    owners = ("ours", "Heston", "Black-Scholes", "article", "dense")
    shown = ", ".join(f"{owner} {deviation(owner):.1f} bp" for owner in owners)
    return (
        "delta and vega hedging with the network's Greeks, deviation of the hedging error",
        "left open",
        f"{shown} of spot; the networks' own Greeks on {inside:.1%} of dates, the model's where they were not trained",
        "measured",
    )


ROWS: tuple[tuple[tuple[str, ...], Callable[[Found], Row]], ...] = (
    (("comparison", "speed"), _faster),
    (("comparison",), _lower),
    (("time_budget",), _budget),
    (("comparison",), _variance),
    (("comparison",), _ours),
    (("notes",), _notes),
    (("reliability",), _gate),
    (("regime_changes",), _changes),
    (("transfer",), _transfer),
    (("hedging",), _hedging),
    (("time_budget",), _house),
    (("detector",), _detector),
    (("unlabelled_gates",), _unlabelled),
)
