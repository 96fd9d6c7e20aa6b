"""The study of Aiolfi et al. (2024): it runs, resumes, leaks nothing, and says what is missing."""

import json

import numpy as np
import pytest

from neuralrates.labels.basket import BasketLabels


@pytest.fixture(scope="module")
def study(root):
    """The study's main function, with the checkout on the path."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(root))
    from studies.aiolfi_2024.__main__ import main

    yield main
    patch.undo()


@pytest.mark.filterwarnings("ignore")
def test_smoke_runs_and_goes_on_from_where_it_was(study, tmp_path, capsys):
    assert study(["--smoke", "--out", str(tmp_path)]) == 0
    assert "| claim | paper | ours | tolerance | verdict |" in capsys.readouterr().out
    found = json.loads((tmp_path / "results.json").read_text())
    assert {"grids", "search", "test", "importance", "noise", "differential"} <= set(found)
    assert list((tmp_path / "figures").glob("figure_08*.svg"))
    marked = tmp_path / "steps" / "test_ridge.json"
    kept = json.loads(marked.read_text())
    kept["found"]["selected"]["metrics"]["RMSE"] = 123.0
    marked.write_text(json.dumps(kept))
    assert study(["--smoke", "--out", str(tmp_path)]) == 0
    assert "ridge 123" in capsys.readouterr().out


def test_missing_market_data_is_said_in_one_line(study, tmp_path, capsys):
    assert study(["--quick", "--fresh", "--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    complaint = capsys.readouterr().err
    assert "market data is missing" in complaint
    assert complaint.count("\n") == 1


def test_the_committed_samples_are_those_of_the_paper_and_do_not_leak(root, study):
    from studies.aiolfi_2024.settings import PRESETS
    from studies.aiolfi_2024.setup import Study

    samples, record = BasketLabels.load(root / "studies" / "aiolfi_2024" / "samples")
    parts = Study.of(PRESETS["full"], samples, record["num_paths"], root, print)
    assert (len(samples), len(parts.train), len(parts.test)) == (4340, 3472, 868)
    groups = np.asarray(samples.groups)
    assert not set(groups[parts.train]) & set(groups[parts.test])
    names = record["contracts"]
    assert len(set(names)) == len(names) == 310


def test_prices_of_the_real_market_are_those_committed(root, study, shared_data):
    from studies.aiolfi_2024.samples import trades

    samples, _ = BasketLabels.load(root / "studies" / "aiolfi_2024" / "samples")
    from neuralrates.labels.basket import REFERENCE

    found, _ = trades(shared_data, 155)
    for number in (0, 200):
        at = 14 * number + 3
        price = REFERENCE(*found[number].build(samples.parameters[at])).value
        np.testing.assert_allclose(price, samples.labels.value[at, 0], rtol=1e-10)
