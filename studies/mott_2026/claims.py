"""Claims of the paper and verdicts, from what was measured.

What counts as reproduced was set before the errors of the full run were seen; that it has two sides, after: a figure that is
less than the paper's by more than the same factor is not the paper's either, and the row says so.
"""

from collections.abc import Callable
from typing import Any

from studies.mott_2026.our_claims import OUR_ROWS
from studies.mott_2026.paper_monte_carlo import SCHEMES

Found = dict[str, Any]
Row = tuple[str, str, str, str]
HEAD = ("quantity", "paper", "ours", "verdict")
TABLE_2 = {
    "10": (0.96, 3.10, 8.73e-4),
    "25": (1.18, 4.25, 6.25e-4),
    "35": (1.40, 5.45, 5.69e-4),
    "50": (1.92, 5.91, 5.17e-4),
    "75": (3.49, 2.45, 9.42e-4),
    "100": (5.44, 2.16, 3.75e-4),
    "125": (8.22, 2.53, 7.98e-4),
    "150": (10.08, 2.23, 4.03e-4),
}
"""Of the paper, by K: seconds of a simulated price, microseconds of the network's, mean absolute error."""
AS_GOOD, RIGHT, FLAT = 2.0, 0.01, 1.25
"""Times the paper's error that still counts as reproduced; share of its size that a Greek may miss; growth that is flat."""


PAPER_LOSSES = {"pricing equation": (5e-8, 5e-8), "at expiry": (5e-8, 4e-7)}
"""Of the paper, least and most, whatever K."""


def claims(found: Found) -> list[dict[str, str]]:
    """Rows of the table; of experiments that were not run there are none."""
    rows = [row for name, part in (*OUR_ROWS, *ROWS) if name in found for row in part(found)]
    return [dict(zip(HEAD, row, strict=True)) for row in rows]


def _reproduced(ours: float, least: float, most: float, share: float) -> str:
    """The verdict on a figure of a network that was trained by a share of the paper's schedule; the paper has a range of it."""
    trained = "by its own schedule" if share == 1.0 else f"at {share:.0%} of its epochs"
    if ours > AS_GOOD * most:
        return f"not reached {trained}"
    if ours < least / AS_GOOD:
        return f"{least / ours:.0f} times below the paper's {trained}"
    return f"reproduced {trained}"


def _errors(found: Found) -> list[Row]:
    rows = []
    for nodes, result in _grids(found["paper_network"]):
        held_out, same_days = (result[days]["drawn"]["curve"] for days in ("held_out", "same_days"))
        paper = TABLE_2[nodes][2] if nodes in TABLE_2 else float("inf")
        rows.append(
            (
                f"K = {nodes}: mean absolute error of its network, per unit notional",
                f"{paper:.2e}",
                f"{same_days['mean_absolute']:.2e} on days trained on, {held_out['mean_absolute']:.2e} on others, "
                f"99 percent within {held_out['quantiles']['0.99']:.1e}; mean price "
                f"{result['held_out']['drawn']['mean_price']:.1e}",
                _reproduced(same_days["mean_absolute"], paper, paper, result["share"]),
            )
        )
    return rows


def _zero_strikes(found: Found) -> list[Row]:
    rows = []
    for nodes, result in _grids(found["paper_network"]):
        drawn, zero = (_of_price(result["held_out"][kind]) for kind in ("drawn", "zero_strike"))
        rows.append(
            (
                f"K = {nodes}: mean error at a strike of zero, where the answer was taught",
                "the tightest",
                f"{zero:.1%} of the mean price there, {drawn:.1%} at the strikes drawn",
                "reproduced" if zero < drawn else "not reproduced",
            )
        )
    return rows


def _of_price(result: Found) -> float:
    return float(result["curve"]["mean_absolute"] / result["mean_price"])


def _greeks(found: Found) -> list[Row]:
    rows = []
    for nodes, result in _grids(found["paper_network"]):
        greeks = result["greeks"]
        worst = max(greeks["buckets"].values())
        right = max(greeks["parallel"], greeks["theta"], worst) <= RIGHT
        rows.append(
            (
                f"K = {nodes}: mean error of Greeks over their mean size",
                "free",
                f"parallel delta {greeks['parallel']:.0%} ({greeks['parallel_with_parameters']:.0%} with the "
                f"parameters moved along), worst bucket {worst:.0%}, theta {greeks['theta']:.0%}, gamma "
                f"{greeks['gamma']:.0%}",
                "right" if right else "free, but not right",
            )
        )
    return rows


def _losses(found: Found) -> list[Row]:
    rows = []
    for nodes, result in _grids(found["paper_training"]):
        share, ours = result["share"], [result["parts"][part] for part in PAPER_LOSSES]
        verdicts = [
            _reproduced(loss, *PAPER_LOSSES[part], share)
            for part, loss in zip(PAPER_LOSSES, ours, strict=True)
        ]
        rows.append(
            (
                f"K = {nodes}: losses after training: pricing equation, at expiry",
                "5e-8, 5e-8 to 4e-7",
                ", ".join(f"{loss:.1e}" for loss in ours),
                "; ".join(dict.fromkeys(verdicts)),
            )
        )
    return rows


def _without(found: Found) -> list[Row]:
    """Figures that need no learning, at the contracts of the paper's network."""
    rows = []
    for nodes, result in _grids(found["without_network"]):
        sizes = {
            name: [result[days][name]["mean_absolute"] for days in ("same_days", "held_out")]
            for name in ("intrinsic", "frozen")
        }
        paper = TABLE_2[nodes][2] if nodes in TABLE_2 else float("inf")
        closer = min(sizes["frozen"]) < paper
        rows.append(
            (
                f"K = {nodes}: the same contracts without a network: time value zero; Gaussian formula, frozen volatility",
                f"{paper:.2e}, network",
                "; ".join(
                    f"{name} {same:.2e} on days trained on, {held:.2e} on others"
                    for name, (same, held) in sizes.items()
                ),
                "the formula is closer than the paper's network" if closer else "measured",
            )
        )
    return rows


def _filters(found: Found) -> list[Row]:
    """The paper's share of removed days beside each filter's, on histories alike."""
    results = {name: found["filters"][name] for name in ("whole history", "official days")}
    every = {name: result["share"] for name, result in results.items()}
    alone = {name: result["share by quantiles"] for name, result in results.items()}
    shown = "; ".join(
        f"{name} ({results[name]['days']:,} days): all filters {every[name]:.1%}, its quantiles alone {alone[name]:.1%}"
        for name in results
    )
    return [
        (
            "days removed by the filters",
            "about 10 percent",
            shown,
            "refuted" if min(alone.values()) > AS_GOOD * 0.1 else "reproduced",
        )
    ]


CAPLET_PRICE = 6.3e-3
"""Mean price of the contracts of the paper on 50 nodes, by which its error there is eight percent of a price."""


def _constant(found: Found) -> list[Row]:
    """Equation 12; what counts was set before the network was trained."""
    result, paper = found["constant_volatility"], TABLE_2["50"][2]
    same, held = (result[days]["network"] for days in ("same_days", "held_out"))
    return [
        (
            "K = 50: its network under constant volatility (equation 12), parameters held constant, against the closed form",
            "no figure; with local volatility 5.17e-04",
            f"{same['mean_absolute']:.2e} on days trained on, {held['mean_absolute']:.2e} on others; intrinsic value "
            f"{result['held_out']['intrinsic']['mean_absolute']:.2e}",
            "reproduced" if same["mean_absolute"] <= AS_GOOD * paper else "not reproduced",
        )
    ]


def _residual(found: Found) -> list[Row]:
    """Another terminal condition and nothing else: shown at the share of a price that its caplets miss."""
    result = found["residual_swaption"]
    held, ours = result["held_out"], result["ours"]
    network, price = held["network"]["mean_absolute"], held["mean_price"]
    intrinsic = held["intrinsic"]["mean_absolute"]
    shown = network / price <= AS_GOOD * TABLE_2["50"][2] / CAPLET_PRICE and network < intrinsic
    return [
        (
            "European swaptions, up to 5 years into 1 to 5, K = 41: its trainer with another terminal condition and no more",
            "claimed, not shown",
            f"{network:.1e}, {network / price:.0%} of the mean price; intrinsic value {intrinsic:.1e}; our correction on "
            f"the same contracts {ours['mean_absolute']:.1e}",
            "shown" if shown else "not shown",
        )
    ]


def _simulation(found: Found) -> list[Row]:
    rows = []
    for nodes, schemes in _grids(found["paper_monte_carlo"]):
        for name, result in ((name, schemes[name]) for name in SCHEMES):
            rows.append(
                (
                    f"K = {nodes}: its simulation, {name}, {result['contracts']} contracts",
                    f"{TABLE_2[nodes][0]} s",
                    _simulated(result),
                    "measured" if result["failed"] == 0 else "unstable",
                )
            )
    return rows


def _simulated(result: Found) -> str:
    if result["mean_absolute"] is None:
        return f"{result['seconds']:.2f} s; every price is absurd"
    failed = f"; {result['failed']} prices are absurd" if result["failed"] else ""
    return (
        f"{result['seconds']:.2f} s; mean absolute error {result['mean_absolute']:.1e}, bias "
        f"{result['mean']:+.1e} +- {result['mean_deviation']:.1e}, standard error of a price "
        f"{result['standard_error']:.1e}{failed}"
    )


def _inference(found: Found) -> list[Row]:
    times = _grids(found["inference"])
    prices, greeks = (
        ", ".join(f"{result[kind]:.1f}" for _, result in times)
        for kind in ("price", "price_and_greeks")
    )
    row = (
        f"microseconds per price, batches of 1,000, K = {', '.join(nodes for nodes, _ in times)}",
        ", ".join(f"{TABLE_2[nodes][1]}" for nodes, _ in times) + " on a GPU",
        f"{prices} on this machine's processor; with all derivatives {greeks}",
        "measured",
    )
    return [row, _flat("time of a price", [(k, v["price"]) for k, v in times])]


def _growth(found: Found) -> list[Row]:
    return [_flat("time of a training step", _grids(found["growth"]))]


def _flat(what: str, times: list[tuple[str, float]]) -> Row:
    (first, low), (last, high) = times[0], times[-1]
    return (
        f"{what}, K = {last} over K = {first}",
        "flat",
        f"{high / low:.2f}",
        "reproduced" if high <= FLAT * low else "not reproduced",
    )


def _ratios(found: Found) -> list[Row]:
    """One simulated price over one of the network's, where both were timed."""
    rows = []
    for nodes, schemes in _grids(found["paper_monte_carlo"]):
        if nodes not in found.get("inference", {}):
            continue
        ratio = schemes["upwind, weekly"]["seconds"] / found["inference"][nodes]["price"] * 1e6
        paper = TABLE_2[nodes][0] / TABLE_2[nodes][1] * 1e6
        rows.append(
            (
                f"K = {nodes}: time of one simulated price over one of the network's in a batch of 1,000",
                f"{paper:,.0f}",
                f"{ratio:,.0f}, one machine; the simulated price is the closer one",
                "measured",
            )
        )
    return rows


def _grids(results: Found) -> list[tuple[str, Any]]:
    """Results by K, in its order; what else is kept beside them is left out."""
    return sorted(((k, v) for k, v in results.items() if k.isdigit()), key=lambda kv: int(kv[0]))


ROWS: tuple[tuple[str, Callable[[Found], list[Row]]], ...] = (
    ("paper_training", _losses),
    ("paper_network", _errors),
    ("paper_network", _zero_strikes),
    ("paper_network", _greeks),
    ("paper_monte_carlo", _simulation),
    ("inference", _inference),
    ("growth", _growth),
    ("paper_monte_carlo", _ratios),
    ("without_network", _without),
    ("filters", _filters),
    ("constant_volatility", _constant),
    ("residual_swaption", _residual),
)
