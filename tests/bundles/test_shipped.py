"""What the wheel ships keeps its certificate's word, in the graphs served: test_export holds them to the surrogates."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.bundles.runtimes.graph_runtime import GraphRuntime
from neuralrates.problems.instrument_prices import price_and_baseline

unit = nr.core.basis_point
BY_SIMULATION = ["forward_caplet", "forward_swaption"]
ONE_PRODUCT = sorted({*nr.bundles.shipped()} - {"nine_instruments", *BY_SIMULATION})


@pytest.mark.parametrize("name", ONE_PRODUCT)
def test_certificates_reach_what_was_asked(name):
    bundle = nr.bundles.load(name)
    target = bundle.certificate.outputs[0]
    assert target.mean < 0.1 * unit
    assert target.bound_99 < 0.5 * unit
    # A spacing is a calendar's fact that nobody hedges; what little it moves beside coupons is not learned.
    hedged = [greek for greek in target.greeks if not greek.input.startswith("spacing")]
    assert all(greek.relative < 0.01 for greek in hedged)
    assert bundle.certificate.reference_error < 0.001 * unit
    checks = {check.relation: check for check in bundle.certificate.arbitrage}
    assert all(check.bound < 0.005 for check in checks.values())


@pytest.mark.parametrize(
    "name", ["bermudan", "cancellable_payer", "cancellable_payer_held", "annual_bermudan_payer"]
)
def test_fresh_prices_and_greeks_are_as_good_as_certified(name):
    bundle = nr.bundles.load(name)
    labels = nr.learning.exact_labels(bundle.problem, jax.random.key(987), 64)
    found = GraphRuntime(bundle.graph)(np.asarray(labels.x))
    target = bundle.certificate.outputs[0]
    errors = np.abs(found.value - labels.value[:, 0])
    # 64 points: the mean may be off by a few standard errors, none may be far beyond the worst.
    assert np.mean(errors) < 2.0 * target.mean
    assert np.max(errors) < 2.0 * target.largest
    mean_error = np.mean(np.abs(found.jacobian - labels.gradient[:, 0]), axis=0)
    for greek in (one for one in target.greeks if not one.input.startswith("spacing")):
        assert mean_error[bundle.domain.index(greek.input)] < 0.01 * greek.mean_size, greek.input


def test_the_guard_knows_outside():
    bundle = nr.bundles.load("bermudan")
    middle = 0.5 * (bundle.domain.low + bundle.domain.high)
    assert bool(bundle.domain.contains(jnp.asarray(middle)))
    assert bundle.domain.outside(middle + 10.0)


def caplet(x):
    return price_and_baseline(x, "caplet")[0]


def test_nine_instruments_are_as_good_as_certified_and_outside_goes_to_the_reference():
    bundle = nr.bundles.load("nine_instruments")
    x = np.asarray(bundle.domain.sample(jax.random.key(988), 512))
    x = x[x[:, bundle.domain.index("is_caplet")] == 1.0]
    value = GraphRuntime(bundle.graph)(x).value
    exact = np.asarray(jax.jit(jax.vmap(caplet))(jnp.asarray(x)))
    target = bundle.certificate.outputs[0]
    errors = np.abs(value - exact)
    assert len(errors) > 30
    assert np.median(errors) < target.median
    assert np.max(errors) < target.largest
    outside = x[0].copy()
    outside[bundle.domain.index("volatility")] = 0.2
    assert not bool(jax.jit(bundle.domain.contains)(jnp.asarray(outside)))
    assert bundle.domain.outside(outside)[0].startswith("volatility = 0.2 is outside")


@pytest.mark.parametrize("name", BY_SIMULATION)
def test_networks_on_the_forward_curve_are_as_good_as_certified(name):
    """At fresh points, by a simulation of other paths; without a strike a price is the floating leg."""
    bundle = nr.bundles.load(name)
    target = bundle.certificate.outputs[0]
    assert target.mean < 0.1 * unit
    checks = {check.relation: check for check in bundle.certificate.arbitrage}
    assert all(check.fraction == 0.0 for check in checks.values())
    x = np.asarray(bundle.domain.sample(jax.random.key(989), 6))
    free = x[0].copy()
    free[-1] = 0.0
    value = GraphRuntime(bundle.graph)(np.concatenate([x, free[None, :]])).value
    simulation = nr.pricers.ForwardSimulation(256, 8, 4, seed=5)
    price = jax.jit(lambda x: jax.lax.map(lambda x: simulation(*bundle.problem.build(x)), x))(x)
    allowed = bundle.certificate.error_band + 4.0 * np.asarray(price.error)
    assert np.all(np.abs(value[:-1] - price.value) < allowed)

    @jax.jit
    def floating_leg(x):
        curve = bundle.problem.build(x)[0].curve
        return curve.discount_factor(x[51]) - curve.discount_factor(x[51] + x[52])

    assert value[-1] == pytest.approx(float(floating_leg(free)), abs=1e-7)
