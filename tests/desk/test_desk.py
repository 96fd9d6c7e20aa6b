"""The desk: one row a trade, units on every column, refusals in one line, Greeks in currency."""

import dataclasses
import datetime
from collections.abc import Callable, Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import neuralrates as nr
from neuralrates.core import InputError, NeuralratesError, RefusalError
from neuralrates.core.units import basis_point
from neuralrates.desk.example import example_files

GROUPING = 2e-8  # of the notional
BUMPED = 1e-6  # relative
BAND = 1e-6  # of the notional
GREEKS = ("vega", "zero_delta", "par_delta", "theta", "mean_reversion")
FIRST = (
    "trade_id",
    "kind",
    "currency",
    "side",
    "position",
    "notional",
    "value",
    "error_band",
    "engine",
    "in_domain",
    "exercise_probability",
    "status",
)
CHOSEN = (
    "SWP-05Y-PAY",
    "BRM-05NC1-REC",
    "EUR-1Yx10Y-REC",
    "SWP-10Y-REC",
    "BRM-10NC1-PAY",
    "BRM-10NC1-REC",
    "EUR-5Yx5Y-PAY",
)
"""Kinds mixed on purpose; no more than one compiled size each for swaps, Europeans and Bermudans."""


def _ten_year(kind: str, side: str, trade_id: str) -> nr.trades.AbstractTrade:
    fields = {
        "trade_id": trade_id,
        "currency": "USD",
        "index": "USD-SOFR",
        "side": side,
        "notional": 2.5e7,
        "strike": 0.0375,
        "start_date": "2024-03-21",
        "maturity_date": "2034-03-21",
    }
    if kind != "swap":
        fields["first_exercise_date"] = "2026-03-23"
    kinds = {
        "swap": nr.trades.SwapTrade,
        "bermudan": nr.trades.BermudanSwaptionTrade,
        "cancellable": nr.trades.CancellableSwapTrade,
    }
    return kinds[kind](**fields)


@pytest.fixture(scope="module")
def market() -> nr.market.Market:
    return nr.market.load(example_files()[1])


@pytest.fixture(scope="module")
def book() -> nr.trades.Book:
    """Trades of the example, and the three whose values add up."""
    trades = {trade.trade_id: trade for trade in nr.trades.load(example_files()[0])}
    parity = (
        _ten_year("cancellable", "payer", "CANCELLABLE"),
        _ten_year("swap", "payer", "SWAP"),
        _ten_year("bermudan", "receiver", "RIGHT"),
    )
    return nr.trades.Book((*(trades[name] for name in CHOSEN), *parity))


@pytest.fixture(scope="module")
def table(book, market) -> pd.DataFrame:
    return nr.price(book, market, greeks=GREEKS)


def only(book: nr.trades.Book, *names: str) -> nr.trades.Book:
    """Some trades of a book."""
    return nr.trades.Book(tuple(trade for trade in book if trade.trade_id in names))


def with_dollars(market: nr.market.Market, **changes) -> nr.market.Market:
    """The market with its dollar part changed."""
    dollars = dataclasses.replace(market["USD"], **changes)
    return dataclasses.replace(market, currencies={**market.currencies, "USD": dollars})


def difference(priced_at, step: float) -> pd.Series:
    """Change of the values per step, by central differences of fourth order."""
    near, far = (priced_at(k * step) - priced_at(-k * step) for k in (1.0, 2.0))
    return (8.0 * near - far) / 12.0


def test_one_row_a_trade_in_the_books_order(book, table) -> None:
    assert list(table.columns[: len(FIRST)]) == list(FIRST)
    assert list(table["trade_id"]) == [trade.trade_id for trade in book]
    assert list(table["notional"]) == [trade.notional for trade in book]
    assert set(table["status"]) == {"ok"}
    assert set(table["engine"]) == {"reference"}
    assert np.all((table["error_band"] > 0.0) & (table["error_band"] < BAND * table["notional"]))


def test_every_number_has_a_unit(table) -> None:
    units = table.attrs["units"]
    assert list(units) == list(table.columns)
    numbers = table.select_dtypes("number").columns
    assert not [column for column in numbers if not units[column]]
    assert (
        units["vega 1Y x 10Y"] == units["vega"] == "currency per basis point of normal volatility"
    )


def test_ladders_follow_the_market_and_add_up(table, market) -> None:
    dollars = market["USD"]
    labels = {
        "zero_delta": dollars.curves.node_labels,
        "par_delta": tuple(quote.name for quote in dollars.curves.quotes),
        "vega": dollars.swaption_volatility.labels,
    }
    for greek, names in labels.items():
        ladder = [f"{greek} {name}" for name in names]
        assert [column for column in table if column.startswith(f"{greek} ")] == ladder
        rows = table[table["kind"] != "swap"] if greek == "vega" else table
        np.testing.assert_allclose(rows[greek], rows[ladder].sum(axis=1), rtol=1e-12)
    greeks = [column for column in table.columns[len(FIRST) :] if " " not in column]
    assert greeks == [greek for greek in nr.core.requests.GREEKS if greek in GREEKS]


def test_exercise_probabilities_are_dated(book, table, market) -> None:
    resolved = book.resolve(market.valuation_date).trades
    for trade, probabilities in zip(resolved, table["exercise_probability"], strict=True):
        if trade.kind == "swap":
            assert probabilities is None
            continue
        assert list(probabilities) == [date.isoformat() for date in trade.exercise_dates]
        assert all(0.0 < probability < 1.0 for probability in probabilities.values())
        assert sum(probabilities.values()) < 1.0


def test_a_payer_cancellable_is_its_swap_and_a_receiver_bermudan(table) -> None:
    rows = table.set_index("trade_id")
    numbers = [c for c in table.select_dtypes("number") if c not in ("notional", "error_band")]
    whole, swap, right = (rows.loc[n, numbers] for n in ("CANCELLABLE", "SWAP", "RIGHT"))
    parts = swap.fillna(0.0).astype(float) + right.astype(float)
    np.testing.assert_allclose(whole.astype(float), parts, rtol=1e-9, atol=GROUPING * 2.5e7)
    dated = rows["exercise_probability"]
    assert dated["CANCELLABLE"].keys() == dated["RIGHT"].keys()


def test_a_price_does_not_depend_on_the_rest_of_the_book(book, market, table) -> None:
    together = table.set_index("trade_id")["value"]
    for name in ("SWP-10Y-REC", "EUR-5Yx5Y-PAY", "BRM-10NC1-PAY"):
        alone = nr.price(only(book, name), market, greeks=GREEKS)
        assert len(alone) == 1
        assert abs(alone["value"][0] - together[name]) < GROUPING * alone["notional"][0]
    turned = nr.trades.Book(book.trades[::-1])
    values = nr.price(turned, market, greeks=GREEKS).set_index("trade_id")["value"]
    assert list(values.index) == [trade.trade_id for trade in turned]
    np.testing.assert_allclose(values[together.index], together, rtol=0.0, atol=GROUPING * 1e7)


def test_more_trades_than_a_batch_keep_their_order(book, market, table) -> None:
    """Seventeen copies with strikes a basis point apart: the payer loses value with each."""
    payer = only(book, "BRM-10NC1-PAY").trades[0]
    many = tuple(
        payer.model_copy(update={"trade_id": f"B{k}", "strike": payer.strike + k * basis_point})
        for k in range(17)
    )
    values = nr.price(nr.trades.Book(many), market, greeks=GREEKS)["value"]
    assert np.all(np.diff(values) < 0.0)
    first = table.set_index("trade_id")["value"]["BRM-10NC1-PAY"]
    assert abs(values[0] - first) < GROUPING * payer.notional


def test_vega_is_currency_per_basis_point(book, market, table) -> None:
    """All quotes moved together, every model fitted again."""
    matrix = market["USD"].swaption_volatility

    def at(shift: float) -> pd.Series:
        moved = eqx.tree_at(lambda m: m.volatilities, matrix, matrix.volatilities + shift)
        moved_market = with_dollars(market, swaption_volatility=moved)
        return nr.price(book, moved_market, greeks=GREEKS)["value"]

    bumped = difference(at, basis_point)
    options = table["kind"] != "swap"
    np.testing.assert_allclose(table["vega"][options], bumped[options], rtol=BUMPED)
    assert np.max(np.abs(bumped[~options])) < 1e-6


def test_par_delta_is_currency_per_basis_point(book, market, table) -> None:
    """All quotes moved together, the curve bootstrapped again."""
    curves = market["USD"].curves

    def at(shift: float) -> pd.Series:
        quotes = [dataclasses.replace(quote, value=quote.value + shift) for quote in curves.quotes]
        moved = nr.market.bootstrap(market.valuation_date, quotes)
        return nr.price(book, with_dollars(market, curves=moved), greeks=GREEKS)["value"]

    np.testing.assert_allclose(table["par_delta"], difference(at, basis_point), rtol=BUMPED)


def test_theta_is_what_a_day_changes(book, market, table) -> None:
    """The same curves and volatilities, in time to maturity, on the next valuation date."""
    later = dataclasses.replace(
        market, valuation_date=market.valuation_date + datetime.timedelta(days=1)
    )
    tomorrow = nr.price(book, later, greeks=GREEKS)["value"]
    np.testing.assert_allclose(table["theta"], tomorrow - table["value"], rtol=1e-9, atol=1e-5)


SWAP = "SWP-05Y-PAY"


def test_second_order_greeks_are_currency_per_squared_basis_point(book, market) -> None:
    """Of a swap, which has a closed form of its own: every Greek, in the order of the house."""
    swap = only(book, SWAP)
    row = nr.price(swap, market, greeks=nr.core.requests.GREEKS).iloc[0]
    curves = market["USD"].curves
    crossed = [column for column in row.index if column.startswith("cross_gamma ")]
    nodes = len(curves.node_labels)
    assert len(crossed) == nodes * (nodes + 1) // 2

    def at(shift: float) -> pd.Series:
        moved = eqx.tree_at(
            lambda c: c.zero_rates, curves.discount, curves.discount.zero_rates + shift
        )
        parallel = dataclasses.replace(curves, discount=moved, projection=moved)
        return nr.price(swap, with_dollars(market, curves=parallel), greeks=("zero_delta",))

    slope = difference(lambda h: at(h)["zero_delta"], basis_point)[0]
    assert row["gamma"] == pytest.approx(slope, rel=BUMPED)
    both = {c: c.removeprefix("cross_gamma ").split(" x ") for c in crossed}
    total = sum(row[c] * (1.0 if i == j else 2.0) for c, (i, j) in both.items())
    assert total == pytest.approx(row["gamma"], rel=BUMPED)


@pytest.fixture
def logged_compilations(caplog) -> Iterator[Callable[[], list[str]]]:
    """What is compiled during the test, in any thread."""
    jax.config.update("jax_log_compiles", True)
    yield lambda: [message for message in caplog.messages if message.startswith("Compiling jit(")]
    jax.config.update("jax_log_compiles", False)


def test_greeks_of_every_order_come_from_one_compiled_function(
    book, market, logged_compilations
) -> None:
    swap = only(book, SWAP)
    nr.price(swap, market, greeks=("zero_delta",))
    before = [line for line in logged_compilations() if "swaps" in line]
    nr.price(swap, market, greeks=nr.core.requests.GREEKS)
    assert [line for line in logged_compilations() if "swaps" in line] == before


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"greeks": ("delta",)}, "expected Greeks among zero_delta, .*, found delta"),
        ({"engine": "fast"}, "expected an engine among auto, learned, reference, found 'fast'"),
        ({"greeks": iter(("delta", 1))}, "expected Greeks among .*, found 1, delta"),
        (
            {"mean_reversion": float("nan")},
            "expected a finite mean reversion .* for USD, found nan",
        ),
        (
            {"mean_reversion": {"USD": float("inf")}},
            "expected a finite mean reversion .* for USD, found inf",
        ),
        ({"mean_reversion": {}}, "expected a mean reversion for USD, found {}"),
        (
            {"mean_reversion": {"USD": 0.03, "EUR": 0.03}},
            r"expected mean reversions of currencies of the market \(USD\), found one of 'EUR'",
        ),
    ],
)
def test_what_is_unknown_is_one_line(book, market, asked, message) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        nr.price(only(book, SWAP), market, **asked)
    assert "\n" not in str(refusal.value)


def test_options_without_volatilities_are_refused_by_name(book, market) -> None:
    bare = with_dollars(market, swaption_volatility=None)
    some = only(book, SWAP, "BRM-05NC1-REC", "SWP-10Y-REC")
    with pytest.raises(RefusalError, match="BRM-05NC1-REC.*volatilities") as refusal:
        nr.price(some, bare)
    assert "\n" not in str(refusal.value)
    table = nr.price(some, bare, keep_going=True)
    assert list(table["trade_id"]) == [SWAP, "BRM-05NC1-REC", "SWP-10Y-REC"]
    assert list(table["status"] == "ok") == [True, False, True]
    assert "volatilities" in table["status"][1]
    assert np.isnan(table["value"][1])
    assert np.all(np.isfinite(table["value"][[0, 2]]))


def test_a_quote_that_no_model_meets_names_trade_and_quote(book, market) -> None:
    """Total variance that falls between the two-year and the three-year expiry."""
    matrix = market["USD"].swaption_volatility
    fallen = jnp.where(matrix.expiries[:, None] > 2.5, 0.3, 1.0) * matrix.volatilities
    broken = with_dollars(
        market, swaption_volatility=eqx.tree_at(lambda m: m.volatilities, matrix, fallen)
    )
    some = only(book, "BRM-05NC1-REC", SWAP)
    with pytest.raises(NeuralratesError, match=r"BRM-05NC1-REC: .*expires in \d\.\d{4} years"):
        nr.price(some, broken, greeks=GREEKS)
    table = nr.price(some, broken, greeks=GREEKS, keep_going=True)
    assert list(table["status"] == "ok") == [True, False]


def test_currencies_are_priced_each_on_its_own(book, market) -> None:
    """A euro swap between two dollar swaps, on two curves."""
    times = [1.0, 5.0, 10.0]
    discount = nr.market.ZeroCurve(times, [-0.004, -0.001, 0.004])
    projection = nr.market.ZeroCurve(times, [-0.002, 0.001, 0.006])
    euros = nr.market.CurrencyMarket(
        "EUR", nr.market.CurveSystem(discount, projection, "EUR-EONIA", "EUR-EURIBOR-6M")
    )
    both = dataclasses.replace(market, currencies={**market.currencies, "EUR": euros})
    euro = _ten_year("swap", "payer", "EURO").model_copy(
        update={"currency": "EUR", "index": "EUR-EURIBOR-6M", "strike": 0.005}
    )
    first, second = only(book, SWAP, "SWP-10Y-REC").trades
    steps = []
    table = nr.price(
        nr.trades.Book((first, euro, second)),
        both,
        greeks=("zero_delta",),
        progress=lambda *done: steps.append(done),
    )
    assert list(table["currency"]) == ["USD", "EUR", "USD"]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    product = euro.resolve(market.valuation_date).product(
        discount.discount_factor, projection.discount_factor
    )
    exact = float(product.value(discount.discount_factor)) * euro.notional
    assert table["value"][1] == pytest.approx(exact, rel=1e-12)
    of_euros = [column for column in table if column.startswith("zero_delta EUR")]
    assert len(of_euros) == 2 * len(times)
    assert np.all(table[of_euros].notna().to_numpy() == [[False], [True], [False]])
    with pytest.raises(NeuralratesError, match="EURO: .*currency of the market .USD., found 'EUR'"):
        nr.price(nr.trades.Book((euro,)), market)
