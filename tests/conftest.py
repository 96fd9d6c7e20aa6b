"""What every test stands on: strict arrays, double precision, and real market data where it is at hand."""

import gc
import os
from pathlib import Path

# A test runs its programs once or twice: optimising them took most of the suite's time, and compiling each in many parts
# a quarter of the rest. What the tests start inherits it.
# XLA_FLAGS= JAX_DISABLE_MOST_OPTIMIZATIONS=0 before `make test` compiles as users do.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1",
)
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

# Two workers fill two cores; a second thread of linear algebra on arrays this small only waits, and waiting takes a processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis  # noqa: E402
import jax  # noqa: E402
import pytest  # noqa: E402

UNOPTIMISED = os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] != "0"
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")

# The same examples every time: a failure that one machine sees, all see. No time limits in tests.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None)
hypothesis.settings.load_profile("house")

# Tracing makes objects by the million, few of them in cycles: looking for those as often as Python does by itself took a
# seventh of the time of tests that compile.
gc.set_threshold(200_000, 20, 50)

# Every compiled function holds memory maps, of which Linux allows a process 65,530; beyond that, compiling crashes.
MAPS, MOST_MAPS = Path("/proc/self/maps"), 25_000

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_finish() -> None:
    """Nothing imported so far is garbage: it need not be looked through again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Optimise where a test's programs run longer than they compile: where it is marked `optimised`."""
    marked = item.get_closest_marker("optimised") is not None
    jax.config.update("jax_disable_most_optimizations", UNOPTIMISED and not marked)


@pytest.fixture(scope="session")
def root() -> Path:
    """Root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real market data beside the checkout; the test skips where there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real market data (../shared/data beside the checkout) is not here")
    return folder


@pytest.fixture(scope="module", autouse=True)
def room_for_compiled_code() -> None:
    """Drop what earlier tests compiled before there is no room for more."""
    if MAPS.exists() and MAPS.read_bytes().count(b"\n") > MOST_MAPS:
        jax.clear_caches()
