"""A book made ready for its exposure: models, trades and dates, before anything is drawn."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import times_from
from neuralrates.core.errors import InputError
from neuralrates.core.requests import mean_reversion_of
from neuralrates.exposures.book_values import FutureTrade
from neuralrates.exposures.coupons import FloatingRate
from neuralrates.exposures.currency_model import CurrencyModel, calibrated_model
from neuralrates.exposures.dates import exposure_dates
from neuralrates.exposures.netting import Netting, NettingSet
from neuralrates.exposures.room import groups
from neuralrates.exposures.scenarios import CurrencyPaths, ExchangeRate, simulate
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.resolved import ResolvedTrade

_PHYSICAL = "physical"


@dataclass(frozen=True)
class Prepared:
    """Trades, models and dates of a run.

    Args:
        trades: of the book, in its order
        sets: the netting set of each
        models: by currency
        stated: currencies whose models were not calibrated
        rates: of the other currencies in the base currency
        base: currency of the figures
        days: exposure dates
        times: the same, years
    """

    trades: list[FutureTrade]
    sets: list[str]
    models: dict[str, CurrencyModel]
    stated: frozenset[str]
    rates: dict[str, ExchangeRate]
    base: str
    days: list[datetime.date]
    times: np.ndarray

    @property
    def valuation_date(self) -> datetime.date:
        """Today, the first of the days."""
        return self.days[0]

    def asked(self) -> dict[str, np.ndarray]:
        """Times at which the trades of each currency need states."""
        own: dict[str, list[np.ndarray]] = {name: [np.zeros(1)] for name in self.models}
        for one in self.trades:
            own[one.trade.currency].append(one.times())
        return {name: np.unique(np.concatenate(times)) for name, times in own.items()}

    def groups(
        self, sets: Sequence[NettingSet], paths: int, with_greeks: bool
    ) -> list[list[NettingSet]]:
        """Netting sets that fit into memory together; see `neuralrates.exposures.room`."""
        simulated = sum(one.size + self.times.size for one in self.asked().values())
        return groups(sets, paths, self.times.size, simulated, len(self.models), with_greeks)

    def simulated(self, paths: int, seed: int) -> dict[str, CurrencyPaths]:
        """States of every currency, also at the times that its trades ask for."""
        return simulate(self.models, self.base, self.rates, self.times, self.asked(), paths, seed)


def prepared(
    book: Book,
    market: Market,
    netting: Netting,
    asked: str | list[datetime.date],
    reversion: float | Mapping[str, float],
    fixings: IndexFixings | None,
) -> Prepared:
    """Models, trades and dates, before anything is drawn."""
    today = market.valuation_date
    book = book if fixings is None else book.with_fixings(fixings, today)
    resolved = list(book.resolve(today).trades)
    delivered = {
        one.trade_id: getattr(one, "settlement", _PHYSICAL) == _PHYSICAL for one in book.trades
    }
    currencies = dict.fromkeys([netting.base_currency, *(trade.currency for trade in resolved)])
    rates: dict[str, ExchangeRate] = {}
    models: dict[str, CurrencyModel] = {}
    for currency in currencies:
        same = [_last(trade) for trade in resolved if trade.currency == currency]
        stated = netting.models.get(currency)
        kappa = mean_reversion_of(reversion, currency) if stated is None else stated.mean_reversion
        volatility = None if stated is None else stated.volatility
        models[currency] = calibrated_model(market[currency], kappa, max([2.0, *same]), volatility)
        if currency == netting.base_currency:
            continue
        if currency not in netting.exchange_rates:
            raise InputError(
                f"expected an exchange rate of {currency} in {netting.base_currency}, found none",
                column="exchange_rates",
            )
        stated_rate = netting.exchange_rates[currency]
        rates[currency] = ExchangeRate(stated_rate.spot, stated_rate.volatility)
    horizon = max(one.horizon for one in models.values())
    models = {name: dataclasses.replace(one, horizon=horizon) for name, one in models.items()}
    own = {one.trade_id: one.convention.overnight for one in book.trades}
    projections: dict[tuple[str, str], CurveReader] = {}
    trades = []
    for trade in resolved:
        curves = market[trade.currency].curves.for_index(trade.index)
        key = trade.currency, trade.index
        projection = projections.setdefault(key, CurveReader(curves.projection))
        rate = FloatingRate(models[trade.currency], projection, own[trade.trade_id])
        trades.append(FutureTrade.of(trade, delivered[trade.trade_id], rate))
    last = today + datetime.timedelta(days=round(365.0 * max(one.last for one in trades)))
    days = exposure_dates(today, last, asked)
    sets = {trade: one.netting_set for one in netting.netting_sets for trade in one.trades}
    own_sets = [sets[one.trade.trade_id] for one in trades]
    times, given = times_from(today, days), frozenset(netting.models)
    return Prepared(trades, own_sets, models, given, rates, netting.base_currency, days, times)


def _last(trade: ResolvedTrade) -> float:
    return float(np.asarray(trade.swap.flow_times)[-1])
