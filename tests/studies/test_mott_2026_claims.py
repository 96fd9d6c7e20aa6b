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


@pytest.mark.parametrize(
    ("equation", "expiry", "verdict"),
    [
        (5e-8, 2e-7, "reproduced by its own schedule"),
        (2e-7, 2e-7, "not reached by its own schedule; reproduced by its own schedule"),
        (1e-9, 1e-9, "50 times below the paper's by its own schedule"),
    ],
)
def test_a_loss_far_below_the_papers_is_not_the_papers(equation, expiry, verdict):
    parts = {"pricing equation": equation, "at expiry": expiry}
    (row,) = claims({"paper_training": {"50": {"parts": parts, "share": 1.0}}})
    assert row["verdict"] == verdict


def test_intrinsic_value_is_a_price_without_time(root):
    """A network has to beat it: what is missing is what time is worth, and never less than nothing."""
    import pandas as pd
    from studies.mott_2026.judge import Drawn, on_the_curve
    from studies.mott_2026.paper_network import Contracts, Grid
    from studies.mott_2026.without_network import _frozen, _mapped, intrinsic

    import neuralrates as nr

    names = ("beta0", "beta1", "beta2", "beta3", "tau1", "tau2")
    days = pd.DataFrame([[0.04, -0.01, 0.005, 0.01, 1.5, 6.0]] * 2, columns=names)
    volatility = nr.models.TenorVolatility([[0.04]], 30.0)
    drawn = Drawn.of(Contracts.of(Grid(50), days, volatility, 0.25), 200, 0)
    truth = _mapped(lambda x: on_the_curve(volatility, x), drawn.x)
    missing = truth - intrinsic(drawn, Grid(50))
    assert missing.min() > -1e-5  # what trapezoids miss of the curve
    assert missing.mean() > 1e-4
    frozen = _mapped(lambda x: _frozen(volatility, x), drawn.x)
    assert abs(frozen - truth).mean() < 0.5 * missing.mean()
    assert intrinsic(drawn.at_zero(), Grid(50)) == pytest.approx(
        _mapped(lambda x: on_the_curve(volatility, x), drawn.at_zero().x), abs=1e-5
    )


def test_filters_are_compared_like_for_like():
    one = {"days": 1000, "share": 0.6, "share by quantiles": 0.36}
    two = {"days": 700, "share": 0.5, "share by quantiles": 0.30}
    (row,) = claims({"filters": {"whole history": one, "official days": two}})
    assert "official days (700 days): all filters 50.0%, its quantiles alone 30.0%" in row["ours"]
    assert row["verdict"] == "refuted"
