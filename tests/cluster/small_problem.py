"""A problem of two inputs and a closed form, which workers load by importing this module."""

import neuralrates as nr

NAME = "small_swaption"


def build(x):
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.02, x[1])
    return model, nr.products.Swaption([2], [3, 4], [1, 1], strike=0.03, side="payer")


def make(high=0.05):
    axes = (
        nr.problems.Axis("rate", "decimal", 0.0, high),
        nr.problems.Axis("volatility", "per square root of year", 0.004, 0.016),
    )
    return nr.problems.Problem(NAME, nr.problems.Domain(axes), build, nr.pricers.Jamshidian())


nr.problems.register(NAME, make)
