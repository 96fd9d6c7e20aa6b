"""Runs that die and go on, and how many netting sets are looked at together."""

import dataclasses

import numpy as np
import pytest

import neuralrates as nr
from exposures.cases import FIVE_YEARS, swap
from exposures.test_figures import MARKET, SET, STATED
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.core.files import exclusive
from neuralrates.exposures import room, unfinished
from neuralrates.exposures.netting import NettingSet, netting_of
from neuralrates.exposures.prepared import prepared
from neuralrates.exposures.room import MOST_NUMBERS, groups
from neuralrates.exposures.unfinished import run_digest
from neuralrates.exposures.work import Work

NAMES = ("A", "B", "C")
BOOK = nr.trades.Book(
    tuple(
        swap(**(FIVE_YEARS | {"trade_id": name, "strike": 0.03 + 0.003 * number}))
        for number, name in enumerate(NAMES)
    )
)
NETTING = netting_of(
    STATED
    | {
        "own_credit": {"spreads": {"5Y": 0.006}},
        "netting_sets": [SET | {"netting_set": name, "trades": [name]} for name in NAMES],
    }
)


def run(**asked):
    return nr.exposure(
        BOOK, MARKET, NETTING, **{"dates": "1Y", "paths": 64, "greeks": True} | asked
    )


def tables(found):
    """All of a run."""
    return found.figures, found.profiles, found.trades, found.greeks


def same(one, other, **how):
    """Whether two runs found the same."""
    for left, right in zip(tables(one), tables(other), strict=True):
        assert list(left.columns) == list(right.columns)
        for column in left.columns:
            if left[column].dtype == float:
                np.testing.assert_allclose(left[column], right[column], **how)
            else:
                assert list(left[column]) == list(right[column])


@pytest.fixture
def one_set_a_group(monkeypatch):
    monkeypatch.setattr(room, "_MOST_VALUES", 1)


def dying(monkeypatch, after):
    """Let the power fail once so many groups are done."""
    part, done = Work.part, []

    def count(work, sets, prices):
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(sets)
        return part(work, sets, prices)

    monkeypatch.setattr(Work, "part", count)
    return done


def test_a_run_that_died_goes_on_and_finds_the_same(tmp_path, monkeypatch, one_set_a_group):
    folder, whole = tmp_path / "unfinished", run()
    with monkeypatch.context() as patch:
        dying(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            run(unfinished=folder)
    assert len(list(folder.glob("group-*.json"))) == 2
    with monkeypatch.context() as patch:
        done = dying(patch, 9)
        found = run(unfinished=folder)
    assert [one.netting_set for sets in done for one in sets] == ["C"]
    assert not folder.exists()
    same(found, whole, rtol=0.0, atol=0.0)


def test_another_problem_does_not_go_on_from_there(tmp_path, monkeypatch, one_set_a_group):
    folder = tmp_path / "unfinished"
    with monkeypatch.context() as patch:
        dying(patch, 1)
        with pytest.raises(KeyboardInterrupt):
            run(unfinished=folder)
    netting = NETTING.model_copy(update={"funding_spread": 0.001})
    others = (
        lambda: run(unfinished=folder, seed=2),
        lambda: run(unfinished=folder, paths=128),
        lambda: run(unfinished=folder, dates="6M"),
        lambda: run(unfinished=folder, greeks=False),
        lambda: nr.exposure(BOOK, MARKET, netting, dates="1Y", paths=64, greeks=True, unfinished=folder),
        lambda: nr.exposure(
            nr.trades.Book((*BOOK.trades[:2], swap(**(FIVE_YEARS | {"trade_id": "C", "strike": 0.05})))),
            MARKET, NETTING, dates="1Y", paths=64, greeks=True, unfinished=folder,
        ),
    )  # fmt: skip
    for other in others:
        with pytest.raises(InputError, match=r"run\.json: expected an unfinished run of the same"):
            other()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")
    with pytest.raises(InputError, match="expected an empty folder"):
        run(unfinished=tmp_path / "mine")
    run(unfinished=folder)


def begun(folder, monkeypatch):
    """A run that died with two groups done."""
    with monkeypatch.context() as patch:
        dying(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            run(unfinished=folder)


def test_groups_that_cannot_be_read_are_made_again(tmp_path, monkeypatch, one_set_a_group):
    """One file damaged; then one that is another group's."""
    folder, whole = tmp_path / "unfinished", run()
    for damage in (lambda other: "{", lambda other: other.read_text()):
        begun(folder, monkeypatch)
        first, second = sorted(folder.glob("group-*.json"))
        first.write_text(damage(second))
        with monkeypatch.context() as patch:
            done = dying(patch, 9)
            found = run(unfinished=folder)
        assert [one.netting_set for sets in done for one in sets] == ["A", "C"]
        same(found, whole, rtol=0.0, atol=0.0)


def test_two_runs_never_share_a_folder(tmp_path):
    folder = tmp_path / "unfinished"
    folder.mkdir()
    with exclusive(folder / ".lock"), pytest.raises(InputError, match="expected no other run"):
        run(unfinished=folder)
    run(unfinished=folder)
    assert not folder.exists()


def test_progress_reaches_its_end_after_a_resume(tmp_path, monkeypatch, one_set_a_group):
    folder, seen = tmp_path / "unfinished", []
    begun(folder, monkeypatch)
    run(unfinished=folder, progress=lambda done, whole: seen.append((done, whole)))
    assert seen[-1][0] == seen[-1][1]


def test_all_that_changes_a_figure_changes_the_name_of_a_run(monkeypatch):
    def name(market=MARKET, prices=1.0, **changed):
        (run,) = prepared(BOOK, MARKET, NETTING, "1Y", 0.03, None)
        first, *others = run.trades
        first = dataclasses.replace(first, trade=dataclasses.replace(first.trade, **changed))
        run = dataclasses.replace(run, trades=[first, *others])
        return run_digest([run], market, NETTING, {}, {"A": prices, "B": 2.0, "C": float("nan")})

    caps = nr.market.CapVolatility([5.0], [0.03], [[0.01]])
    usd = dataclasses.replace(MARKET["USD"], cap_volatility=caps)
    names = [
        name(),
        name(prices=1.5),
        name(market=dataclasses.replace(MARKET, currencies={"USD": usd})),
        name(discount_spread=0.001),
        name(second_index="USD-FEDFUNDS"),
    ]
    assert name() == names[0]
    monkeypatch.setattr(unfinished, "_sources", lambda: "other code")
    names.append(name())
    assert len(set(names)) == len(names)


def test_groups_find_what_all_sets_together_find(monkeypatch):
    whole = run(allocate=True)
    with monkeypatch.context() as patch:
        patch.setattr(room, "_MOST_VALUES", 1)
        same(run(allocate=True), whole, rtol=1e-9, atol=1e-15)


def test_as_many_netting_sets_as_fit_are_looked_at_together():
    """A thousand sets on 5,000 paths and 120 dates hold 4.8 gigabytes of values: in groups they need no more than 3.2."""
    sets = [NettingSet(netting_set=str(number), trades=[str(number)]) for number in range(1000)]
    found = groups(sets, 5000, 120, 2000, 1, with_greeks=False)
    assert [one for part in found for one in part] == sets
    assert len(found) > 1
    own, states = 5000 * 120, 2 * 2000 * 5000
    assert all(len(part) * own + states < MOST_NUMBERS for part in found)
    larger = groups(sets, 5000, 120, 2000, 1, with_greeks=True)
    assert max(map(len, larger)) < max(map(len, found))
    allocated = groups(sets, 5000, 120, 2000, 1, with_greeks=True, allocate=True)
    assert max(map(len, allocated)) < max(map(len, larger))
    with pytest.raises(RefusalError, match="expected fewer paths"):
        groups(sets, 5_000_000, 120, 20, 1, with_greeks=False)
