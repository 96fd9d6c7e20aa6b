"""Market files with several projection curves: written and read back, futures, refusals."""

import json

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from market.euribor import ESTR, EURIBOR, TODAY, basis, nodes, outright, system, written
from neuralrates.core.errors import InputError


def test_files_keep_all_curves(tmp_path):
    for curves in (system(), system("natural_spline"), nodes()):
        market = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves)})
        path = tmp_path / "market.json"
        nr.market.dump(market, path)
        again = nr.market.load(path)["EUR"].curves
        assert list(again.by_index) == list(curves.by_index)
        assert again.quotes == curves.quotes
        for one, other in zip(again.curves, curves.curves, strict=True):
            np.testing.assert_array_equal(one.zero_rates, other.zero_rates)


def test_futures_build_a_term_curve_as_quantlibs_do(tmp_path):
    """EURIBOR futures: adjoining in quarters though their periods overlap by days; convexity from the volatilities."""
    months = ("2024-06", "2024-09", "2024-12", "2025-03", "2025-06")
    quotes = [
        {"kind": "future", "tenor": "3M", "start": month, "value": 96.3 + 0.1 * place}
        for place, month in enumerate(months)
    ]
    three = {
        "index": EURIBOR[3],
        "quotes": [{"kind": "deposit", "tenor": "3M", "value": 0.039}, *quotes],
    }
    three["quotes"].append({"kind": "swap", "tenor": "5Y", "value": 0.027})
    content = written(outright(6), three)
    content["currencies"]["EUR"]["swaption_volatility"] = {
        "expiries": ["1M", "10Y"], "tenors": ["1Y"], "volatilities": [[0.01], [0.01]],
    }  # fmt: skip
    path = tmp_path / "market.json"
    path.write_text(json.dumps(content))
    market = nr.market.load(path)
    curves = market["EUR"].curves
    futures = [quote for quote in curves.quotes if quote.kind == "future"]
    assert [quote.start for quote in futures] == list(months)
    assert np.max(np.abs(curves.residuals)) < 1e-10
    today = ql.Date(19, 3, 2024)
    start, end = ((day - today) / 365.0 for day in (ql.Date(18, 12, 2024), ql.Date(18, 3, 2025)))
    assert futures[2].convexity == pytest.approx(0.5 * 0.01**2 * start * end, rel=1e-12)
    forward = float(
        np.log(
            curves.curve(EURIBOR[3]).discount_factor(start)
            / curves.curve(EURIBOR[3]).discount_factor(end)
        )
    )
    rate = (100.0 - futures[2].value) / 100.0 - futures[2].convexity
    assert np.expm1(forward) == pytest.approx(rate * 90.0 / 360.0, abs=1e-13)
    swap = nr.trades.SwapTrade(
        trade_id="S", currency="EUR", index=EURIBOR[3], side="payer", notional=1e8, strike=0.027,
        start_date="2024-03-21", maturity_date="2029-03-21",
    )  # fmt: skip
    book = nr.trades.Book((swap,))
    table = nr.price(book, market)
    assert abs(table.value[0]) < 1e-3
    check = nr.desk.verify(book, market, table)
    assert set(check.status) == {"agrees"}
    assert abs(check.difference[0]) < 1e-6


@pytest.mark.parametrize(
    ("projection", "message"),
    [
        ([outright(6), outright(6)], "EUR`: expected one curve of EUR-EURIBOR-6M, found two"),
        ([outright(6), {**outright(6), "index": ESTR}], "EUR`: expected one curve of EUR-ESTR"),
        ([outright(6), basis(3, "EUR-EURIBOR-2M")], "basis 10Y.*expected `against` one of"),
        ([outright(6), basis(3, "")], "basis 10Y: expected `against`, the other floating rate"),
        ([outright(6), basis(3, EURIBOR[1])], "expected a curve of EUR-EURIBOR-1M beside it"),
        ([outright(6), basis(3, "USD-SOFR")], "rate of its currency, found USD-SOFR"),
        ([basis(3, EURIBOR[6]), basis(6, EURIBOR[3])], "in a circle.*3M and EUR-EURIBOR-6M"),
        ([outright(6), basis(3, EURIBOR[6], spread_on=ESTR)], "expected `spread_on` EUR-EURIBOR-3M or"),
        ([outright(6), basis(3, EURIBOR[3])], r"projection\[1\].*must be another rate"),
        ([outright(6), {"index": EURIBOR[3], "times": [1.0], "zero_rates": [0.03]}], "as quotes, or"),
        ([outright(6), {**outright(3), "index": "USD-LIBOR-3M"}], "curves of rates in EUR, found USD"),
        ([{**outright(6), "index": "EUR-X"}], r"projection\[0\]`: expected an index among"),
    ],
)  # fmt: skip
def test_bad_files_say_what_was_expected(projection, message, tmp_path):
    path = tmp_path / "market.json"
    path.write_text(json.dumps(written(*projection)))
    with pytest.raises(InputError, match=message) as caught:
        nr.market.load(path)
    assert "\n" not in str(caught.value)


def test_a_curve_alone_needs_no_list(tmp_path):
    path = tmp_path / "market.json"
    content = written(outright(6))
    path.write_text(json.dumps(content))
    listed = nr.market.load(path)["EUR"].curves
    content["currencies"]["EUR"]["projection"] = outright(6)
    path.write_text(json.dumps(content))
    alone = nr.market.load(path)["EUR"].curves
    np.testing.assert_array_equal(listed.projection.zero_rates, alone.projection.zero_rates)
    content["currencies"]["EUR"]["projection"] = {**outright(6), "index": "EUR-X"}
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"currencies\.EUR\.projection`: expected an index among"):
        nr.market.load(path)
