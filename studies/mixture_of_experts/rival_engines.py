"""`python -m studies.mixture_of_experts.rival_engines`: simulation and grids at many costs, each against the exact price.

Options: Monte Carlo with Andersen's quadratic-exponential scheme, and QuantLib's finite differences in two dimensions. Caplets
and European swaptions: Monte Carlo with the model's exact law at expiry. All with antithetic normals and a control variate:
Black-Scholes at the expected variance on the same normals for options, the bonds without the right for the others. Swaptions
of whole years: QuantLib's finite differences. Times are processor seconds per price, compilation and the making of QuantLib's
objects apart; random numbers are drawn beforehand, which is in favour of Monte Carlo, and its error is the mean over several
sets of them.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import QuantLib as ql  # noqa: N813
from jaxtyping import Array, Float, PRNGKeyArray

import neuralrates as nr
from neuralrates.labels.panel import Panel
from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.heston_simulation import simulated_heston_asset
from neuralrates.pricers.quantlib import evaluation_date
from neuralrates.problems.instrument_inputs import (
    INPUTS,
    INSTRUMENTS,
    asset_model,
    named,
    rate_model,
)
from neuralrates.problems.instrument_prices import ACCRUAL, annual_leg
from studies.mixture_of_experts.panel import evaluate, make_panel

KEY = 41
SIMULATIONS = ((64, 4), (256, 4), (1024, 8), (4096, 8), (16384, 16))
ONE_STEP = ((64,), (1024,), (16384,))
GRIDS = ((10, 20, 10), (20, 40, 20), (40, 80, 40))
SIZES = (10, 20, 50, 100)
_SMALLEST_VARIANCE = 1e-16
SETS, LARGEST_WORK = 8, 2**21
WHOLE_YEARS = ("european_swaption", "bermudan_swaption")

Row = dict[str, Any]
Normals = Float[Array, "..."]
Price = Callable[[Float[Array, "inputs"], Normals], Float[Array, ""]]
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


def _runs(name: str, x: np.ndarray) -> list[tuple[str, str, np.ndarray, float]]:
    """Engine, setting, values (sets of random numbers by rows) and seconds a price."""
    if name.endswith("_option"):
        simulated = [
            (MONTE_CARLO, f"{n} paths, {m} steps", *_simulated(_heston, (m, 2, n), x))
            for n, m in SIMULATIONS
        ]
        grids = [(GRID, " x ".join(map(str, g)), *_solved(_heston_grid(g), x)) for g in GRIDS]
        return simulated + grids
    if name == "caplet":
        return [(MONTE_CARLO, f"{s[0]} paths", *_simulated(_caplet, s, x)) for s in ONE_STEP]
    grids = [(GRID, str(size), *_solved(_swaption_grid(size, name), x)) for size in SIZES]
    if name == "bermudan_swaption":
        return grids
    return grids + [(MONTE_CARLO, f"{s[0]} paths", *_simulated(_swaption, s, x)) for s in ONE_STEP]


def _simulated(price: Price, shape: tuple[int, ...], x: np.ndarray) -> tuple[np.ndarray, float]:
    """Values by several sets of random numbers, and processor seconds of one once compiled, one after the other."""
    points = jnp.asarray(x)
    many = jax.jit(lambda rows, normals: jax.lax.map(lambda row: price(row, normals), rows))
    count = max(1, min(SETS, LARGEST_WORK // int(np.prod(shape))))
    sets = [_normals(key, shape) for key in jax.random.split(jax.random.key(KEY), count)]
    jax.block_until_ready(many(points, sets[0]))
    began = time.process_time()
    values = [np.asarray(many(points, normals)) for normals in sets]
    return np.stack(values), (time.process_time() - began) / (count * len(x))


def _solved(make: Callable[[np.ndarray], ql.Instrument], x: np.ndarray) -> tuple[np.ndarray, float]:
    """Values by a grid, and processor seconds of solving one."""
    with evaluation_date():
        options = [make(row) for row in x]
        began = time.process_time()
        values = np.array([option.NPV() for option in options])
        return values[None, :], (time.process_time() - began) / len(x)


def _normals(key: PRNGKeyArray, shape: tuple[int, ...]) -> Normals:
    """Antithetic standard normals; paths along the last axis."""
    half = jax.random.normal(key, (*shape[:-1], shape[-1] // 2), dtype=jnp.float64)
    return jnp.concatenate([half, -half], axis=-1)


def _heston(x: Float[Array, "inputs"], normals: Normals) -> Float[Array, ""]:
    """Beside the call its Black-Scholes twin at the expected variance, on the same normals, whose price is known."""
    at = named(x)
    expiry, model = at["expiry"], asset_model(at)
    forward = jnp.log(rate_model(x).curve.discount_factor(expiry)) + at["carry"] * expiry
    moneyness = at["log_moneyness"] + forward
    strike = jnp.exp(moneyness)
    asset = simulated_heston_asset(model, expiry, normals)
    deviation = jnp.sqrt(expiry * model.average_variance(expiry))
    root = jnp.sqrt(1.0 - model.correlation**2)
    normal = jnp.sum(model.correlation * normals[:, 0] + root * normals[:, 1], axis=0)
    twin = jnp.exp(deviation * normal / np.sqrt(len(normals)) - 0.5 * deviation**2)
    value = _controlled(
        jnp.maximum(asset - strike, 0.0),
        jnp.maximum(twin - strike, 0.0),
        black_call(moneyness, deviation),
    )
    return jnp.exp(-at["carry"] * expiry) * value


def _controlled(
    gains: Float[Array, "paths"], control: Float[Array, "paths"], expected: Float[Array, ""]
) -> Float[Array, ""]:
    """Mean of the gains, corrected by what the control's mean is off, at the regression coefficient of the same paths."""
    middle = jnp.mean(control)
    off = control - middle
    slope = jnp.mean(off * gains) / jnp.maximum(jnp.mean(off * off), _SMALLEST_VARIANCE)
    return jnp.mean(gains) - slope * (middle - expected)


def _portfolio(
    x: Float[Array, "inputs"],
    amounts: Float[Array, "flows"],
    times: Float[Array, "flows"],
    normals: Normals,
) -> Float[Array, ""]:
    """A right to bonds at its expiry, in units of the numeraire; the control is the bonds without the right."""
    model = rate_model(x)
    loadings = jax.vmap(model.loading)(times)
    variance = model.variance(named(x)["expiry"])
    today = amounts * jax.vmap(model.curve.discount_factor)(times)
    worth = today * jnp.exp(-0.5 * loadings**2 * variance)
    states = jnp.sqrt(variance) * normals
    bonds = jnp.exp(-states[:, None] * loadings[None, :]) @ worth
    return _controlled(jnp.maximum(bonds, 0.0), bonds, jnp.sum(today))


def _caplet(x: Float[Array, "inputs"], normals: Normals) -> Float[Array, ""]:
    at = named(x)
    start, end = at["expiry"], at["expiry"] + ACCRUAL
    strike = rate_model(x).curve.forward_rate(start, end) + at["strike_spread"]
    amounts = jnp.stack([jnp.ones(()), -(1.0 + ACCRUAL * strike)])
    return _portfolio(x, amounts, jnp.stack([start, end]), normals)


def _swaption(x: Float[Array, "inputs"], normals: Normals) -> Float[Array, ""]:
    at = named(x)
    times, accruals, rate = annual_leg(rate_model(x).curve, at["expiry"], at["tenor"])
    strike = rate + at["strike_spread"]
    ends = jnp.stack([at["expiry"], at["expiry"] + at["tenor"]])
    amounts = jnp.concatenate([jnp.array([1.0, -1.0]), -strike * accruals])
    return _portfolio(x, amounts, jnp.concatenate([ends, times]), normals)


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
