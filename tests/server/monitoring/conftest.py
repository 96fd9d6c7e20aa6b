"""A monitor whose reference is off by what a test plants."""

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("orjson", reason="the server extra is not installed")

from neuralrates.server.monitoring.monitor import Monitor, Sample, by_reference  # noqa: E402
from neuralrates.server.point_prices import price_points  # noqa: E402

_BASIS_POINT = 1e-4


@pytest.fixture
def watched(exact, tmp_path):
    """A monitor that checks everything by the exact engine, which is off in a corner, or nowhere."""

    def made(corner=None, folder=tmp_path):
        def reference(asked, x):
            found = np.array([exact.get(row.tobytes(), (np.nan, np.nan)) for row in x])
            planted = np.zeros(len(x)) if corner is None else _BASIS_POINT * (x[:, -1] > corner)
            return found[:, 0] + planted, found[:, 1]

        return Monitor(str(folder), 1.0, reference)

    return made


@pytest.fixture(scope="session")
def sample(bundle):
    """Sixty points between the corners of the domain, and their learned prices."""
    random = np.random.default_rng(3)
    low, high = bundle.domain.low, bundle.domain.high
    x = low + random.random((60, len(low))) * (high - low)
    prices = price_points(bundle, x, "learned")
    kept = prices.learned
    return Sample(bundle, x[kept], prices.value[kept], prices.error_band[kept])


@pytest.fixture(scope="session")
def exact(bundle, sample):
    """Value and error of the bundle's reference by point of the sample."""
    found = zip(*by_reference(bundle, sample.x), strict=True)
    return dict(zip(map(np.ndarray.tobytes, sample.x), found, strict=True))
