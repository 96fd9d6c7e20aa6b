"""Dated Bermudans and cancellables with annual exercises, read as points of `annual_bermudan`."""

import functools
from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.bundles.bundle import load, shipped
from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.errors import InputError, NeuralratesError, RefusalError
from neuralrates.core.functions import decay_between, largest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.engines.engine import AbstractEngine, NotMineError
from neuralrates.engines.learned import AbstractReader, LearnedEngine, Reading, UnusableEngine
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.traced_quotes import Quoted, after, held_value, quoted
from neuralrates.market.market import CurrencyMarket
from neuralrates.problems.annual.bermudan import SHIPPED, annual_swaption
from neuralrates.problems.annual.density import SPACING_RANGE
from neuralrates.problems.annual.inputs import AnnualInputs, from_the_end
from neuralrates.products.cancellable import opposite
from neuralrates.products.swap import Side
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.schedule import SwaptionSchedule

_SAME_TIME = 1e-9
_VEGA = 0.4
"""Of a normal option at the money, value per standard deviation: $\\phi(0)$."""
_CONVEXITY = 0.25
"""Largest effect of a convexity c in $d + s Z + c (Z^2 - 1)$ on the value of an option: $\\max |u| \\phi(u)$ is 0.242."""


class AnnualReader(AbstractReader):
    """Reads a trade whose exercises enter annual periods, one each.

    With $V_k$ the value today of what exercise k enters, floating less fixed, the periods' own values are $N_k = V_k -
    V_{k+1}$. The point's strike is the fixed rate at which a swap on the discount curve alone, accruing by spacing, is worth
    $V_1$; its discount factors follow from $D'_{k+1} (1 + K' \\tau_k) = D'_k - N_k / D_1$, so that every swap entered is worth
    what it is, whatever the second curve, spreads, payment lags or day counts; and its total volatilities are the quotes'
    times the ratio of annuities, so that every European is, too. What is left is how these move with the curve: the
    reading's error. On two curves the derivatives to the projection rates are right in sum; along the curve up to a fifth of
    the largest moves between neighbours, as a basis earned in one period is put on the discount factors after it.

    Args:
        side: of the swap that exercise enters
        num_exercises: n
    """

    side: Side = eqx.field(static=True)
    num_exercises: int = eqx.field(static=True, default=SHIPPED)

    @property
    def problem(self) -> str:
        return f"annual_bermudan_{self.num_exercises}_{self.side}"

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.option is not None and self._entered(trade) != self.side:
            return NotMineError(f"exercise enters a {self._entered(trade)} swap")
        for field, reason in self._faults(trade, market):
            return RefusalError(f"field `{field}`: the learned annual Bermudan expects {reason}")
        return None

    def _entered(self, trade: ResolvedTrade) -> Side:
        """Side of the swap that exercise enters."""
        return opposite(trade.side) if trade.kind == "cancellable" else trade.side

    def _faults(self, trade: ResolvedTrade, market: CurrencyMarket) -> Iterator[tuple[str, str]]:
        if trade.option is None or trade.kind not in ("bermudan", "cancellable"):
            yield "kind", f"bermudan or cancellable, found {trade.kind}"
            return
        if market.swaption_volatility is None:
            yield "volatility", f"swaption volatilities of {trade.currency}, found none"
        yield from self._faults_of(trade.option)

    def _faults_of(self, option: SwaptionSchedule) -> Iterator[tuple[str, str]]:
        count = option.exercise_times.shape[0]
        if count != self.num_exercises:
            yield "exercise_dates", f"{self.num_exercises} exercises to come, found {count}"
            return
        if option.fees is not None:
            yield "exercise_fees", "no fees on exercise, found some"
        fixed, floating = option.swap.fixed, option.swap.floating
        first = option.start_times[0] - _SAME_TIME
        entered, open_periods = fixed.start_times >= first, floating.start_times >= first
        starts = fixed.start_times[entered]
        if starts.shape != option.start_times.shape or np.any(
            np.abs(starts - option.start_times) > _SAME_TIME
        ):
            found = f"{count} exercises into {starts.shape[0]} periods"
            yield "exercise_frequency", f"an exercise into each fixed period, found {found}"
            return
        spacings = np.diff(np.append(starts, fixed.end_times[-1]))
        low, high = SPACING_RANGE
        odd = spacings[(spacings < low - _SAME_TIME) | (spacings > high + _SAME_TIME)]
        if odd.size:
            yield "stub", f"fixed periods of 363 to 369 days, found one of {365.0 * odd[0]:.0f}"
        notionals = np.append(fixed.notionals[entered], floating.notionals[open_periods])
        if np.any(np.abs(notionals - 1.0) > _SAME_TIME):
            yield "notionals", "one notional throughout, found several"
        if np.any(floating.index_weights[open_periods] != 1.0):
            yield (
                "next_fixing",
                "rates that are open where exercise enters, found one that is fixed",
            )

    def __call__(self, trade: PaddedTrade, inputs: MarketInputs, shape: MarketShape) -> Reading:
        count = self.num_exercises
        market = quoted(shape, trade, inputs)
        discount = after(inputs.elapsed, shape.with_inputs(inputs)[0].discount_factor)
        edges = jnp.append(trade.start_times[:count], trade.maturity)
        factors = jax.vmap(discount)(edges)
        coterminals = market.coterminals
        point = _represented(
            inputs.mean_reversion,
            jnp.diff(edges),
            factors,
            -jnp.sum(coterminals.present_values[:count], axis=1),
            (market.quotes * jnp.sqrt(coterminals.expiries) * coterminals.annuities)[:count],
        )
        held = held_value(shape, trade, inputs)
        error = factors[0] * jax.lax.stop_gradient(_error(point, market, factors[0]))
        return Reading(point.point, factors[0], held, error)


def _represented(
    mean_reversion: Scalar,
    spacings: Exercises,
    factors: Float[Array, "flows"],
    values: Exercises,
    deviations: Exercises,
) -> AnnualInputs:
    """Inputs at which every swap entered has its value, and that value its standard deviation.

    Args:
        mean_reversion: per year
        spacings: of the starts, years
        factors: discount factors to the starts and to the last end
        values: today, of each swap entered, floating less fixed
        deviations: of these values, up to their exercises
    """
    strike = (factors[0] - factors[-1] - values[0]) / jnp.sum(spacings * factors[1:])
    periods = (values - jnp.append(values[1:], 0.0)) / factors[0]
    growth = jnp.cumprod(1.0 + strike * spacings)
    paid = jnp.cumsum(periods * growth / (1.0 + strike * spacings))
    ends = (1.0 - paid) / growth
    starts = jnp.append(1.0, ends[:-1])
    annuities = from_the_end(spacings * ends)
    return AnnualInputs(
        mean_reversion,
        (starts / ends - 1.0) / spacings,
        deviations / factors[0] / annuities,
        strike,
        spacings,
    )


def _error(point: AnnualInputs, market: Quoted, unit: Scalar) -> Scalar:
    """How differently the swaps as represented and as they are move, per unit of the first discount factor.

    Values today, standard deviations and so the Europeans agree. Compared are the values after a move of one standard deviation
    up and down: what differs alike is a convexity, what differs oppositely counts as a deviation. The deviations of the state
    that these moves stand for are compared too, as their ratios decide how the exercises move together.
    """
    count, spreads = point.spacings.shape[0], point.total_volatilities * point.annuities
    represented = Coterminals.of(annual_swaption(point, "receiver"), point.discount_factors)
    end = largest(market.flow_times)
    loadings = -jax.vmap(lambda t: decay_between(point.mean_reversion, t, end))(market.flow_times)
    actual = _scaled(market.coterminals, count, unit)
    found, found_state = _moves(represented, point.loadings, spreads)
    true, true_state = _moves(actual, loadings, spreads)
    up, down = found - true
    ratios = jnp.log(found_state / true_state)
    deviations = 0.5 * jnp.abs(up - down) + spreads * jnp.abs(ratios - jnp.mean(ratios))
    return _CONVEXITY * jnp.max(0.5 * jnp.abs(up + down)) + _VEGA * jnp.max(deviations)


def _scaled(coterminals: Coterminals, count: int, unit: Scalar) -> Coterminals:
    """The first of some coterminals, values in another unit."""
    return Coterminals(
        coterminals.present_values[:count] / unit,
        coterminals.annuity_values[:count] / unit,
        coterminals.forwards[:count],
        coterminals.strike,
        coterminals.expiries[:count],
    )


def _moves(
    coterminals: Coterminals, loadings: Float[Array, "flows"], deviations: Exercises
) -> tuple[Float[Array, "_ exercises"], Exercises]:
    """Values after a move of one standard deviation up and down, and the state's deviation; annuities are the numeraires."""
    annuities = coterminals.annuities

    def value(state: Exercises) -> Exercises:
        bonds = jnp.exp(-(loadings - jnp.mean(loadings))[None, :] * state[:, None])
        worth = jnp.sum(coterminals.present_values * bonds, axis=1)
        return worth / jnp.sum(coterminals.annuity_values * bonds, axis=1) * annuities

    nothing = jnp.zeros_like(annuities)
    slopes = jax.jvp(value, (nothing,), (jnp.ones_like(annuities),))[1]
    state = deviations / jnp.abs(slopes)
    return jnp.stack([value(state), value(-state)]), state


@functools.cache
def annual_engines() -> tuple[AbstractEngine, ...]:
    """Learned engines of the annual Bermudans that the package ships; a damaged bundle costs its own trades alone."""
    known = shipped()
    sides: tuple[Side, ...] = ("payer", "receiver")
    return tuple(_annual(side) for side in sides if f"annual_bermudan_{side}" in known)


def _annual(side: Side) -> AbstractEngine:
    try:
        return LearnedEngine.of(load(f"annual_bermudan_{side}"), AnnualReader(side))
    except (InputError, OSError) as error:
        return UnusableEngine(AnnualReader(side), f"the learned engine cannot be used: {error}")
