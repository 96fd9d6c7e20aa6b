"""Random trades whose dates fall on any day, and the markets that they are priced on."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.conventions.swap import known_indices, swap_convention
from neuralrates.core.errors import NeuralratesError
from neuralrates.desk.verification.conventions import day, terms
from neuralrates.desk.verification.fixings import known_fixings
from neuralrates.desk.verification.swap import quantlib_swap
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.trades.callable_trade import (
    BermudanSwaptionTrade,
    CancellableSwapTrade,
    EuropeanSwaptionTrade,
)
from neuralrates.trades.swap_trade import SwapTrade
from neuralrates.trades.trade import AbstractTrade

SEED = 20261127
KINDS = {
    "swap": SwapTrade,
    "european": EuropeanSwaptionTrade,
    "bermudan": BermudanSwaptionTrade,
    "cancellable": CancellableSwapTrade,
}
_DATES = ("2024-03-28", "2024-06-28", "2024-08-30", "2025-01-02")
_TIMES = [0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0]
_PAIRS = (
    ("USD", "USD-SOFR", "USD-LIBOR-3M"),
    ("EUR", "EUR-ESTR", "EUR-EURIBOR-6M"),
    ("EUR", "EUR-EONIA", "EUR-EURIBOR-6M"),
    ("GBP", "GBP-SONIA", "GBP-SONIA"),
)
_FIXINGS = (
    (),
    ("current_fixing",),
    ("previous_fixing", "current_fixing"),
    ("current_fixing", "next_fixing"),
    ("previous_fixing", "current_fixing", "next_fixing"),
)


@dataclass(frozen=True)
class Setting:
    """A market of one currency, and the indices that it prices."""

    market: Market
    indices: tuple[str, ...]


def settings() -> list[Setting]:
    """Every valuation date with every pair of curves that this library has conventions for."""
    known = known_indices()
    return [
        _setting(datetime.date.fromisoformat(date), number, *pair)
        for number, pair in enumerate(_PAIRS)
        if pair[1] in known
        for date in _DATES
    ]


def _setting(date: datetime.date, number: int, currency: str, overnight: str, term: str) -> Setting:
    random = np.random.default_rng([SEED, date.toordinal(), number])
    rates = 0.03 + 0.01 * random.standard_normal() + 0.004 * np.cumsum(random.normal(size=7))
    discount = ZeroCurve(_TIMES, rates)
    projection = discount if term == overnight else ZeroCurve(_TIMES, rates + 0.002)
    curves = CurveSystem(discount, projection, overnight, term)
    matrix = random.uniform(0.006, 0.012) * np.linspace(1.1, 0.8, 16).reshape(4, 4)
    volatility = SwaptionVolatility([0.5, 2.0, 5.0, 15.0], [1.0, 5.0, 10.0, 20.0], matrix)
    market = Market(date, {currency: CurrencyMarket(currency, curves, volatility)})
    return Setting(market, tuple(dict.fromkeys((overnight, term))))


def random_trades(
    setting: Setting,
    seed: int,
    count: int,
    kinds: tuple[str, ...] = tuple(KINDS),
    longest: int = 240,
) -> list[AbstractTrade]:
    """Trades on the indices of a setting.

    Args:
        setting: market and indices
        seed: of the random numbers
        count: how many
        kinds: of trade
        longest: months
    """
    random = np.random.default_rng([SEED, seed])
    found: list[AbstractTrade] = []
    while len(found) < count:
        kind = str(random.choice(kinds))
        try:
            found.append(_trade(random, setting, kind, f"T{seed}-{len(found)}", longest))
        except NeuralratesError:
            continue
    return found


def _trade(
    random: np.random.Generator, setting: Setting, kind: str, name: str, longest: int
) -> AbstractTrade:
    today, index = setting.market.valuation_date, str(random.choice(setting.indices))
    may_have_begun = kind in ("swap", "cancellable")
    start = today + datetime.timedelta(int(random.integers(-1500 if may_have_begun else 1, 1500)))
    months = int(random.integers(13, longest + 1))
    odd = int(random.integers(0, 40)) if random.random() < 0.3 else 0
    fields: dict[str, Any] = {
        "trade_id": name,
        "currency": swap_convention(index).currency,
        "index": index,
        "side": str(random.choice(["payer", "receiver"])),
        "notional": 1e7,
        "strike": round(random.uniform(0.015, 0.05), 4),
        "start_date": start,
        "maturity_date": start + datetime.timedelta(int(months * 30.4375) + odd),
        "spread": round(random.uniform(-0.002, 0.002), 5) if random.random() < 0.3 else 0.0,
        "stub": str(random.choice(["short front", "short back"])),
    }
    if random.random() < 0.5:
        fields["maturity_date"] = _months_later(start, months)
    fields |= _right(random, kind, today, fields)
    make = KINDS[kind]
    if random.random() < 0.25:
        swap = quantlib_swap(make(**fields), terms(index).index())
        shrinking = np.round(np.linspace(1e7, 2e6, len(swap.fixed)))
        fields["notionals"] = tuple(shrinking.tolist())
    return _with_fixings(random, make, fields, today) if may_have_begun else make(**fields)


def _months_later(date: datetime.date, months: int) -> datetime.date:
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(date.day, 28))


def _right(
    random: np.random.Generator, kind: str, today: datetime.date, fields: dict[str, Any]
) -> dict[str, Any]:
    """Exercise on stated days, or by notice."""
    start, end = fields["start_date"], fields["maturity_date"]
    if kind == "swap":
        return {}
    if kind == "european":
        early = datetime.timedelta(int(random.integers(0, 12)))
        return {"exercise_dates": (start - early,)} if random.random() < 0.6 else {}
    first = max(start, today) + datetime.timedelta(int(random.integers(0, 400)))
    if random.random() < 0.5:
        return {"first_exercise_date": first, "notice_days": int(random.integers(0, 12))}
    step, many = int(random.integers(80, 500)), int(random.integers(1, 9))
    dates = [first + datetime.timedelta(step * number) for number in range(many)]
    return {"exercise_dates": tuple(date for date in dates if date < end) or (first,)}


def _with_fixings(
    random: np.random.Generator, make: Any, fields: dict[str, Any], today: datetime.date
) -> AbstractTrade:
    """The trade with the fixings that it needs; now and then with one too few or too many, which both codes must refuse."""
    for names in _FIXINGS:
        try:
            rates = {name: round(random.uniform(0.01, 0.05), 5) for name in names}
            trade = make(**fields, **rates)
            index = terms(trade.index).index()
            with evaluation_date(today):
                swap = quantlib_swap(trade, index)
                known_fixings(trade, swap.floating, index, day(today))
        except NeuralratesError:
            continue
        wrong = random.random() < 0.03
        return make(**fields, **({} if names else {"current_fixing": 0.03})) if wrong else trade
    return make(**fields)
