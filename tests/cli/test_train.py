"""`neuralrates train` on any labels: it measures, bundles where asked to, and names what is wrong."""

import json

import jax
import numpy as np
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from cluster import small_problem
from cluster.watching import Watching
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


NETWORK = ("--surrogate", "network", "--set", "neurons=8", "--set", "batch=64")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    pytest.importorskip("pyarrow", reason="the parquet extra is not installed")
    problem, folder = nr.problems.load(small_problem.NAME), tmp_path_factory.mktemp("store")
    return nr.cluster.make_labels(
        problem, jax.random.key(0), 1200, folder, shard_samples=256, slopes=False
    ).folder


def test_a_network_streams_a_store_and_goes_on_from_its_checkpoint(store, tmp_path):
    options = (*NETWORK, "--set", "weight=0", "--set", "steps=800", "--json")
    options += ("--checkpoint", tmp_path / "run")
    done = run(store, *options)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["samples"] + result["held_out"] == 1200
    assert result["held_out"] in (176, 256)
    spread = np.std(nr.cluster.LabelStore.load(store).labels().value)
    assert result["RMSE"] < 0.1 * spread
    again = json.loads(run(store, *options).stdout)
    assert again | {"seconds": 0} == result | {"seconds": 0}
    other = run(store, *options, "--set", "batch=65")
    assert other.exit_code == 2
    assert "manifest.json, field `record.settings.batches.batch`: " in other.stderr
    assert "expected 65, found 64" in other.stderr


def test_a_network_learns_labels_in_memory_too(folder):
    options = (*NETWORK, "--set", "weight=0", "--set", "steps=400", "--json")
    done = run(folder, *options)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert (result["samples"], result["greeks"]) == (160, True)
    assert result["RMSE"] < 1e-3


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--set", "batch=5000"], "`batch` must be at most the"),
        (["--set", "weight=1"], "`weight` must be 0 for labels without derivatives"),
        (["--set", "steps=0"], "`steps` must be at least 1, but is 0"),
    ],
)
def test_a_network_that_a_store_cannot_teach_is_refused_in_one_line(store, arguments, complaint):
    done = run(store, *NETWORK, "--set", "weight=0", *arguments)
    assert done.exit_code == 2, done.output
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_store_that_is_not_finished_or_of_one_shard_is_refused(store, tmp_path):
    problem = nr.problems.load(small_problem.NAME)
    with pytest.raises(KeyboardInterrupt):
        nr.cluster.make_labels(
            *(problem, jax.random.key(0), 600, tmp_path / "part"),
            slopes=False,
            executor=Watching(stop_after=1),
            shard_samples=256,
        )
    nr.cluster.make_labels(problem, jax.random.key(0), 200, tmp_path / "one", slopes=False)
    (tmp_path / "none" / "shards").mkdir(parents=True)
    for place, complaint in (
        ("part", "manifest.json: expected a finished store, found 1 of 3 shards"),
        ("one", "one: Labels of a single shard cannot be split"),
        ("none", "manifest.json: cannot be read: No such file"),
    ):
        done = run(tmp_path / place, *NETWORK, "--set", "weight=0")
        assert done.exit_code == 2
        assert complaint in done.stderr
        assert done.stderr.count("\n") == 1


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
        (["--checkpoint", "x"], "field `--checkpoint`: expected --checkpoint beside --surrogate"),
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
