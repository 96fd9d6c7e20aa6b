"""How each shipped bundle was trained and what it was measured against, in words from settings and committed results."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks import first_surrogate
from benchmarks.support import annual_training
from studies.gomez_casanova_2024 import settings as gomez_casanova
from studies.mott_2026 import settings as mott

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src" / "neuralrates" / "bundles" / "development"
Record = dict[str, Any]
_MUON = "Muon, learning rate {:g}, cosine decay"


def records() -> dict[str, str]:
    """The record of every shipped bundle as the JSON text that the package holds."""
    made = {name: make() for name, make in _RECORDS.items()}
    return {
        name: json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        for name, record in made.items()
    }


def bermudan(side: str) -> Record:
    """The first surrogates."""
    s = first_surrogate.Settings(side=side)
    option = "" if side == "receiver" else " --side payer"
    development = {
        "labels": f"{s.num_samples:,} exact values with exact derivatives, uniform over the domain (key {s.label_key})",
        "validation": f"{s.num_validation:,} more (key {s.validation_key}), watched during training",
        "loss": "squared errors of values and derivatives together, each over its own spread",
        "optimiser": _MUON.format(s.learning_rate),
        "training": f"{s.num_steps:,} steps of {s.batch} samples (key {s.training_key})",
        "command": f"python -m benchmarks.first_surrogate --train{option}",
        "recorded in": "`benchmarks/first_surrogate.py`",
    }
    return _record(development, [*_first_costs(side), *_bundling()])


def annual_bermudan(side: str) -> Record:
    """The annual Bermudans; their number of steps was what fitted into the minutes of a GPU, and is not kept."""
    s = annual_training.Settings(side=side)
    development = {
        "labels": f"{s.samples:,} exact values with exact derivatives, drawn by the domain's law",
        "validation": f"{s.validation:,} more; the network with the smallest mean error on them is kept",
        "loss": "squared errors of what the baseline misses, values and derivatives together",
        "optimiser": _MUON.format(s.learning_rate),
        "training": f"batches of {s.batch:,}, for as many steps as fitted into the minutes of a GPU; their number is not kept",
        "command": f"python -m benchmarks.annual_bermudan --train --side {side}",
        "recorded in": "`benchmarks/support/annual_training.py`, defaults of the command",
    }
    return _record(development, [*_annual_costs(side), _annual_trades()])


def cancellable(held: bool) -> Record:
    """The networks of joint learning."""
    full = gomez_casanova.FULL
    how, count = (full.held, full.held_samples) if held else (full.exact, full.exact_samples)
    development = {
        "labels": f"{count:,} exact values of all ten outputs with exact derivatives, drawn by the domain's law",
        "loss": "squared errors of what the closed forms miss, values and derivatives of all outputs together (joint learning)",
        "optimiser": _MUON.format(how.learning_rate),
        "training": f"{how.num_steps:,} steps of {how.batch} samples",
        "command": f"python -m studies.gomez_casanova_2024.bundle {'held' if held else 'today'}",
        "recorded in": "`studies/gomez_casanova_2024/settings.py`",
    }
    chosen = [7] if held else [5, 1, 2, 3, 4, 8]
    return _record(development, _claims("gomez_casanova_2024", chosen, "claim", "measured"))


def forward(kind: str) -> Record:
    """The corrections on the forward curve."""
    which, s = ("caplet", "swaption").index(kind), mott.FULL.corrections
    slopes = s.num_slopes[which]
    development = {
        "labels": f"{s.num_labels[which]:,} values simulated on few paths"
        + (f", derivatives at {slopes:,} points" if slopes else ""),
        "loss": "squared errors of what the closed form misses"
        + (", derivatives at a small weight" if slopes else "; values alone"),
        "optimiser": "Muon, cosine decay",
        "training": f"{s.num_steps:,} steps",
        "command": "python -m studies.mott_2026.bundle",
        "recorded in": "`studies/mott_2026/settings.py`, `studies/mott_2026/corrections.py`",
    }
    chosen = [0, 2, 18, 7, 11, 13] if kind == "caplet" else [3, 5, 9, 12]
    return _record(development, _claims("mott_2026", chosen, "quantity", "ours"))


def nine_instruments() -> Record:
    """The mixture of experts."""
    from studies.mixture_of_experts import bundle as made

    recipe = made.RECIPE
    development = {
        "labels": f"{made.SAMPLES:,} exact values with exact derivatives, drawn by the domain's law (key {made.LABEL_KEY})",
        "loss": "squared errors of what the cheap prices miss, values and derivatives together, per instrument",
        "optimiser": _MUON.format(recipe.learning_rate),
        "training": f"{recipe.num_steps:,} steps of {recipe.batch} samples of each instrument (key {made.TRAIN_KEY})",
        "command": "python -m studies.mixture_of_experts.bundle",
        "recorded in": "`studies/mixture_of_experts/bundle.py`",
    }
    return _record(development, _claims("mixture_of_experts", [4, 0, 1, 3, 2, 9], "claim", "ours"))


_RECORDS: dict[str, Callable[[], Record]] = {
    "bermudan": lambda: bermudan("receiver"),
    "bermudan_payer": lambda: bermudan("payer"),
    "annual_bermudan_payer": lambda: annual_bermudan("payer"),
    "annual_bermudan_receiver": lambda: annual_bermudan("receiver"),
    "cancellable_payer": lambda: cancellable(held=False),
    "cancellable_payer_held": lambda: cancellable(held=True),
    "forward_caplet": lambda: forward("caplet"),
    "forward_swaption": lambda: forward("swaption"),
    "nine_instruments": nine_instruments,
}


def _record(development: Record, challengers: Iterable[Record]) -> Record:
    return {"development": development, "challengers": list(challengers)}


def _read(file: str) -> Any:
    return json.loads((ROOT / file).read_text(encoding="utf-8"))


def _claims(name: str, numbers: Iterable[int], said: str, measured: str) -> list[Record]:
    """Claims of a study as challengers."""
    file = f"studies/{name}/results/full/results.json"
    claims = _read(file)["claims"]
    return [
        {
            "name": claims[n][said],
            "error": claims[n][measured],
            "verdict": claims[n]["verdict"],
            "source": file,
        }
        for n in numbers
    ]


def _cost(seconds: dict[str, float], stem: str) -> str:
    """Microseconds of a price in batches, and with all derivatives."""
    price, greeks = (1e6 * seconds[f"{stem}_batch_price{end}"] for end in ("", "_and_greeks"))
    return f"{_three_digits(price)} us in batches, {_three_digits(greeks)} us with all derivatives"


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def _costs(file: str, coarse: str) -> list[Record]:
    """What the surrogate and the exact engine cost, in one process."""
    found = _read(file)["results"]
    seconds = found["processor_seconds_per_price_one_core"]
    bounds = (
        f"mean {found['mean_error_bp']:.2g} bp, 99 percent within {found['quantile_99_bp']:.2g} bp"
    )
    rows = [
        ("this surrogate", bounds, "surrogate", "champion"),
        ("exact engine, reference setting", "the reference itself", "exact_default", ""),
        (
            f"exact engine, {coarse} points",
            "",
            f"exact_{coarse}_points",
            "the exact engine at its coarsest useful setting",
        ),
    ]
    return [
        {
            "name": name,
            "error": error,
            "cost": _cost(seconds, stem),
            "verdict": verdict,
            "source": file,
        }
        for name, error, stem, verdict in rows
    ]


def _first_costs(side: str) -> list[Record]:
    rows = _costs("benchmarks/results/first_surrogate_receiver.json", "16")
    if side == "receiver":
        return rows
    receiver = {
        "name": "the receiver's surrogate",
        "verdict": "of the same size; this one was not timed",
    }
    return [rows[0] | receiver, *rows[1:]]


def _annual_costs(side: str) -> list[Record]:
    return _costs(f"benchmarks/results/annual_bermudan_{side}.json", "14")


def _annual_trades() -> Record:
    file = "benchmarks/results/annual_bermudan_trades.json"
    found = _read(file)["results"]
    return {
        "name": "exact engine, on random dated trades",
        "error": f"mean difference {found['mean_difference_bp']:.2g} bp, 99 percent within "
        f"{found['quantile_99_bp']:.2g} bp, largest {found['largest_difference_bp']:.2g} bp",
        "verdict": f"{found['priced_by_the_learned_engine']} of {found['trades']} trades lie in the domain; "
        f"{found['beyond_the_band']} beyond their band",
        "source": file,
    }


def _bundling() -> list[Record]:
    """Simulation methods on the same contract."""
    file = "benchmarks/results/stochastic_grid_bundling.json"
    found = _read(file)["results"]
    seconds = found["processor_seconds"]
    methods = {
        "stochastic grid bundling, direct estimator": (found["errors_bp"]["direct"], "direct"),
        "Longstaff and Schwartz": (found["longstaff_schwartz_bp"], "longstaff_schwartz"),
    }
    return [
        {
            "name": name,
            "error": f"mean {errors['mean']:.2g} bp, 99 percent within {errors['99_percent']:.2g} bp",
            "cost": f"{1e3 * seconds[stem]:.3g} ms a price",
            "verdict": "simulates: for contracts and models without an exact engine",
            "source": file,
        }
        for name, (errors, stem) in methods.items()
    ]


def write() -> None:
    """Write every record where the package reads it."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in records().items():
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
