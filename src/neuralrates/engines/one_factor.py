"""The exact one-factor engine: coterminal calibration and backward induction of whole batches, with their derivatives."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.calibration.volatility import LARGEST_MISFIT, check_fit
from neuralrates.core.errors import CalibrationError, NeuralratesError
from neuralrates.engines.batches import Batch
from neuralrates.engines.closed_forms.coterminals import held_values
from neuralrates.engines.coterminal_numbers import CoterminalNumbers, Facts, Numbers
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.batched.coterminals import (
    Quotes,
    QuotesMet,
    europeans,
    meet,
    through_quotes,
)
from neuralrates.pricers.gaussian.batched.options import (
    Rules,
    Valued,
    valued,
    valued_again,
)
from neuralrates.pricers.gaussian.batched.state_space import Rights
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE
from neuralrates.trades.coverage import without_volatilities
from neuralrates.trades.resolved import ResolvedTrade

TOLERANCE = 1e-7


class Calibration(NamedTuple):
    """What a price's model missed, per trade and exercise: see `check_fit`."""

    residual: Float[np.ndarray, "trades exercises"]
    variances: Float[np.ndarray, "trades exercises"]


class OneFactorEngine(AbstractEngine):
    """Exact prices under one Gaussian factor, calibrated trade by trade to the European swaptions of its exercises.

    Each trade by the rule it needs, all of it on the host with adjoints by hand: nothing is compiled.

    Args:
        pricer: tolerance of the backward induction; its nodes and boundaries where every trade is to have the same

    Source: Hagan (2002) for the model and its calibration.
    """

    pricer: BackwardInduction = BackwardInduction(TOLERANCE)

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
            checks = Checks(nothing, in_domain, Calibration(nothing, nothing))
            return Assessment(held, np.zeros(count), checks, gradient)
        with np.errstate(all="ignore"):
            found = CoterminalNumbers(batch.flows, shape, inputs)
            trades = batch.flows.trades
            alive, signs = trades.alive > 0.0, trades.option_sign
            option = OptionBatch(found.numbers, found.facts, alive, signs)
            priced = priced_options(self.pricer, option, with_gradient, choices)
            gradient = found.pulled_back(priced.weights) if with_gradient else None
        calibration = Calibration(priced.residuals, priced.variances)
        checks = Checks(priced.options.probabilities, in_domain, calibration)
        value = found.numbers.held + priced.options.values
        return Assessment(value, priced.options.errors, checks, gradient, priced.rules)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        if trade.option is None:
            return None
        expiries = np.asarray(trade.option.exercise_times)
        alive = expiries.shape[0]
        residual, variances = (np.asarray(part)[:alive] for part in checks.model)
        try:
            check_fit(expiries, variances, residual)
        except CalibrationError as error:
            return error
        return None


class OptionBatch(NamedTuple):
    """Rights of some trades: numbers, what goes with them, which exercises are real, and the sides."""

    numbers: Numbers
    facts: Facts
    alive: Bool[np.ndarray, "trades exercises"]
    signs: Float[np.ndarray, "trades"]


class PricedOptions(NamedTuple):
    """Rights valued, what their models missed, derivatives to the numbers, and the rules used."""

    options: Valued
    residuals: Float[np.ndarray, "trades exercises"]
    variances: Float[np.ndarray, "trades exercises"]
    weights: Numbers
    rules: Rules


def priced_options(
    pricer: BackwardInduction, batch: OptionBatch, with_adjoint: bool, known: Rules | None
) -> PricedOptions:
    """Options of a batch, calibrated and valued, and derivatives to the numbers; by rules that are known, or by new ones."""
    numbers, facts, alive, signs = batch
    quotes = quotes_of(numbers, facts, alive)
    met = meet(quotes, with_slopes=with_adjoint)
    variances, residuals = np.zeros(alive.shape), np.zeros(alive.shape)
    variances[alive] = np.where(quotes.still, 0.0, met.variances)
    unmoved = SMALLEST_VARIANCE * np.arange(1.0, 1.0 + alive.shape[1])
    variances = np.where(alive & facts.still, unmoved, variances)
    residuals[alive] = met.residuals
    counts = np.count_nonzero(alive, axis=1)
    flows = signs[:, None, None] * numbers.present_values
    rights = Rights(counts, variances, numbers.loadings, flows)
    options = Valued.nothing(rights)
    good = np.all(np.abs(residuals) <= LARGEST_MISFIT, axis=1)
    good &= np.all((np.diff(variances, axis=1) > 0.0) | ~alive[:, 1:], axis=1)
    single, several = (np.flatnonzero(good & which) for which in (counts == 1, counts > 1))
    _value_europeans(options, rights, facts, single)
    every = several.size == counts.size
    chosen = rights if every else Rights(*(part[several] for part in rights))
    places = {int(trade): number for number, trade in enumerate(several)}
    if known is None:
        part, found = valued(pricer, chosen, facts.mean_loadings[several], with_adjoint)
        rules = {int(several[number]): rule for number, rule in found.items()}
    else:
        rules = {trade: rule for trade, rule in known.items() if trade in places}
        again = {places[trade]: rule for trade, rule in rules.items()}
        part = valued_again(again, chosen, with_adjoint)
    if every:
        options = part
    else:
        for whole, some in zip(options, part, strict=True):
            whole[several] = some
    weights = _weights(quotes, met, options, alive, signs) if with_adjoint else numbers
    return PricedOptions(options, residuals, variances, weights, rules)


def quotes_of(
    numbers: Numbers, facts: Facts, alive: Bool[np.ndarray, "trades exercises"]
) -> Quotes:
    """European swaptions of all exercises of a batch that are no padding, a row each."""
    trade, _ = np.nonzero(alive)
    return Quotes(
        numbers.present_values[alive],
        numbers.loadings[trade],
        numbers.targets[alive],
        facts.sides[alive],
        facts.centres[alive],
        facts.slopes[alive],
        facts.deviations[alive],
        facts.vegas[alive],
        facts.still[alive],
    )


def _value_europeans(options: Valued, rights: Rights, facts: Facts, chosen: np.ndarray) -> None:
    """Values in closed form of trades with one exercise, and its probability in the bank-account measure."""
    if not chosen.size:
        return
    flows, variances = rights.present_values[chosen, 0], rights.variances[chosen, 0]
    deviations = np.sqrt(np.maximum(variances, SMALLEST_VARIANCE))
    found = europeans(flows, rights.loadings[chosen], deviations)
    options.values[chosen], options.errors[chosen] = found.value, 0.0
    options.present_values[chosen, 0] = found.present_values
    options.loadings[chosen] = found.loadings
    options.variances[chosen, 0] = 0.5 * found.deviation / deviations
    options.probabilities[chosen, 0] = found.probability(deviations, facts.mean_loadings[chosen, 0])


def _weights(
    quotes: Quotes,
    met: QuotesMet,
    options: Valued,
    alive: Bool[np.ndarray, "trades exercises"],
    signs: Float[np.ndarray, "trades"],
) -> Numbers:
    """Derivatives of the values to the numbers, through the calibration."""
    back = through_quotes(quotes, met, options.variances[alive])
    present_values = signs[:, None, None] * options.present_values
    present_values[alive] += back.present_values
    loadings = options.loadings.copy()
    trade, _ = np.nonzero(alive)
    np.add.at(loadings, trade, back.loadings)
    targets, starts = np.zeros(alive.shape), np.zeros(alive.shape)
    targets[alive], starts[alive] = back.targets, back.starts
    return Numbers(np.ones(alive.shape[0]), present_values, loadings, targets, starts)
