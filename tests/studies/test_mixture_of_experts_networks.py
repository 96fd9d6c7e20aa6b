"""The study of mixtures of experts, its network half: sizes, the rule of detection, verdicts."""

import numpy as np
import pytest


def test_networks_have_the_parameters_of_the_dense_one():
    from studies.mixture_of_experts.networks import parameters, widest

    dense = parameters(51, 256, 30, 0, 1)
    width = widest(dense, 51, 15, 9)
    assert parameters(51, width, 15, 15, 9) <= dense < parameters(51, width + 1, 15, 15, 9)
    assert 30 * width**2 < 0.25 * 30 * 256**2


def test_a_change_of_weights_is_seen_once_and_soon():
    from studies.mixture_of_experts.gates import (
        alarms,
        change_index,
        chosen_threshold,
        detection,
    )

    random = np.random.default_rng(0)
    first = np.repeat([0.1, 0.9, 0.1], [120, 130, 150]) + 0.03 * random.normal(size=400)
    weights = np.column_stack([first, 1.0 - first])
    index = change_index(weights)
    changes = np.array([120, 250])
    threshold = chosen_threshold(index, changes)
    found = detection(alarms(index, threshold), changes, 400)
    assert found["false"] == 0
    assert max(found["delays"]) <= 5
    early = change_index(weights[:200])
    np.testing.assert_allclose(early, index[:200])  # only the past counts
    assert detection(np.array([50, 300]), changes, 252)["delays"] == [None, None]
    assert detection(np.array([50, 300]), changes, 252)["false_a_year"] == 2.0
    assert detection(np.array([130, 252]), changes, 252) == {
        "delays": [10, 2],
        "false_a_year": 0.0,
        "false": 0,
    }
    assert detection(np.array([131, 252]), changes, 252)["delays"] == [None, 2]


def test_the_threshold_reads_no_hidden_day():
    from studies.mixture_of_experts.gates import HIDDEN, Days, _around

    random = np.random.default_rng(0)
    first = np.repeat([0.1, 0.9, 0.1, 0.9], 150) + 0.03 * random.normal(size=600)
    weights = np.column_stack([first, 1.0 - first])
    days = np.arange(600)
    found = _around(Days(days, weights, np.zeros(600, int)), 300, [150, 300, 450])
    shaken = weights.copy()
    inside = np.abs(days - 300) <= HIDDEN
    shaken[inside] = random.uniform(size=(inside.sum(), 2))
    again = _around(Days(days, shaken, np.zeros(600, int)), 300, [150, 300, 450])
    assert again["threshold"] == found["threshold"]
    assert again["training"] == found["training"]
    assert again["held_out"] != found["held_out"]


def test_the_lead_is_taken_over_once_and_lost_once():
    from studies.mixture_of_experts.gates import Days, taken_over

    weight = np.repeat([0.1, 0.9, 0.2], [104, 60, 40])
    days = Days(np.arange(204), np.column_stack([1.0 - weight, weight]), np.zeros(204, int))
    assert taken_over(days, 100, 1) == {"delay": 6, "others": 1, "days": 151}
    assert taken_over(days, 100, 2) == {"delay": None, "others": 2, "days": 151}


def test_verdicts_follow_the_figures():
    from studies.mixture_of_experts.claims import claims
    from studies.presets import as_markdown

    leader = {"delay": 3, "others": 0, "days": 126}

    def runs(relative, variance, operations):
        return [
            {"relative": relative * (1 + 0.01 * k), "variance": variance, "operations": operations}
            for k in range(3)
        ]

    def timed(error, one, batch, *house):
        seconds = {"seconds_one": 1e-4, "seconds_batch": 1e-6}
        engines = [
            {"engine": name, "error_bp": bp, "seconds_one": alone, "seconds_batch": together}
            for name, bp, alone, together in house
        ]
        closest = {
            f"house_bp_{size}": min(
                (
                    e["error_bp"]
                    for e in engines
                    if e[f"seconds_{size}"] <= seconds[f"seconds_{size}"]
                ),
                default=None,
            )
            for size in ("one", "batch")
        }
        rivals = {"rival_bp_one": one, "rival_bp_batch": batch}
        return {"error_bp": error, "house": engines, **rivals, **seconds, **closest}

    found = {
        "comparison": {
            "dense": runs(0.1, 1.0, 400),
            "instrument-15": runs(0.06, 1.0, 80),
            "ours": runs(0.001, 0.1, 8),
            "boosted trees": runs(0.3, 1.2, 0),
            "random forest": runs(0.3, 2.0, 0),
        },
        "speed": {
            "batch 1": {"ratio": {"instrument-15": 3.9, "ours": 5.0}},
            "batch 10000": {"ratio": {"instrument-15": 9.0, "ours": 50.0}},
        },
        "time_budget": {
            "instruments": {
                "caplet": timed(0.1, 1.0, 9.0, ("closed form", 0.0, 2e-5, 9e-7)),
                "cap": timed(0.8, 1.0, 9.0, ("closed form", 0.0, 2e-4, 2e-6)),
                "bermudan_swaption": timed(0.1, None, None, ("8 points", 0.5, 9e-5, 9e-7)),
            }
        },
        "reliability": {"instrument-15": 10 * [{"collapsed": 0, "smallest_share": 0.8}]},
        "regime_changes": {
            "changes": {
                "a": {"held_out": {"delays": [4], "days": 126, "false": 0}, "leader": leader},
                "b": {"held_out": {"delays": [10], "days": 126, "false": 1}, "leader": leader},
            },
            "seeds": {
                "1": {
                    "a": {"delays": [4], "days": 126, "false": 0},
                    "b": {"delays": [10], "days": 126, "false": 1},
                }
            },
        },
    }
    rows = claims(found)
    assert [row["verdict"] for row in rows] == [
        "not reached",  # one by one it is too slow
        "reached",
        "reached for 1 of 2 instruments; no grid is quick enough to be compared for: bermudan swaption; "
        "but the house's own engine is closer in no more time for: caplet",
        "against the article's network refuted, against ours reached",
        "reached",
        "reached",
        "reached, one seed",
        "one by one the exact engine wins for caplet; in batches the exact engine wins for caplet; "
        "the network for the others",
    ]
    assert as_markdown(rows).count("\n") == 10
    assert "no grid quick enough one by one (100 us)" in rows[2]["ours"]
    assert "2 seeds" in rows[1]["ours"]  # the first of three has chosen


def test_hedged_paths_have_the_forward_and_the_mean_variance():
    from studies.mixture_of_experts.hedge_paths import HORIZON, simulate

    at = {
        "variance": 0.09,
        "variance_reversion": 3.0,
        "long_variance": 0.04,
        "variance_volatility": 0.5,
        "correlation": -0.7,
        "carry": 0.02,
        "zero_0.25": 0.03,
    }
    path = simulate(at, 20_000, np.random.default_rng(0))
    end = path.spot[:, -1] * np.exp(-0.01 * HORIZON)
    assert abs(end.mean() - 1.0) < 4.0 * end.std() / np.sqrt(len(end))
    expected = 0.04 + 0.05 * np.exp(-3.0 * HORIZON)
    last = path.variance[:, -1]
    assert abs(last.mean() - expected) < 4.0 * last.std() / np.sqrt(len(last))


def test_results_kept_for_other_settings_are_refused(tmp_path):
    from studies.kept import kept

    assert kept(tmp_path / "a", lambda: {"x": 1}, 1)[1]
    assert not kept(tmp_path / "a", lambda: {"x": 2}, 1)[1]
    with pytest.raises(ValueError, match="other settings"):
        kept(tmp_path / "a", dict, 2)
