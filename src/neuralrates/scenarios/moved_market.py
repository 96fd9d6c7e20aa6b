"""A market as a scenario moves it."""

import dataclasses

import numpy as np

from neuralrates.core.checks import as_array
from neuralrates.core.errors import InputError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile
from neuralrates.scenarios.scenario import Scenario


def moved_market(market: Market, scenario: Scenario) -> Market:
    """The market with its zero rates and swaption volatilities moved; its curves are nodes then, no longer made of quotes.

    Args:
        market: today's
        scenario: how it moves

    Raises:
        InputError: where the scenario names a currency that the market does not have, or moves a rate or a volatility
            out of bounds

    Example:
        >>> import datetime, neuralrates as nr
        >>> from neuralrates.scenarios.moved_market import moved_market
        >>> curve = nr.market.ZeroCurve([1.0, 10.0], [0.03, 0.03])
        >>> usd = nr.market.CurrencyMarket("USD", nr.market.CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR"))
        >>> today = nr.market.Market(datetime.date(2024, 3, 19), {"USD": usd})
        >>> moved = moved_market(today, nr.scenarios.parallel(0.01))
        >>> print(f"{moved['USD'].curves.discount.zero_rate(5.0):.3f}")
        0.040
    """
    if scenario.currency is not None and scenario.currency not in market.currencies:
        known = ", ".join(market.currencies)
        raise InputError(
            f"expected a currency of the market ({known}) in scenario {scenario.name}, found {scenario.currency}"
        )
    try:
        moved = {
            name: _moved(one, scenario) if scenario.currency in (None, name) else one
            for name, one in market.currencies.items()
        }
    except ValueError as error:
        raise InputError(
            f"expected moves to a market within bounds in scenario {scenario.name}: {error}"
        ) from None
    return dataclasses.replace(market, currencies=moved)


def _moved(market: CurrencyMarket, scenario: Scenario) -> CurrencyMarket:
    curves = market.curves
    shape = MarketShape.of(curves.for_index(curves.discount_index), market.swaption_volatility)
    inputs = scenario.applied(shape.inputs(0.0), shape)
    moved = [
        ZeroCurve(
            curve.times,
            curve.zero_rates + as_array(scenario.shift(np.asarray(curve.times))),
            curve.interpolation,
        )
        for curve in curves.curves
    ]
    return dataclasses.replace(
        market,
        curves=curves.with_curves(moved),
        swaption_volatility=_quoted(market.swaption_volatility, inputs),
    )


def _quoted(known: SwaptionVolatility | None, inputs: MarketInputs) -> SwaptionVolatility | None:
    if known is None:
        return None
    smile = known.smile
    if smile is not None:
        smile = VolatilitySmile(smile.offsets, smile.expiries, smile.tenors, inputs.smile)
    return SwaptionVolatility(
        known.expiries,
        known.tenors,
        np.asarray(inputs.volatility),
        smile,
        known.expiry_labels,
        known.tenor_labels,
        known.quote_type,
        np.asarray(known.shift),
    )
