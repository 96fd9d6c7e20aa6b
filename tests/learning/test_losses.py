"""Losses as sums of terms: what they were before they were one, and the parts they are made of."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr
from compiled import at_each
from neuralrates.surrogates import Baseline, Network, Scaling

# Loss at the start, and of the last of 30 steps: by the six classes of 0.1.0 that these functions replace.
FORMER = {
    "value": (1.2518864670345524, 0.8004887179080474),
    "differential": (1.1052693192573964, 0.7774290514793087),
    "joint": (2.0090748879919, 1.5354884802388877),
    "joint on a baseline": (18.8535841330662, 7.479320529756557),
    "value on a baseline": (5.2255198929505315, 1.257729965985415),
    "slope on a baseline": (4.423773467992304, 1.2477007262492037),
}


def function(x):
    return jnp.stack([jnp.sin(x[0]) * x[1], jnp.cos(x[0] + x[1]), x[0] ** 2 + 0.5 * x[1]])


def three_known(x):
    features = jnp.stack([x[0] * x[1], x[1], jnp.exp(x[0])])
    baseline = jnp.stack([x[0], x[1], x[0] * x[1]])
    return Baseline(features, baseline, 1.0 + x[:1] ** 2 * jnp.ones(3))


def one_known(x):
    product = jnp.prod(x, keepdims=True)
    return Baseline(jnp.concatenate([jnp.sin(x), product]), product, 1.0 + product**2)


@pytest.fixture(scope="module")
def losses():
    @jax.jit
    def drawn():
        x = jax.random.uniform(jax.random.key(5), (64, 2), jnp.float64, -1.0, 1.0)
        return x, jax.vmap(function)(x), jax.vmap(jax.jacrev(function))(x)

    x, value, slope = map(np.asarray, drawn())
    three = nr.learning.Labels.from_arrays(x, value, slope)
    one = nr.learning.Labels.from_arrays(x, value[:, :1], slope[:, :1])
    return {
        "value": nr.learning.value_loss(three, 16),
        "differential": nr.learning.differential_loss(three, 16, 0.5),
        "joint": nr.learning.joint_loss(three, 16, 2.0),
        "joint on a baseline": nr.learning.joint_loss(three, 16, 0.7, baseline=three_known),
        "value on a baseline": nr.learning.value_loss(one, 16, baseline=one_known),
        "slope on a baseline": nr.learning.slope_loss(one, 16, baseline=one_known),
    }


def start(losses, name):
    if "baseline" not in name:
        return losses[name].start((5,), jax.random.key(1))
    whole = name.replace("slope", "value")
    return losses[whole].start((5,), jax.random.key(2))


def test_losses_are_what_they_were(losses):
    key, networks = jax.random.key(9), {name: start(losses, name) for name in losses}
    found = jax.jit(lambda n: {name: losses[name](n[name], key) for name in losses})(networks)
    for name, (former, _) in FORMER.items():
        assert float(found[name]) == pytest.approx(former, rel=1e-10), name


@pytest.mark.parametrize("name", ["differential", "joint on a baseline"])
def test_training_goes_as_it_went(losses, name):
    _, history = nr.learning.fit(
        start(losses, name),
        losses[name],
        optax.adam(1e-2),
        key=jax.random.key(3),
        num_steps=30,
        chunk=30,
    )
    assert float(history.losses[-1]) == pytest.approx(FORMER[name][1], rel=1e-8)


def test_a_loss_is_the_weighted_sum_of_its_parts(losses):
    loss, network = losses["differential"], start(losses, "differential")

    @eqx.filter_jit
    def both(network, key):
        parts = loss.parts(network, key)
        assert list(parts) == ["values", "slopes"]
        return loss(network, key), parts

    whole, parts = both(network, jax.random.key(4))
    expected = (parts["values"] + 0.5 * parts["slopes"]) / (1.0 + 0.5 * 2)
    np.testing.assert_allclose(whole, expected, rtol=1e-14)


def test_objectives_of_a_sum_have_keys_of_their_own(losses):
    of_values, of_slopes = losses["value on a baseline"], losses["slope on a baseline"]
    parts = (("values", 1.0, of_values), ("slopes", 0.25, of_slopes))
    whole = nr.learning.Sum(tuple(nr.learning.Weighted(*part) for part in parts))
    network, (first, second) = start(losses, "value on a baseline"), jax.random.split(KEY)
    found, values, slopes = eqx.filter_jit(
        lambda network: (whole(network, KEY), of_values(network, first), of_slopes(network, second))
    )(network)
    np.testing.assert_allclose(found, values + 0.25 * slopes, rtol=1e-14)


KEY = jax.random.key(6)


@pytest.mark.parametrize("single", [False, True])
def test_one_size_for_all_differentials(losses, single):
    """Against the Jacobian of the whole surrogate: an error counts by the spread of its input, a third input not at all."""
    rng = np.random.default_rng(7)
    x, gradient = rng.normal(size=(6, 3)) * [1.0, 10.0, 0.0], rng.normal(size=(6, 1, 3))
    data = nr.learning.Labels.from_arrays(x, rng.normal(size=(6, 1)), gradient=gradient)

    def known(x):
        return Baseline(jnp.sin(x[:2]), jnp.cos(x[:1]), 1.0 + x[1:2] ** 2)

    loss = nr.learning.differential_loss(
        data, None, 0.5, baseline=known, common_size=True, single=single
    )
    network = loss.start((4,), KEY)
    double = jax.tree.map(lambda array: array.astype(jnp.float64), network)
    surrogate = nr.surrogates.Corrected(known, double)

    def missed(function):
        value, slope = at_each(lambda x: (function(x), jax.jacfwd(function)(x)), x)
        moved = (slope - gradient)[:, 0] * np.std(x, axis=0)
        return np.mean((value - np.asarray(data.value)) ** 2), np.mean(np.sum(moved**2, axis=1))

    errors, baseline = missed(surrogate), missed(lambda x: known(x).value)
    expected = (errors[0] / baseline[0] + 0.5 * errors[1] / baseline[1]) / 1.5
    if single:
        assert network.layers[0].weight.dtype == jnp.float32
    tolerance = 1e-5 if single else 1e-12
    assert float(eqx.filter_jit(loss)(network, KEY)) == pytest.approx(expected, rel=tolerance)


def test_what_is_frozen_stays():
    """A decaying optimiser moves every weight of a network and nothing of its scalings."""
    unit = Scaling([1.0], [2.0])
    network = Network.random(unit, unit, [3], key=KEY)
    moved, _ = nr.learning.fit(
        (nr.surrogates.Frozen(network), network),
        lambda pair, key: 0.0 * (pair[0](jnp.ones(1)) + pair[1](jnp.ones(1)))[0],
        optax.adamw(1e-1, weight_decay=0.5),
        key=KEY,
        num_steps=1,
    )
    assert nr.surrogates.digest(moved[0].part) == nr.surrogates.digest(network)
    np.testing.assert_array_equal(moved[1].output_scaling.scale, [2.0])
    np.testing.assert_allclose(moved[1].layers[0].weight, 0.95 * network.layers[0].weight)


def test_two_parts_of_one_name_are_refused():
    one = nr.learning.value_loss(nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0]))
    twice = (nr.learning.Weighted("same", 1.0, one), nr.learning.Weighted("same", 2.0, one))
    with pytest.raises(ValueError, match="a name of its own"):
        nr.learning.Sum(twice)


@pytest.mark.parametrize(
    ("loss", "settings", "said"),
    [
        ("value_loss", {"batch": 0}, "`batch` must be at least 1, but is 0"),
        ("slope_loss", {"batch": -3}, "`batch` must be at least 1, but is -3"),
        ("value_loss", {"batch": 2.5}, "`batch` of value_loss must be a whole number or None"),
        ("differential_loss", {"weight": -1.0}, "`weight` must be at least 0.0, but is -1.0"),
        ("differential_loss", {"weight": np.nan}, "`weight` must be finite"),
    ],
)
def test_batches_and_weights_that_mean_nothing_are_refused(loss, settings, said):
    data = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
    with pytest.raises(ValueError, match=said):
        getattr(nr.learning, loss)(data, **settings)
    with pytest.raises(ValueError, match="`weight` must be at least 0.0, but is -0.5"):
        nr.learning.Weighted("far", -0.5, nr.learning.value_loss(data))
