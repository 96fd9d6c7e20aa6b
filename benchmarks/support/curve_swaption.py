"""A problem of fourteen inputs and a closed form: rows as wide as those of real problems, at next to no cost."""

import jax.numpy as jnp

import neuralrates as nr

NAME = "benchmark_curve_swaption"
TIMES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 12.0)


def build(x):
    """One-date right into a swap of nine years, on a curve of twelve zero rates."""
    model = nr.models.HullWhite(nr.market.ZeroCurve(jnp.array(TIMES), x[:12]), 0.02, x[12])
    years = [2.0 + year for year in range(9)]
    return model, nr.products.Swaption([1.0], years, [1.0] * 9, strike=x[13], side="payer")


def make():
    """The problem."""
    rates = [nr.problems.Axis(f"zero rate {time:g}", "decimal", 0.01, 0.05) for time in TIMES]
    axes = (
        *rates,
        nr.problems.Axis("volatility", "per square root of year", 0.004, 0.016),
        nr.problems.Axis("strike", "decimal", 0.02, 0.04),
    )
    return nr.problems.Problem(NAME, nr.problems.Domain(axes), build, nr.pricers.Jamshidian())


nr.problems.register(NAME, make)
