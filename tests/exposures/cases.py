"""A dollar and a euro market, and trades of every kind on them."""

import datetime

import numpy as np

import neuralrates as nr
from neuralrates.exposures.book_values import FutureTrade
from neuralrates.exposures.coupons import FloatingRate
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.path_block import PathBlock
from neuralrates.exposures.scenarios import simulate
from neuralrates.market.curves.curve_reader import CurveReader

TODAY = datetime.date(2024, 3, 19)
CURVE = nr.market.ZeroCurve([1.0, 5.0, 10.0, 30.0], [0.045, 0.038, 0.036, 0.035])
PROJECTED = nr.market.ZeroCurve([1.0, 5.0, 10.0, 30.0], [0.047, 0.040, 0.037, 0.036])
MODEL = CurrencyModel(
    "USD", nr.models.HullWhite(CURVE, 0.03, volatility=[0.008, 0.011], volatility_times=[4.0])
)
EURO = CurrencyModel("EUR", nr.models.HullWhite(PROJECTED, 0.02, volatility=0.009))
SOFR = {"currency": "USD", "index": "USD-SOFR", "notional": 1.0, "strike": 0.036}
EURIBOR = {"currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1.0, "strike": 0.036}
FIVE_YEARS = {"start_date": "2024-03-21", "maturity_date": "2029-03-21"}
SEASONED = {"start_date": "2023-06-21", "maturity_date": "2027-06-21", "current_fixing": 0.05}
ANNUAL = {**FIVE_YEARS, "first_exercise_date": "2025-03-21"}


def swap(**fields):
    """A swap that receives the fixed rate."""
    return nr.trades.SwapTrade(**{"trade_id": "S", "side": "receiver", **SOFR, **fields})


def bermudan(**fields):
    """A Bermudan that enters every year, two business days before."""
    given = {"trade_id": "B", "side": "payer", **SOFR, **ANNUAL}
    return nr.trades.BermudanSwaptionTrade(**{**given, **fields})


def european(**fields):
    """A European into four years, in one."""
    given = {"trade_id": "E", "side": "receiver", **SOFR}
    dates = {"start_date": "2025-03-21", "maturity_date": "2029-03-21"}
    return nr.trades.EuropeanSwaptionTrade(**{**given, **dates, **fields})


def cancellable(**fields):
    """A swap that can be cancelled every year."""
    given = {"trade_id": "C", "side": "payer", **SOFR, **ANNUAL}
    return nr.trades.CancellableSwapTrade(**{**given, **fields})


def cap(kind, **fields):
    """A cap, a floor or a collar."""
    return kind(**{"trade_id": "K", **SOFR, **FIVE_YEARS, **fields})


def along(trade, dates, paths=4096, model=MODEL, projection=None, delivered=True, seed=3):
    """A trade on paths of its model at some dates."""
    projection = CurveReader(model.model.curve if projection is None else projection)
    rate = FloatingRate(model, projection, trade.convention.overnight)
    future = FutureTrade.of(trade.resolve(TODAY), delivered, rate)
    dates = np.asarray(dates, dtype=np.float64)
    more = {model.currency: future.times()}
    return future, simulate({model.currency: model}, model.currency, {}, dates, more, paths, seed)[
        model.currency
    ]


def values(future, paths):
    """All its values as one array, dates by paths."""
    found = future.values(PathBlock(paths, paths.dates), future.exercises(paths))
    return np.broadcast_to(found, (paths.dates.size, paths.states.shape[1]))
