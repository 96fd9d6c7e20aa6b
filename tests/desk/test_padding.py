"""Trades of different lengths brought to one shape are worth what they were."""

import dataclasses

import jax
import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import SETTINGS, SIZE, assessed, padded, shape_and_inputs, trades, valued
from neuralrates.trades.padded_trade import pad, stack, stacked
from neuralrates.trades.resolved import Size

PADDING = 2e-8  # per unit notional
NAME = "single curve, USD"
LARGE = Size(exercises=10, fixed=32, floating=32, flows=64)
BERMUDAN, EUROPEAN, CANCELLABLE = range(3)


def value(trade: nr.trades.ResolvedTrade, target: Size) -> float:
    """Price of one trade brought to a size."""
    stacked = stack([pad(trade, target)])
    return float(assessed(stacked, *shape_and_inputs(SETTINGS[NAME])).value[0])


@pytest.fixture(scope="module")
def small():
    """All three trades in the size that holds them."""
    return valued(SETTINGS[NAME], padded(trades(NAME)))


def test_padding_changes_no_price(small) -> None:
    bermudan = trades(NAME)[BERMUDAN]
    exact = value(bermudan, bermudan.size)
    assert abs(float(small.value[BERMUDAN]) - exact) < PADDING
    assert abs(value(bermudan, LARGE) - exact) < PADDING


def test_a_padded_european_is_its_closed_form(small) -> None:
    """One exercise and three that are padding."""
    european = trades(NAME)[EUROPEAN]
    assert european.size.exercises == 1
    assert abs(float(small.value[EUROPEAN]) - value(european, european.size)) < PADDING


def test_dead_exercises_are_never_taken(small) -> None:
    """Nor do they count in the misfit."""
    exercises = [len(trade.exercise_dates) for trade in trades(NAME)]
    for which, alive in enumerate(exercises):
        assert np.all(small.checks.probabilities[which, :alive] > 0.0)
        assert np.all(small.checks.probabilities[which, alive:] == 0.0)
        assert np.all(small.checks.model.residual[which, alive:] == 0.0)
        assert np.all(np.diff(small.checks.model.variances[which, :alive]) > 0.0)


def test_swaps_have_no_exercises(small) -> None:
    """The cancellable's swap alone, in closed form."""
    cancellable = trades(NAME)[CANCELLABLE]
    swap = dataclasses.replace(
        cancellable, kind="swap", schedule=cancellable.swap, exercise_dates=()
    )
    curve = SETTINGS[NAME].curves().discount
    exact = float(swap.product(*[curve.discount_factor] * 2).value(curve.discount_factor))
    assert swap.size.exercises == 0
    assert value(swap, LARGE._replace(exercises=0)) == pytest.approx(exact, abs=1e-14)
    held = float(small.value[CANCELLABLE]) - float(small.value[BERMUDAN])
    assert held == pytest.approx(exact, abs=PADDING)


def test_a_trade_is_not_cut_to_a_size_below_its_own() -> None:
    trade = trades(NAME)[CANCELLABLE]
    with pytest.raises(ValueError, match="cannot be padded to 3"):
        pad(trade, SIZE._replace(fixed=3))


def test_stacked_trades_are_those_padded_one_by_one() -> None:
    some = trades(NAME)[:2]
    both = stack([pad(trade, SIZE) for trade in some])
    jax.tree.map(np.testing.assert_array_equal, stacked(some, SIZE), both)
