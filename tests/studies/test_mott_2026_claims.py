"""Verdicts on our networks follow from the figures."""

import pytest
from studies.mott_2026.claims import claims


def errors(mean: float, tail: float) -> dict:
    return {"mean_absolute": mean, "quantiles": {"0.99": tail}}


def swaptions(mean: float) -> dict:
    grid = {"network": errors(mean, 5.0 * mean)}
    formulas = dict.fromkeys(
        ("constant elasticity", "square root", "standard error"), errors(1e-4, 1e-3)
    )
    return {"swaptions": formulas | {"50": grid, "150": grid}}


@pytest.mark.parametrize(("mean", "verdict"), [(9e-6, "reached"), (1.1e-5, "not reached")])
def test_swaptions_are_to_reach_a_hundred_thousandth(mean, verdict):
    (row,) = claims(swaptions(mean))
    assert row["verdict"] == verdict
    assert f"{mean:.1e}" in row["ours"]


def test_the_worst_greek_decides():
    good = {
        "parallel": 0.001,
        "theta": 0.002,
        "gamma": 0.009,
        "vega": 0.001,
        "0 to 1 years": 0.005,
        "1 to 2 years": 0.004,
    }
    bad = good | {"0 to 1 years": 0.02}
    noise = dict.fromkeys(good, 0.003)
    found = [{"errors": errors, "noise": noise} for errors in (good, bad)]
    rows = claims({"our_greeks": dict(zip(("caplet", "swaption"), found, strict=True))})
    assert "0 to 1 years 2.00% (noise 0.30%)" in rows[1]["ours"]
    assert [row["verdict"] for row in rows] == ["reached", "not reached"]
