"""Dated trades as points of the annual Bermudan: worth what the exact engine says, within the reading's own error."""

import dataclasses
import datetime

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from engines.annual_setting import MEAN_REVERSION, ONE_CURVE, TWO_CURVES, euro, seen, trade
from neuralrates.certificates.nearness import Nearness
from neuralrates.certificates.served import Served
from neuralrates.core.units import basis_point
from neuralrates.desk.index_desk import IndexDesk
from neuralrates.engines.annual_reader import AnnualReader
from neuralrates.engines.batches import Batch
from neuralrates.engines.catalogue import candidates
from neuralrates.engines.engine import NotMineError
from neuralrates.engines.learned import LearnedEngine
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.problems.annual.inputs import AnnualInputs

DATE = datetime.date
EXACT = OneFactorEngine(BackwardInduction(1e-8, 48, 1))
TRADES = {
    "one curve": (ONE_CURVE, trade()),
    "cancellable, spread": (ONE_CURVE, trade("cancellable", "receiver", spread=0.002)),
    "long notice": (ONE_CURVE, trade(notice_days=20)),
    "waited for": (
        ONE_CURVE,
        trade(
            start_date=DATE(2021, 6, 15),
            maturity_date=DATE(2033, 6, 15),
            first_exercise_date=DATE(2024, 6, 15),
        ),
    ),
    "far": (
        ONE_CURVE,
        trade(
            start_date=DATE(2024, 8, 31),
            maturity_date=DATE(2036, 8, 31),
            first_exercise_date=DATE(2027, 8, 31),
        ),
    ),
    "two curves": (TWO_CURVES, euro()),
    "two curves, spread": (TWO_CURVES, euro(strike=0.03, spread=0.0025)),
    "two curves, cancellable": (TWO_CURVES, euro("cancellable", "receiver", strike=0.02)),
}


READER = AnnualReader("payer")
PROBLEM = nr.problems.annual_bermudan("payer")


def _exactly(padded, inputs, shape):
    batch = Batch((0,), jax.tree.map(lambda leaf: leaf[None], padded))
    return EXACT.assess(batch, inputs, shape, True)


def _exact(padded, inputs, shape):
    return float(_exactly(padded, inputs, shape).value[0])


@jax.jit
def _price(x):
    return PROBLEM(x).value


@eqx.filter_jit
def _reading(reader, *parts):
    return reader(*parts)


def _read(market, one):
    view = seen(one, market)
    parts = (view.padded, view.inputs, view.shape)
    return _reading(READER, *parts), _exact(*parts)


@pytest.mark.parametrize("name", list(TRADES))
def test_point_is_worth_what_the_trade_is(name):
    market, one = TRADES[name]
    assert READER.refuses(one.resolve(market.valuation_date), market[one.currency]) is None
    reading, exact = _read(market, one)
    assert PROBLEM.domain.outside(np.asarray(reading.x)) == []
    found = reading.beside + reading.unit * _price(reading.x)
    assert abs(float(found - exact)) < min(0.05 * basis_point, float(reading.error))
    assert float(reading.error) < 0.2 * basis_point


def test_swaps_entered_are_worth_what_they_are():
    market, one = TRADES["two curves, spread"]
    reading, _ = _read(market, one)
    point = AnnualInputs.of(reading.x)
    resolved = one.resolve(market.valuation_date)
    curves = market["EUR"].curves
    product = resolved.product(curves.discount.discount_factor, curves.projection.discount_factor)
    factors = jax.vmap(curves.discount.discount_factor)(product.flow_times)
    worth = product.flows @ factors
    found = reading.unit * point.annuities * (point.swap_rates - point.strike)
    np.testing.assert_allclose(found, worth, rtol=0.0, atol=1e-14)


@jax.jit
@jax.grad
def _learned_slopes(inputs, padded, shape):
    reading = READER(padded, inputs, shape)
    return reading.beside + reading.unit * _price(reading.x)


def _exact_slopes(inputs, padded, shape):
    return jax.tree.map(lambda leaf: leaf[0], _exactly(padded, inputs, shape).gradient)


@pytest.mark.traced
@pytest.mark.parametrize(("name", "along"), [("one curve", 0.01), ("two curves", 0.2)])
def test_derivatives_are_those_of_the_exact_engine(name, along):
    view = seen(*reversed(TRADES[name]))
    # A moment on: today an expiry is a node of the matrix, where its slope in time has two values.
    later = view.inputs._replace(elapsed=jnp.asarray(0.001))
    parts = (later, view.padded, view.shape)
    found, right = _learned_slopes(*parts), _exact_slopes(*parts)

    def close(found, right, tolerance):
        size = float(jnp.max(jnp.abs(right), initial=0.0))
        np.testing.assert_allclose(found, right, rtol=0.0, atol=tolerance * size)

    close(found.volatility, right.volatility, 0.02)
    close(found.elapsed, right.elapsed, 0.01)
    # On two curves each is right in sum; where along the curve a basis is earned moves how exercises move together.
    for found_rates, right_rates in zip(found[:2], right[:2], strict=True):
        close(found_rates, right_rates, along)
        close(jnp.sum(found_rates), jnp.sum(right_rates), 0.01)
    if name == "two curves":
        close(found[0] + found[1], right[0] + right[1], 0.03)


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (trade(maturity_date=DATE(2033, 3, 21)), "exercise_dates"),
        (
            trade(
                start_date=DATE(2024, 3, 21),
                maturity_date=DATE(2042, 3, 21),
                first_exercise_date=DATE(2025, 3, 21),
                exercise_frequency="2Y",
            ),
            "exercise_frequency",
        ),
        (trade(notionals=tuple(1e7 - 5e5 * k for k in range(10))), "notionals"),
        (trade(maturity_date=DATE(2033, 9, 21), stub="short back"), "stub"),
    ],
)
def test_field_that_stops_a_trade_is_named(one, field):
    refusal = READER.refuses(one.resolve(ONE_CURVE.valuation_date), ONE_CURVE["USD"])
    assert f"field `{field}`" in str(refusal)
    assert "\n" not in str(refusal)


def test_swap_and_missing_volatilities_are_refused():
    swap = nr.trades.SwapTrade(
        trade_id="S",
        currency="USD",
        index="USD-SOFR",
        side="payer",
        notional=1e6,
        strike=0.03,
        start_date=DATE(2024, 3, 21),
        maturity_date=DATE(2034, 3, 21),
    )
    day = ONE_CURVE.valuation_date
    assert "kind" in str(READER.refuses(swap.resolve(day), ONE_CURVE["USD"]))
    bare = dataclasses.replace(ONE_CURVE["USD"], swaption_volatility=None)
    assert "volatilities" in str(READER.refuses(trade().resolve(day), bare))


def test_learned_engine_answers_what_qualifies_and_the_reference_the_rest():
    trades = [
        trade(trade_id="payer"),
        trade(trade_id="receiver", side="receiver", strike=0.035, spread=0.001),
        trade("cancellable", trade_id="cancellable"),
        trade(trade_id="short", maturity_date=DATE(2033, 3, 21)),
        trade(trade_id="far strike", strike=0.08),
    ]
    book = nr.trades.Book(tuple(trades))
    table = nr.price(book, ONE_CURVE, engine="learned", mean_reversion=MEAN_REVERSION)
    assert list(table.engine) == ["learned"] * 3 + ["reference"] * 2
    assert list(table.in_domain) == [True] * 3 + [False] * 2
    reasons = table.attrs["passed_over"]
    assert set(reasons) == {"short", "far strike"}
    assert all(len(said) == 1 for said in reasons.values())
    assert "field `exercise_dates`" in reasons["short"][0]
    assert "domain" in reasons["far strike"][0]
    exact = nr.price(book, ONE_CURVE, engine="reference", mean_reversion=MEAN_REVERSION)
    assert set(exact.engine) == {"reference"}
    misses = np.abs(table["value"] - exact["value"])
    assert (misses <= table.error_band + exact.error_band).all()
    assert (misses[3:] < 1e-14 * 1e7).all()  # rounding: batches of other sizes


@pytest.mark.parametrize("name", ["one curve", "far", "two curves"])
def test_a_trade_has_the_band_of_its_point(name):
    """As `Bundle.price` has it, which goes another way."""
    (market, one), bundle = TRADES[name], nr.bundles.load("annual_bermudan_payer")
    reading, _ = _read(market, one)
    priced = bundle.price(np.asarray(reading.x))
    book = nr.trades.Book((one,))
    table = nr.price(book, market, engine="learned", mean_reversion=MEAN_REVERSION)
    assert table.engine[0] == "learned"
    expected, constant = (
        float(reading.unit * band + reading.error) * one.notional
        for band in (priced.error_band[0], bundle.error_band)
    )
    assert table.error_band[0] == pytest.approx(expected, rel=1e-6)
    assert table.error_band[0] != pytest.approx(constant, rel=1e-3)


def test_a_trade_far_from_the_distribution_is_left_to_the_reference(monkeypatch):
    """By a law so narrow that nothing is near it."""
    bundle = nr.bundles.load("annual_bermudan_payer")
    record = bundle.local.nearness.record
    kinds = [kind.model_copy(update={"limit": 1e-9}) for kind in record.kinds]
    nearness = Nearness(record.model_copy(update={"kinds": kinds}))
    narrow = dataclasses.replace(bundle, local=Served(bundle.local.band, nearness))
    view = seen(trade(), ONE_CURVE)
    batch = Batch((0,), jax.tree.map(lambda leaf: leaf[None], view.padded))
    for each, is_near in ((bundle, True), (narrow, False)):
        found = LearnedEngine.of(each, READER).assess(batch, view.inputs, view.shape, False)
        assert found.checks.in_domain.tolist() == [is_near]


def test_mean_reversion_passes_through():
    reading, _ = _read(*TRADES["one curve"])
    assert float(reading.x[0]) == MEAN_REVERSION


@pytest.mark.parametrize("one", [trade(side="receiver"), trade("cancellable")])
def test_the_other_side_is_left_to_the_other_reader(one):
    refusal = READER.refuses(one.resolve(ONE_CURVE.valuation_date), ONE_CURVE["USD"])
    assert isinstance(refusal, NotMineError)


def test_a_reader_goes_with_the_bundle_of_its_problem():
    with pytest.raises(ValueError, match="annual_bermudan_9_payer.*annual_bermudan_9_receiver"):
        LearnedEngine.of(nr.bundles.load("annual_bermudan_payer"), AnnualReader("receiver"))


def test_second_derivatives_go_to_the_reference():
    desk = IndexDesk(
        ONE_CURVE["USD"],
        ("USD-SOFR",),
        MEAN_REVERSION,
        frozenset({"gamma"}),
        candidates("one_factor", "learned"),
    )
    for engine in desk.engines:
        refused = "second derivatives" in str(desk._uncertified(engine))
        assert refused == engine.is_learned
    assert sum(engine.is_learned for engine in desk.engines) == 2
