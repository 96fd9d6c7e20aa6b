"""Our reference against QuantLib: agreement on random Bermudans, and speed at equal accuracy.

    python -m benchmarks.against_quantlib [--trades 40]

Agreement: random swaptions of 1 to 30 exercise dates, annual and semi-annual, negative rates included, half of them under
constant volatility (finite differences), half under piecewise volatility (Gaussian1d). Speed: a ten-year annual Bermudan, one
core, one process; QuantLib's time is that of its engine alone, trade and curve already built, on the smallest grid whose mean
error over strikes and sides is within the tolerance of our default (our own error is far below it). Thirty deltas are thirty
more runs of that engine.
"""

import argparse

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.support.clock import processor_seconds, use_one_core
from benchmarks.support.results import save

from neuralrates.core.units import basis_point
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.quantlib.days import evaluation_date, snap_model_to_days, snap_to_days
from neuralrates.pricers.quantlib.finite_difference import QuantLibFiniteDifference
from neuralrates.pricers.quantlib.gaussian import QuantLibGaussian
from neuralrates.products.swaption import Swaption

SEED = 20240319
FINEST_GRID, FINEST_GAUSSIAN = 1600, 512
GRIDS = (100, 200, 400, 600, 800, 1200, 1600, 2400, 3200)
NODES = np.arange(1.0, 31.0)
ZERO_RATES = 0.035 - 0.015 * np.exp(-NODES / 6.0)


def random_case(random: np.random.Generator, piecewise: bool) -> tuple[HullWhite, Swaption]:
    """Model and swaption with a strike within one percent of the forward swap rate."""
    level, slope, hump = random.uniform([-0.015, -0.03, -0.02], [0.05, 0.02, 0.02])
    curve = NelsonSiegel(level, slope, hump, random.uniform(1.0, 5.0))
    length, first = random.choice([0.5, 1.0]), random.uniform(0.1, 3.0)
    exercises, periods_left = random.integers(1, 31), random.integers(1, 8)
    payments = first + length * np.arange(1, exercises + periods_left)
    discount = np.asarray(jax.vmap(curve.discount_factor)(payments))
    rate = (float(curve.discount_factor(first)) - discount[-1]) / (length * discount.sum())
    product = Swaption(
        first + length * np.arange(exercises),
        payments,
        np.full_like(payments, length),
        rate + random.uniform(-0.01, 0.01),
        str(random.choice(["payer", "receiver"])),
    )
    steps = np.sort(random.uniform(0.5, 15.0, 3)) if piecewise else np.zeros(0)
    reversion = random.uniform(-0.02 if piecewise else 0.002, 0.1)
    model = HullWhite(curve, reversion, random.uniform(0.004, 0.015, len(steps) + 1), steps)
    return snap_model_to_days(model), snap_to_days(product)


def agreement(num_trades: int) -> dict[str, object]:
    """Differences from QuantLib's finest grids, in basis points of notional."""
    random = np.random.default_rng(SEED)
    differences: dict[str, list[float]] = {"finite_difference": [], "gaussian": []}
    lowest_rate = np.inf
    for k in range(num_trades):
        engine = "gaussian" if k % 2 else "finite_difference"
        theirs = (
            QuantLibGaussian(FINEST_GAUSSIAN) if k % 2 else QuantLibFiniteDifference(FINEST_GRID)
        )
        model, product = random_case(random, piecewise=bool(k % 2))
        ours = BackwardInduction()(model, product)
        difference = float(theirs(model, product).value - ours.value) / basis_point
        differences[engine].append(difference)
        lowest_rate = min(lowest_rate, float(model.curve.zero_rate(product.flow_times[-1])))
        print(f"  {k + 1:3d}/{num_trades} {engine:18s} {difference:+.5f} bp", flush=True)
    return {
        "trades": num_trades,
        "lowest_zero_rate": lowest_rate,
        **{f"{engine}_basis_points": _spread(found) for engine, found in differences.items()},
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(np.abs(values))), "worst": float(np.max(np.abs(values)))}


def ten_year_annual(side: str, strike: float) -> Swaption:
    """First call after one year."""
    return Swaption(np.arange(1.0, 10.0), np.arange(2.0, 11.0), np.ones(9), strike, side)


def model_on(zero_rates: jax.Array) -> HullWhite:
    """The model as a function of its thirty zero rates."""
    return HullWhite(ZeroCurve(NODES, zero_rates, "natural_spline"), 0.03, 0.009)


def grid_at_our_accuracy(model: HullWhite, tolerance: float) -> tuple[int, float, float]:
    """Smallest grid within the tolerance on average over strikes and sides, its error, and our error."""
    products = [ten_year_annual(s, k) for s in ("payer", "receiver") for k in (0.02, 0.03, 0.04)]
    exact = [BackwardInduction(1e-12)(model, product).value for product in products]
    ours = [BackwardInduction()(model, product).value for product in products]
    our_error = float(np.mean(np.abs(np.subtract(ours, exact))))
    for size in GRIDS:
        engine = QuantLibFiniteDifference(size)
        with evaluation_date():
            theirs = [engine.option(model, product).NPV() for product in products]
        error = float(np.mean(np.abs(np.subtract(theirs, exact))))
        print(f"  grid {size:4d}: mean error {error:.1e}", flush=True)
        if error <= tolerance:
            break
    return size, error, our_error


def speed(tolerance: float) -> dict[str, object]:
    """Run times of one price and of a price with thirty deltas, and their ratios."""
    model = model_on(jnp.asarray(ZERO_RATES))
    size, their_error, our_error = grid_at_our_accuracy(model, tolerance)
    product = ten_year_annual("receiver", 0.03)
    pricer = BackwardInduction().settle(model, product)
    price = jax.jit(lambda zero_rates: pricer(model_on(zero_rates), product).value)
    price_and_deltas = jax.jit(jax.value_and_grad(price))
    zero_rates = jnp.asarray(ZERO_RATES)
    with evaluation_date():
        option = QuantLibFiniteDifference(size).option(model, product)
        theirs = processor_seconds(option.recalculate, 15)
    ours = processor_seconds(lambda: price(zero_rates), 500)
    ours_with_deltas = processor_seconds(lambda: price_and_deltas(zero_rates), 500)
    return {
        "tolerance": tolerance,
        "quantlib_grid": size,
        "quantlib_mean_error": their_error,
        "our_mean_error": our_error,
        "quantlib_price_seconds": theirs,
        "our_price_seconds": ours,
        "our_price_and_30_deltas_seconds": ours_with_deltas,
        "price_ratio": theirs / ours,
        "price_and_30_bumped_deltas_ratio": 31.0 * theirs / ours_with_deltas,
    }


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trades", type=int, default=40, help="random trades to compare")
    trades = parser.parse_args().trades
    use_one_core()
    print("Agreement with QuantLib at its finest")
    found = {"agreement": agreement(trades)}
    print("Speed on a ten-year annual Bermudan")
    found["speed"] = speed(BackwardInduction().tolerance)
    path = save("against_quantlib", found)
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
