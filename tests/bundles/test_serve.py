"""A bundle serves its surrogate inside its domain and its reference outside."""

import jax
import numpy as np
import pytest

import neuralrates as nr

BAND_SHARE = 0.97


@pytest.fixture(scope="module")
def bundle() -> nr.bundles.Bundle:
    return nr.bundles.load("bermudan")


@pytest.fixture(scope="module")
def points(bundle: nr.bundles.Bundle) -> np.ndarray:
    inside = np.array(bundle.domain.sample(jax.random.key(7), 200))
    inside[0, 0] = bundle.domain.high[0] + 0.01
    return inside


def test_outside_its_domain_the_reference_answers(bundle, points) -> None:
    table = nr.bundles.serve(bundle, points)
    assert list(table.engine[:2]) == ["reference", "learned"]
    assert list(table.in_domain[:2]) == [False, True]
    assert table.error_band[0] < 1e-6 < table.error_band[1]


def test_the_band_covers_the_reference_as_often_as_certified(bundle, points) -> None:
    served = nr.bundles.serve(bundle, points)
    exact = nr.bundles.serve(bundle, points, engine="reference")
    assert (exact.engine == "reference").all()
    covered = np.abs(served.value - exact.value) <= served.error_band
    assert covered.mean() >= BAND_SHARE
    assert served.value[0] == pytest.approx(exact.value[0], rel=1e-12)


def test_points_of_the_wrong_width_are_refused(bundle) -> None:
    with pytest.raises(ValueError, match="one column per input"):
        nr.bundles.serve(bundle, np.zeros((2, 3)))
