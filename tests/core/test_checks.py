"""Arrays as they are brought to one kind."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuralrates.core.checks import as_array


@pytest.mark.parametrize(
    "value", [2, 2.5, True, [1, 2.5], [[1.0], [2.0]], np.arange(3), np.float32(0.5), [], [np.pi]]
)
def test_numbers_become_float64_arrays(value) -> None:
    found = as_array(value)
    assert isinstance(found, jax.Array)
    assert found.dtype == jnp.float64
    assert np.array_equal(found, np.asarray(value, dtype=np.float64))


def test_the_callers_array_may_change_afterwards() -> None:
    """Memory of the host that lies well for the device would be used as it is."""
    for size in range(1000, 1400, 8):
        mine = np.zeros(size)
        found = as_array(mine)
        mine[0] = 1.0
        assert float(found[0]) == 0.0


@pytest.mark.parametrize("value", [None, [1.0, None], "three", [[1.0], [1.0, 2.0]], 1j])
def test_what_is_no_number_is_refused(value) -> None:
    with pytest.raises((TypeError, ValueError)):
        as_array(value)


def test_traced_parts_are_accepted() -> None:
    assert np.array_equal(jax.jit(lambda x: as_array([x, 1.0]))(2.0), [2.0, 1.0])
