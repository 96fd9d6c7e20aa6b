"""Volatility matrices: exact at their quotes, linear between them, flat outside, honest about bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import TypeCheckError
from scipy.interpolate import RegularGridInterpolator

import neuralrates as nr
from neuralrates.market.curves.linear_interpolation import linear_weights
from neuralrates.market.volatility.lognormal import normal_from_lognormal

EXPIRIES, TENORS = [0.5, 1.0, 5.0, 10.0], [1.0, 5.0, 30.0]
TABLE = 0.01 + 0.001 * np.random.default_rng(1).standard_normal((4, 3))
OFFSETS = [-0.01, 0.0, 0.02]
SPREADS = 0.001 * np.random.default_rng(2).standard_normal((3, 2, 2))
SPREADS[1] = 0.0
SMILE = nr.market.VolatilitySmile(OFFSETS, [1.0, 10.0], [1.0, 30.0], SPREADS)


def test_matrix_is_bilinear_and_flat_outside() -> None:
    matrix = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE)
    inside = RegularGridInterpolator((EXPIRIES, TENORS), TABLE)
    points = np.random.default_rng(3).uniform([0.0, 0.0], [15.0, 40.0], (50, 2))
    ours = jax.vmap(matrix)(*jnp.asarray(points.T))
    clipped = np.clip(points, [0.5, 1.0], [10.0, 30.0])
    np.testing.assert_allclose(ours, inside(clipped), rtol=1e-13)


def test_smile_adds_its_spread_and_nothing_at_the_money() -> None:
    plain = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE)
    smiling = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE, SMILE)
    assert float(smiling(5.0, 5.0)) == float(plain(5.0, 5.0))
    assert float(smiling(1.0, 30.0, 0.01)) == pytest.approx(
        float(plain(1.0, 30.0)) + 0.5 * SPREADS[2, 0, 1], rel=1e-14
    )
    assert float(smiling(1.0, 30.0, 0.05)) == float(smiling(1.0, 30.0, 0.02))


def test_vegas_to_quotes_sum_to_one() -> None:
    matrix = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE)

    def value(table: jax.Array) -> jax.Array:
        return nr.market.SwaptionVolatility(EXPIRIES, TENORS, table)(3.0, 7.0)

    weights = jax.grad(value)(matrix.normal_volatility)
    assert float(jnp.sum(weights)) == pytest.approx(1.0, rel=1e-15)
    assert int(jnp.sum(weights > 0.0)) == 4


def test_labels_follow_the_flattened_matrix() -> None:
    matrix = nr.market.SwaptionVolatility([1.0, 2.0], [5.0, 10.0], TABLE[:2, :2])
    assert matrix.labels == ("1Y x 5Y", "1Y x 10Y", "2Y x 5Y", "2Y x 10Y")


def test_cap_volatility_is_bilinear() -> None:
    caps = nr.market.CapVolatility([1.0, 5.0], [0.0, 0.02, 0.04], [[0.01, 0.012, 0.014]] * 2)
    assert float(caps(3.0, 0.03)) == pytest.approx(0.013, rel=1e-14)
    assert float(caps(30.0, 0.10)) == pytest.approx(0.014, rel=1e-14)
    assert caps.labels[4] == "5Y at 0.02"


@pytest.mark.parametrize("x", [-1.0, 0.0, 0.3, 1.0, 2.5, 4.0, 9.0])
def test_hats_are_a_partition_of_unity(x: float) -> None:
    weights = linear_weights(jnp.array([0.0, 1.0, 4.0]), jnp.array(x))
    assert float(jnp.sum(weights)) == pytest.approx(1.0, rel=1e-15)
    assert float(jnp.min(weights)) >= 0.0


def test_one_node_is_constant() -> None:
    assert float(nr.market.SwaptionVolatility([1.0], [5.0], [[0.01]])(7.0, 2.0)) == 0.01


@pytest.mark.parametrize("bad", [np.nan, -0.001, 0.8, 80.0])
def test_volatilities_that_are_none_are_refused(bad: float) -> None:
    table = np.array(TABLE)
    table[2, 1] = bad
    with pytest.raises(ValueError, match="volatilities"):
        nr.market.SwaptionVolatility(EXPIRIES, TENORS, table)
    with pytest.raises(ValueError, match="volatilities"):
        nr.market.CapVolatility(EXPIRIES, TENORS, table)


def test_axes_must_increase_and_fit() -> None:
    with pytest.raises(ValueError, match="expiries"):
        nr.market.SwaptionVolatility([1.0, 1.0, 5.0, 10.0], TENORS, TABLE)
    with pytest.raises((ValueError, TypeCheckError)):
        nr.market.SwaptionVolatility(EXPIRIES[:3], TENORS, TABLE)


def test_at_the_money_the_matrix_is_met_everywhere_whatever_the_smile() -> None:
    """A smile at two tenors of three and two expiries of four."""
    plain = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE)
    smiling = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE, SMILE)
    points = np.random.default_rng(4).uniform([0.0, 0.0], [15.0, 40.0], (50, 2))
    np.testing.assert_array_equal(jax.vmap(smiling)(*points.T), jax.vmap(plain)(*points.T))


def test_beyond_its_range_a_smile_keeps_its_proportion_to_the_money() -> None:
    plain = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE)
    smiling = nr.market.SwaptionVolatility(EXPIRIES, TENORS, TABLE, SMILE)
    inside = float(smiling(1.0, 30.0, 0.02)) / float(plain(1.0, 30.0))
    assert float(smiling(0.5, 35.0, 0.02)) / float(plain(0.5, 35.0)) == pytest.approx(inside)


def test_shifted_quotes_are_converted_at_forward_and_strike_with_their_tenors_shift() -> None:
    matrix = nr.market.SwaptionVolatility(
        EXPIRIES, TENORS, 20.0 * TABLE, quote_type="shifted_lognormal", shift=[0.01, 0.02, 0.03]
    )
    found = matrix.at_strike(2.0, 3.0, -0.002, 0.01)
    expected = normal_from_lognormal(
        *map(jnp.asarray, (0.013, 0.025)), matrix(2.0, 3.0), jnp.asarray(2.0)
    )
    assert float(found) == pytest.approx(float(expected), rel=1e-14)
    with pytest.raises(ValueError, match="at_strike"):
        _ = matrix.normal_volatility


@pytest.mark.parametrize(
    ("quote_type", "shift", "scale"),
    [
        ("normal", 0.01, 1.0),
        ("lognormal", 0.01, 20.0),
        ("shifted_lognormal", 0.0, 20.0),
        ("shifted_lognormal", 3.0, 20.0),
        ("normal", 0.0, 30.0),
        ("lognormal", 0.0, 2000.0),
        ("black", 0.0, 1.0),
    ],
)
def test_types_that_do_not_fit_their_quotes_are_refused(
    quote_type: str, shift: float, scale: float
) -> None:
    with pytest.raises((ValueError, TypeCheckError)):
        nr.market.SwaptionVolatility(
            EXPIRIES, TENORS, scale * TABLE, quote_type=quote_type, shift=shift
        )
