"""The study of Aiolfi et al. (2024): it runs, resumes, leaks nothing, and says what is missing."""

import json

import equinox as eqx
import numpy as np
import pytest
from studies.aiolfi_2024.basket_labels import REFERENCE, BasketLabels
from studies.aiolfi_2024.bermudan_basket import basket
from studies.aiolfi_2024.natural_hedges import natural_hedges

from market.real import real_market


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
    from studies.aiolfi_2024.samples import MARKETS, contracts

    samples, record = BasketLabels.load(root / "studies" / "aiolfi_2024" / "samples")
    for seed, day in enumerate(MARKETS, start=1):
        market = real_market(shared_data / "ore" / f"market_{day}.txt")
        group = 155 * (seed - 1) + 11
        contract = contracts(155, seed)[11]
        assert record["contracts"][group] == f"{day} {contract.name}"
        (trade,) = basket([contract], market.valuation_date, market["EUR"].curves)
        x, at = samples.parameters[3], 14 * group + 3
        price = REFERENCE(*trade.build(x)).value
        np.testing.assert_allclose(price, samples.labels.value[at, 0], rtol=1e-10)
        np.testing.assert_allclose(
            eqx.filter_jit(natural_hedges)(trade, x), samples.labels.x[at], rtol=1e-9
        )


@pytest.mark.parametrize("preset", ["quick", "full"])
def test_the_committed_tables_are_those_of_their_results(root, preset):
    folder = root / "studies" / "aiolfi_2024"
    results = folder / "results" / preset
    if not (results / "results.json").exists():
        pytest.skip(f"no results of the preset {preset} are committed")
    found = json.loads((results / "results.json").read_text())
    table = (results / "claims.md").read_text()
    assert all(str(cell) in table for row in found["claims"] for cell in row)


def test_the_readme_shows_the_table_of_the_full_preset(root):
    folder = root / "studies" / "aiolfi_2024"
    table = (folder / "results" / "full" / "claims.md").read_text()
    assert table.strip()
    assert table in (folder / "README.md").read_text()
