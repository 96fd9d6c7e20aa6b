"""`python -m studies.mixture_of_experts.rival_engines`: simulation and grids at many costs, each against the exact price.

Options: Monte Carlo with Andersen's quadratic-exponential scheme for the variance, given which the price is lognormal, and
QuantLib's finite differences in two dimensions. Caplets and European swaptions: Monte Carlo with the model's exact law at
expiry. Normals are antithetic; control variates are the asset, a martingale, and the bonds without the right. Swaptions of
whole years: QuantLib's finite differences. Times are processor seconds per price, compilation and the making of QuantLib's
objects apart; random numbers are drawn beforehand, which is in favour of Monte Carlo, and its error is the mean over several
sets of them.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from neuralrates.pricers.quantlib.days import evaluation_date
from neuralrates.problems.instrument_inputs import INPUTS, INSTRUMENTS, rate_model
from neuralrates.problems.instrument_prices import annual_leg
from studies.mixture_of_experts import rival_simulation as monte_carlo
from studies.mixture_of_experts.panel import evaluate, make_panel
from studies.mixture_of_experts.panel_data import Panel

KEY = 41
SIMULATIONS = ((64, 4), (256, 4), (1024, 8), (4096, 8), (16384, 16))
ONE_STEP = (64, 1024, 16384)
GRIDS = ((10, 20, 10), (20, 40, 20), (40, 80, 40))
SIZES = (10, 20, 50, 100)
WHOLE_YEARS = ("european_swaption", "bermudan_swaption")

Row = dict[str, Any]
Run = tuple[str, str, np.ndarray, float]
"""Engine, setting, values (sets of random numbers by rows) and seconds a price."""
MONTE_CARLO, GRID = "Monte Carlo", "finite differences"
INSTRUMENTS_COMPARED = ("index_option", "gold_option", "caplet", *WHOLE_YEARS)


def rows_of(panel: Panel, name: str, count: int) -> np.ndarray:
    """Rows of one instrument, expiries whole days and swaptions whole years, so that QuantLib's calendar can say them."""
    x = np.asarray(panel.x)[np.asarray(panel.group) == INSTRUMENTS.index(name), : len(INPUTS)]
    x = x[:: max(1, len(x) // count)][:count].copy()
    place = {term: INPUTS.index(term) for term in ("expiry", "tenor")}
    if name in WHOLE_YEARS:
        for column in place.values():
            x[:, column] = np.clip(np.round(x[:, column]), 1.0, 10.0)
        if name == "bermudan_swaption":
            x[:, place["tenor"]] = np.maximum(x[:, place["tenor"]], 2.0)
    else:
        x[:, place["expiry"]] = np.round(x[:, place["expiry"]] * 365.0) / 365.0
    return x


def compare(
    panel: Panel, count: int, names: tuple[str, ...] = INSTRUMENTS_COMPARED
) -> dict[str, list[Row]]:
    """Error and cost of every engine at every setting, by instrument.

    Args:
        panel: its market states and contracts are priced
        count: rows of each instrument
        names: of the instruments

    Returns:
        Per instrument, rows of `engine`, `setting`, `seconds` a price and `mean_absolute_error` per unit.
    """
    found: dict[str, list[Row]] = {}
    for name in names:
        x = rows_of(panel, name, count)
        exact = evaluate(x, name)[0]
        found[name] = [
            {
                "engine": engine,
                "setting": setting,
                "seconds": seconds,
                "mean_absolute_error": float(np.mean(np.abs(values - exact[None, :]))),
            }
            for engine, setting, values, seconds in _runs(name, x)
        ]
    return found


def at_budget(rows: list[Row], seconds: float) -> float | None:
    """Least error that any engine reaches in so much time.

    Where even the cheapest setting takes longer, the error of Monte Carlo is that of its cheapest setting times the root of the
    ratio of times; a grid has none.

    Args:
        rows: of one instrument, as `compare` gives them
        seconds: per price

    Returns:
        Mean absolute error per unit; none where no engine is quick enough.
    """
    inside = [row["mean_absolute_error"] for row in rows if row["seconds"] <= seconds]
    beyond = [
        row["mean_absolute_error"] * np.sqrt(row["seconds"] / seconds)
        for row in rows
        if row["engine"] == MONTE_CARLO
    ]
    return min(inside or beyond, default=None)


def _runs(name: str, x: np.ndarray) -> list[Run]:
    """Every engine at every setting."""
    if name.endswith("_option"):
        steps = {f"{n} paths, {m} steps": (m, n) for n, m in SIMULATIONS}
        grids = [(GRID, " x ".join(map(str, g)), *_solved(_heston_grid(g), x)) for g in GRIDS]
        return _simulated(monte_carlo.option, steps, x) + grids
    one_step = {f"{n} paths": (n,) for n in ONE_STEP}
    if name == "caplet":
        return _simulated(monte_carlo.caplet, one_step, x)
    grids = [(GRID, str(size), *_solved(_swaption_grid(size, name), x)) for size in SIZES]
    if name == "bermudan_swaption":
        return grids
    return grids + _simulated(monte_carlo.swaption, one_step, x)


def _simulated(
    price: monte_carlo.Price, shapes: Mapping[str, tuple[int, ...]], x: np.ndarray
) -> list[Run]:
    """Monte Carlo with random numbers of several shapes."""
    return [
        (MONTE_CARLO, setting, *monte_carlo.simulated(price, shape, x))
        for setting, shape in shapes.items()
    ]


def _solved(make: Callable[[np.ndarray], ql.Instrument], x: np.ndarray) -> tuple[np.ndarray, float]:
    """Values by a grid, and processor seconds of solving one."""
    with evaluation_date():
        options = [make(row) for row in x]
        began = time.process_time()
        values = np.array([option.NPV() for option in options])
        return values[None, :], (time.process_time() - began) / len(x)


def _heston_grid(grid: tuple[int, int, int]) -> Callable[[np.ndarray], ql.Instrument]:
    def option(x: np.ndarray) -> ql.Instrument:
        at = dict(zip(INPUTS, x.tolist(), strict=True))
        today, count = ql.Settings.instance().evaluationDate, ql.Actual365Fixed()
        days = round(365.0 * at["expiry"])
        rate = float(rate_model(jnp.asarray(x)).curve.zero_rate(at["expiry"]))
        flat, paid = (
            ql.YieldTermStructureHandle(ql.FlatForward(today, r, count))
            for r in (rate, at["carry"])
        )
        process = ql.HestonProcess(
            flat,
            paid,
            ql.QuoteHandle(ql.SimpleQuote(1.0)),
            at["variance"],
            at["variance_reversion"],
            at["long_variance"],
            at["variance_volatility"],
            at["correlation"],
        )
        payoff = ql.PlainVanillaPayoff(ql.Option.Call, float(np.exp(at["log_moneyness"])))
        call = ql.VanillaOption(payoff, ql.EuropeanExercise(today + days))
        call.setPricingEngine(ql.FdHestonVanillaEngine(ql.HestonModel(process), *grid))
        return call

    return option


def _swaption_grid(size: int, name: str) -> Callable[[np.ndarray], ql.Instrument]:
    engine = nr.pricers.QuantLibFiniteDifference(size)

    def option(x: np.ndarray) -> ql.Instrument:
        at = dict(zip(INPUTS, x.tolist(), strict=True))
        model = rate_model(jnp.asarray(x))
        start, tenor = at["expiry"], round(at["tenor"])
        rate = float(annual_leg(model.curve, start, float(tenor))[2])
        exercises = start + np.arange(tenor if name == "bermudan_swaption" else 1)
        product = nr.products.Swaption(
            exercises,
            start + 1.0 + np.arange(tenor),
            np.ones(tenor),
            strike=rate + at["strike_spread"],
            side="payer",
        )
        return engine.option(model, product)

    return option


def main() -> None:
    """Print the comparison on rows of a small panel."""
    parser = argparse.ArgumentParser(prog="python -m studies.mixture_of_experts.rival_engines")
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    panel = make_panel(max(asked.rows, 8), jax.random.key(KEY), asked.folder)
    print(json.dumps(compare(panel, asked.rows), indent=1))


if __name__ == "__main__":
    main()
