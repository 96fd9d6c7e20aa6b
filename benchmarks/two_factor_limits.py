"""Two factors where the answer is known otherwise: one exercise, one factor alone, and Greeks by bump and recalibrate.

    python -m benchmarks.two_factor_limits [--models 100] [--trades 20]

Models are random: mean reversions of 0.01 to 1, correlations of -0.95 to 0.7. Greeks are those that the desk prints for dollar
Bermudans; against them every quote is moved up and down by a twentieth of a basis point, the curve and the model fitted again.
"""

import argparse
import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from benchmarks.support.dated_bermudans import TODAY
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.engines.batches import in_batches
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.engines.two_factor import TwoFactorEngine

_SEED = 20261206
_CURVE = nr.market.NelsonSiegel(0.035, -0.02, 0.01, 2.0)
_QUADRATURE = 24
_FINER, _BUMPED = 1e-12, 1e-11
_FINE, _USUAL = nr.pricers.TwoFactorInduction(1e-10), nr.pricers.TwoFactorInduction()
_BUMP = 0.05 * basis_point


def _model(random: np.random.Generator) -> nr.models.GaussianFactors:
    reversions = np.exp(random.uniform(np.log(0.01), 0.0, 2))
    volatilities, correlation = random.uniform(0.003, 0.012, 2), random.uniform(-0.95, 0.7)
    matrix = [[1.0, correlation], [correlation, 1.0]]
    return nr.models.GaussianFactors(_CURVE, reversions, volatilities, matrix)


def _side_and_strike(random: np.random.Generator) -> tuple[float, str]:
    return 0.032 + 0.01 * float(random.normal()), "payer" if random.random() < 0.5 else "receiver"


def one_exercise(count: int) -> dict[str, float]:
    """Largest difference to a European, in closed form along one factor and by quadrature over the other.

    The swap of five years may be entered a year before as well: that gives up the right to wait, so the induction over both
    dates has the value of the last.
    """
    random, found = np.random.default_rng([_SEED, 1]), []
    exact = nr.pricers.GaussianEuropean(_QUADRATURE)
    for _ in range(count):
        model, last = _model(random), 1.25 + 9.0 * random.random()
        strike, side = _side_and_strike(random)
        payments, fractions = last + 1.0 + np.arange(5), np.ones(5)
        both = nr.products.Swaption(
            [last - 1.0, last], payments, fractions, strike, side, [last, last]
        )
        alone = nr.products.Swaption([last], payments, fractions, strike, side)
        value = float(exact(model, alone).value)
        found.append([abs(float(by(model, both).value) - value) for by in (_FINE, _USUAL)])
    return _largest(found)


def one_factor(count: int) -> dict[str, float]:
    """Largest difference of five exercises to the induction under one factor, the second without volatility."""
    random, found = np.random.default_rng([_SEED, 2]), []
    exact = nr.pricers.BackwardInduction(_FINER)
    for _ in range(count):
        model, times = _model(random), random.uniform(0.25, 10.0) + np.arange(5)
        payments = times[0] + 1.0 + np.arange(9)
        right = nr.products.Swaption(times, payments, np.ones(9), *_side_and_strike(random))
        reversion, volatility = float(model.mean_reversions[1]), float(model.volatilities[1])
        alone = eqx.tree_at(lambda m: m.volatilities, model, model.volatilities.at[0].set(0.0))
        value = float(exact(nr.models.HullWhite(_CURVE, reversion, volatility), right).value)
        found.append([abs(float(by(alone, right).value) - value) for by in (_FINE, _USUAL)])
    return _largest(found)


def _largest(found: list[list[float]]) -> dict[str, float]:
    return dict(zip(("fine", "default"), np.max(found, axis=0).tolist(), strict=True))


def greeks(count: int) -> dict[str, float]:
    """Errors of the desk's vegas and par deltas, mean and largest over their mean size."""
    market = nr.market.load(nr.desk.example.example_files()[1])
    usd, random = market["USD"], np.random.default_rng([_SEED, 3])
    trades = nr.trades.Book(tuple(_dated(random, number) for number in range(count)))
    table = nr.price(trades, market, model="two_factor", greeks=("par_delta", "vega"))
    batches = in_batches(trades.resolve(TODAY).trades)
    engine, reversion = TwoFactorEngine(_BUMPED), 0.03
    notionals = np.array([trade.notional for trade in trades.trades])

    def shape_of(moved: nr.market.CurrencyMarket) -> MarketShape:
        return MarketShape.of(moved.curves, moved.swaption_volatility, moved.two_factor)

    shape = shape_of(usd)
    kept = [engine.assess(b, shape.inputs(reversion), shape, False).choices for b in batches]

    def values(moved: nr.market.CurrencyMarket) -> np.ndarray:
        found, shape = np.empty(count), shape_of(moved)
        for batch, choices in zip(batches, kept, strict=True):
            inputs = shape.inputs(reversion)
            assessed = engine.assess(batch, inputs, shape, False, choices)
            found[list(batch.members)] = assessed.value
        return found * notionals

    def difference(moved: Callable[[float], nr.market.CurrencyMarket]) -> np.ndarray:
        up, down = values(moved(_BUMP)), values(moved(-_BUMP))
        found: np.ndarray = (up - down) * (basis_point / (2.0 * _BUMP))
        return found

    deltas = [
        difference(lambda h, n=n: _quote_moved(usd, n, h)) for n in range(len(usd.curves.quotes))
    ]
    expiries, tenors = usd.swaption_volatility.volatilities.shape
    vegas = [
        difference(lambda h, i=i, j=j: _volatility_moved(usd, i, j, h))
        for i in range(expiries)
        for j in range(tenors)
    ]
    known = {
        name: table[[c for c in table.columns if c.startswith(f"{name} ")]].to_numpy()
        for name in ("par_delta", "vega")
    }
    found: dict[str, float] = {"trades": count}
    for name, bumped in (("par_delta", deltas), ("vega", vegas)):
        errors, size = np.abs(known[name] - np.stack(bumped, axis=1)), np.abs(known[name]).mean()
        found[f"{name}_mean_error_over_mean_size"] = float(errors.mean() / size)
        found[f"{name}_largest_error_over_mean_size"] = float(errors.max() / size)
    return found


def _dated(random: np.random.Generator, number: int) -> nr.trades.BermudanSwaptionTrade:
    """A dollar Bermudan of annual exercises, the first in one to five years, the swap of three to twenty years."""
    start = TODAY.replace(year=TODAY.year + int(random.integers(1, 6)), day=21)
    return nr.trades.BermudanSwaptionTrade(
        trade_id=str(number),
        currency="USD",
        index="USD-SOFR",
        notional=1e6,
        strike=0.0385 + 0.005 * float(random.normal()),
        side="payer" if random.random() < 0.5 else "receiver",
        start_date=start,
        maturity_date=start.replace(year=start.year + int(random.integers(3, 21))),
        first_exercise_date=start,
    )


def _quote_moved(usd: nr.market.CurrencyMarket, number: int, by: float) -> nr.market.CurrencyMarket:
    quotes = list(usd.curves.quotes)
    quotes[number] = dataclasses.replace(quotes[number], value=quotes[number].value + by)
    return dataclasses.replace(usd, curves=nr.market.bootstrap(TODAY, quotes))


def _volatility_moved(
    usd: nr.market.CurrencyMarket, expiry: int, tenor: int, by: float
) -> nr.market.CurrencyMarket:
    matrix = usd.swaption_volatility
    volatilities = jnp.asarray(matrix.volatilities).at[expiry, tenor].add(by)
    moved = eqx.tree_at(lambda m: m.volatilities, matrix, volatilities)
    return dataclasses.replace(usd, swaption_volatility=moved)


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--trades", type=int, default=20)
    asked = parser.parse_args()
    found: dict[str, object] = {
        "models": asked.models,
        "one_exercise_against_european": one_exercise(asked.models),
        "second_factor_without_volatility": one_factor(asked.models),
        "greeks": greeks(asked.trades),
    }
    print(found)
    print(save("two_factor_limits", found))


if __name__ == "__main__":
    main()
