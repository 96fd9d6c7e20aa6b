"""Panels: rows that stay together, on disk and back; splits that do not leak."""

import jax
import numpy as np
import pytest
from studies.mixture_of_experts.panel_data import Panel

from neuralrates.core import InputError
from neuralrates.learning.data.splits import by_date_blocks, leave_one_regime_out


def panel(rows=60):
    random = np.random.default_rng(0)
    number = np.arange(rows)
    return Panel(
        x=random.normal(size=(rows, 3)),
        value=random.normal(size=rows),
        baseline=random.normal(size=rows),
        gradient=random.normal(size=(rows, 3)),
        group=number % 2,
        regime=number * 3 // rows,
        day=18_000 + number,
        features=("a", "b", "c"),
        groups=("bond", "swap"),
        regimes=("one", "two", "three"),
    )


def test_rows_stay_together_and_come_back_from_disk(tmp_path):
    whole = panel()
    part = whole.take([3, 5])
    assert part.value.tolist() == whole.value[[3, 5]].tolist()
    assert part.column("b").tolist() == whole.x[[3, 5], 1].tolist()
    both = Panel.concatenate([part, whole.take(slice(0, 3))])
    assert both.day.tolist() == [18_003, 18_005, 18_000, 18_001, 18_002]
    whole.save(tmp_path / "panel")
    again = Panel.load(tmp_path / "panel")
    assert again.features == whole.features
    assert all(
        np.array_equal(a, b)
        for a, b in zip(jax.tree.leaves(again), jax.tree.leaves(whole), strict=True)
    )


def test_damage_is_refused(tmp_path):
    whole = panel()
    whole.save(tmp_path / "panel")
    arrays = tmp_path / "panel" / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-8])
    with pytest.raises(InputError, match="altered or cut"):
        Panel.load(tmp_path / "panel")
    with pytest.raises(ValueError, match="no row of 'swap'"):
        whole.take(whole.group == 0).check()
    with pytest.raises(ValueError, match="no row of 'three'"):
        whole.take(whole.regime < 2).check()
    assert whole.check() is whole


def test_blocks_of_days_do_not_leak():
    random = np.random.default_rng(1)
    day = random.integers(0, 400, 3_000)
    regime = np.where(day < 60, 0, np.where(day < 250, 1, 2))
    train, test = by_date_blocks(day, regime, 0.2, 14, jax.random.key(1))
    assert not set(train) & set(test)
    assert np.abs(day[train][:, None] - day[test][None, :]).min() > 3
    shares = [np.mean(regime[test] == k) / np.mean(regime == k) for k in range(3)]
    assert all(0.5 < share * len(test) / len(day) / 0.2 < 1.5 for share in shares)
    again = by_date_blocks(day, regime, 0.2, 14, jax.random.key(1))
    assert np.array_equal(again[1], test)
    with pytest.raises(ValueError, match="too few days"):
        by_date_blocks(np.zeros(5, dtype=int), np.zeros(5, dtype=int), 0.2, 14, jax.random.key(1))


def test_one_regime_is_left_out():
    train, test = leave_one_regime_out(np.array([0, 1, 2, 1]), 1)
    assert train.tolist() == [0, 2]
    assert test.tolist() == [1, 3]
    with pytest.raises(ValueError, match="regime 7"):
        leave_one_regime_out(np.array([0, 1]), 7)
