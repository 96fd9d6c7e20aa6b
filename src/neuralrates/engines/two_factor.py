"""The exact two-factor engine: coterminal calibration and induction of whole batches, with their derivatives."""

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float

from neuralrates.calibration.volatility import LARGEST_MISFIT
from neuralrates.core.errors import CalibrationError, NeuralratesError, RefusalError
from neuralrates.engines.batches import Batch
from neuralrates.engines.closed_forms.coterminals import held_values
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import TOLERANCE
from neuralrates.engines.two_factor_numbers import (
    PlaneFacts,
    PlaneNumbers,
    TwoFactorNumbers,
)
from neuralrates.market.market import CurrencyMarket
from neuralrates.market.two_factor import are_apart
from neuralrates.pricers.gaussian.two_factor.europeans import europeans
from neuralrates.pricers.gaussian.two_factor.options import Rules, Valued, Wanted, valued
from neuralrates.pricers.gaussian.two_factor.plane import PlaneRights
from neuralrates.pricers.gaussian.two_factor.quotes import (
    PlaneQuotes,
    PlaneQuotesMet,
    meet,
    through_quotes,
)
from neuralrates.trades.coverage import without_volatilities
from neuralrates.trades.resolved import ResolvedTrade


class PlaneCalibration(NamedTuple):
    """What a price's model missed, per trade.

    Args:
        residual: model minus quoted normal volatility, by exercise
        squares: of the volatility of the first factor up to each exercise
        apart: whether the mean reversions differ
    """

    residual: Float[np.ndarray, "trades exercises"]
    squares: Float[np.ndarray, "trades exercises"]
    apart: Bool[np.ndarray, "trades"]


class TwoFactorEngine(AbstractEngine):
    """Exact prices under two Gaussian factors, calibrated trade by trade to the European swaptions of its exercises.

    The volatility of the first factor is piecewise constant between the exercises and meets the quotes; that of the second is a
    multiple of it. Mean reversions, that multiple and the correlation are given, see `TwoFactorParameters`; the mean reversion
    of the market's numbers is that of the first factor. All of it runs on the host with adjoints by hand, calibration and
    induction by kernels in C or in NumPy.

    Args:
        tolerance: error aimed at, per unit notional

    Source: Andersen and Piterbarg (2010), volume II, section 12.1, for the model.
    """

    tolerance: float = eqx.field(static=True, default=TOLERANCE)

    @property
    def name(self) -> str:
        return "reference"

    @property
    def is_learned(self) -> bool:
        return False

    @property
    def certified_error(self) -> float:
        return 0.0

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.rates is not None:
            return NotMineError(f"a {trade.kind} is priced in closed form")
        return without_volatilities(trade, market)

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Rules | None = None,
    ) -> Assessment:
        count = len(batch.members)
        in_domain = np.ones(count, dtype=bool)
        if batch.flows.rights is None:
            held, gradient = held_values(batch.flows, shape, inputs, with_gradient)
            nothing = np.zeros((count, 0))
            checks = Checks(nothing, in_domain, PlaneCalibration(nothing, nothing, in_domain))
            return Assessment(held, np.zeros(count), checks, gradient)
        with np.errstate(all="ignore"):
            found = TwoFactorNumbers(batch.flows, shape, inputs)
            trades = batch.flows.trades
            alive, signs = trades.alive > 0.0, trades.option_sign
            option = _Batch(found.numbers, found.facts, alive, signs)
            priced = _priced(self.tolerance, option, with_gradient, choices)
            gradient = found.pulled_back(priced.weights) if with_gradient else None
        fast, slow = float(shape.two_factor.fast_mean_reversion), float(inputs.mean_reversion)
        apart = np.full(count, are_apart(fast, slow))
        calibration = PlaneCalibration(priced.residuals, priced.squares, apart)
        checks = Checks(priced.options.probabilities, in_domain, calibration)
        value = found.numbers.held + priced.options.values
        return Assessment(value, priced.options.errors, checks, gradient, priced.rules)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        if trade.option is None:
            return None
        if not checks.model.apart:
            return RefusalError(
                "expected two mean reversions that differ, found one number twice: a single factor, the one-factor model"
            )
        expiries = np.asarray(trade.option.exercise_times)
        residual = np.asarray(checks.model.residual)[: expiries.shape[0]]
        bad = np.flatnonzero(~(np.abs(residual) <= LARGEST_MISFIT))
        if not bad.size:
            return None
        if np.isnan(residual[bad]).any():
            return CalibrationError(
                "a European swaption cannot be valued at its quote: expected a forward swap rate above minus the shift where "
                "that is lognormal"
            )
        worst = bad[np.argmax(np.nan_to_num(np.abs(residual[bad]), nan=np.inf))]
        return CalibrationError(
            "no two-factor model with these mean reversions, correlation and volatility ratio values the European swaption "
            f"that expires in {expiries[worst]:.4f} years at its quote: the nearest misses it by {residual[worst]:.2e} in "
            f"normal volatility (allowed: {LARGEST_MISFIT:.0e}); the one-factor model may meet it"
        )


class _Batch(NamedTuple):
    numbers: PlaneNumbers
    facts: PlaneFacts
    alive: Bool[np.ndarray, "trades exercises"]
    signs: Float[np.ndarray, "trades"]


class _Priced(NamedTuple):
    options: Valued
    residuals: Float[np.ndarray, "trades exercises"]
    squares: Float[np.ndarray, "trades exercises"]
    weights: PlaneNumbers
    rules: Rules


def _priced(tolerance: float, batch: _Batch, with_adjoint: bool, known: Rules | None) -> _Priced:
    """Options of a batch, calibrated and valued, and derivatives to the numbers; by rules that are known, or by new ones."""
    numbers, facts, alive, signs = batch
    quotes = _quotes(batch)
    met = meet(quotes)
    counts = np.count_nonzero(alive, axis=1)
    flows = signs[:, None, None] * numbers.present_values
    rights = PlaneRights(counts, met.covariances, numbers.loadings, flows)
    good = np.flatnonzero(np.all(np.abs(met.residuals) <= LARGEST_MISFIT, axis=1))
    drifts = met.squares[..., None] * np.where(alive[..., None], facts.drifts, 0.0)
    options = Valued.nothing(rights)
    chosen = PlaneRights(*(part[good] for part in rights))
    wanted = Wanted(with_adjoint, None if known else drifts[good], errors=known is None)
    places = {int(trade): number for number, trade in enumerate(good)}
    again = None if known is None else {places[t]: r for t, r in known.items() if t in places}
    part, found = valued(tolerance, chosen, wanted, again)
    for whole, some in zip(options, part, strict=True):
        whole[good] = some
    _value_europeans(options, rights, good[counts[good] == 1])
    rules = {int(good[number]): rule for number, rule in found.items()}
    weights = _weights(quotes, met, options, signs) if with_adjoint else numbers
    return _Priced(options, met.residuals, met.squares, weights, rules)


def _quotes(batch: _Batch) -> PlaneQuotes:
    numbers, facts, alive, _ = batch
    return PlaneQuotes(
        alive,
        numbers.present_values,
        numbers.loadings,
        numbers.growths,
        numbers.targets,
        facts.sides,
        facts.annuities,
        facts.deviations,
        facts.vegas,
        facts.still,
    )


def _value_europeans(options: Valued, rights: PlaneRights, chosen: np.ndarray) -> None:
    """Values of trades with one exercise as those that the calibration meets."""
    if not chosen.size:
        return
    found = europeans(
        rights.present_values[chosen, 0], rights.loadings[chosen], rights.covariances[chosen, 0]
    )
    options.values[chosen], options.errors[chosen] = found.value, 0.0
    options.present_values[chosen, 0] = found.present_values
    options.loadings[chosen] = found.loadings
    options.covariances[chosen, 0] = found.covariances


def _weights(
    quotes: PlaneQuotes,
    met: PlaneQuotesMet,
    options: Valued,
    signs: Float[np.ndarray, "trades"],
) -> PlaneNumbers:
    """Derivatives of the values to the numbers, through the calibration."""
    back = through_quotes(quotes, met, options.covariances)
    return PlaneNumbers(
        np.ones(signs.shape[0]),
        signs[:, None, None] * options.present_values + back.present_values,
        options.loadings + back.loadings,
        back.growths,
        back.targets,
    )
