"""Sampled payoffs: unbiased values and differentials under an exact policy, whatever is paid along the path."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

import neuralrates as nr
from neuralrates.learning.data import paths
from neuralrates.learning.data.compensators import compensation
from neuralrates.learning.data.hedges import european_martingales
from neuralrates.learning.data.paths import path_value, position
from neuralrates.learning.data.sampled import sample_value
from neuralrates.pricers.gaussian.jamshidian import coterminal_values, european_value
from neuralrates.problems.cancellable import held_domains

TODAY = nr.problems.ten_year_cancellable("payer")
HELD = nr.problems.ten_year_cancellable_held(
    "payer", induction=nr.pricers.BackwardInduction(1e-6, 24, 1)
)
X = jnp.array([0.03, 0.010, 0.011, 0.010, 0.009, 0.04, -0.02, -0.02, 2.0, 0.005])


def exact_policy(exercise, x, state):
    """Value of keeping by backward induction."""
    date = jnp.stack([1.0 + jnp.asarray(exercise, jnp.float64), jnp.reshape(state, ())])
    return HELD.pricer(*HELD.build(jnp.concatenate([x, date]))).value


STATES = jnp.linspace(-0.3, 0.3, 401)


@pytest.fixture(scope="module")
def policy_at_x():
    """The exact policy at the point `X` alone, read from a table of states: programs that use it compile fast."""

    def row(exercise):
        return jax.vmap(lambda state: exact_policy(exercise, X, state))(STATES)

    table = jax.jit(lambda exercises: jax.lax.map(row, exercises))(jnp.arange(9))

    def policy(exercise, x, state):
        return jnp.interp(jnp.reshape(state, ()), STATES, table[exercise])

    return policy


def values_and_slopes(policy, num_paths, payoff, seed, shifts=(0.0,)):
    """Of 1,024 samples at `X`, keeping overvalued by each shift. `X` is an input: compilers compute constants at length."""

    def one(x, shift, key):
        def shifted(exercise, x, state):
            return policy(exercise, x, state) + shift

        return jax.value_and_grad(
            lambda x: sample_value(TODAY, shifted, x, key, num_paths, payoff)[0]
        )(x)

    by_key = jax.vmap(one, (None, None, 0))
    keys = jax.random.split(jax.random.key(seed), 1024)
    return jax.jit(jax.vmap(by_key, (None, 0, None)))(X, jnp.array(shifts), keys)


class Constant(eqx.Module):
    """Keeping is worth the same everywhere."""

    worth: Array = eqx.field(converter=jnp.asarray)

    def __call__(self, exercise, x, state):
        return self.worth


def always_keep(exercise, x, state):
    return jnp.full((), 1.0)


OFF = 20.0 * nr.core.basis_point


@pytest.fixture(scope="module")
def pathwise(policy_at_x):
    """Values and slopes of many paths at one point, by kind of payoff; hedged also with every boundary off."""
    kinds = {"cash_flows": (0.0,), "exercise_value": (0.0,), "hedged": (0.0, OFF)}
    return {
        kind: values_and_slopes(policy_at_x, 1, kind, seed=0, shifts=shifts)
        for kind, shifts in kinds.items()
    }


@pytest.fixture(scope="module")
def exact_at_x():
    """Value and slope of the reference at the point `X`."""
    return jax.jit(jax.value_and_grad(lambda x: TODAY(x).value))(X)


@pytest.mark.parametrize("payoff", ["cash_flows", "exercise_value", "hedged"])
def test_values_and_differentials_are_unbiased_under_the_exact_policy(pathwise, exact_at_x, payoff):
    values, slopes = (np.asarray(found)[0] for found in pathwise[payoff])
    exact, slope = exact_at_x
    error = np.std(values) / np.sqrt(len(values))
    assert abs(float(np.mean(values) - exact)) < 4.0 * error
    errors = np.std(slopes, axis=0) / np.sqrt(len(values))
    assert np.all(np.abs(np.mean(slopes, axis=0) - slope) < 4.5 * errors)


def test_each_payoff_is_less_noisy_than_the_one_before(pathwise):
    kinds = ("cash_flows", "exercise_value", "hedged")
    deviations = [float(np.std(np.asarray(pathwise[kind][0])[0])) for kind in kinds]
    assert deviations[0] > deviations[1] > 3.0 * deviations[2]


@pytest.fixture(scope="module")
def exchanged(policy_at_x):
    """Values at `X` where notionals are exchanged instead: every leg is taken for fixed flows."""
    patch = pytest.MonkeyPatch()
    patch.setattr(paths, "_floating_of", lambda right: jnp.zeros_like(right.flows))
    held = paths.position
    patch.setattr(
        "neuralrates.learning.data.sampled.position",
        lambda model, product: held(model, product)._replace(
            beside_floating=jnp.zeros_like(held(model, product).beside_amounts)
        ),
    )
    yield values_and_slopes(policy_at_x, 1, "cash_flows", seed=0)
    patch.undo()


def test_coupons_have_the_mean_of_exchanged_notionals_and_less_noise(pathwise, exchanged):
    """On the same paths: the difference is zero on average, and a label keeps half its noise."""
    coupons, notionals = (np.asarray(found[0])[0] for found in (pathwise["cash_flows"], exchanged))
    surplus = coupons - notionals
    assert np.std(surplus) > 100.0 * nr.core.basis_point
    assert abs(np.mean(surplus)) < 4.0 * np.std(surplus) / 32.0
    assert np.std(coupons) < 0.6 * np.std(notionals)
    slopes = [np.asarray(found[1])[0] for found in (pathwise["cash_flows"], exchanged)]
    moved = slopes[0] - slopes[1]
    assert np.all(np.abs(np.mean(moved, axis=0)) < 4.5 * np.std(moved, axis=0) / 32.0 + 1e-12)


def test_single_paths_come_in_mirrored_pairs():
    """A state far from any decision: what two neighbours pay differs by the sign of one normal alone."""
    x = jnp.broadcast_to(X, (6, 10))
    labels = nr.learning.sampled_payoffs(TODAY, Constant(1e9), jax.random.key(3), 6, x=x)
    values = np.asarray(labels.value[:, 0])
    model, product = TODAY.build(X)
    swap = float(product.swap.value(model.curve.discount_factor))
    first, second = values[::2] - swap, values[1::2] - swap
    assert np.all(first * second < 0.0)
    assert np.all(np.abs(first + second) < 0.5 * np.abs(first - second))


def test_a_wrong_boundary_costs_value_and_biases_differentials_little(pathwise):
    """A policy off by 20 bp at every boundary: value lost to second order, differentials biased to first."""
    (good, bad), (good_slopes, bad_slopes) = (np.asarray(found) for found in pathwise["hedged"])
    lost = good - bad  # the same paths: what a flipped decision costs
    assert np.mean(lost) < 0.1 * OFF + 4.0 * np.std(lost) / 32.0
    moved = bad_slopes - good_slopes
    bias = np.mean(moved, axis=0) / np.mean(np.abs(good_slopes), axis=0)
    assert np.all(np.abs(bias) < 0.05)


def test_a_policy_that_never_stops_earns_the_swap():
    x = jnp.broadcast_to(X, (4096, 10))
    kept = nr.learning.sampled_payoffs(TODAY, always_keep, jax.random.key(3), 4096, x=x)

    @jax.jit
    def swap_value(x):
        model, product = TODAY.build(x)
        return product.swap.value(model.curve.discount_factor)

    swap = float(swap_value(X))
    # It may still be cancelled where nothing is lost by it: keeping is worth 1, the exercise never that much.
    error = float(jnp.std(kept.value)) / 64.0
    assert abs(float(jnp.mean(kept.value)) - swap) < 4.0 * error


def test_hedges_are_martingales_and_pay_what_europeans_pay():

    @jax.jit
    def simulated(x, key):
        model, product = TODAY.build(x)
        normals = jax.random.normal(key, (4096, 9), dtype=jnp.float64)
        variances = jax.vmap(model.variance)(product.right.exercise_times)
        steps = jnp.sqrt(jnp.diff(variances, prepend=0.0))
        states = jnp.cumsum(normals * steps[None, :], axis=1)[..., None]
        held = position(model, product)
        worth = jax.vmap(lambda s: european_martingales(model, held, s))(states)
        last = jax.vmap(lambda s: model.deflated_bond(9.0, 10.0, s[8, 0]))(states)
        unit = jax.vmap(lambda s: 1.0 / model.numeraire(9.0, s[8, 0]))(states)
        paid = jnp.maximum((1.0 + product.swap.strike) * last - unit, 0.0)
        return worth, coterminal_values(model, product.right), paid

    worth, europeans, paid = map(np.asarray, simulated(X, jax.random.key(4)))
    np.testing.assert_allclose(worth[0, 0], europeans, atol=1e-12)
    for row in (3, 9):
        error = np.std(worth[:, row], axis=0) / 64.0
        assert np.all(np.abs(np.mean(worth[:, row], axis=0) - europeans) < 4.0 * error)
    np.testing.assert_allclose(worth[:, 9, 8], paid, atol=1e-12)


def test_compensated_labels_keep_any_policys_value():
    """A crude policy: the same mean as without the control, path by path on the same normals."""

    def crude(exercise, x, state):
        return 0.01 - 0.5 * jnp.minimum(jnp.reshape(state, ()), 0.0)

    def both(key):
        found = [
            sample_value(TODAY, crude, X, key, 1, p)[0] for p in ("exercise_value", "compensated")
        ]
        return jnp.stack(found)

    found = np.asarray(jax.jit(jax.vmap(both))(jax.random.split(jax.random.key(8), 4096)))
    surplus = found[:, 1] - found[:, 0]
    assert abs(np.mean(surplus)) < 4.0 * np.std(surplus) / 64.0
    assert np.std(surplus) > 10.0 * nr.core.basis_point


def test_compensated_labels_of_an_exact_policy_are_hardly_random():
    """A right to two dates: waiting is worth a European, which has a closed form; so every path gives the price."""
    model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
    right = nr.products.Swaption(
        [2, 5], [3, 4, 5, 6, 7, 8], [1.0] * 6, strike=0.03, side="receiver"
    )
    held = position(model, right)

    def keeping(exercise, state):
        return jnp.where(exercise == 0, held_european(model, right, state), 0.0)

    def label(key):
        paths, shift = jax.random.split(key)
        normals = jax.random.normal(paths, (2, 1), dtype=jnp.float64)
        plain = path_value(model, held, keeping, normals, "exercise_value", None)
        control = compensation(keeping, shift)
        return path_value(model, held, keeping, normals, "compensated", control), plain

    labels, plain = jax.jit(jax.vmap(label))(jax.random.split(jax.random.key(9), 512))
    exact = float(nr.pricers.BackwardInduction()(model, right).value)
    assert np.std(labels) < 0.02 * np.std(plain)
    assert abs(np.mean(labels) - exact) < 4.0 * np.std(labels) / np.sqrt(512)


def held_european(model, right, state):
    """The second exercise alone, seen from the first."""
    bonds = jax.vmap(lambda end: model.bond(2.0, end, state))(right.flow_times)
    variance = model.variance(5.0) - model.variance(2.0)
    loadings = jax.vmap(model.loading)(right.flow_times)
    return european_value(right.flows[1] * bonds, loadings, variance)


def test_held_labels_agree_with_the_reference_and_are_joint(policy_at_x):
    """On states of one market, whose exact policy is at hand."""
    x = held_domains()[4].sample(jax.random.key(5), 256).at[:, :10].set(X[None, :])
    labels = nr.learning.sampled_payoffs(
        HELD, policy_at_x, jax.random.key(6), 256, num_paths=4, payoff="hedged", joint=True, x=x
    )
    exact = jax.jit(jax.vmap(lambda x: HELD(x).value))(x)
    missed = np.asarray(labels.value[:, 0] - exact)
    assert abs(np.mean(missed)) < 4.0 * np.std(missed) / np.sqrt(256)
    assert labels.gradient.shape == (256, 10, 12)
    assert np.all(np.asarray(labels.gradient[:, :, 10]) == 0.0)
    np.testing.assert_allclose(
        labels.value[:, 1:], jax.jit(jax.vmap(HELD.control_values))(x), atol=1e-13
    )


def test_labels_go_on_and_refuse_other_settings(tmp_path):
    def make(num_paths, seen=None, policy=Constant(1e9)):  # noqa: B008
        return nr.learning.sampled_payoffs(
            TODAY, policy, jax.random.key(7), 48, num_paths=num_paths, batch=16, folder=tmp_path, progress=seen,
        )  # fmt: skip

    first = make(1)
    done = []
    again = make(1, lambda *at: done.append(at))
    np.testing.assert_array_equal(first.value, again.value)
    assert done[-1] == (48, 48)
    with pytest.raises(ValueError, match="other settings"):
        make(2)
    with pytest.raises(ValueError, match="other settings"):
        make(1, policy=Constant(-1e9))
    with pytest.raises(ValueError, match="`policy` must be a module"):
        make(1, policy=always_keep)


def test_bad_requests_are_refused():
    with pytest.raises(ValueError, match="num_paths"):
        nr.learning.sampled_payoffs(TODAY, always_keep, jax.random.key(0), 8, num_paths=3)
    with pytest.raises(ValueError, match="`x` must have `num_samples` = 8 points, but has 4"):
        nr.learning.sampled_payoffs(TODAY, always_keep, jax.random.key(0), 8, x=jnp.zeros((4, 10)))


def two_factors(x):
    """European receiver under two Gaussian factors, in level of the curve and first volatility."""
    model = nr.models.GaussianFactors(
        nr.market.FlatCurve(x[0]), [0.02, 0.3], [x[1], 0.008], [[1.0, -0.5], [-0.5, 1.0]]
    )
    return model, nr.products.Swaption([2], [3, 4, 5], [1, 1, 1], strike=0.03, side="receiver")


@pytest.mark.parametrize("payoff", ["cash_flows", "exercise_value"])
def test_any_model_that_simulates_and_any_callable_will_do(payoff):
    axes = (
        nr.problems.Axis("rate", "decimal", 0.02, 0.04),
        nr.problems.Axis("volatility", "per square root of year", 0.005, 0.015),
    )
    problem = nr.problems.Problem(
        "two factors", nr.problems.Domain(axes), two_factors, nr.pricers.GaussianEuropean()
    )

    def worth_nothing_later(exercise, x, state):
        return 0.0

    x = jnp.broadcast_to(jnp.array([0.029, 0.01]), (2048, 2))
    labels = nr.learning.sampled_payoffs(
        problem, worth_nothing_later, jax.random.key(8), 2048, payoff=payoff, x=x
    )
    exact, slope = jax.jit(jax.value_and_grad(lambda x: problem(x).value))(x[0])
    values, slopes = np.asarray(labels.value[:, 0]), np.asarray(labels.gradient[:, 0])
    assert abs(np.mean(values) - float(exact)) < 4.0 * np.std(values) / np.sqrt(2048)
    errors = np.std(slopes, axis=0) / np.sqrt(2048)
    assert np.all(np.abs(np.mean(slopes, axis=0) - slope) < 4.0 * errors)
