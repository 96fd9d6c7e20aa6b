"""From derivatives to a model's moments and curves to derivatives to the market's quotes."""

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.core.units import basis_point
from neuralrates.exposures.adjoint.sensitivities import AtTimes, Sensitivities
from neuralrates.exposures.currency_model import CurrencyModel, calibrated_model, coterminal_quotes
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket

STEP = 1e-6
"""Move of a quote in the differences of calibrations, decimal."""
_POINT = _CENT = 0.01
Figures = Float[np.ndarray, "figures"]


class Greek(NamedTuple):
    """Derivatives of the figures to one quote, for a move of the size that its unit says."""

    greek: str
    quote: str
    unit: str
    amounts: Figures


class QuoteAdjoint:
    """Derivatives of figures to the quotes of one currency.

    Volatilities follow from the adjoint of the calibration: each variance depends on its own quote, so one move of all quotes
    has all of these derivatives; those to the zero rates are differences of calibrations, central, a pair a node.

    Args:
        model: of the currency
        market: it was calibrated to
        into: derivatives to what its values are made of, complete
        stated: whether its volatility was stated and nothing calibrated
    """

    def __init__(
        self, model: CurrencyModel, market: CurrencyMarket, into: Sensitivities, stated: bool
    ) -> None:
        self.model, self.market, self.stated = model, market, stated
        curves = market.curves
        self.zero = np.zeros((into.figures, len(curves.node_labels)))
        ends = np.cumsum([0, *(np.asarray(curve.times).size for curve in curves.curves)])
        self.zero[:, : ends[1]] = _to_rates(model.curve, into.discount)
        for reader, found in into.projection.values():
            number = next(n for n, one in enumerate(curves.curves) if one is reader.curve)
            self.zero[:, ends[number] : ends[number + 1]] += _to_rates(reader, found)
        times, moments = into.all_moments()
        self.volatility = _to_volatility(model, times, moments)
        self.quotes: np.ndarray | None = None
        if not stated:
            self._through_calibration()

    def add_zero(self, discount: Float[np.ndarray, "figures nodes"]) -> None:
        """Add derivatives to the zero rates of the discount curve."""
        self.zero[:, : discount.shape[1]] += discount

    def greeks(self) -> Iterator[Greek]:
        """Of curves, then of volatilities."""
        curves, name = self.market.curves, self.market.currency
        if curves.quotes:
            # a future's rate rises by a basis point where its price falls by a cent
            points = [-_CENT if one.kind == "future" else basis_point for one in curves.quotes]
            par = (self.zero @ curves.jacobian) * points
            for number, quote in enumerate(curves.quotes):
                unit = f"basis point of {'spread' if quote.kind == 'basis' else 'rate'}"
                yield Greek("par_delta", quote.name, unit, par[:, number])
        else:
            for number, label in enumerate(curves.node_labels):
                yield Greek(
                    "zero_delta", label, "basis point of rate", self.zero[:, number] * basis_point
                )
        if self.stated:
            stated = self.volatility.sum(axis=1) * basis_point
            yield Greek("vega", f"{name} stated", "basis point of short-rate volatility", stated)
        matrix = self.market.swaption_volatility
        if self.quotes is None or matrix is None:
            return
        normal = matrix.quote_type == "normal"
        unit = "basis point of normal volatility" if normal else "0.01 of lognormal volatility"
        step = basis_point if normal else _POINT
        for number, label in enumerate(matrix.labels):
            yield Greek("vega", f"{name} {label}", unit, self.quotes[:, number] * step)

    def _through_calibration(self) -> None:
        model, market = self.model, self.market
        horizon, reversion = model.calibrated_to, model.mean_reversion
        expiries = np.arange(1.0, self.volatility.shape[1] + 1.0)
        spans = np.diff(_growth(reversion, np.append(0.0, expiries)))
        squares = 0.5 * self.volatility / np.asarray(model.model.volatility) / spans
        variances = squares - np.append(squares[:, 1:], np.zeros((squares.shape[0], 1)), axis=1)

        def at(one: CurrencyMarket, more: float = 0.0) -> np.ndarray:
            found = calibrated_model(one, reversion, horizon, more_volatility=more)
            return found.moments(expiries)[0]

        to_quotes = variances * (at(market, STEP) - at(market, -STEP)) / (2.0 * STEP)
        read = coterminal_quotes(market, reversion, horizon).read
        self.quotes = np.stack(
            [
                read.quoted.pulled_back(
                    one * read.scale, np.zeros(expiries.size, dtype=np.intp), 1
                )[0].ravel()
                for one in to_quotes
            ]
        )
        curve = market.curves.discount
        to_nodes = [
            variances @ (at(with_discount(market, up)) - at(with_discount(market, down)))
            for up, down in moved_curves(curve)
        ]
        self.add_zero(np.stack(to_nodes, axis=1) / (2.0 * STEP))


def moved_curves(curve: ZeroCurve) -> Iterator[tuple[ZeroCurve, ZeroCurve]]:
    """A curve with each zero rate moved up and down by `STEP`."""
    rates = np.asarray(curve.zero_rates)
    for number in range(rates.size):
        move = STEP * (np.arange(rates.size) == number)
        up, down = (
            ZeroCurve(curve.times, rates + one, curve.interpolation) for one in (move, -move)
        )
        yield up, down


def with_discount(market: CurrencyMarket, curve: ZeroCurve) -> CurrencyMarket:
    """A market with another discount curve."""
    old = market.curves
    index = old.discount_index
    return dataclasses.replace(market, curves=CurveSystem(curve, curve, index, index))


def _to_rates(reader: CurveReader, found: AtTimes) -> Float[np.ndarray, "figures nodes"]:
    times, amounts = found.sums()
    return -amounts[:, 0] @ reader.slopes(times)


def _to_volatility(
    model: CurrencyModel, times: np.ndarray, moments: Float[np.ndarray, "figures 3 times"]
) -> Float[np.ndarray, "figures pieces"]:
    """Derivatives to the volatility of each piece."""
    volatility = np.asarray(model.model.volatility)
    found = np.zeros((moments.shape[0], volatility.size))
    for piece, value in enumerate(volatility):
        own = np.stack(model.moments(times, only=piece))
        found[:, piece] = 2.0 * np.einsum("fmt,mt->f", moments, own) / value
    return found


def _growth(mean_reversion: float, times: np.ndarray) -> np.ndarray:
    """Variance of the state per squared unit of a constant volatility."""
    rate = 2.0 * mean_reversion
    return times if rate == 0.0 else np.expm1(rate * times) / rate
