"""Greeks equal bump and recalibrate: quotes moved, curves bootstrapped, volatilities fitted and trades priced again."""

import dataclasses
import datetime
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import (
    SETTINGS,
    TODAY,
    Setting,
    assessed,
    difference,
    padded,
    shape_and_inputs,
    trades,
    valued,
    values,
)
from neuralrates.core.units import basis_point
from neuralrates.desk.greeks import AssessAt, cross_gammas, gammas
from neuralrates.engines.engine import Assessment
from neuralrates.engines.market_inputs import MarketInputs
from neuralrates.trades.padded_trade import PaddedTrade

RELATIVE = 1e-6  # of the ladder's largest entry
STEP = 1.0 * basis_point
SECOND = 7.0 * basis_point


class Priced(NamedTuple):
    """A setting, its trades and their Greeks."""

    setting: Setting
    curves: nr.market.CurveSystem
    trades: PaddedTrade
    assessment: Assessment


@pytest.fixture(scope="module", params=SETTINGS)
def priced(request) -> Priced:
    setting, stacked = SETTINGS[request.param], padded(trades(request.param))
    curves = setting.curves()
    return Priced(setting, curves, stacked, valued(setting, stacked, curves))


def check(ladder: np.ndarray, bumped: np.ndarray) -> None:
    """Each trade's ladder against its bumps; trades come first."""
    ladder, bumped = np.asarray(ladder), np.asarray(bumped)
    assert ladder.shape == bumped.shape
    largest = np.max(np.abs(ladder), axis=tuple(range(1, ladder.ndim)), keepdims=True)
    assert np.all(largest > 0.0)
    assert np.max(np.abs(bumped - ladder) / largest) < RELATIVE


def zero_deltas(assessment: Assessment) -> np.ndarray:
    """Derivatives to all zero rates, discount nodes first."""
    gradient = assessment.gradient
    return np.concatenate([gradient.discount_rates, gradient.projection_rates], axis=1)


def moved_curves(curves: nr.market.CurveSystem, shifts: np.ndarray) -> nr.market.CurveSystem:
    """Curves with their zero rates shifted."""
    count = curves.discount.times.shape[0]
    parts = (shifts[:count], shifts[count:])
    moved = [
        eqx.tree_at(lambda one: one.zero_rates, curve, curve.zero_rates + jnp.asarray(part))
        for curve, part in zip(curves.curves, parts, strict=False)
    ]
    return dataclasses.replace(curves, discount=moved[0], projection=moved[-1])


def by_node(priced: Priced, function) -> np.ndarray:
    """Derivatives of a function of setting, trades and curves to each zero rate, on the last axis."""
    nodes = np.eye(len(priced.curves.node_labels))

    def at(shifts: np.ndarray) -> np.ndarray:
        return function(priced.setting, priced.trades, moved_curves(priced.curves, shifts))

    columns = [difference(lambda h, node=node: at(h * node), STEP) for node in nodes]
    return np.stack(columns, axis=-1)


def test_zero_deltas(priced: Priced) -> None:
    check(zero_deltas(priced.assessment), by_node(priced, values))


def test_par_deltas(priced: Priced) -> None:
    """Through a new bootstrap from each moved quote."""
    setting = priced.setting
    quoted = np.array([quote.value for quote in setting.quotes])

    def at(shifts: np.ndarray) -> np.ndarray:
        return values(setting.with_quotes(quoted + shifts), priced.trades)

    columns = [
        difference(lambda h, quote=quote: at(h * quote), STEP) for quote in np.eye(len(quoted))
    ]
    par = zero_deltas(priced.assessment) @ priced.curves.jacobian
    check(par, np.stack(columns, axis=-1))


def _bumped(priced: Priced, matrix: nr.market.SwaptionVolatility) -> np.ndarray:
    moved = dataclasses.replace(priced.setting, volatility=matrix)
    return values(moved, priced.trades, priced.curves)


def test_vegas(priced: Priced) -> None:
    """Through a new fit of each trade's model to the moved matrix, with and without a smile."""
    matrix = priced.setting.volatility

    def at(shifts: np.ndarray) -> np.ndarray:
        table = matrix.volatilities + jnp.asarray(shifts)
        return _bumped(priced, eqx.tree_at(lambda one: one.volatilities, matrix, table))

    quotes = np.eye(9).reshape(9, 3, 3)
    columns = [difference(lambda h, quote=quote: at(h * quote), STEP) for quote in quotes]
    vegas = np.asarray(priced.assessment.gradient.volatility).reshape(-1, 9)
    check(vegas, np.stack(columns, axis=-1))


def test_vegas_to_the_smile(priced: Priced) -> None:
    matrix, smile = priced.setting.volatility, priced.setting.volatility.smile
    if smile is None:
        assert priced.assessment.gradient.smile.size == 0
        return

    def at(shifts: np.ndarray) -> np.ndarray:
        spreads = smile.spreads + jnp.asarray(shifts)
        return _bumped(priced, eqx.tree_at(lambda one: one.smile.spreads, matrix, spreads))

    quotes = np.eye(smile.spreads.size).reshape(-1, *smile.spreads.shape)
    columns = [difference(lambda h, quote=quote: at(h * quote), STEP) for quote in quotes]
    ladder = np.asarray(priced.assessment.gradient.smile).reshape(-1, smile.spreads.size)
    check(ladder, np.stack(columns, axis=-1))


def test_mean_reversion(priced: Priced) -> None:
    def at(shift: float) -> np.ndarray:
        moved = priced.setting.mean_reversion + shift
        setting = dataclasses.replace(priced.setting, mean_reversion=moved)
        return values(setting, priced.trades, priced.curves)

    slope = np.asarray(priced.assessment.gradient.mean_reversion)
    bumped = difference(at, 10.0 * STEP)
    options = np.abs(slope) > 1e-6
    assert options[0]
    assert options[2]
    assert not options[1], "a European is refitted to its own quote: no mean reversion is left"
    check(slope[options, None], bumped[options, None])
    assert abs(bumped[1]) < 1e-9


def assess_at(priced: Priced) -> tuple[AssessAt, MarketInputs]:
    """The trades as a function of the market's numbers, and today's numbers."""
    shape, inputs = shape_and_inputs(priced.setting, priced.curves)
    return lambda moved: assessed(priced.trades, shape, moved), inputs


def test_gamma_is_how_zero_deltas_move(priced: Priced) -> None:
    ones = np.ones(len(priced.curves.node_labels))

    def at(shift: float) -> np.ndarray:
        curves = moved_curves(priced.curves, shift * ones)
        return zero_deltas(valued(priced.setting, priced.trades, curves))

    check(gammas(*assess_at(priced)), difference(at, STEP))


def test_gamma_is_the_curvature_of_the_value(priced: Priced) -> None:
    """From values alone, five of them seven basis points apart."""
    nodes = len(priced.curves.node_labels)
    down, under, today, over, up = (
        values(
            priced.setting, priced.trades, moved_curves(priced.curves, np.full(nodes, k * SECOND))
        )
        for k in range(-2, 3)
    )
    curvature = (16.0 * (under + over) - (down + up) - 30.0 * today) / (12.0 * SECOND**2)
    parallel = np.sum(gammas(*assess_at(priced)), axis=1)
    np.testing.assert_allclose(parallel, curvature, rtol=RELATIVE)


def test_cross_gammas(priced: Priced) -> None:
    crossed, diagonal = cross_gammas(*assess_at(priced)), gammas(*assess_at(priced))
    check(crossed, by_node(priced, lambda *at: zero_deltas(valued(*at))))
    np.testing.assert_array_equal(crossed, np.swapaxes(crossed, 1, 2))
    check(np.sum(crossed, axis=1), diagonal)


@pytest.mark.parametrize("name", SETTINGS)
def test_theta_is_revaluation_a_day_later(name: str) -> None:
    """Trades resolved tomorrow on a market of the same shape, against today's trades when a day has passed."""
    setting = SETTINGS[name]
    tomorrow = values(setting, padded(trades(name, TODAY + datetime.timedelta(days=1))))
    shape, inputs = shape_and_inputs(setting)
    today = padded(trades(name))
    moved = inputs._replace(elapsed=jnp.asarray(np.float64(1.0 / 365.0)))
    later = assessed(today, shape, moved, slopes=False).value
    np.testing.assert_allclose(later, tomorrow, rtol=0.0, atol=1e-13)
    assert np.all(np.abs(later - values(setting, today)) > 1e-8)


def test_a_cancellable_is_its_swap_and_its_right(priced: Priced) -> None:
    """The Bermudan receiver is the right of the cancellable payer: what is left has no vega."""
    gradient = priced.assessment.gradient
    for ladder in (gradient.volatility, gradient.smile, gradient.mean_reversion):
        np.testing.assert_allclose(ladder[2], ladder[0], rtol=1e-8, atol=1e-12)
