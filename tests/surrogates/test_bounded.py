"""A surrogate held between bounds: nothing beyond them, derivatives of what is served, and the same from its graph."""

import jax
import numpy as np
import pytest

import neuralrates as nr
from compiled import at_each
from neuralrates.bundles.runtimes.export import graph_of
from neuralrates.bundles.runtimes.graph_runtime import GraphRuntime
from neuralrates.core.errors import InputError
from neuralrates.learning import room as room_module
from neuralrates.learning.room import fit_room
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.surrogate import named_leaves

DOMAIN = nr.problems.Domain(
    (nr.problems.Axis("a", "decimal", -1.0, 1.0), nr.problems.Axis("b", "decimal", 0.0, 1.0))
)
BOX = nr.surrogates.Scaling.from_bounds(DOMAIN.low, DOMAIN.high)
UNIT = nr.surrogates.Scaling([0.0], [1e-3])
NETWORK = nr.surrogates.Network.random(BOX, UNIT, [6], key=jax.random.key(1))


def bounds(x):
    """The network, moved down by an amount that is negative in a part of the domain: there the bound binds."""
    return nr.surrogates.Bounds(NETWORK(x)[0] - 1e-3 * (x[0] + 0.8), NETWORK(x)[0] + 1e-3)


def test_nothing_lies_beyond_and_slopes_follow_what_is_served():
    held = nr.surrogates.Bounded(bounds, NETWORK)
    x = DOMAIN.sample(jax.random.key(0), 200)
    value, low, high = at_each(lambda x: (held(x)[0], *bounds(x)), x)
    assert np.all(value >= low)
    assert np.all(value <= high)
    binds = np.asarray(x[:, 0]) < -0.8
    assert binds.sum() > 10
    np.testing.assert_array_equal(value[binds], low[binds])
    served, low, network = (
        at_each(jax.grad(f), [[-0.9, 0.5], [0.5, 0.5]])
        for f in (lambda x: held(x)[0], lambda x: bounds(x).low, lambda x: NETWORK(x)[0])
    )
    np.testing.assert_allclose(served, [low[0], network[1]], rtol=1e-12)


@pytest.fixture(scope="module")
def with_room():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room_module, "_STEPS", 500)
        patch.setattr(room_module, "_BATCH", 256)
        found = fit_room(NETWORK, bounds, DOMAIN, key=jax.random.key(2), num_samples=2000)
    return nr.surrogates.Bounded(bounds, NETWORK, found)


def test_bounds_are_looked_at_only_where_they_may_bind(with_room):
    always = nr.surrogates.Bounded(bounds, NETWORK)
    x = DOMAIN.sample(jax.random.key(3), 1000)
    found, expected, room = (at_each(f, x) for f in (with_room, always, with_room.room))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)
    looked = room[:, 0] < 0.0
    assert 0.1 < looked.mean() < 0.4  # it binds in a tenth


def test_the_graph_is_what_jax_computes(with_room):
    """The network is in single precision: to 1e-6 of the largest number, as `graph_of` holds it at points of its own."""
    runtime = GraphRuntime(graph_of(with_room, DOMAIN))
    x = np.asarray(DOMAIN.sample(jax.random.key(4), 400))
    found = runtime(x)
    values, slopes = at_each(jax.value_and_grad(lambda x: with_room(x)[0]), x)
    for one, other in ((found.value, values), (found.jacobian, slopes)):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6 * np.max(np.abs(other)))


def test_disk_and_back(with_room):
    record, arrays = with_room.record(), named_leaves(with_room)
    again = filled(record, arrays, None, bounds)
    assert nr.surrogates.digest(again) == nr.surrogates.digest(with_room)
    with pytest.raises(InputError, match="a problem with bounds"):
        filled(record, arrays)
