"""Trades that were sold, and premiums still to be paid."""

import math

import pytest

import neuralrates as nr
from desk.test_trade_cases import USD, flat
from neuralrates.core.errors import InputError
from neuralrates.core.units import basis_point

RATE, DAY, PAID = 0.04, "2024-03-19", "2024-06-19"
YEARS = 92.0 / 365.0
PREMIUM = 20_000.0
FIELDS = USD | {"strike": 0.04, "start_date": "2025-03-21", "maturity_date": "2030-03-21"}
BERMUDAN = FIELDS | {"first_exercise_date": "2025-03-21"}
KINDS = {
    "swap": lambda **more: nr.trades.SwapTrade(**FIELDS | more),
    "european": lambda **more: nr.trades.EuropeanSwaptionTrade(**FIELDS | more),
    "bermudan": lambda **more: nr.trades.BermudanSwaptionTrade(**BERMUDAN | more),
    "cancellable": lambda **more: nr.trades.CancellableSwapTrade(**BERMUDAN | more),
}
GREEKS = ("zero_delta", "vega", "gamma", "theta", "mean_reversion")


@pytest.fixture
def market(tmp_path):
    return flat(tmp_path, DAY, "USD", RATE, 0.009)


@pytest.fixture
def book():
    """Every kind: as it is, sold, bought for a premium, sold for it, and for one paid already."""
    terms = {
        "": {},
        "-short": {"position": "short"},
        "-premium": {"premium": PREMIUM, "premium_date": PAID},
        "-sold": {"position": "short", "premium": PREMIUM, "premium_date": PAID},
        "-paid": {"premium": PREMIUM, "premium_date": DAY},
    }
    made = [
        make(**more | {"trade_id": kind + name})
        for kind, make in KINDS.items()
        for name, more in terms.items()
    ]
    return nr.trades.Book(tuple(made))


def test_short_is_the_other_side_and_a_premium_is_a_payment(market, book):
    table = nr.price(book, market, greeks=GREEKS).set_index("trade_id")
    assert list(table["status"].unique()) == ["ok"]
    discounted = PREMIUM * math.exp(-RATE * YEARS)  # by hand: the curve is flat
    for kind in KINDS:
        plain, short, bought, sold, paid = (
            table.loc[kind + name] for name in ("", "-short", "-premium", "-sold", "-paid")
        )
        assert plain["value"] - bought["value"] == pytest.approx(discounted, rel=1e-10)
        assert paid["value"] == plain["value"]
        moved = bought["zero_delta"] - plain["zero_delta"]
        assert moved == pytest.approx(discounted * YEARS * basis_point, rel=1e-8)
        for one, other in ((plain, short), (bought, sold)):
            for name in ("value", *GREEKS):
                assert one[name] == -other[name]
            assert (one["notional"], one["error_band"]) == (other["notional"], other["error_band"])
            assert one["exercise_probability"] == other["exercise_probability"]


def test_quantlib_agrees(market, book):
    compared = nr.desk.verify(book, market, nr.price(book, market))
    assert list(compared["status"].unique()) == ["agrees"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"notional": -1e6}, "field `notional`: .*sold says so in `position`"),
        ({"position": "sold"}, "field `position`: expected `long` or `short`, found sold"),
        ({"premium": 1e4}, "field `premium_date`: expected a date"),
        ({"premium_date": PAID}, "field `premium`: expected an amount"),
        ({"premium": -1e4, "premium_date": PAID}, "field `premium`: expected an amount"),
    ],
)
def test_what_cannot_be_honoured_is_named(more, field):
    with pytest.raises(InputError, match=field):
        KINDS["swap"](**more)


def test_both_are_written_and_read(tmp_path, book):
    nr.trades.dump(book, tmp_path / "book.csv")
    assert nr.trades.load(tmp_path / "book.csv").trades == book.trades
