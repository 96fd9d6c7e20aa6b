"""A monitor whose reference is off by what a test plants."""

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("orjson", reason="the server extra is not installed")

from neuralrates.server.monitoring.monitor import Monitor, Sample  # noqa: E402
from neuralrates.server.point_prices import price_points  # noqa: E402

_BASIS_POINT = 1e-4


@pytest.fixture
def watched(bundle, tmp_path):
    """A monitor that checks everything, and one sample of many points; the reference is off in a corner, or nowhere."""

    def made(corner=None, folder=tmp_path):
        def reference(asked, x):
            value = asked.price(x).value
            planted = np.zeros(len(x)) if corner is None else _BASIS_POINT * (x[:, -1] > corner)
            return value + planted, np.zeros(len(x))

        return Monitor(str(folder), 1.0, reference)

    return made


@pytest.fixture(scope="session")
def sample(bundle):
    """Two hundred points between the corners of the domain, and their learned prices."""
    random = np.random.default_rng(3)
    low, high = bundle.domain.low, bundle.domain.high
    x = low + random.random((200, len(low))) * (high - low)
    prices = price_points(bundle, x, "learned")
    kept = prices.learned
    return Sample(bundle, x[kept], prices.value[kept], prices.error_band[kept])
