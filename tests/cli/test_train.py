"""`neuralrates train` on any labels: it measures, bundles where asked to, and names what is wrong."""

import json

import jax
import numpy as np
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from cluster import small_problem
from neuralrates.cli.app import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    x = np.random.default_rng(0).uniform(-1.0, 1.0, (200, 3))
    value = 0.05 + 0.01 * x[:, 0] ** 3 + 0.001 * x[:, 1] * x[:, 2]
    place = tmp_path_factory.mktemp("labels") / "mine"
    nr.learning.Labels.from_arrays(x, value).save(place)
    return place


def run(*arguments):
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.mark.parametrize(
    "name", ["ridge", "nearest_neighbours", "decision_tree", "support_vectors"]
)
def test_methods_learn_any_labels(folder, name):
    done = run(folder, "--surrogate", name, "--json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.output)
    assert (result["samples"], result["held_out"]) == (160, 40)
    assert 0.0 < result["RMSE"] < 0.01
    assert result["greeks"] is (name in ("ridge", "support_vectors"))


def test_a_label_store_is_learned_as_a_folder_of_labels_is(tmp_path):
    pytest.importorskip("pyarrow", reason="the parquet extra is not installed")
    problem = nr.problems.load(small_problem.NAME)
    store = nr.cluster.make_labels(problem, jax.random.key(0), 200, tmp_path / "store")
    store.labels().save(tmp_path / "folder")
    one, other = (
        json.loads(run(tmp_path / place, "--json").output) for place in ("store", "folder")
    )
    assert one | {"seconds": 0} == other | {"seconds": 0}


@pytest.mark.parametrize(
    ("wider", "problem"), [(False, "ten_year_bermudan_payer"), (True, small_problem.NAME)]
)
def test_a_store_of_another_problem_is_refused_by_the_field(tmp_path, wider, problem):
    pytest.importorskip("pyarrow", reason="the parquet extra is not installed")
    made = small_problem.make(0.06) if wider else small_problem.make()
    nr.cluster.make_labels(made, jax.random.key(0), 200, tmp_path / "store", slopes=False)
    done = run(tmp_path / "store", "--problem", problem, "--out", tmp_path / "bundle")
    assert done.exit_code == 2
    assert "manifest.json, field `plan.problem.domain`: " in done.stderr
    assert f"expected labels of '{problem}', found those of 'small_swaption'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "bundle").exists()


def test_a_store_of_the_problem_is_certified_on_it(tmp_path):
    pytest.importorskip("pyarrow", reason="the parquet extra is not installed")
    problem = nr.problems.load(small_problem.NAME)
    nr.cluster.make_labels(problem, jax.random.key(0), 200, tmp_path / "store", slopes=False)
    options = ["--problem", small_problem.NAME, "--points", 459, "--set", "degree=3"]
    done = run(tmp_path / "store", *options, "--out", tmp_path / "bundle", "--json")
    assert done.exit_code == 0, done.output
    assert 0.0 < json.loads(done.output)["error_band"] < 0.01


def test_settings_change_the_method(folder):
    errors = [
        json.loads(run(folder, "--set", f"degree={degree}", "--json").output)["RMSE"]
        for degree in (1, 3)
    ]
    assert errors[1] < 0.1 * errors[0]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--surrogate", "oracle"], "expected a surrogate among"),
        (["--set", "colour=3"], "expected a setting of ridge among"),
        (["--set", "degree=high"], "expected a value like 6"),
        (["--problem", "ten_year_bermudan_receiver"], "--problem and --out together"),
        (["--problem", "mine", "--out", "x"], "expected a problem among"),
    ],
)
def test_bad_requests_are_one_line(folder, arguments, complaint):
    done = run(folder, *arguments)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_labels_with_a_constant_input_are_refused(tmp_path):
    x = np.random.default_rng(0).uniform(0.0, 1.0, (50, 2))
    x[:, 1] = 1.0
    nr.learning.Labels.from_arrays(x, x[:, 0]).save(tmp_path / "flat")
    done = run(tmp_path / "flat")
    assert done.exit_code == 2
    assert "constant in number 1" in done.stderr
