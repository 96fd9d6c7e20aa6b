"""A damaged entry of the compile cache costs one run, not all of them."""

import warnings
import zlib

import jax
import jax.numpy as jnp
import pytest
from jax.experimental.compilation_cache import compilation_cache

from neuralrates.bundles.runtimes.compilation_cache import enable_compilation_cache
from neuralrates.bundles.runtimes.damaged_entries import remove_damaged

SETTINGS = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")


@pytest.fixture(autouse=True)
def settings():
    before = {name: getattr(jax.config, name) for name in SETTINGS}
    yield
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


def compiled_into(folder):
    """The cache's entry of one function that a new process would compile."""
    compilation_cache.reset_cache()
    enable_compilation_cache(folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        def an_odd_sum(x):
            return jnp.sum(jnp.sin(x) ** 3)

        jax.jit(an_odd_sum).lower(jnp.arange(7.0)).compile()
    (entry,) = folder.glob("jit_an_odd_sum-*-cache")
    return entry


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_an_entry_that_was_cut_off_is_whole_again_after_the_next_run(tmp_path, kept) -> None:
    entry = compiled_into(tmp_path / "xla")
    whole = entry.read_bytes()
    entry.write_bytes(whole[:kept])
    assert compiled_into(tmp_path / "xla") == entry
    zlib.decompress(entry.read_bytes())


def test_good_entries_stay(tmp_path) -> None:
    good, bad = tmp_path / "jit_f-1-cache", tmp_path / "jit_g-2-cache"
    good.write_bytes(zlib.compress(b"code"))
    bad.write_bytes(zlib.compress(b"code")[:-3])
    remove_damaged(tmp_path)
    assert good.exists()
    assert not bad.exists()
    good.chmod(0o000)  # changes when it was last changed, so that it is looked at again
    good.chmod(0o600)
    remove_damaged(tmp_path)
    assert good.read_bytes() == zlib.compress(b"code")


def test_a_single_wrong_byte_is_seen(tmp_path) -> None:
    entry, packed = tmp_path / "jit_f-1-cache", bytearray(zlib.compress(bytes(range(256)) * 40))
    packed[len(packed) // 2] ^= 1
    entry.write_bytes(bytes(packed))
    remove_damaged(tmp_path)
    assert not entry.exists()
