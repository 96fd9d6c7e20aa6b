"""The command line that studies share: what runs, in which order, and where results go."""

import dataclasses
import json
from types import SimpleNamespace

import pytest


@pytest.fixture
def program(root):
    from studies.presets import Program

    ran = []

    def first(study):
        ran.append("first")
        return {"size": study.size}

    def silent(study):
        return {}

    def refused(study):
        raise ValueError("Argument `size` is too small.")

    made = Program(
        root / "studies" / "toy",
        {"quick": 1, "full": 2},
        lambda settings, options, say: SimpleNamespace(size=settings, ran=ran),
        (first, silent, refused),
        lambda found: [{"claim": name, "verdict": str(value)} for name, value in found.items()],
        lambda found, folder: None,
        long=(refused,),
    )
    return made, ran


def test_results_and_claims_are_written(program, tmp_path, capsys):
    from studies.presets import run

    toy, ran = program
    assert run(toy, ["--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["first"] == {"size": 1}
    assert "silent" not in found
    assert (tmp_path / "claims.md").read_text() == (
        "| claim | verdict |\n| --- | --- |\n| first | {'size': 1} |\n"
    )
    assert "results and figures in" in capsys.readouterr().out
    assert ran == ["first"]


def test_an_experiment_that_refuses_says_why(program, tmp_path, capsys):
    from studies.presets import run

    toy, ran = program
    assert run(toy, ["--full", "--only", "refused", "--out", str(tmp_path)]) == 2
    assert "too small" in capsys.readouterr().err
    assert ran == []


def test_experiments_apart_are_read_after_the_second_process(program, tmp_path, monkeypatch):
    from studies import presets

    toy, ran = program
    first, silent, _ = toy.experiments
    told = []

    class Beside:
        def __init__(self, command, stdout):
            told.append(command[command.index("--only") + 1 :])

        def wait(self):
            ran.append("second process has ended")

        def terminate(self):
            told.append("ended")

    monkeypatch.setattr(presets.subprocess, "Popen", Beside)
    both = dataclasses.replace(toy, ready=lambda study: study.ran.append("ready"), apart=(first,))
    assert presets.run(both, ["--out", str(tmp_path)]) == 0
    assert told == [["first"], "ended"]
    assert ran == ["ready", "second process has ended", "first"]
