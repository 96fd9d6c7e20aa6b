"""Which engine answers on the whole forward curve, and by which certificate."""

import dataclasses
import datetime
import json

import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import SETTINGS
from neuralrates.certificates import proportion_bound
from neuralrates.core.errors import RefusalError
from neuralrates.engines import forward_curve_certificate as room
from neuralrates.engines.forward_curve_certificate import BAND, certificate_of, checked
from neuralrates.engines.forward_curve_correction import shipped
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility

TODAY = datetime.date(2024, 3, 19)


@pytest.fixture
def judged_anew():
    """The band is read again before and after."""
    room.band.cache_clear()
    yield
    room.band.cache_clear()


def _market(volatility: float) -> nr.market.Market:
    labels = ("1Y", "2Y", "5Y"), ("1Y", "3Y", "5Y")
    matrix = SwaptionVolatility(
        [1.0, 2.0, 5.0], [1.0, 3.0, 5.0], np.full((3, 3), volatility), None, *labels
    )
    usd = nr.market.CurrencyMarket("USD", SETTINGS["single curve, USD"].curves(), matrix)
    return nr.market.Market(TODAY, {"USD": usd}, model="forward_curve")


def _book() -> nr.trades.Book:
    trade = nr.trades.BermudanSwaptionTrade(
        trade_id="B",
        currency="USD",
        index="USD-SOFR",
        notional=1e6,
        strike=0.0385,
        side="receiver",
        start_date=datetime.date(2024, 3, 28),
        maturity_date=datetime.date(2027, 3, 28),
        first_exercise_date=datetime.date(2025, 3, 28),
    )
    return nr.trades.Book((trade,))


def _changed():
    correction = shipped()
    inputs = correction.weights.inputs.copy()
    inputs[0, 0, 0] += 1e-12
    return correction._replace(weights=correction.weights._replace(inputs=inputs))


def test_the_correction_answers_where_it_is_in_its_domain() -> None:
    table = nr.price(_book(), _market(0.009), greeks=["vega"])
    assert table.engine[0] == "learned correction"
    assert table.in_domain[0]
    assert table.attrs["passed_over"] == {}


def test_the_band_is_that_of_the_certificate() -> None:
    """Swaps of two years and of one, an annuity of some 1.82 and 0.89: the deviations of value are nearly the same."""
    table = nr.price(_book(), _market(0.009))
    share = certificate_of(shipped()).problem[BAND]
    deviation = table.error_band[0] / 1e6 / share
    assert deviation == pytest.approx(0.009 * max(1.82, 0.89 * 2**0.5), rel=0.03)


def test_bounds_answer_where_it_is_not_and_say_why() -> None:
    table = nr.price(_book(), _market(0.03))
    assert table.engine[0] == "reference"
    (reasons,) = table.attrs["passed_over"].values()
    assert "outside the domain of the learned engine" in reasons[0]
    assert 0.0 < table.error_band[0] < 1e3


def test_a_changed_weight_has_no_certificate(monkeypatch, judged_anew) -> None:
    with pytest.raises(RefusalError, match="made for other weights"):
        certificate_of(_changed())
    monkeypatch.setattr(room, "shipped", _changed)
    table = nr.price(_book(), _market(0.009))
    assert table.engine[0] == "reference"
    (reasons,) = table.attrs["passed_over"].values()
    assert "no certificate of its own" in reasons[0]


def test_a_changed_limit_has_no_certificate() -> None:
    wider = shipped()._replace(most_dates=21)
    with pytest.raises(RefusalError, match="made for other settings"):
        certificate_of(wider)


def test_a_certificate_without_evidence_is_none() -> None:
    bare = dataclasses.replace(certificate_of(shipped()), evidence=None)
    with pytest.raises(RefusalError, match="no certificate"):
        checked(bare, shipped())


def test_its_statements_are_exact_and_its_band_is_what_99_percent_stay_within() -> None:
    certificate = certificate_of(shipped())
    assert certificate.num_samples >= 459  # the fewest that say anything at 99 percent
    assert 0.99**certificate.num_samples < 1.0 - certificate.confidence
    for made in certificate.evidence.statements:
        assert made.samples == certificate.num_samples
        assert made.bound == proportion_bound(made.failures, made.samples, made.confidence)
    farther, around = certificate.outputs
    assert around.mean < farther.mean < around.mean + certificate.reference_error
    assert farther.bound_99 <= farther.largest
    assert json.loads(certificate.to_json())["problem"][BAND] > 0.0
