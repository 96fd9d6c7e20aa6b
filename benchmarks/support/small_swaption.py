"""A problem of two inputs and a closed form, which workers load by importing this module: its labels cost next to nothing."""

import neuralrates as nr

NAME = "benchmark_swaption"


def build(x):
    """One-date right into a swap of two years, on a flat curve."""
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.02, x[1])
    return model, nr.products.Swaption([2], [3, 4], [1, 1], strike=0.03, side="payer")


def make():
    """The problem."""
    axes = (
        nr.problems.Axis("rate", "decimal", 0.0, 0.05),
        nr.problems.Axis("volatility", "per square root of year", 0.004, 0.016),
    )
    return nr.problems.Problem(NAME, nr.problems.Domain(axes), build, nr.pricers.Jamshidian())


nr.problems.register(NAME, make)
