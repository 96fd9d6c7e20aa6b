"""The cancellable problems: parity, the generator's law and its rejections, values at future dates."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.pricers.gaussian.jamshidian import coterminal_values
from neuralrates.problems.cancellable import held_domains
from neuralrates.problems.density import AbstractDensity, acceptance
from neuralrates.problems.generator import RANGES

TODAY = nr.problems.ten_year_cancellable("payer")
HELD = nr.problems.ten_year_cancellable_held("payer")


def test_cancellable_is_swap_and_bermudan_on_either_side():
    payer, receiver = TODAY, nr.problems.ten_year_cancellable("receiver")
    induction = nr.pricers.BackwardInduction(1e-9, 64, 1)

    @jax.jit
    def parts(x):
        model, product = payer.build(x)
        _, mirror = receiver.build(x)
        swap = product.swap.value(model.curve.discount_factor)
        rights = [induction(model, right).value for right in (product.right, mirror.right)]
        return payer(x).value, receiver(x).value, swap, *rights

    drawn = TODAY.domain.sample(jax.random.key(0), 1)[0]
    of_payer, of_receiver, swap, right, mirrored = map(float, parts(drawn))
    assert abs(of_payer - (swap + right)) < 1e-7
    # Payer and receiver swaps of one strike cancel; so what is left of both cancellables is the two rights.
    assert abs(of_payer + of_receiver - (right + mirrored)) < 1e-7


def test_cases_switch_on_their_groups_only():
    moving = {}
    for case in ("I", "II", "III", "IV"):
        x = nr.problems.ten_year_cancellable("payer", case).domain.sample(jax.random.key(1), 64)
        moving[case] = np.ptp(np.asarray(x), axis=0) > 0.0
    # The volatility that gives a rate its implied variance moves with mean reversion even where implied ones stay.
    assert moving["I"].tolist() == [True] * 5 + [False] * 5
    assert moving["II"].tolist() == [True] * 5 + [False] * 5
    assert moving["III"].tolist() == [True] * 9 + [False]
    assert moving["IV"].tolist() == [True] * 10


def test_volatility_gives_the_rate_its_implied_variance():
    uniforms = jax.random.uniform(jax.random.key(3), (10,), jnp.float64)
    x = nr.problems.MarketGenerator("IV").point(uniforms)
    drawn = {
        name: low + (high - low) * float(u)
        for u, (name, (low, high)) in zip(uniforms, RANGES.items(), strict=True)
    }
    for i in range(4):
        centre = 2.5 * i + 1.25
        bump = (drawn["a"] + drawn["b"] * centre) * np.exp(-drawn["c"] * centre)
        times = np.linspace(0.0, 2.5, 20_001)
        kernel = float(x[1 + i]) ** 2 * np.exp(-2.0 * drawn["mean_reversion"] * times)
        variance = np.trapezoid(kernel, times)
        np.testing.assert_allclose(variance, 2.5 * (bump + drawn["d"]) ** 2, rtol=1e-8)


def test_accepted_share_and_guard():
    density = TODAY.domain.density
    share = acceptance(density, TODAY.domain.contains, jax.random.key(4), 4096)
    assert 0.7 < share < 0.95
    x = TODAY.domain.sample(jax.random.key(5), 1)[0]
    zigzag = x.at[1:5].set(jnp.array([0.005, 0.015, 0.005, 0.015]))
    assert TODAY.domain.contains(x)
    assert not TODAY.domain.contains(zigzag)
    assert TODAY.domain.outside(np.asarray(x)) == []
    assert "volatilities" in TODAY.domain.outside(np.asarray(zigzag))[0]


class Nothing(AbstractDensity):
    """Accepts no point at all."""

    num_uniforms: int = eqx.field(static=True, default=1)

    def point(self, uniforms):
        return uniforms

    def accepts(self, x):
        return jnp.zeros((), bool)

    def describe(self):
        return "do not exist"

    def record(self):
        return {}


def test_domain_whose_draws_are_all_rejected_says_so():
    domain = nr.problems.Domain((nr.problems.Axis("rate", "decimal", 0.0, 1.0),), Nothing())
    with pytest.raises(ValueError, match="accepted 0 of 1024 points that do not exist"):
        domain.sample(jax.random.key(0), 10)


def test_value_held_at_a_date_is_what_a_model_started_there_says():
    """Conditional on a state the model is Gaussian again, on the curve of that state: an independent way to the value."""
    years = np.arange(1.0, 7.0)

    @jax.jit
    def held(x):
        model, held = HELD.build(x)
        bonds = jax.vmap(lambda year: model.bond(4.0, 4.0 + year, x[-1]))(years)
        there = bonds, model.mean_reversion, model.volatility, held.product.swap.strike
        return there, HELD(x).value, HELD.control_values(x)

    @jax.jit
    def started_there(bonds, mean_reversion, volatility, strike):
        curve = nr.market.ZeroCurve(years, -jnp.log(bonds) / years, "log_linear")
        # Volatility intervals end at 2.5, 5 and 7.5 years: 1 and 3.5 years after the date.
        later = nr.models.HullWhite(curve, mean_reversion, volatility[1:], [1.0, 3.5])
        right = nr.products.Swaption(
            years[:5], years[1:], [1.0] * 5, strike=strike, side="receiver"
        )
        swap = nr.products.Swap(years, [1.0] * 6, strike=strike, side="payer")
        cancellable = nr.products.CancellableSwap(swap, right)
        pricer = nr.pricers.Cancellable(nr.pricers.BackwardInduction(1e-9, 64, 1))
        return pricer(later, cancellable).value, coterminal_values(later, right)

    there, value, europeans = held(held_domains()[3].sample(jax.random.key(6), 1)[0])
    expected, later_europeans = started_there(*there)
    assert abs(float(value - expected)) < 1e-8
    assert np.all(np.asarray(europeans[:4]) == 0.0)
    np.testing.assert_allclose(europeans[4:], later_europeans, atol=1e-12)


def test_after_the_last_date_only_the_swap_is_left():
    x = held_domains()[8].sample(jax.random.key(7), 1)[0]

    @jax.jit
    def parts(x):
        model, held = HELD.build(x)
        return HELD(x).value, model.bond(9.0, 10.0, x[-1]), held.product.swap.strike

    value, bond, strike = map(float, parts(x))
    assert abs(value - (1.0 - bond - strike * bond)) < 1e-12
