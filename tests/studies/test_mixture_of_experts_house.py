"""The house's own engines as rivals: the same prices as a grid of QuantLib, point by point and in batches."""

import jax
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.problems.instrument_inputs import INPUTS, INSTRUMENTS, TERMS


@pytest.fixture(scope="module")
def swaptions():
    """Bermudans of whole years on drawn markets."""
    rows = np.array(nr.problems.nine_instruments().domain.sample(jax.random.key(3), 6))
    at = {name: number for number, name in enumerate(INPUTS)}
    random = np.random.default_rng(0)
    rows[:, [at[f"is_{name}"] for name in INSTRUMENTS]] = 0.0
    rows[:, at["is_bermudan_swaption"]] = 1.0
    rows[:, at["expiry"]], rows[:, at["tenor"]] = (
        random.integers(1, 6, 6),
        random.integers(2, 11, 6),
    )
    low, high = TERMS["bermudan_swaption"]["strike_spread"]
    rows[:, at["strike_spread"]] = random.uniform(low, high, 6)
    rows[:, at["volatility"]] = random.uniform(0.004, 0.012, 6)
    return rows


def test_bermudans_are_those_of_a_fine_grid(swaptions):
    from studies.mixture_of_experts.house_engines import engines, exact
    from studies.mixture_of_experts.rival_engines import _swaption_grid

    from neuralrates.pricers.quantlib.days import evaluation_date

    make = _swaption_grid(200, "bermudan_swaption")
    with evaluation_date():
        grid = np.array([make(row).NPV() for row in swaptions])
    truth = exact("bermudan_swaption", swaptions)
    assert np.max(np.abs(truth - grid)) < 2e-6
    for engine in engines("bermudan_swaption"):
        allowed = 1e-3 if "8 points" in engine.name else 1e-4
        assert np.max(np.abs(engine.price(swaptions) - truth)) < allowed, engine.name


def test_the_compiled_induction_is_the_traced_one(swaptions):
    from studies.mixture_of_experts.house_engines import POINTS, engines

    found = {engine.name: engine.price(swaptions) for engine in engines("bermudan_swaption")}
    for points in POINTS[2:]:  # with fewer, where the state space ends is seen
        traced, kernel = (
            found[f"{kind} induction, {points} points"] for kind in ("backward", "compiled")
        )
        assert np.max(np.abs(traced - kernel)) < 1e-8


def test_europeans_are_those_of_a_fine_grid(swaptions):
    from studies.mixture_of_experts.house_engines import engines
    from studies.mixture_of_experts.rival_engines import _swaption_grid

    from neuralrates.pricers.quantlib.days import evaluation_date

    make = _swaption_grid(800, "european_swaption")
    with evaluation_date():
        grid = np.array([make(row).NPV() for row in swaptions])
    (engine,) = engines("european_swaption")
    assert np.max(np.abs(engine.price(swaptions) - grid)) < 1e-6
