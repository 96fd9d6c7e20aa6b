"""Nine instruments in one vector: the domain, one price of each, and what names no instrument."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.problems.instrument_inputs import CODES, INPUTS, INSTRUMENTS, instrument_number
from neuralrates.problems.instrument_prices import BERMUDAN, bermudan_product

PROBLEM = nr.problems.nine_instruments()


@pytest.fixture(scope="module")
def points():
    """Three points of every instrument."""
    drawn = np.asarray(PROBLEM.domain.sample(jax.random.key(3), 400))
    number = np.argmax(drawn[:, -len(CODES) :], axis=1)
    return np.stack([drawn[number == k][:3] for k in range(len(INSTRUMENTS))])


@pytest.fixture(scope="module")
def price():
    return jax.jit(lambda x: PROBLEM(x))


def by_name(x):
    return dict(zip(INPUTS, x, strict=True))


def changed(x, **terms):
    return jnp.asarray([terms.get(name, value) for name, value in by_name(x).items()])


def test_every_point_lies_in_the_domain_and_names_one_instrument(points):
    inside = jax.jit(jax.vmap(PROBLEM.domain.contains))
    flat = jnp.asarray(points.reshape(-1, len(INPUTS)))
    assert bool(jnp.all(inside(flat)))
    assert np.all(points[:, :, -len(CODES) :].sum(axis=2) == 1.0)
    bad = [
        changed(points[0, 0], is_swap=1.0),
        changed(points[0, 0], is_floating_rate_note=0.0),
        changed(points[0, 0], coupon=0.03),  # a term that a note does not have
        changed(
            points[0, 0], discount_margin=float(points[0, 0][INPUTS.index("note_spread")]) + 0.0026
        ),
        changed(points[2, 0], zero_5=0.055, zero_7=0.0),
    ]
    assert not np.any(inside(jnp.stack(bad)))
    assert "name one instrument" in PROBLEM.domain.outside(np.asarray(bad[0]))[0]
    assert (
        "zero_5 = 0.07" in PROBLEM.domain.outside(np.asarray(changed(points[2, 0], zero_5=0.07)))[0]
    )


def test_prices_are_those_of_the_closed_forms(points, price):
    frn, bond, swap, _, _, _, bermudan, option, _ = points
    x = by_name(bond[0])
    curve = nr.market.ZeroCurve(
        [0.25, 0.5, 1, 2, 3, 5, 7, 10, 20, 30], bond[0][:10], "natural_spline"
    )
    same = nr.products.FixedRateBond(x["coupon"], x["tenor"], 30)
    value = jax.jit(lambda: same.clean_price(curve.discount_factor))()
    assert float(price(jnp.asarray(bond[0])).value) == pytest.approx(float(value), abs=1e-13)
    at_par = price(changed(swap[0], strike_spread=0.0)).value
    assert float(at_par) == pytest.approx(0.0, abs=1e-15)
    assert float(price(jnp.asarray(frn[0])).value) == pytest.approx(1.0, abs=0.02)
    calls = [price(changed(option[0], log_moneyness=k)).value for k in (-0.1, 0.0, 0.1)]
    assert calls[0] > calls[1] > calls[2] > 0.0
    assert float(price(jnp.asarray(bermudan[0])).error) == BERMUDAN.tolerance


def test_a_bermudan_of_one_date_less_is_worth_less_and_a_european_least(points, price):
    x = changed(points[6, 0], expiry=2.0, tenor=4.0, strike_spread=0.002)
    european = changed(x, is_bermudan_swaption=0.0, is_european_swaption=1.0)
    assert float(price(x).value) > float(price(european).value)


def test_bermudans_agree_with_the_finer_rule(points):
    from neuralrates.problems.instrument_inputs import named, rate_model

    fine = nr.pricers.BackwardInduction(1e-9, 48, 1)

    @jax.jit
    def both(x):
        model, at = rate_model(x), named(x)
        product = bermudan_product(model, at)
        return [engine(model, product).value for engine in (BERMUDAN, fine)]

    for x in points[6]:
        coarse, exact = both(jnp.asarray(x))
        assert abs(float(coarse - exact)) < BERMUDAN.tolerance


def test_no_instrument_no_price(points, price):
    assert np.isnan(price(changed(points[0, 0], is_floating_rate_note=0.0)).value)
    assert np.isnan(price(changed(points[0, 0], is_swap=1.0)).value)
    with pytest.raises(ValueError, match="'convertible'"):
        instrument_number("convertible")


def test_derivatives_are_those_of_the_instruments_own_price(points, monkeypatch):
    """On bonds and swaps alone, which compile quickly."""
    from neuralrates.problems import instrument_prices, multi_instrument

    two = (instrument_prices.fixed_rate_bond, instrument_prices.swap)
    monkeypatch.setattr(multi_instrument, "_DIFFERENT", two)
    monkeypatch.setattr(multi_instrument, "_BRANCH", np.array([0, 0, 1, 0, 0, 0, 0, 0, 0]))
    slopes = jax.jit(jax.vmap(jax.grad(lambda x: PROBLEM(x).value)))
    found = slopes(jnp.asarray(points[1:3, 0]))
    for row, name in enumerate(("fixed_rate_bond", "swap")):
        own = jax.grad(lambda x, name=name: instrument_prices.price_and_baseline(x, name)[0])
        assert np.allclose(found[row], jax.jit(own)(jnp.asarray(points[1 + row, 0])), atol=1e-14)
