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


def test_other_results_stay_where_one_experiment_is_run_again(program, tmp_path):
    from studies.presets import run

    toy, _ = program
    (tmp_path / "results.json").write_text(
        json.dumps({"claims": [], "first": {"size": 7}, "refused": {"size": 5}, "gone": {}})
    )
    assert run(toy, ["--full", "--only", "first", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "results.json").read_text())
    assert (found["first"], found["refused"]) == ({"size": 2}, {"size": 5})
    assert [row["claim"] for row in found["claims"]] == ["first", "refused"]
    assert "gone" not in found
    assert run(toy, ["--out", str(tmp_path)]) == 0
    assert "refused" not in json.loads((tmp_path / "results.json").read_text())


def test_results_of_older_code_are_named(program, tmp_path, capsys):
    from studies.presets import run

    toy, _ = program
    aged = dataclasses.replace(toy, claims=lambda found: [found["refused"]["width"]])
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"claims": [], "refused": {"size": 5}}))
    assert run(aged, ["--full", "--only", "first", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{file} was measured by older code: a claim needs 'width'" in said
    assert "Kept from it: refused" in said
    assert json.loads(file.read_text()) == {"claims": [], "refused": {"size": 5}}


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
