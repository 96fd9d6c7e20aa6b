"""Bonds held to maturity, called and put, against QuantLib built from the same fields."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from desk.test_by_period import TODAY, market

KINDS = {
    "bond": nr.trades.FixedRateBondTrade,
    "floating_bond": nr.trades.FloatingRateBondTrade,
    "callable_bond": nr.trades.CallableBondTrade,
    "puttable_bond": nr.trades.PuttableBondTrade,
}


def random_trade(number, kind):
    """Bonds that have begun and that begin, with spreads, amortisation and steps; calls and puts at several prices."""
    rng = np.random.default_rng(number)
    start = datetime.date(2023, 4, 1) + datetime.timedelta(days=int(rng.integers(0, 700)))
    years = int(rng.integers(3, 11))
    fields = {
        "trade_id": f"{kind}{number}", "currency": "EUR", "index": "EUR-ESTR", "notional": 1e6,
        "position": str(rng.choice(["long", "short"])), "start_date": start,
        "maturity_date": datetime.date(start.year + years, start.month, min(start.day, 28)),
        "option_adjusted_spread": float(rng.choice([0.0, -0.003, 0.01])),
    }  # fmt: skip
    if kind == "floating_bond":
        fields["index"] = ("EUR-ESTR", "EUR-EURIBOR-6M")[number % 2]
        fields |= {"spread": float(rng.uniform(-0.001, 0.01))}
        if start < TODAY + datetime.timedelta(days=4):
            fields |= {"start_date": datetime.date(2024, 1, 15), "current_fixing": 0.0391}
            fields["maturity_date"] = datetime.date(2024 + years, 1, 15)
        return KINDS[kind](**fields)
    fields |= {
        "strike": float(rng.uniform(0.01, 0.05)), "frequency": str(rng.choice(["6M", "1Y"])),
        "stub": str(rng.choice(["short front", "short back"])),
        "fixed_day_count": str(rng.choice(["30/360", "Act/365F"])),
    }  # fmt: skip
    if kind != "bond":
        fields["maturity_date"] = start.replace(year=start.year + years, day=min(start.day, 28))
        first = start.replace(year=start.year + 2, day=min(start.day, 28))
        prices = (1.0,) if number % 3 else None
        if prices is None:
            step = 0.01 if kind == "callable_bond" else -0.01
            prices = tuple(1.0 + step * np.arange(years - 2)[::-1] / years)
        fields |= {
            "start_date": start.replace(day=min(start.day, 28)), "first_exercise_date": first,
            "exercise_frequency": "1Y", "exercise_prices": prices, "notice_days": 5,
        }  # fmt: skip
    bond = KINDS[kind](**fields)
    count = bond.swap().fixed.starts.size
    if number % 4 == 0 and kind == "bond":
        fields["notionals"] = tuple(1e6 - 4e4 * np.arange(count))
    if number % 4 == 1 and kind != "floating_bond":
        steps = fields["strike"] + 0.001 * np.arange(count)
        fields["coupons"] = tuple(steps)
    return KINDS[kind](**fields)


@pytest.mark.parametrize("kind", ["bond", "floating_bond"])
def test_two_hundred_bonds_against_quantlib(kind):
    book, known = nr.trades.Book(tuple(random_trade(n, kind) for n in range(200))), market()
    check = nr.desk.verify(book, known, nr.price(book, known))
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"]


@pytest.mark.parametrize("kind", ["callable_bond", "puttable_bond"])
def test_redeemable_bonds_against_quantlib(kind):
    book, known = nr.trades.Book(tuple(random_trade(n, kind) for n in range(8))), market()
    check = nr.desk.verify(book, known, nr.price(book, known, engine="reference"))
    assert set(check.status) == {"agrees"}, check[["trade_id", "difference", "status"]]
