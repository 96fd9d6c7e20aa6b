"""Curves reprice what they are built from: by QuantLib's instruments and by our own curves."""

import datetime
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from compiled import at_each
from market.quantlib_rates import quantlib_curve, quantlib_value
from market.real import real_market
from neuralrates.conventions import evaluation_date
from neuralrates.core import CalibrationError, basis_point

DATE = datetime.date(2024, 3, 19)
Quote = nr.market.Quote
OIS = {"1W": 0.0531, "3M": 0.0532, "1Y": 0.0505, "2Y": 0.0457, "5Y": 0.0405, "10Y": 0.0391}
SOFR = [Quote("ois", "USD-SOFR", tenor, rate) for tenor, rate in (OIS | {"30Y": 0.0366}).items()]
FUTURES = [
    Quote("future", "USD-SOFR", "3M", price, month)
    for month, price in (("2024-03", 94.665), ("2024-04", 94.71), ("2024-06", 94.855))
]
ESTR = [Quote("ois", "EUR-ESTR", t, r) for t, r in (("6M", -0.004), ("2Y", -0.003), ("10Y", 0.01))]
EURIBOR = [
    Quote("deposit", "EUR-EURIBOR-6M", "6M", -0.002),
    Quote("fra", "EUR-EURIBOR-6M", "6M", -0.0015, "6M"),
    *(
        Quote("swap", "EUR-EURIBOR-6M", t, r)
        for t, r in (("2Y", -0.001), ("5Y", 0.004), ("10Y", 0.012))
    ),
]
FED_FUNDS = [
    Quote("deposit", "USD-FEDFUNDS", "1D", 0.0155),
    Quote("ois", "USD-FEDFUNDS", "1Y", 0.0148),
    *(Quote("basis", "USD-FEDFUNDS", t, r) for t, r in (("5Y", 0.0022), ("10Y", 0.0023))),
]
LIBOR = [
    Quote("deposit", "USD-LIBOR-3M", "3M", 0.0191),
    *(
        Quote("swap", "USD-LIBOR-3M", t, r)
        for t, r in (("2Y", 0.0168), ("5Y", 0.017), ("10Y", 0.0185))
    ),
]
SYSTEMS = {
    "futures and OIS": (SOFR[2:], FUTURES),
    "OIS": (SOFR, []),
    "two curves, negative rates": (ESTR, EURIBOR),
    "basis swaps": (FED_FUNDS, LIBOR),
}


def build(name: str, interpolation: str = "log_linear") -> "nr.market.CurveSystem":
    first, second = SYSTEMS[name]
    if name == "futures and OIS":
        return nr.market.bootstrap(DATE, [*first, *second], interpolation=interpolation)
    return nr.market.bootstrap(DATE, first, second, interpolation=interpolation)


each_system = pytest.mark.parametrize("name", SYSTEMS)
each_interpolation = pytest.mark.parametrize("interpolation", ["log_linear", "natural_spline"])


@each_system
@each_interpolation
def test_our_curves_reprice_every_quote(name: str, interpolation: str) -> None:
    system = build(name, interpolation)
    scale = np.array([100.0 if quote.kind == "future" else 1.0 for quote in system.quotes])
    assert len(system.quotes) == len(system.node_labels)
    assert np.max(np.abs(system.residuals) / scale) < 1e-12


@each_system
def test_quantlib_reprices_every_quote(name: str) -> None:
    assert_repriced(DATE, build(name))


def assert_repriced(date: datetime.date, system: "nr.market.CurveSystem") -> None:
    curves = {index: quantlib_curve(date, curve) for index, curve in system.by_index.items()}
    discount = curves[system.discount_index]
    with evaluation_date(date):
        for quote in system.quotes:
            per_rate = 100.0 if quote.kind == "future" else 1.0
            error = (quantlib_value(quote, discount, curves) - quote.value) / per_rate
            assert abs(error) < 1e-10, quote.name


REAL = {
    "market_20240319_usd.csv": ("USD",),
    "market_20160205.txt": ("USD", "EUR"),
    "market_20191230.txt": ("USD", "EUR"),
}


@pytest.mark.parametrize("name", REAL)
def test_quantlib_reprices_every_quote_of_real_markets(shared_data: Path, name: str) -> None:
    market = real_market(shared_data / "ore" / name)
    for currency in REAL[name]:
        assert_repriced(market.valuation_date, market[currency].curves)


@each_interpolation
def test_the_forward_rate_of_today_is_that_of_the_next_moment(interpolation: str) -> None:
    curve = nr.market.ZeroCurve([0.5, 2.0, 10.0], [0.03, 0.035, 0.04], interpolation)
    now, soon = at_each(curve.instantaneous_forward_rate, [0.0, 1e-9])
    assert now == pytest.approx(soon, abs=1e-9)
    assert now == pytest.approx(-np.log(at_each(curve.discount_factor, [1e-4])[0]) / 1e-4, abs=1e-5)


def test_quantlib_agrees_between_nodes() -> None:
    curve = build("futures and OIS").discount
    theirs = quantlib_curve(DATE, curve)
    times = np.arange(1, 40 * 365, 97) / 365.0
    expected = [theirs.discount(time) for time in times.tolist()]
    np.testing.assert_allclose(at_each(curve.discount_factor, times), expected, rtol=0, atol=1e-12)


@each_system
@each_interpolation
def test_jacobian_is_what_bumping_the_quotes_gives(name: str, interpolation: str) -> None:
    system = build(name, interpolation)
    bump = {"future": 1.0}
    for column, quote in enumerate(system.quotes):
        size = basis_point * bump.get(quote.kind, 0.1)
        sides = [_nodes(_moved(system, column, shift), interpolation) for shift in (-size, size)]
        difference = (sides[1] - sides[0]) / (2.0 * size)
        np.testing.assert_allclose(system.jacobian[:, column], difference, rtol=1e-5, atol=3e-7)


def _moved(system: "nr.market.CurveSystem", column: int, shift: float) -> list["nr.market.Quote"]:
    return [
        Quote(q.kind, q.index, q.tenor, q.value + shift * (place == column), q.start)
        for place, q in enumerate(system.quotes)
    ]


def _nodes(quotes: list["nr.market.Quote"], interpolation: str) -> np.ndarray:
    first = [quote for quote in quotes if quote.index == quotes[0].index]
    second = [quote for quote in quotes if quote.index != quotes[0].index]
    system = nr.market.bootstrap(DATE, first, second, interpolation)
    return np.concatenate([np.asarray(curve.zero_rates) for curve in system.curves])


def test_par_deltas_of_a_swap_are_its_own_annuity() -> None:
    system = build("OIS")
    quote = next(place for place, q in enumerate(system.quotes) if q.tenor == "10Y")
    flat = np.eye(len(system.quotes))[quote]
    jacobian = np.asarray(system.jacobian)
    deltas = jacobian.T @ np.linalg.inv(jacobian).T @ flat
    np.testing.assert_allclose(deltas, flat, atol=1e-9)


def test_overlapping_quotes_are_chosen_by_one_rule() -> None:
    system = nr.market.bootstrap(DATE, [*SOFR, *FUTURES])
    assert [quote.name for quote in system.quotes[:2]] == [
        "USD-SOFR future 2024-03+3M",
        "USD-SOFR future 2024-06+3M",
    ]
    assert {quote.name for quote in system.unused} == {
        "USD-SOFR future 2024-04+3M",
        "USD-SOFR OIS 1W",
        "USD-SOFR OIS 3M",
    }


def test_the_order_of_quotes_does_not_matter() -> None:
    forward, backward = (nr.market.bootstrap(DATE, quotes) for quotes in (SOFR, SOFR[::-1]))
    np.testing.assert_array_equal(forward.discount.zero_rates, backward.discount.zero_rates)


def test_quantlib_settings_are_as_before() -> None:
    before = ql.Settings.instance().evaluationDate
    build("OIS")
    assert ql.Settings.instance().evaluationDate == before


def test_a_quote_that_cannot_be_repriced_is_named() -> None:
    quotes = [*SOFR, Quote("ois", "USD-SOFR", "40Y", 0.45)]
    with pytest.raises(CalibrationError, match="USD-SOFR OIS 40Y"):
        nr.market.bootstrap(DATE, quotes)


@pytest.mark.parametrize(
    ("discount", "projection", "match"),
    [
        ([], [], "no quotes"),
        ([SOFR[0], ESTR[0]], [], "one index per curve"),
        (FED_FUNDS, [], "USD-LIBOR-3M"),
        ([Quote("swap", "USD-SOFR", "1Y", 0.03)], [], "expected one of deposit"),
        ([Quote("future", "USD-SOFR", "1M", 95.0, "2024-06")], [], "tenor 3M"),
    ],
)
def test_refusals_say_what_was_expected(discount: list, projection: list, match: str) -> None:
    with pytest.raises(CalibrationError, match=match):
        nr.market.bootstrap(DATE, discount, projection)


@pytest.mark.parametrize(
    "quote_kwargs",
    [
        {"kind": "ois", "index": "USD-SOFR", "tenor": "10Y", "value": 3.9},
        {"kind": "ois", "index": "USD-SOFR", "tenor": "10Y", "value": float("nan")},
        {"kind": "ois", "index": "USD-SOFR", "tenor": "ten", "value": 0.03},
        {"kind": "ois", "index": "USD-SOFR", "tenor": "10Y", "value": 0.03, "start": "1Y"},
        {"kind": "future", "index": "USD-SOFR", "tenor": "3M", "value": 0.05, "start": "2024-06"},
        {"kind": "future", "index": "USD-SOFR", "tenor": "3M", "value": 95.0, "start": "June"},
        {"kind": "fra", "index": "EUR-EURIBOR-6M", "tenor": "6M", "value": 0.03},
    ],
)
def test_quotes_refuse_what_they_cannot_be(quote_kwargs: dict) -> None:
    with pytest.raises(ValueError, match="Argument"):
        Quote(**quote_kwargs)


def test_basis_swaps_name_the_rates_that_they_need() -> None:
    today = datetime.date(2024, 3, 19)
    outright = nr.market.Quote("ois", "USD-FEDFUNDS", "10Y", 0.04)
    basis = nr.market.Quote("basis", "USD-FEDFUNDS", "10Y", 0.002)
    with pytest.raises(CalibrationError, match="expected a curve of USD-LIBOR-3M beside it"):
        nr.market.bootstrap(today, [outright, basis])
    other = nr.market.Quote("basis", "USD-LIBOR-3M", "10Y", 0.002)
    with pytest.raises(
        CalibrationError, match="USD-LIBOR-3M basis 10Y: expected `against`, the other"
    ):
        nr.market.bootstrap(today, [outright], [other])
