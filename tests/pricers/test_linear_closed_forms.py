"""Caplets, caps and floating rate notes under one Gaussian factor against other computations of the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.pricers.gaussian.floating_rate_note import (
    discount_margin_price,
    floating_rate_note_price,
)
from neuralrates.products.floating_rate_note import INDEX_TENOR, MONEY_MARKET

MODEL = nr.models.HullWhite(
    nr.market.ZeroCurve([0.25, 1.0, 2.0, 5.0, 10.0], [0.01, 0.012, 0.015, 0.02, 0.024]), 0.03, 0.012
)

price = jax.jit(floating_rate_note_price)
regular = jax.jit(nr.products.FloatingRateNote.regular, static_argnums=3)


@pytest.mark.traced
def test_a_note_is_worth_what_its_bills_average_to():
    """Every reset's rate, simulated state by state, paid at its own date: the convexity is that of the model."""
    note = regular(0.6, 0.001, 0.011, 1)
    discount = MODEL.curve.discount_factor
    nodes, weights = (jnp.asarray(a) for a in np.polynomial.hermite_e.hermegauss(60))

    @jax.jit
    @jax.vmap
    def paid(reset, payment, years):
        def at(state):
            bill = MODEL.bond(reset, reset + INDEX_TENOR, state)
            rate = (1.0 / bill - 1.0) / (INDEX_TENOR * MONEY_MARKET) + note.spread
            return rate * MODEL.bond(reset, payment, state) / MODEL.numeraire(reset, state)

        states = nodes * jnp.sqrt(MODEL.variance(reset))
        return years * jnp.sum(weights / jnp.sqrt(2.0 * jnp.pi) * jax.vmap(at)(states))

    rows, columns = np.nonzero(np.asarray(note.accruals[1:]))
    amounts = note.accruals[1:][rows, columns]
    later = paid(note.reset_times[1:][rows], note.payment_times[columns], amounts)
    known = note.accruals[0] * (note.index_rate + note.spread)
    ahead = note.payment_times > 0.0
    now = jnp.where(ahead, jax.vmap(discount)(jnp.where(ahead, note.payment_times, 1.0)), 0.0)
    total = float(discount(0.6) + jnp.sum(later) + jnp.sum(known * now))
    first = float(jnp.min(jnp.where(note.payment_times > 0.0, note.payment_times, 9.0)))
    total += float(note.accrued_interest) * (float(discount(first)) - 1.0)
    assert float(price(MODEL, note, 0.0)) == pytest.approx(total, abs=1e-9)


def test_a_note_with_its_margin_as_spread_is_worth_par():
    flat = nr.models.HullWhite(nr.market.FlatCurve(0.02), 0.03, 1e-6)
    rate = (np.exp(0.02 * INDEX_TENOR) - 1.0) / (INDEX_TENOR * MONEY_MARKET)
    for maturity in (0.1, 0.25, 1.75, 1.9, 2.0):
        note = regular(maturity, 0.002, rate, 2)
        assert float(price(flat, note, 0.002)) == pytest.approx(1.0, abs=2e-4)


def test_every_day_of_a_note_accrues_once():
    for maturity in (0.003, 0.25, 0.2501, 1.1, 1.99, 2.0):
        note = regular(maturity, 0.0, 0.01, 2)
        whole = jnp.sum(note.accruals) + note.accrued_time
        quarters = np.ceil(maturity / 0.25 - 1e-12) * 0.25
        assert float(whole) == pytest.approx(quarters * MONEY_MARKET, abs=1e-12)


def test_the_treasurys_formula_by_hand():
    days, elapsed, index, spread, margin = [92.0, 90.0, 91.0], 28.0, 0.01, 0.0015, 0.002
    factor, total = 1.0, 0.0
    for number, length in enumerate(days):
        left = length - elapsed * (number == 0)
        factor /= 1.0 + (index + margin) * left / 360.0
        total += factor * (index + spread) * length / 360.0
    total += factor - (index + spread) * elapsed / 360.0
    formula = jax.jit(discount_margin_price)
    assert float(formula(jnp.array(days), elapsed, index, spread, margin)) == pytest.approx(
        total, abs=1e-15
    )
    assert float(formula(jnp.array(days), 0.0, index, spread, spread)) == pytest.approx(
        1.0, abs=1e-15
    )
