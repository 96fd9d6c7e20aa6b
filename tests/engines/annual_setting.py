"""Trades that the annual Bermudan can be, and two markets: one curve, and two curves that lie apart."""

import dataclasses
import datetime

import jax
import jax.numpy as jnp

import neuralrates as nr
from neuralrates.desk.example import example_files
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.trades.callable_trade import BermudanSwaptionTrade, CancellableSwapTrade
from neuralrates.trades.padded_trade import PaddedTrade, Size, pad
from neuralrates.trades.trade import AbstractTrade

MEAN_REVERSION = 0.03
ONE_CURVE = nr.market.load(example_files()[1])
DAY = ONE_CURVE.valuation_date
SIZE = Size(exercises=10, fixed=12, floating=24, flows=64)
_TIMES = [0.25, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0]


def _two_curves() -> nr.market.Market:
    rates = [0.039, 0.036, 0.031, 0.029, 0.0275, 0.027, 0.0272, 0.0275, 0.027]
    basis = [0.0004, 0.0005, 0.0008, 0.0011, 0.0012, 0.0012, 0.0011, 0.001, 0.001]
    discount = nr.market.ZeroCurve(_TIMES, rates)
    projection = nr.market.ZeroCurve(_TIMES, [r + b for r, b in zip(rates, basis, strict=True)])
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", "EUR-EURIBOR-6M")
    volatility = nr.market.SwaptionVolatility(
        [0.5, 1.0, 5.0, 10.0], [1.0, 5.0, 10.0], [[0.0088, 0.0085, 0.0080]] * 2 + [[0.0076] * 3] * 2
    )
    return nr.market.Market(DAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, volatility)})


TWO_CURVES = _two_curves()


def trade(kind: str = "bermudan", side: str = "payer", **fields: object) -> AbstractTrade:
    """A ten-year trade not callable in the first, unless the fields say otherwise."""
    start = datetime.date(2024, 3, 21)
    known = {
        "trade_id": "T",
        "currency": "USD",
        "index": "USD-SOFR",
        "side": side,
        "notional": 1e7,
        "strike": 0.038,
        "start_date": start,
        "maturity_date": start.replace(year=start.year + 10),
        "first_exercise_date": start.replace(year=start.year + 1),
    }
    make = {"bermudan": BermudanSwaptionTrade, "cancellable": CancellableSwapTrade}[kind]
    return make(**(known | fields))


def euro(kind: str = "bermudan", side: str = "payer", **fields: object) -> AbstractTrade:
    """The same in euro, against a term rate on a curve of its own."""
    return trade(
        kind, side, **({"currency": "EUR", "index": "EUR-EURIBOR-6M", "strike": 0.028} | fields)
    )


@dataclasses.dataclass(frozen=True)
class Seen:
    """A trade as engines see it."""

    padded: PaddedTrade
    inputs: MarketInputs
    shape: MarketShape


def seen(one: AbstractTrade, market: nr.market.Market) -> Seen:
    """A trade as engines see it on a market."""
    currency = market[one.currency]
    curves = currency.curves.for_index(one.index)
    shape = MarketShape.of(curves, currency.swaption_volatility)
    resolved = one.resolve(market.valuation_date)
    padded = jax.tree.map(jnp.asarray, pad(resolved, SIZE))
    return Seen(padded, jax.tree.map(jnp.asarray, shape.inputs(MEAN_REVERSION)), shape)
