"""Piecewise volatilities at which two factors give European swaptions their quotes, and derivatives through them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.pricers.gaussian.batched.coterminals import SMALLEST_TARGET
from neuralrates.pricers.gaussian.batched.portfolio import paid_first
from neuralrates.pricers.gaussian.two_factor import compiled_quotes
from neuralrates.pricers.gaussian.two_factor.europeans import PlaneEuropeans, europeans
from neuralrates.pricers.gaussian.two_factor.plane import Exercises, Matrices

_MOST_STEPS, _ENOUGH = 24, 1e-11
_NOTHING = 1e-300
_LEAST_SHARE = 1e-3
"""Of the first variance: least square of a volatility that is started from."""
_STILL = 1e-24

TradeFlows = Float[np.ndarray, "trades exercises flows"]


class PlaneQuotes(NamedTuple):
    """European swaptions of the exercises of trades, and what the market says of them.

    Args:
        alive: which exercises are no padding
        present_values: value today of each flow of the receiver swap
        loadings: $H(T_k)$ of the flow times by factor, years, up to a constant
        growths: of the covariance since the exercise before, at unit volatility
        targets: quoted values of the options that are out of the money
        sides: +1 where that is the receiver, -1 where it is the payer
        annuities: value of a unit of strike
        deviations: quoted, of the swap rates
        vegas: derivatives of the targets to the quoted volatilities
        still: whether a quote says that the rate does not move
    """

    alive: Bool[np.ndarray, "trades exercises"]
    present_values: TradeFlows
    loadings: Float[np.ndarray, "trades flows 2"]
    growths: Matrices
    targets: Exercises
    sides: Exercises
    annuities: Exercises
    deviations: Exercises
    vegas: Exercises
    still: Bool[np.ndarray, "trades exercises"]

    @property
    def solved(self) -> Bool[np.ndarray, "trades exercises"]:
        """Which quotes have a volatility to find: not those that leave the option no time value."""
        return self.alive & ~self.still & (self.targets >= SMALLEST_TARGET)


class PlaneQuotesMet(NamedTuple):
    """Volatilities that give the Europeans their quotes.

    Args:
        squares: of the volatility up to each exercise since the one before
        covariances: of the state at the exercises
        residuals: model minus quoted normal volatility
        values: of the options out of the money, by exercise that is alive, in the order of `np.nonzero`
    """

    squares: Exercises
    covariances: Matrices
    residuals: Exercises
    values: PlaneEuropeans


def meet(quotes: PlaneQuotes) -> PlaneQuotesMet:
    """Find the volatilities, all exercises of a trade together.

    A European depends on the volatilities up to its exercise alone: Newton's method solves a triangular system.
    """
    if compiled_quotes.runs(quotes.alive):
        return PlaneQuotesMet(*compiled_quotes.meet(quotes))
    alive, solved = quotes.alive, quotes.solved
    targets = np.where(solved, quotes.targets, 1.0)
    squares = np.where(alive, _start(quotes), 0.0)
    for step in range(_MOST_STEPS):
        covariances = np.cumsum(squares[..., None, None] * quotes.growths, axis=1)
        values = _values(quotes, covariances)
        ratios = np.zeros(alive.shape)
        ratios[alive] = np.log(np.maximum(values.value, _NOTHING) / targets[alive])
        ratios[~solved] = 0.0
        worst = np.max(np.abs(ratios), where=np.isfinite(ratios), initial=0.0)
        if worst <= _ENOUGH or step == _MOST_STEPS - 1:
            break
        squares = _improved(quotes, squares, values, ratios)
    residuals = np.where(solved, targets * ratios / np.where(solved, quotes.vegas, 1.0), 0.0)
    residuals = np.where(alive & np.isnan(quotes.targets), np.nan, residuals)
    falling = alive & quotes.still & np.logical_or.accumulate(solved, axis=1)
    residuals = np.where(falling, np.inf, residuals)
    return PlaneQuotesMet(squares, covariances, residuals, values)


def _start(quotes: PlaneQuotes) -> Exercises:
    """Squares at which the swap rates, if they were linear in the state, had their quoted deviations."""
    gradients = quotes.present_values @ quotes.loadings / quotes.annuities[..., None]
    total = np.zeros((gradients.shape[0], 2, 2))
    squares = np.zeros(gradients.shape[:2])
    for i in range(gradients.shape[1]):
        moves, growth = gradients[:, i], quotes.growths[:, i]
        before, unit = _form(moves, total), np.maximum(_form(moves, growth), _NOTHING)
        wanted = (quotes.deviations[:, i] ** 2 - before) / unit
        least = _LEAST_SHARE * squares[:, 0] if i else np.zeros_like(wanted)
        least = np.maximum(least, _STILL)
        squares[:, i] = np.where(quotes.still[:, i], _STILL, np.maximum(wanted, least))
        total = total + np.where(quotes.alive[:, i], squares[:, i], 0.0)[:, None, None] * growth
    return squares


def _form(vectors: Float[np.ndarray, "trades 2"], matrices: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.sum(vectors * (matrices @ vectors[..., None])[..., 0], axis=1)
    return found


def _values(quotes: PlaneQuotes, covariances: Matrices) -> PlaneEuropeans:
    """Options out of the money, each with no more flows than the one that has most."""
    alive = quotes.alive
    trade, _ = np.nonzero(alive)
    flows = quotes.sides[alive][:, None] * quotes.present_values[alive]
    places = paid_first(flows != 0.0)
    packed = np.take_along_axis(flows, places, axis=1)
    loadings = quotes.loadings[trade[:, None], places]
    found = europeans(packed, loadings, covariances[alive])
    taken, moved = np.zeros_like(flows), np.zeros((*flows.shape, 2))
    rows = np.arange(flows.shape[0])[:, None]
    taken[rows, places], moved[rows, places] = found.present_values, found.loadings
    return found._replace(present_values=taken, loadings=moved)


def _by_exercise(quotes: PlaneQuotes, values: PlaneEuropeans) -> tuple[Exercises, Matrices]:
    value, slopes = np.zeros(quotes.alive.shape), np.zeros_like(quotes.growths)
    value[quotes.alive], slopes[quotes.alive] = values.value, values.covariances
    return value, slopes


def _improved(
    quotes: PlaneQuotes, squares: Exercises, values: PlaneEuropeans, ratios: Exercises
) -> Exercises:
    """One step of Newton's method in the logarithm of the values, forward through the exercises."""
    value, slopes = _by_exercise(quotes, values)
    solved, moved = quotes.solved, np.zeros_like(quotes.growths[:, 0])
    found = squares.copy()
    for i in range(squares.shape[1]):
        own = np.sum(slopes[:, i] * quotes.growths[:, i], axis=(1, 2))
        missing = -value[:, i] * ratios[:, i] - np.sum(slopes[:, i] * moved, axis=(1, 2))
        step = np.where(solved[:, i], missing / np.where(own > 0.0, own, 1.0), 0.0)
        now = squares[:, i]
        found[:, i] = np.clip(now + step, 0.25 * now, 4.0 * now)
        moved = moved + (found[:, i] - now)[:, None, None] * quotes.growths[:, i]
    return found


class PlaneQuotesAdjoint(NamedTuple):
    """Derivatives through the volatilities.

    Args:
        present_values: to what each flow of the receiver swap is worth today
        loadings: to the loadings
        growths: to the growths
        targets: to the quoted values
    """

    present_values: TradeFlows
    loadings: Float[np.ndarray, "trades flows 2"]
    growths: Matrices
    targets: Exercises


def through_quotes(
    quotes: PlaneQuotes, met: PlaneQuotesMet, weights: Matrices
) -> PlaneQuotesAdjoint:
    """Derivatives of weights times covariances, by the implicit function theorem."""
    if compiled_quotes.runs(quotes.alive):
        return PlaneQuotesAdjoint(*compiled_quotes.pull_back(quotes, met, weights))
    alive, solved = quotes.alive, quotes.solved
    _, slopes = _by_exercise(quotes, met.values)
    rest = np.where(alive[..., None, None], weights, 0.0)
    shares, later = np.zeros(alive.shape), np.zeros_like(rest[:, 0])
    grown = np.zeros_like(rest)
    for i in range(alive.shape[1] - 1, -1, -1):
        later = later + rest[:, i]
        own = np.sum(slopes[:, i] * quotes.growths[:, i], axis=(1, 2))
        wanted = np.sum(later * quotes.growths[:, i], axis=(1, 2))
        shares[:, i] = np.where(solved[:, i], wanted / np.where(own > 0.0, own, 1.0), 0.0)
        later = later - shares[:, i, None, None] * slopes[:, i]
        grown[:, i] = met.squares[:, i, None, None] * later
    flows, loadings = np.zeros_like(quotes.present_values), np.zeros_like(quotes.loadings)
    trade, _ = np.nonzero(alive)
    flows[alive] = -(shares * quotes.sides)[alive][:, None] * met.values.present_values
    np.add.at(loadings, trade, -shares[alive][:, None, None] * met.values.loadings)
    return PlaneQuotesAdjoint(flows, loadings, grown, shares)
