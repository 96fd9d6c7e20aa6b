"""The 4,340 samples: 310 contracts, 155 on each of two markets, under 14 models; split by contract and market."""

import itertools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import qmc

import neuralrates as nr
from studies.aiolfi_2024.basket_labels import BasketLabels, Progress, basket_labels
from studies.aiolfi_2024.bermudan_basket import BasketTrade, Contract, basket
from studies.aiolfi_2024.natural_hedges import FEATURES, natural_hedges

MARKETS = ("20191230", "20160205")
MEAN_REVERSIONS = (0.01, 0.05)
VOLATILITIES = (0.004, 0.0055, 0.007, 0.0085, 0.010, 0.0115, 0.013)
STRIKE_STEP = 5e-4


class MissingMarketError(nr.core.NeuralratesError):
    """The market data is not beside the checkout."""


def contracts(number: int, seed: int) -> list[Contract]:
    """Different contracts that fill lengths of 4 to 15 years, no-call periods of 1 to 5, strikes within 100 bp."""
    sampler = qmc.Sobol(3, rng=np.random.default_rng(seed))
    points = sampler.random_base2((2 * number - 1).bit_length())
    drawn = (_contract(i, *map(float, point)) for i, point in enumerate(points))
    return list(dict.fromkeys(drawn))[:number]


def _contract(number: int, length: float, wait: float, strike: float) -> Contract:
    maturity = 4 + int(12 * length)
    no_call = 1 + int(wait * min(5, maturity - 2))
    offset = STRIKE_STEP * round((-0.01 + 0.02 * strike) / STRIKE_STEP)
    return Contract(maturity, no_call, offset, "payer" if number % 2 else "receiver")


def trades(data: Path, per_market: int) -> tuple[list[BasketTrade], list[str]]:
    """Every contract on its market, and its name."""
    found: list[BasketTrade] = []
    names: list[str] = []
    for seed, day in enumerate(MARKETS, start=1):
        file = data / "ore" / f"market_{day}.txt"
        if not file.is_file():
            raise MissingMarketError(f"market data is missing: {file} (see the option --data)")
        market, chosen = nr.market.load(file), contracts(per_market, seed)
        found += basket(chosen, market.valuation_date, market["EUR"].curves)
        names += [f"{day} {contract.name}" for contract in chosen]
    return found, names


def models() -> jax.Array:
    """Market inputs of the grid of models, nothing shifted."""
    grid = itertools.product(MEAN_REVERSIONS, VOLATILITIES)
    return jnp.asarray([(a, sigma, 0.0, 0.0, 0.0) for a, sigma in grid])


def make(
    data: Path, per_market: int, num_paths: int, progress: Progress | None = None
) -> tuple[BasketLabels, dict]:
    """Price the basket, exactly and by simulation."""
    found, names = trades(data, per_market)
    key = jax.random.key(2024)
    made = basket_labels(
        found, models(), natural_hedges, key, num_paths=num_paths, progress=progress
    )
    return made, {"features": list(FEATURES), "contracts": names, "num_paths": num_paths}
