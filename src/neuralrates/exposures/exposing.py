"""Values at future dates of a book on a market, netted: exposure profiles and valuation adjustments."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import times_from
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.core.processors import num_processors
from neuralrates.core.requests import mean_reversion_of
from neuralrates.desk.pricing import price
from neuralrates.exposures.book_values import FutureTrade
from neuralrates.exposures.coupons import FloatingRate
from neuralrates.exposures.credit import weights_of
from neuralrates.exposures.currency_model import CurrencyModel, calibrated_model
from neuralrates.exposures.dates import MONTHLY, exposure_dates
from neuralrates.exposures.netting import Netting
from neuralrates.exposures.path_block import PathBlock, in_rows
from neuralrates.exposures.results import Exposure, NettedValues, exposed_values, exposure_of
from neuralrates.exposures.scenarios import REPLICATES, CurrencyPaths, ExchangeRate, simulate
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.resolved import ResolvedTrade

PATHS = 4096
_MOST_NUMBERS = 250_000_000
_PHYSICAL = "physical"
Progress = Callable[[int, int], None]


@door
def exposure(
    book: Book,
    market: Market,
    netting: Netting,
    *,
    dates: str | list[datetime.date] = MONTHLY,
    paths: int = PATHS,
    quantile: float = 0.95,
    mean_reversion: float | Mapping[str, float] | None = None,
    allocate: bool = False,
    seed: int = 1,
    fixings: IndexFixings | None = None,
    progress: Progress | None = None,
) -> Exposure:
    """Exposure profiles, CVA, DVA and FVA of every netting set of a book.

    One LGM model per currency, calibrated once, values all of its trades at all dates: swaps by bonds and by the rates that
    each path has fixed, caps in closed form, rights to exercise from the nodes of their backward induction. Nothing is
    regressed and nothing simulated inside the simulation. Figures are averages over paths under the measure of the base
    currency's LGM numeraire; rates of different currencies and exchange rates move independently.

    Args:
        book: dated trades
        market: curves and swaption volatilities
        netting: sets, collateral, credit, exchange rates (`load_netting`)
        dates: a step such as `1M`, or the dates
        paths: number of paths
        quantile: of the potential future exposure
        mean_reversion: per year, for all currencies or by currency; 0.03 unless given
        allocate: share CVA out to the trades; values everything a second time
        seed: of the scenarios
        fixings: published rates, for those that trades do not state
        progress: called with the number of dates done and in all

    Returns:
        Tables of figures, profiles and trades.

    Raises:
        NeuralratesError: naming the trade, the currency or the netting set, and what was expected

    Source: Hagan (2002), the model; Gregory (2020), The xVA Challenge, for the figures.
    """
    netting.check_trades(book)
    if paths < 2 * REPLICATES:
        raise InputError(f"expected {2 * REPLICATES} paths at least, found {paths}")
    if not 0.0 < quantile < 1.0:
        raise InputError(f"expected a quantile between 0 and 1, found {quantile:g}")
    reversion = market.mean_reversion("one_factor", mean_reversion)
    run = _prepared(book, market, netting, dates, reversion, fixings)
    model = run.models[netting.base_currency]
    defaults = weights_of(netting, model, market.valuation_date, run.days)
    found = run.simulated(paths, seed)
    netted = _netted(run, found, netting, progress, None)
    netted = dataclasses.replace(netted, exposed=exposed_values(netting, netted))
    if allocate:
        signs = {name: values > 0.0 for name, values in netted.exposed.items()}
        allocated = _netted(run, found, netting, None, signs)
        netted = dataclasses.replace(netted, by_trade=allocated.by_trade)
    prices = _prices(book, market, reversion, fixings, run.rates)
    return exposure_of(netting, netted, model, defaults, run.days, quantile, prices)


@dataclass(frozen=True)
class _Run:
    trades: list[FutureTrade]
    models: dict[str, CurrencyModel]
    rates: dict[str, ExchangeRate]
    base: str
    days: list[datetime.date]
    times: np.ndarray

    def simulated(self, paths: int, seed: int) -> dict[str, CurrencyPaths]:
        """States of every currency, also at the times that its trades ask for."""
        asked: dict[str, np.ndarray] = {}
        for currency in self.models:
            own = [one.times() for one in self.trades if one.trade.currency == currency]
            asked[currency] = np.unique(np.concatenate([np.zeros(1), *own]))
        numbers = 2 * paths * sum(one.size + self.times.size for one in asked.values())
        if numbers > _MOST_NUMBERS:
            raise RefusalError(
                f"expected fewer paths: {paths} of them need memory for {numbers:.1e} states, more than {_MOST_NUMBERS:.1e}"
            )
        return simulate(self.models, self.base, self.rates, self.times, asked, paths, seed)


def _prepared(
    book: Book,
    market: Market,
    netting: Netting,
    asked: str | list[datetime.date],
    reversion: float | Mapping[str, float],
    fixings: IndexFixings | None,
) -> _Run:
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
    return _Run(trades, models, rates, netting.base_currency, days, times_from(today, days))


def _prices(
    book: Book,
    market: Market,
    reversion: float | Mapping[str, float],
    fixings: IndexFixings | None,
    rates: Mapping[str, ExchangeRate],
) -> dict[str, float]:
    """What the desk says of each trade today, in the base currency; NaN where it cannot price one."""
    table = price(
        book,
        market,
        model="one_factor",
        engine="reference",
        mean_reversion=reversion,
        keep_going=True,
        fixings=fixings,
    )
    columns = (table["trade_id"], table["currency"], table["value"].astype(float))
    return {
        name: value * (rates[currency].spot if currency in rates else 1.0)
        for name, currency, value in zip(*columns, strict=True)
    }


def _netted(
    run: _Run,
    found: Mapping[str, CurrencyPaths],
    netting: Netting,
    progress: Progress | None,
    signs: Mapping[str, np.ndarray] | None,
) -> NettedValues:
    """Values of all netting sets in units of the base numeraire; with signs, of trades where their set is exposed."""
    paths = next(iter(found.values())).states.shape[1]
    shape = (run.times.size, paths)
    by_set: dict[str, np.ndarray] = {}
    if signs is None:
        by_set = {one.netting_set: np.zeros(shape) for one in netting.netting_sets}
    sets = {trade: one.netting_set for one in netting.netting_sets for trade in one.trades}
    own_sets = [sets[future.trade.trade_id] for future in run.trades]
    means = np.zeros((len(run.trades), run.times.size))
    with ThreadPoolExecutor(num_processors()) as pool:
        taken = list(pool.map(lambda one: one.exercises(found[one.trade.currency]), run.trades))

        def add(rows: slice) -> int:
            """Values of all trades at some dates; each date belongs to one thread."""
            blocks = {name: PathBlock(one, one.dates[rows]) for name, one in found.items()}
            for number, future in enumerate(run.trades):
                currency, name = future.trade.currency, own_sets[number]
                value = future.values(blocks[currency], taken[number])
                value = value * (future.trade.signed_notional * found[currency].exchange[rows])
                if signs is not None:
                    value = value * signs[name][rows]
                else:
                    by_set[name][rows] += value
                if signs is not None or rows.start == 0:
                    means[number, rows] = value.mean(axis=1)
            return rows.stop

        for done in pool.map(add, in_rows(*shape)):
            if progress is not None:
                progress(done, run.times.size)
    names = [future.trade.trade_id for future in run.trades]
    today = dict(zip(names, means[:, 0].tolist(), strict=True))
    by_trade = {} if signs is None else dict(zip(names, means, strict=True))
    return NettedValues(run.times, _numeraire(found[run.base]), by_set, {}, today, by_trade)


def _numeraire(paths: CurrencyPaths) -> np.ndarray:
    """The base currency's numeraire at the dates."""
    times, states = paths.times[paths.dates], paths.states[paths.dates]
    loadings, variances = paths.model.loadings(times), paths.variances[paths.dates]
    exponents = loadings[:, None] * states + (0.5 * loadings**2 * variances)[:, None]
    return np.exp(exponents) / paths.model.discount_factors(times)[:, None]


def _last(trade: ResolvedTrade) -> float:
    return float(np.asarray(trade.swap.flow_times)[-1])
