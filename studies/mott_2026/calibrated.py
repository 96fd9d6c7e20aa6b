"""`python -m studies.mott_2026.calibrated`: swaptions on a market's curve, scaled to its quotes, and how close they are."""

import argparse
import itertools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.desk.example import example_files
from studies.mott_2026.judge import summary

YEARS = (1, 2, 3, 5, 7, 10)
OFFSETS = (-0.01, 0.0, 0.01)


def main() -> None:
    """Price every expiry, length and strike of a market file's dollars; the example's without one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--market", type=Path, default=example_files()[1])
    market = nr.market.load(parser.parse_args().market)["USD"]
    bundle = nr.bundles.load("forward_swaption")
    terms, quoted = _contracts(market)
    x = nr.bundles.points_on_market(bundle, market, terms)
    value = bundle.runtime().value(x)[:, 0]
    run = jax.jit(lambda x: jax.lax.map(lambda point: bundle.problem(point).value, x))
    truth = np.asarray(run(jnp.asarray(x)))
    at_money = np.isfinite(quoted)
    inside = np.asarray(jax.vmap(bundle.domain.contains)(jnp.asarray(x)))
    scales = x[at_money, bundle.domain.index("volatility_scale")]
    print(
        f"{len(x)} swaptions, {inside.sum()} inside the domain; scales {scales.min():.3f} to {scales.max():.3f}"
    )
    _show("surrogate less reference", (value - truth)[inside])
    _show(
        "at the money, surrogate less the quote on the market's own curve",
        (value - quoted)[at_money],
    )


def _contracts(market: nr.market.CurrencyMarket) -> tuple[np.ndarray, np.ndarray]:
    """Terms, and prices by the normal model on the market's discount factors; NaN away from the money."""
    assert market.swaption_volatility is not None
    terms, quoted = [], []
    for expiry, length, offset in itertools.product(YEARS, YEARS, OFFSETS):
        times = expiry + np.arange(length + 1.0)
        bonds = np.array([float(market.curves.discount.discount_factor(t)) for t in times])
        annuity = bonds[1:].sum()
        rate = (bonds[0] - bonds[-1]) / annuity
        volatility = float(market.swaption_volatility(float(expiry), float(length)))
        price = annuity * volatility * np.sqrt(expiry / (2.0 * np.pi))
        terms.append((expiry, length, rate + offset))
        quoted.append(price if offset == 0.0 else np.nan)
    return np.array(terms, dtype=float), np.array(quoted)


def _show(name: str, missed: np.ndarray) -> None:
    found = summary(missed)
    tail = found["quantiles"]["0.99"]
    print(
        f"{name}: mean {found['mean_absolute']:.1e} per unit notional, 99 percent within {tail:.1e}"
    )


if __name__ == "__main__":
    main()
