"""Streamed batches: every sample once an epoch, an order of the key alone, and steps that are those of the batches."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.learning import fitting
from neuralrates.learning.data.stream import split_shards

KEY = jax.random.key(4)
SIZES = (7, 7, 7, 7, 3)


class Shards:
    """Labels of sin(x), each input its own number, in shards on the host."""

    def __init__(self, sizes=SIZES, *, gradient=True, sha256="a" * 64):
        self.sizes, self.gradient, self.sha256 = sizes, gradient, sha256
        self.lost = None

    def shard(self, number):
        arrays = self.arrays(number)
        return nr.learning.Labels.from_arrays(
            arrays["x"], arrays["value"], arrays.get("gradient"), arrays["error"]
        )

    def arrays(self, number):
        if number == self.lost:
            raise InputError("the shard is missing", file=f"shard-{number}")
        first = sum(self.sizes[:number])
        x = 0.1 * np.arange(first, first + self.sizes[number])[:, None]
        found = {"x": x, "value": np.sin(x), "error": np.zeros(x.shape)}
        return found | ({"gradient": np.cos(x)[:, :, None]} if self.gradient else {})


def numbers(stream, key, step, count):
    """Numbers of the samples of some batches, shape (count, batch)."""
    blocks, found = stream.blocks(key, step), []
    while len(found) < count:
        arrays, filled = next(blocks)
        found += list(np.rint(np.asarray(arrays["x"])[:filled, :, 0] * 10.0).astype(int))
    return np.array(found[:count])


@pytest.mark.parametrize("window", [1, 2, 3, 99])
@pytest.mark.parametrize("batch", [1, 4, 10, 31])
def test_an_epoch_holds_every_sample_once(window, batch):
    stream = nr.learning.LabelStream(Shards(), batch, window)
    steps = sum(SIZES) // batch
    assert stream.steps_per_epoch == steps
    first, second = np.split(numbers(stream, KEY, 0, 2 * steps), 2)
    for epoch in (first, second):
        assert len(set(epoch.ravel())) == steps * batch
        assert set(epoch.ravel()) <= set(range(sum(SIZES)))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("window", [1, 2, 99])
def test_the_batch_of_a_step_follows_from_the_key_and_the_step(window):
    whole = numbers(nr.learning.LabelStream(Shards(), 4, window), KEY, 0, 25)
    for step in (1, 3, 6, 7, 8, 20):
        again = nr.learning.LabelStream(Shards(), 4, window)
        np.testing.assert_array_equal(numbers(again, KEY, step, 25 - step), whole[step:])
    other = numbers(nr.learning.LabelStream(Shards(), 4, window), jax.random.key(5), 0, 25)
    assert not np.array_equal(other, whole)


def test_a_window_mixes_its_shards_alone():
    sizes = (50,) * 6
    first, second = numbers(nr.learning.LabelStream(Shards(sizes), 100, 2), KEY, 0, 2)
    shards = [set(one // 50) for one in (first, second)]
    assert [len(one) for one in shards] == [2, 2]
    assert shards[0].isdisjoint(shards[1])
    assert len(set(first[:50] // 50)) == 2


def test_all_blocks_have_one_shape():
    blocks = nr.learning.LabelStream(Shards(), 4, 2).blocks(KEY, 0)
    assert len({next(blocks).arrays["x"].shape for _ in range(12)}) == 1


def start():
    unit = nr.surrogates.Scaling([1.5], [1.0])
    return nr.surrogates.Network.random(unit, unit, [6], key=jax.random.key(0))


def train(source=None, steps=30, **options):
    stream = nr.learning.LabelStream(source or Shards(), options.pop("batch", 4), 2)
    loss = nr.learning.differential_loss(Shards().shard(0))
    options = {"key": KEY, "chunk": 7, "optimiser": optax.adam(1e-2)} | options
    optimiser = options.pop("optimiser")
    return nr.learning.fit(start(), loss, optimiser, num_steps=steps, batches=stream, **options)


def test_a_step_is_gradient_descent_on_its_batch():
    """The same by hand: each batch taken from the whole, and the plain gradient of the loss in the same units."""
    rate, steps = 1e-2, 9
    found, history = train(steps=steps, optimiser=optax.sgd(rate), chunk=steps)
    order = jax.random.fold_in(KEY, 2**32 - 1)
    first = Shards().shard(0)
    unit, slope_unit = np.std(first.value), np.sqrt(np.mean(np.asarray(first.gradient) ** 2))

    def loss_of(layers, x):
        network = nr.surrogates.Network(
            start().input_scaling, layers, start().output_scaling, "silu"
        )
        value, slope = jax.vmap(lambda z: (network(z)[0], jax.grad(lambda w: network(w)[0])(z)[0]))(
            x[:, None]
        )
        of_values = jnp.mean(((value - jnp.sin(x)) / unit) ** 2)
        return 0.5 * (of_values + jnp.mean(((slope - jnp.cos(x)) / slope_unit) ** 2))

    layers, losses = start().layers, []
    descent = jax.jit(jax.value_and_grad(loss_of))
    for batch in numbers(nr.learning.LabelStream(Shards(), 4, 2), order, 0, steps):
        loss, slopes = descent(layers, jnp.asarray(0.1 * batch))
        layers = jax.tree.map(lambda one, slope: one - rate * slope, layers, slopes)
        losses.append(float(loss))
    for one, other in zip(*map(jax.tree.leaves, (found.layers, layers)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)
        assert one.dtype == jnp.float64
    np.testing.assert_allclose(history.losses, [np.mean(losses)], rtol=1e-10)


def test_a_loss_on_a_baseline_learns_from_a_stream():
    def baseline(x):
        return nr.surrogates.Baseline(x, x, jnp.ones(1))

    first, stream = Shards().shard(0), nr.learning.LabelStream(Shards(), 4, 2)
    streamed = nr.learning.differential_loss(first, baseline=baseline).on(first)
    plain = nr.learning.differential_loss(first, baseline=baseline)
    assert streamed(start(), KEY) == plain(start(), KEY)
    loss = nr.learning.value_loss(first, baseline=baseline)
    _, history = nr.learning.fit(
        start(), loss, optax.adam(1e-2), key=KEY, num_steps=200, chunk=50, batches=stream
    )
    assert history.losses[-1] < 0.1 * history.losses[0]


def test_a_resumed_run_equals_an_uninterrupted_one_wherever_a_window_ends(tmp_path):
    whole, history = train(steps=40)

    def interrupt(history, num_steps):
        if history.num_steps == 21:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(steps=40, checkpoint=tmp_path / "run", progress=interrupt)
    resumed, course = train(steps=40, checkpoint=tmp_path / "run")
    assert nr.surrogates.digest(resumed) == nr.surrogates.digest(whole)
    np.testing.assert_array_equal(course.losses, history.losses)


def changed_version(monkeypatch):
    told = fitting.installation_of
    monkeypatch.setattr(fitting, "installation_of", lambda rooms: told(rooms) | {"jax": "0.1"})


def changed_code(monkeypatch):
    told = fitting.installation_of
    monkeypatch.setattr(fitting, "installation_of", lambda rooms: told(("core",)))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("batches.labels", {"source": Shards(sha256="b" * 64)}),
        ("batches.batch", {"batch": 5}),
        ("key", {"key": jax.random.key(5)}),
        ("num_steps", {"steps": 14}),
        ("program", {"optimiser": optax.adam(2e-2)}),
        ("installation.jax", changed_version),
        ("installation.code", changed_code),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_by_the_field(tmp_path, monkeypatch, field, change):
    train(steps=7, checkpoint=tmp_path / "run")
    if callable(change):
        change(monkeypatch)
        change = {}
    with pytest.raises(InputError, match=rf"manifest.json, field `record.settings.{field}`: "):
        train(checkpoint=tmp_path / "run", **({"steps": 7} | change))


def test_a_batch_larger_than_the_labels_is_refused():
    with pytest.raises(ValueError, match="`batch` must be at most the 31 samples .* but is 32"):
        nr.learning.LabelStream(Shards(), 32)
    with pytest.raises(ValueError, match="`window` must be at least 1, but is 0"):
        nr.learning.LabelStream(Shards(), 1, 0)


def test_labels_without_derivatives_are_refused_where_the_loss_wants_them():
    with pytest.raises(ValueError, match="must carry gradients"):
        train(Shards(gradient=False))


def test_an_objective_that_is_no_loss_takes_no_batches():
    stream = nr.learning.LabelStream(Shards(), 4)
    with pytest.raises(ValueError, match="`objective` must be a Loss where `batches`"):
        nr.learning.fit(
            start(), lambda _, key: 0.0, optax.sgd(0.1), key=KEY, num_steps=1, batches=stream
        )


def test_a_lost_shard_ends_the_run_in_its_own_words_and_no_thread_is_left():
    source = Shards()
    source.lost = 2
    with pytest.raises(InputError, match="shard-2: the shard is missing"):
        train(source, steps=50)
    train(steps=5)
    assert not [one for one in threading.enumerate() if one.name.startswith("reading-labels")]


def test_a_split_leaves_whole_shards_on_each_side():
    one, other = split_shards(Shards(), KEY, 0.4)
    assert (len(one.numbers), len(other.numbers)) == (3, 2)
    assert set(one.numbers) | set(other.numbers) == set(range(5))
    assert one.sha256 != other.sha256
    assert len(one.arrays(0)["x"]) == one.sizes[0] == SIZES[one.numbers[0]]
    assert len(split_shards(Shards(), KEY, 0.9, most=2)[1].numbers) == 2
    with pytest.raises(ValueError, match="single shard"):
        split_shards(Shards((5,)), KEY, 0.5)
