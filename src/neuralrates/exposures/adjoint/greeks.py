"""Derivatives of valuation adjustments to every quote: rates, volatilities, exchange rates and credit spreads."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from jaxtyping import Float

from neuralrates.core.processors import num_processors
from neuralrates.core.units import basis_point
from neuralrates.exposures.adjoint.decisions import Decisions
from neuralrates.exposures.adjoint.path_adjoint import add_paths, log_martingale
from neuralrates.exposures.adjoint.quotes import STEP, Greek, QuoteAdjoint, moved_curves
from neuralrates.exposures.adjoint.right_adjoint import RightAdjoint
from neuralrates.exposures.adjoint.seeds import FIGURES, SetAdjustments
from neuralrates.exposures.adjoint.sensitivities import Adjoint, BlockWeights, Sensitivities
from neuralrates.exposures.book_values import FutureTrade
from neuralrates.exposures.credit import weights_of
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.netting import Credit, Netting, NettingSet
from neuralrates.exposures.path_block import PathBlock, in_rows
from neuralrates.exposures.prepared import Prepared
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import Market
from neuralrates.models.hull_white import HullWhite

_POINT = 0.01
ByDate = Float[np.ndarray, "figures dates paths"]
Taken = Sequence[np.ndarray | None]


def market_greeks(
    run: Prepared,
    market: Market,
    paths: Mapping[str, CurrencyPaths],
    taken: Taken,
    sets: Mapping[str, SetAdjustments],
    to_discount: Float[np.ndarray, "figures nodes"],
    step: Callable[[], None],
) -> list[Greek]:
    """Derivatives to rates, volatilities and exchange rates, by the adjoint of the whole run.

    Args:
        run: trades, models and dates
        market: that they were made of
        paths: of all currencies
        taken: exercises of the trades
        sets: adjustments of the netting sets to be looked at
        to_discount: derivatives of the same figures to the zero rates of the base currency, through default probabilities
        step: called after each group of dates
    """
    into = {name: Sensitivities(one, len(FIGURES)) for name, one in paths.items()}
    to_exchange = _over_trades(run, paths, taken, sets, into, step)
    found: list[Greek] = []
    for currency, own in to_exchange.items():
        found += _exchange_greeks(run, paths, currency, own)
    _add_numeraire(into[run.base], sets)
    for currency, one in into.items():
        if currency != run.base:
            add_paths(one, True, to_exchange[currency])
    both = list(to_exchange.values())
    add_paths(into[run.base], False, sum(both[1:], both[0]) if both else None)
    for currency, one in into.items():
        stated = currency in run.stated
        quotes = QuoteAdjoint(run.models[currency], market[currency], one, stated)
        if currency == run.base:
            quotes.add_zero(to_discount)
        found += quotes.greeks()
    return found


def _over_trades(
    run: Prepared,
    paths: Mapping[str, CurrencyPaths],
    taken: Taken,
    sets: Mapping[str, SetAdjustments],
    into: Mapping[str, Sensitivities],
    step: Callable[[], None],
) -> dict[str, ByDate]:
    """The adjoint of all values; returns derivatives to the logarithm of what turns currencies into the base currency."""
    count = next(iter(paths.values())).states.shape[1]
    shape = len(FIGURES), run.times.size, count
    to_exchange = {name: np.zeros(shape) for name in paths if name != run.base}
    chosen = [
        (number, future, sets[run.sets[number]])
        for number, future in enumerate(run.trades)
        if run.sets[number] in sets
    ]
    for one in sets.values():
        one.seeds  # noqa: B018 - made here, before threads share them

    def add(rows: slice) -> None:
        blocks = {name: PathBlock(one, one.dates[rows]) for name, one in paths.items()}
        wholes: dict[tuple[str, str], BlockWeights] = {}
        for number, future, adjustments in chosen:
            currency = future.trade.currency
            key = currency, adjustments.one.netting_set
            if key not in wholes:
                own = adjustments.seeds[0][:, rows] * paths[currency].exchange[rows]
                wholes[key] = BlockWeights(blocks[currency], own, into[currency])
            adjoint = Adjoint(wholes[key], future.trade.signed_notional)
            future.pull_back(adjoint, taken[number])
            if currency in to_exchange:
                values = future.values(blocks[currency], taken[number])
                to_exchange[currency][:, rows] += adjoint.weights * values
        for one in wholes.values():
            one.finish()

    def finish(one: tuple[int, FutureTrade, SetAdjustments]) -> None:
        number, future, adjustments = one
        right, exercises = future.right, taken[number]
        if right is None or exercises is None:
            return
        own = paths[future.trade.currency]
        scale = future.trade.signed_notional * np.broadcast_to(own.exchange, shape[1:])
        gathered = into[future.trade.currency]
        Decisions(right, exercises, own, scale, adjustments).pull_back(gathered)
        RightAdjoint(right, gathered).add_nodes()

    with ThreadPoolExecutor(num_processors()) as pool:
        for _ in pool.map(add, in_rows(run.times.size, count)):
            step()
        list(pool.map(finish, chosen))
    return to_exchange


def _add_numeraire(into: Sensitivities, sets: Mapping[str, SetAdjustments]) -> None:
    """Derivatives to the base currency's numeraire: where collateral is in currency."""
    given = [weights for _, weights in (one.seeds for one in sets.values()) if weights is not None]
    if not given:
        return
    paths, weights = into.paths, sum(given[1:], given[0])
    times = paths.times[paths.dates]
    loadings, sums = paths.model.loadings(times), weights.sum(axis=2)
    into.add_states(paths.dates, loadings[:, None] * weights)
    into.add_variance(times, 0.5 * loadings**2 * sums)
    into.add_discount(times, -sums)


def _exchange_greeks(
    run: Prepared, paths: Mapping[str, CurrencyPaths], currency: str, weights: ByDate
) -> list[Greek]:
    """Derivatives to the spot rate and its volatility; none to one that is zero."""
    rate, own = run.rates[currency], paths[currency]
    name = f"{currency}{run.base}"
    found = [Greek("fx_delta", name, "1 percent of spot", _POINT * weights.sum(axis=(1, 2)))]
    if rate.volatility > 0.0:
        logs = np.log(own.exchange / rate.spot)
        logs -= log_martingale(own, True) + log_martingale(paths[run.base], False)
        moves = logs / rate.volatility - 0.5 * rate.volatility * run.times[:, None]
        vega = _POINT * np.einsum("fdp,dp->f", weights, moves)
        found.append(Greek("fx_vega", name, "0.01 of lognormal volatility", vega))
    return found


def credit_greeks(
    netting: Netting,
    model: CurrencyModel,
    run: Prepared,
    exposures: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> tuple[list[Greek], Float[np.ndarray, "figures nodes"]]:
    """Derivatives to credit spreads; and of CVA and DVA to the zero rates that the default probabilities are found with.

    Exposures do not move with spreads, so each is a difference of default probabilities, central.

    Args:
        netting: whole file
        model: of the base currency
        run: dates
        exposures: discounted positive and negative exposure by date, of the netting sets to be looked at
    """
    today = run.valuation_date

    def figures(moved: Netting, under: CurrencyModel) -> np.ndarray:
        weights = weights_of(moved, under, today, run.days)
        cva = sum(
            float(weights.counterparties[name] @ positive)
            for name, (positive, _) in exposures.items()
            if name in weights.counterparties
        )
        own = weights.own
        dva = 0.0 if own is None else sum(float(own @ part[1]) for part in exposures.values())
        return np.array([cva, dva, 0.0])

    chosen = netting.model_copy(
        update={
            "netting_sets": [one for one in netting.netting_sets if one.netting_set in exposures]
        }
    )
    found = []
    for name, tenor, credit, moved_to in _credits(chosen):
        step = min(STEP, 0.5 * credit.spreads[tenor])
        ends = [figures(moved_to(_moved(credit, tenor, move)), model) for move in (step, -step)]
        slope = (ends[0] - ends[1]) / (2.0 * step)
        kind = "own_credit" if credit is netting.own_credit else "credit"
        found.append(Greek(kind, f"{name} {tenor}", "basis point of spread", basis_point * slope))
    nodes = [
        np.subtract(*(figures(chosen, _on(model, curve)) for curve in curves)) / (2.0 * STEP)
        for curves in moved_curves(model.curve.curve)
    ]
    return found, np.stack(nodes, axis=1)


def _credits(
    netting: Netting,
) -> list[tuple[str, str, Credit, Callable[[Credit], Netting]]]:
    """Every quoted spread: whose, its tenor, the credit, and the netting file with another one in its place."""
    found: list[tuple[str, str, Credit, Callable[[Credit], Netting]]] = []
    for one in netting.netting_sets:
        if one.counterparty is None:
            continue

        def alone(credit: Credit, one: NettingSet = one) -> Netting:
            own = one.model_copy(update={"counterparty": credit})
            return netting.model_copy(update={"netting_sets": [own], "own_credit": None})

        found += [(one.netting_set, t, one.counterparty, alone) for t in one.counterparty.spreads]
    own_credit = netting.own_credit
    if own_credit is not None:

        def ours(credit: Credit) -> Netting:
            sets = [o.model_copy(update={"counterparty": None}) for o in netting.netting_sets]
            return netting.model_copy(update={"own_credit": credit, "netting_sets": sets})

        found += [("ourselves", tenor, own_credit, ours) for tenor in own_credit.spreads]
    return found


def _moved(credit: Credit, tenor: str, move: float) -> Credit:
    spreads = {**credit.spreads, tenor: credit.spreads[tenor] + move}
    return credit.model_copy(update={"spreads": spreads})


def _on(model: CurrencyModel, curve: ZeroCurve) -> CurrencyModel:
    """The model on another curve; only that is read."""
    other = HullWhite(
        curve, model.model.mean_reversion, model.model.volatility, model.model.volatility_times
    )
    return dataclasses.replace(model, model=other)
