"""The study of Aiolfi et al. (2024): it runs, resumes, leaks nothing, and says what is missing."""

import json

import equinox as eqx
import numpy as np
import pytest
from studies.aiolfi_2024.basket_labels import REFERENCE, BasketLabels
from studies.aiolfi_2024.bermudan_basket import basket
from studies.aiolfi_2024.natural_hedges import natural_hedges

from market.real import real_market

SAMPLES = ("studies", "aiolfi_2024", "samples")


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
    assert {"grids", "search", "test", "by_sample", "with_norm", "processes"} <= set(found)
    assert list((tmp_path / "figures").glob("figure_07*.svg"))
    assert "| relative Gaussian process |" in (tmp_path / "errors.md").read_text()
    marked = tmp_path / "steps" / "test_ridge.json"
    kept = json.loads(marked.read_text())
    kept["result"]["selected"]["metrics"]["RMSE"] = 123.0
    marked.write_text(json.dumps(kept))
    assert study(["--smoke", "--out", str(tmp_path)]) == 0
    assert "ridge 123" in capsys.readouterr().out
    marked.write_text(json.dumps({"seconds": 1.0, "found": kept["result"]}))
    assert study(["--smoke", "--out", str(tmp_path)]) == 2
    assert f"{marked} was measured with other settings or by older code" in capsys.readouterr().err


def test_missing_market_data_is_said_in_one_line(study, tmp_path, capsys):
    from studies.aiolfi_2024.samples import main

    assert main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    complaint = capsys.readouterr().err
    assert "market data is missing" in complaint
    assert complaint.count("\n") == 1


def test_missing_samples_are_said_in_one_line(study, tmp_path, capsys):
    assert study(["--quick", "--samples", str(tmp_path), "--out", str(tmp_path)]) == 2
    complaint = capsys.readouterr().err.strip().splitlines()
    assert str(tmp_path / "basket") in complaint[-1]


def test_both_sides_have_every_no_call_period_on_every_market():
    from studies.aiolfi_2024.samples import BASKETS, MARKETS, drawn

    wanted = {(wait, side) for wait in range(1, 6) for side in ("payer", "receiver")}
    for name in BASKETS:
        for day in MARKETS:
            assert {(one.no_call, one.side) for one in drawn(name)[day]} == wanted


def test_the_side_says_nothing_of_the_no_call_period_the_length_or_the_strike():
    from studies.aiolfi_2024.samples import contracts

    many = contracts(1000, 7)
    receives = np.array([one.side == "receiver" for one in many])
    for field in ("no_call", "maturity", "strike_offset"):
        values = np.array([getattr(one, field) for one in many])
        error = np.std(values) * (1.0 / receives.sum() + 1.0 / (~receives).sum()) ** 0.5
        assert abs(np.mean(values[receives]) - np.mean(values[~receives])) < 3.0 * error


def test_no_contract_of_the_fresh_basket_is_in_the_other():
    from studies.aiolfi_2024.samples import MARKETS, drawn

    for day in MARKETS:
        assert not set(drawn("fresh")[day]) & set(drawn("basket")[day])
        assert len(set(drawn("fresh")[day])) == 62


def test_the_committed_samples_are_those_of_the_paper_and_do_not_leak(root, study):
    from studies.aiolfi_2024.settings import PRESETS
    from studies.aiolfi_2024.setup import Study

    parts = Study.of(PRESETS["full"], root.joinpath(*SAMPLES), root, print)
    assert (len(parts.samples), len(parts.train), len(parts.test)) == (4340, 3472, 868)
    groups = np.asarray(parts.samples.groups)
    assert not set(groups[parts.train]) & set(groups[parts.test])
    names = parts.record["contracts"]
    assert len(set(names)) == len(names) == 310
    assert len(parts.fresh) == 1736


@pytest.mark.parametrize("name", ["basket", "fresh"])
def test_prices_of_the_real_market_are_those_committed(root, study, shared_data, name):
    from studies.aiolfi_2024.samples import drawn

    samples, record = BasketLabels.load(root.joinpath(*SAMPLES, name))
    for number, (day, chosen) in enumerate(drawn(name).items()):
        market = real_market(shared_data / "ore" / f"market_{day}.txt")
        group = len(chosen) * number + 11
        contract = chosen[11]
        assert record["contracts"][group] == f"{day} {contract.name}"
        (trade,) = basket([contract], market.valuation_date, market["EUR"].curves)
        x, at = samples.parameters[3], 14 * group + 3
        price = REFERENCE(*trade.build(x)).value
        np.testing.assert_allclose(price, samples.labels.value[at, 0], rtol=1e-10)
        np.testing.assert_allclose(
            eqx.filter_jit(natural_hedges)(trade, x), samples.labels.x[at], rtol=1e-9
        )


@pytest.mark.parametrize("preset", ["quick", "full"])
def test_the_committed_tables_are_those_of_their_results(root, study, preset):
    from studies.aiolfi_2024.claims import as_markdown, claims
    from studies.aiolfi_2024.markdown import tables

    results = root / "studies" / "aiolfi_2024" / "results" / preset
    if not results.exists():
        pytest.skip(f"no results of the preset {preset} are committed")
    found = json.loads((results / "results.json").read_text())
    for name, table in {"claims.md": as_markdown(claims(found)), **tables(found)}.items():
        assert (results / name).read_text() == table, name


def test_the_readme_shows_every_table_of_the_full_preset(root):
    readme = (root / "studies" / "aiolfi_2024" / "README.md").read_text()
    for name in ("errors", "costs", "choices", "ablation"):
        assert f"<!-- file: {name}.md -->" in readme
