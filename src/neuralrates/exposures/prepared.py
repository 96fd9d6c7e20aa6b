"""A book made ready for its exposure: models, trades and dates, before anything is drawn."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import times_from
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.core.requests import mean_reversion_of
from neuralrates.exposures.book_values import FutureTrade
from neuralrates.exposures.coupons import FloatingRate
from neuralrates.exposures.credit import DefaultWeights, weights_of
from neuralrates.exposures.currency_model import CurrencyModel, calibrated_model
from neuralrates.exposures.dates import exposure_dates
from neuralrates.exposures.netting import Netting, NettingSet
from neuralrates.exposures.room import groups
from neuralrates.exposures.scenarios import CurrencyPaths, ExchangeRate, simulate
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.coverage import refusal
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.trade import AbstractTrade

_PHYSICAL = "physical"


@dataclass(frozen=True, eq=False)
class Prepared:
    """Trades, models and dates of a run.

    Args:
        netting_sets: that are looked at
        trades: of them, in the order of the book
        sets: the netting set of each trade
        models: by currency
        stated: currencies whose models were not calibrated
        rates: of the other currencies in the base currency
        base: currency of the figures
        days: exposure dates
        times: the same, years
    """

    netting_sets: list[NettingSet]
    trades: list[FutureTrade]
    sets: list[str]
    models: dict[str, CurrencyModel]
    stated: frozenset[str]
    rates: dict[str, ExchangeRate]
    base: str
    days: list[datetime.date]
    times: np.ndarray

    def defaults(self, netting: Netting) -> DefaultWeights:
        """Default probabilities of the counterparties of these netting sets, and of ourselves."""
        own = netting.model_copy(update={"netting_sets": self.netting_sets})
        return weights_of(own, self.models[self.base], self.valuation_date, self.days)

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
        self, paths: int, with_greeks: bool, allocate: bool = False
    ) -> list[list[NettingSet]]:
        """Netting sets that fit into memory together; see `neuralrates.exposures.room`."""
        simulated = sum(one.size + self.times.size for one in self.asked().values())
        return groups(
            self.netting_sets,
            paths,
            self.times.size,
            simulated,
            len(self.models),
            with_greeks,
            allocate,
        )

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
) -> list[Prepared]:
    """Models, trades and dates, before anything is drawn: of all netting sets together, or of each where each is calibrated to.

    Args:
        book: trades
        market: curves and volatilities
        netting: sets of these trades
        asked: a step between dates, or the dates
        reversion: mean reversion per year, for all currencies or by currency
        fixings: published rates

    Raises:
        RefusalError: naming a trade, where its curve is none of the market's, or ends before the trade does
    """
    today = market.valuation_date
    book = book if fixings is None else book.with_fixings(fixings, today)
    resolved = {one.trade_id: one for one in book.resolve(today).trades}
    for one in resolved.values():
        if reason := refusal(one, market):
            raise RefusalError(f"trade {one.trade_id}: {reason}")
    stated = {one.trade_id: one for one in book.trades}
    together = [netting.netting_sets]
    if netting.calibration == "netting_set":
        together = [[one] for one in netting.netting_sets]
    made = []
    for sets in together:
        names = {name for one in sets for name in one.trades}
        own = [one for name, one in resolved.items() if name in names]
        models, rates = _models(own, market, netting, reversion)
        trades = [_future(one, stated[one.trade_id], market, models) for one in own]
        made.append((sets, trades, models, rates))

    def last(trades: list[FutureTrade]) -> datetime.date:
        return today + datetime.timedelta(days=round(365.0 * max(one.last for one in trades)))

    exposure_dates(today, max(last(trades) for _, trades, _, _ in made), asked)
    found = []
    for sets, trades, models, rates in made:
        end = last(trades)
        own_dates = asked if isinstance(asked, str) else [day for day in asked if day <= end]
        days = exposure_dates(today, end, own_dates)
        by_trade = {trade: one.netting_set for one in sets for trade in one.trades}
        found.append(
            Prepared(
                sets,
                trades,
                [by_trade[one.trade.trade_id] for one in trades],
                models,
                frozenset(netting.models),
                rates,
                netting.base_currency,
                days,
                times_from(today, days),
            )
        )
    return found


def _models(
    trades: Sequence[ResolvedTrade],
    market: Market,
    netting: Netting,
    reversion: float | Mapping[str, float],
) -> tuple[dict[str, CurrencyModel], dict[str, ExchangeRate]]:
    """Model of each currency, calibrated for these trades, and the exchange rates of those that are not the base currency."""
    rates: dict[str, ExchangeRate] = {}
    models: dict[str, CurrencyModel] = {}
    for currency in dict.fromkeys([netting.base_currency, *(one.currency for one in trades)]):
        same = [_last(trade) for trade in trades if trade.currency == currency]
        own, stated = market[currency], netting.models.get(currency)
        kappa = mean_reversion_of(reversion, currency) if stated is None else stated.mean_reversion
        volatility = None if stated is None else stated.volatility
        models[currency] = calibrated_model(own, kappa, max([2.0, *same]), volatility)
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
    return {name: dataclasses.replace(one, horizon=horizon) for name, one in models.items()}, rates


def _future(
    trade: ResolvedTrade,
    stated: AbstractTrade,
    market: Market,
    models: Mapping[str, CurrencyModel],
) -> FutureTrade:
    """A trade under the model of its currency.

    Raises:
        RefusalError: naming the trade, where it has what no model here values
    """
    compounds = getattr(stated, "zero_coupon", "none") in ("floating", "both")
    if compounds and not stated.convention.overnight:
        raise RefusalError(
            f"trade {trade.trade_id}: field `zero_coupon`: values at future dates are of term rates that are paid as they are "
            f"fixed, found {stated.zero_coupon}"  # type: ignore[attr-defined]
        )
    projection = CurveReader(market[trade.currency].curves.for_index(trade.index).projection)
    rate = FloatingRate(models[trade.currency], projection, stated.convention.overnight)
    delivered = getattr(stated, "settlement", _PHYSICAL) == _PHYSICAL
    return FutureTrade.of(trade, delivered, rate)


def _last(trade: ResolvedTrade) -> float:
    return float(np.asarray(trade.swap.flow_times)[-1])
