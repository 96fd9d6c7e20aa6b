"""The samples: contracts on two markets under 14 models, in a basket to learn and test on and in a fresh one.

    python -m studies.aiolfi_2024.samples

prices both from the market files in `../shared/data` and writes the folders `samples/basket`, 310 contracts, and
`samples/fresh`, 124 others, on which nothing is ever chosen. A basket that is there already is left as it is.
"""

import argparse
import itertools
import sys
from collections.abc import Collection
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import qmc

import neuralrates as nr
from neuralrates.cli.progress import progress
from studies.aiolfi_2024.basket_labels import BasketLabels, Progress, basket_labels
from studies.aiolfi_2024.bermudan_basket import BasketTrade, Contract, basket
from studies.aiolfi_2024.natural_hedges import WITH_NORM, natural_hedges

FOLDER = Path(__file__).resolve().parent / "samples"
DATA = FOLDER.parents[2].parent / "shared" / "data"
MARKETS = ("20191230", "20160205")
BASKETS = {"basket": (155, 1), "fresh": (62, 101)}
"""Contracts on each market, and the seed of the first market."""
MEAN_REVERSIONS = (0.01, 0.05)
VOLATILITIES = (0.004, 0.0055, 0.007, 0.0085, 0.010, 0.0115, 0.013)
STRIKE_STEP = 5e-4
NUM_PATHS = 8192
"""Of each of the two sets of a simulation."""


class MissingMarketError(nr.core.NeuralratesError):
    """The market data is not beside the checkout."""


def contracts(number: int, seed: int, known: Collection[Contract] = ()) -> list[Contract]:
    """Different contracts that fill lengths of 4 to 15 years, no-call periods of 1 to 5, strikes within 100 bp, both sides.

    Args:
        number: how many
        seed: of the sequence
        known: contracts that are left out
    """
    sampler = qmc.Sobol(4, rng=np.random.default_rng(seed))
    points = sampler.random_base2((2 * number - 1).bit_length())
    drawn = dict.fromkeys(_contract(*map(float, point)) for point in points)
    return [contract for contract in drawn if contract not in known][:number]


def _contract(length: float, wait: float, strike: float, side: float) -> Contract:
    maturity = 4 + int(12 * length)
    no_call = 1 + int(wait * min(5, maturity - 2))
    offset = STRIKE_STEP * round((-0.01 + 0.02 * strike) / STRIKE_STEP)
    return Contract(maturity, no_call, offset, "payer" if side < 0.5 else "receiver")


def drawn(name: str) -> dict[str, list[Contract]]:
    """The contracts of a basket by market; those of the fresh one are in no other."""
    number, first = BASKETS[name]
    known = drawn("basket") if name == "fresh" else {}
    return {
        day: contracts(number, seed, known.get(day, ()))
        for seed, day in enumerate(MARKETS, start=first)
    }


def trades(data: Path, name: str) -> tuple[list[BasketTrade], list[str]]:
    """Every contract of a basket on its market, and its name."""
    found: list[BasketTrade] = []
    names: list[str] = []
    for day, chosen in drawn(name).items():
        file = data / "ore" / f"market_{day}.txt"
        if not file.is_file():
            raise MissingMarketError(f"market data is missing: {file} (see the option --data)")
        market = nr.market.load(file)
        found += basket(chosen, market.valuation_date, market["EUR"].curves)
        names += [f"{day} {contract.name}" for contract in chosen]
    return found, names


def models() -> jax.Array:
    """Market inputs of the grid of models, nothing shifted."""
    grid = itertools.product(MEAN_REVERSIONS, VOLATILITIES)
    return jnp.asarray([(a, sigma, 0.0, 0.0, 0.0) for a, sigma in grid])


def make(data: Path, name: str, progress: Progress | None = None) -> tuple[BasketLabels, dict]:
    """Price a basket, exactly and by simulation."""
    found, names = trades(data, name)
    key = jax.random.key(2024 + BASKETS[name][1])
    made = basket_labels(
        found, models(), natural_hedges, key, num_paths=NUM_PATHS, progress=progress
    )
    return made, {"features": list(WITH_NORM), "contracts": names, "num_paths": NUM_PATHS}


def main(arguments: list[str] | None = None) -> int:
    """Price both baskets; exit code 2 where market data is missing."""
    parser = argparse.ArgumentParser(prog="python -m studies.aiolfi_2024.samples")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of market data")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of both baskets")
    options = parser.parse_args(arguments)
    try:
        for name in BASKETS:
            if (options.out / name).exists():
                continue
            with progress(f"pricing {name}") as step:
                samples, record = make(options.data, name, step)
            samples.save(options.out / name, record)
    except nr.core.NeuralratesError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
