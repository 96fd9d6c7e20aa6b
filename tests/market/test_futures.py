"""Futures to two years, then swaps: what is used, what is left out, and what convexity is added."""

import datetime
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import dblquad

import neuralrates as nr
from neuralrates.market.bootstrapping.convexity import future_convexity
from neuralrates.market.bootstrapping.repricing import rate_errors


@pytest.fixture
def cases(shared_data: Path) -> Path:
    """Folder of small inputs with right values, beside the real data."""
    return shared_data.parent / "cases"


DATE = datetime.date(2024, 3, 19)
Quote = nr.market.Quote
SWAPS = [Quote("ois", "USD-SOFR", tenor, 0.05) for tenor in ("1W", "3M", "3Y", "5Y")]
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025, 2026, 2027) for month in (3, 6, 9, 12)]
FUTURES = [Quote("future", "USD-SOFR", "3M", 95.0, month) for month in MONTHS[1:]]


def used(system: "nr.market.CurveSystem", kind: str) -> list[str]:
    return [quote.start or quote.tenor for quote in system.quotes if quote.kind == kind]


def test_futures_stop_at_two_years_unless_told_otherwise() -> None:
    system = nr.market.bootstrap(DATE, [*SWAPS, *FUTURES])
    assert used(system, "future") == MONTHS[1:8]  # the last ends on 18 March 2026
    assert used(system, "ois") == ["1W", "3Y", "5Y"]  # 3M ends on 21 June, inside the first future
    longer = nr.market.bootstrap(DATE, [*SWAPS, *FUTURES], futures_until="3Y")
    assert used(longer, "future") == MONTHS[1:12]


def test_a_swap_that_ends_in_a_gap_between_futures_stays() -> None:
    gap = [quote for quote in FUTURES if quote.start != "2024-09"]
    system = nr.market.bootstrap(DATE, [*SWAPS, Quote("ois", "USD-SOFR", "8M", 0.05), *gap])
    assert "8M" in used(system, "ois")


def test_every_quote_has_an_error_and_those_used_none() -> None:
    system = nr.market.bootstrap(DATE, [*SWAPS, *FUTURES])
    assert np.max(np.abs(rate_errors(DATE, system, system.quotes))) < 1e-12
    cheap = Quote("future", "USD-SOFR", "3M", 94.9, "2024-06")
    implied = next(q for q in system.quotes if q.start == "2024-06")
    gap = rate_errors(DATE, system, [cheap])[0]
    assert gap == pytest.approx((implied.value - cheap.value) / -100.0, abs=1e-12)


def test_convexity_is_that_of_ho_and_lee() -> None:
    """The exact ratio of the futures' to the forward growth, its variances integrated numerically."""
    volatility, start, end = 0.01, 1.5, 1.75

    def covariance(low: float, high: float) -> float:
        inner = dblquad(lambda s, u: min(s, u), low, high, low, high, epsabs=1e-10)[0]
        return volatility**2 * inner

    # Growth expected under the bank account: E[X] + Var[X]/2, with E[X] from the bonds' own variances.
    exponent = (covariance(0.0, end) - covariance(0.0, start) + covariance(start, end)) / 2.0
    exact = (np.exp(exponent) - 1.0) / (end - start)
    found = future_convexity(volatility, start, end)
    assert found == pytest.approx(exact, rel=1e-4)


def write(folder: Path, volatility: dict | None, **quote: float) -> Path:
    future = {"kind": "future", "tenor": "3M", "start": "2025-03", "value": 95.5} | quote
    swaps = [{"kind": "ois", "tenor": tenor, "value": 0.05} for tenor in ("6M", "5Y")]
    entry: dict = {"discount": {"index": "USD-SOFR", "quotes": [future, *swaps]}}
    if volatility is not None:
        entry["swaption_volatility"] = volatility
    path = folder / "market.json"
    content = {"schema": "neuralrates.market/1", "valuation_date": "2024-03-19"}
    path.write_text(json.dumps(content | {"currencies": {"USD": entry}}))
    return path


FLAT = {"type": "normal", "expiries": ["1Y", "5Y"], "tenors": ["1Y"], "volatilities": [[0.01]] * 2}
LOGNORMAL = FLAT | {"type": "lognormal", "volatilities": [[0.01 / 0.045]] * 2}
EXPECTED = future_convexity(0.01, 1.0, 456 / 365)  # 19 March 2025 to 18 June 2025


@pytest.mark.parametrize(
    ("volatility", "given", "expected"),
    [
        (FLAT, {}, EXPECTED),
        (LOGNORMAL, {}, EXPECTED),
        (FLAT, {"convexity": 0.0}, 0.0),
        (FLAT, {"convexity": 0.0002}, 0.0002),
        (None, {}, 0.0),
    ],
)
def test_convexity_comes_from_the_volatilities_where_it_is_not_given(
    tmp_path: Path, volatility: dict | None, given: dict, expected: float
) -> None:
    market = nr.market.load(write(tmp_path, volatility, **given))
    future = next(quote for quote in market["USD"].curves.quotes if quote.kind == "future")
    assert future.convexity == pytest.approx(expected, rel=1e-12)
    assert any("convexity" in note for note in market.notes) == (not given)
    nr.market.dump(market, tmp_path / "again.json")
    again = nr.market.load(tmp_path / "again.json")["USD"].curves
    np.testing.assert_array_equal(
        again.discount.zero_rates, market["USD"].curves.discount.zero_rates
    )


def test_the_ten_year_quote_of_a_market_with_forty_futures_is_repriced(cases: Path) -> None:
    market = nr.market.load(cases / "futures_to_2033.json")
    curves = market["USD"].curves
    ten = next(quote for quote in (*curves.quotes, *curves.unused) if quote.tenor == "10Y")
    assert abs(rate_errors(market.valuation_date, curves, [ten])[0]) < 1e-12
    assert sum("ends after 2Y (`futures_until`)" in note for note in market.notes) > 30


@pytest.mark.parametrize(
    ("tenors", "until", "lines"),
    [((), "2Y", 1), (("1Y",), "2Y", 1), (("30Y",), "2Y", 0), ((), "5Y", 0)],
)
def test_a_curve_cut_where_no_swap_takes_over_is_warned_of(
    tmp_path: Path, tenors: tuple[str, ...], until: str, lines: int
) -> None:
    """Fifteen futures from June 2024 to March 2028: without swaps beyond them the curve ends where the file does not."""
    quotes = [{"kind": "ois", "tenor": tenor, "value": 0.05} for tenor in tenors]
    quotes += [
        {"kind": "future", "tenor": "3M", "start": month, "value": 95.0, "convexity": 0.0}
        for month in MONTHS[1:]
    ]
    usd = {"discount": {"index": "USD-SOFR", "quotes": quotes}, "futures_until": until}
    path = tmp_path / "market.json"
    content = {"schema": "neuralrates.market/1", "valuation_date": DATE.isoformat()}
    path.write_text(json.dumps(content | {"currencies": {"USD": usd}}))
    found = [line for line in nr.market.load(path).warnings if "no swap takes over" in line]
    assert len(found) == lines
    assert all("of USD-SOFR ends after 2.00 years" in line for line in found)
    assert all("(8, to 2028-03-15)" in line for line in found)


def test_par_deltas_add_basis_points_of_rate(cases: Path) -> None:
    """One basis point on a year and on eighteen months of ten million, from the source's own bump."""
    market = nr.market.load(cases / "futures_and_swaps.json")
    book = nr.trades.load(cases / "futures_and_swaps.csv", keep_going=True)
    table = nr.price(book, market, greeks=["par_delta"], keep_going=True).set_index("trade_id")
    assert table["par_delta"]["PAY-1Y"] == pytest.approx(1001.0, abs=1.0)
    assert table["par_delta"]["PAY-18M"] == pytest.approx(1464.0, abs=1.0)
    assert "basis point" in table.attrs["units"]["par_delta"]
