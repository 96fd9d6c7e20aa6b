"""Compiled code is taken from the user's own folder only."""

import os

import jax
import pytest

from neuralrates.bundles.runtimes.compilation_cache import enable_compilation_cache


@pytest.fixture(autouse=True)
def settings():
    names = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
    before = {name: getattr(jax.config, name) for name in names}
    yield
    for name, value in before.items():
        jax.config.update(name, value)


def test_a_new_folder_is_the_user_s_alone(tmp_path):
    folder = enable_compilation_cache(tmp_path / "cache" / "xla")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert jax.config.jax_compilation_cache_dir == str(folder)


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777])
def test_a_folder_that_others_write_to_is_not_used(tmp_path, mode):
    before = jax.config.jax_compilation_cache_dir
    (tmp_path / "xla").mkdir()
    (tmp_path / "xla").chmod(mode)
    with pytest.warns(UserWarning, match="written to by others") as caught:
        assert enable_compilation_cache(tmp_path / "xla") is None
    assert "\n" not in str(caught[0].message)
    assert jax.config.jax_compilation_cache_dir == before


def test_a_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.warns(UserWarning, match="somebody else"):
        assert enable_compilation_cache(tmp_path) is None
