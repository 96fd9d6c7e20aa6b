"""Bonds in units of the numeraire are martingales: the model reprices its curve at every time."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from identities.setting import CURVES, model

pytestmark = pytest.mark.traced

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(64)
WEIGHTS = WEIGHTS / np.sqrt(2.0 * np.pi)
MEAN_REVERSIONS = (-0.02, 0.0, 0.03, 0.2)
TIMES = [(0.5, 3.0), (1.5, 1.5), (4.0, 10.0), (9.0, 30.0)]

each_curve = pytest.mark.parametrize("curve", CURVES)


@eqx.filter_jit
def _expected_deflated_bond(
    m: nr.models.HullWhite, time: jax.Array, maturity: jax.Array
) -> jax.Array:
    states = jnp.sqrt(m.variance(time)) * NODES
    return WEIGHTS @ jax.vmap(lambda x: m.bond(time, maturity, x) / m.numeraire(time, x))(states)


@eqx.filter_jit
def _expected_later(
    m: nr.models.HullWhite, now: jax.Array, then: jax.Array, state: jax.Array
) -> jax.Array:
    spread = jnp.sqrt(m.variance(then) - m.variance(now))
    return WEIGHTS @ jax.vmap(lambda x: m.deflated_bond(then, 12.0, x))(state + spread * NODES)


@each_curve
def test_expected_deflated_bond_is_the_discount_factor(curve: str) -> None:
    for mean_reversion in MEAN_REVERSIONS:
        for time, maturity in TIMES:
            m = model(curve, mean_reversion)
            expected = _expected_deflated_bond(m, jnp.asarray(time), jnp.asarray(maturity))
            assert abs(expected / m.curve.discount_factor(maturity) - 1.0) < 1e-13


def test_deflated_bond_is_a_martingale_from_any_state() -> None:
    now, then = jnp.asarray(1.0), jnp.asarray(5.0)
    for mean_reversion in MEAN_REVERSIONS:
        for state in (-0.02, 0.0, 0.03):
            m = model(mean_reversion=mean_reversion)
            later = _expected_later(m, now, then, jnp.asarray(state))
            assert abs(later / m.deflated_bond(now, 12.0, state) - 1.0) < 1e-13


@each_curve
def test_bond_at_its_maturity_is_one(curve: str) -> None:
    m = model(curve)
    bonds = jax.vmap(lambda x: m.bond(3.0, 3.0, x))(jnp.linspace(-0.1, 0.1, 9))
    assert np.max(np.abs(bonds - 1.0)) < 1e-14
