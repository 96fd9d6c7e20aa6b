"""The reference pricer alone: its accuracy against its own refinement, and its speed on one core.

    python -m benchmarks.reference [--trades 1000]

Accuracy: random swaptions of 2 to 30 exercise dates, quarterly to annual, against the same method at tolerance 1e-13, whose
own refinement changes nothing above 1e-12. Speed: a ten-year annual Bermudan under piecewise volatility on a curve of thirty
zero rates, after compilation; forty sensitivities are those to thirty zero rates, nine volatilities and the mean reversion.
"""

import argparse

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.support.clock import processor_seconds, use_one_core
from benchmarks.support.results import save

from neuralrates.core.types import Scalar
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction, numbers_of
from neuralrates.pricers.gaussian.batched.options import valued
from neuralrates.pricers.gaussian.batched.state_space import Rights
from neuralrates.products.swaption import Swaption

SEED = 20240319
NODES = np.arange(1.0, 31.0)
ZERO_RATES = 0.035 - 0.015 * np.exp(-NODES / 6.0)
VOLATILITIES = np.linspace(0.010, 0.008, 9)
BATCH = 512
MOST_DATES, MOST_FLOWS = 30, 36
Numbers = tuple[np.ndarray, ...]


def random_case(random: np.random.Generator) -> tuple[HullWhite, Swaption]:
    """Model and swaption: any number of dates up to 30, volatility in four steps, rates down to minus two percent."""
    count, length = int(random.integers(1, 31)), float(random.choice([0.25, 0.5, 1.0]))
    first = float(random.uniform(0.1, 5.0))
    payments = first + length * np.arange(1, count + 1 + int(random.integers(0, 6)))
    exercises = first + length * np.arange(count)
    level, slope, hump = random.uniform([-0.01, -0.02, -0.02], [0.05, 0.02, 0.02])
    curve = NelsonSiegel(level, slope, hump, random.uniform(0.5, 4.0))
    discount = np.asarray(jax.vmap(curve.discount_factor)(payments))
    rate = (float(curve.discount_factor(first)) - discount[-1]) / (length * discount.sum())
    side = "payer" if random.random() < 0.5 else "receiver"
    strike = rate + random.uniform(-0.015, 0.015)
    product = Swaption(exercises, payments, np.full_like(payments, length), strike, side)
    model = HullWhite(
        curve, random.uniform(-0.02, 0.1), random.uniform(0.004, 0.015, 4), [2.5, 5.0, 7.5]
    )
    return model, one_size(product)


def one_size(product: Swaption) -> Swaption:
    """The same swaption with exercises into nothing added, so that every case shares a compiled function."""
    exercises, flows = np.asarray(product.exercise_times), np.asarray(product.flow_times)
    dates, columns = MOST_DATES - len(exercises), MOST_FLOWS - len(flows)
    spacing = exercises[-1] - exercises[-2] if len(exercises) > 1 else 1.0
    padding = ((0, dates), (0, columns))
    return Swaption.from_weights(
        np.concatenate([exercises, exercises[-1] + spacing * np.arange(1, dates + 1)]),
        np.concatenate([flows, flows[-1] + 1e-4 * np.arange(1, columns + 1)]),
        np.pad(np.asarray(product.annuity_weights), padding),
        np.pad(np.asarray(product.floating_weights), padding),
        product.strike,
        product.side,
    )


def accuracy(num_trades: int) -> dict[str, object]:
    """Errors per unit notional at the default and at the full setting, and how often the error estimates hold.

    By the induction of batches that prices books; swaptions of one exercise are priced in closed form and left out.
    """
    random = np.random.default_rng(SEED)
    cases: list[Numbers] = []
    while len(cases) < num_trades:
        model, product = random_case(random)
        numbers = tuple(np.asarray(part) for part in _case(model, product))
        if np.count_nonzero(np.any(numbers[2] != 0.0, axis=1)) > 1:
            cases.append(numbers)
    rights = _rights(cases)
    exact, refined = (_valued(BackwardInduction(t), rights)[0] for t in (1e-13, 1e-12))
    found: dict[str, object] = {
        "trades": num_trades,
        "refinement_itself_worst": float(np.max(np.abs(refined - exact))),
    }
    for name, pricer in {"default": BackwardInduction(), "full": BackwardInduction(1e-10)}.items():
        values, bands = _valued(pricer, rights)
        errors = np.abs(values - exact)
        found[name] = _summary(errors, errors <= bands + 1e-13)
    return found


_case = eqx.filter_jit(numbers_of)


def _rights(cases: list[Numbers]) -> Rights:
    """All cases stacked; exercises into nothing are padding."""
    variances, loadings, flows = (np.stack(parts) for parts in zip(*cases, strict=True))
    counts = np.count_nonzero(np.any(flows != 0.0, axis=2), axis=1)
    return Rights(counts, variances, loadings, flows)


def _valued(pricer: BackwardInduction, rights: Rights) -> tuple[np.ndarray, np.ndarray]:
    """Values and their stated errors."""
    with np.errstate(all="ignore"):
        found, _ = valued(pricer, rights, np.zeros_like(rights.variances), with_adjoint=False)
    return found.values, found.errors


def _summary(errors: np.ndarray, held: np.ndarray) -> dict[str, float]:
    return {
        "error_mean": float(np.mean(errors)),
        "error_99_percent": float(np.quantile(errors, 0.99)),
        "error_worst": float(np.max(errors)),
        "error_estimate_holds": float(np.mean(held)),
    }


def speed() -> dict[str, float]:
    """Processor seconds a price, with and without its forty sensitivities, alone and in batches."""
    years = np.arange(1.0, 11.0)
    product = Swaption(years[:-1], years[1:], np.ones(9), 0.03, "receiver")
    zero_rates, volatilities = jnp.asarray(ZERO_RATES), jnp.asarray(VOLATILITIES)
    reversion = jnp.asarray(0.03)

    def model(rates: jax.Array, volatility: jax.Array, mean_reversion: jax.Array) -> HullWhite:
        return HullWhite(ZeroCurve(NODES, rates), mean_reversion, volatility, years[:8])

    settled = BackwardInduction().settle(model(zero_rates, volatilities, reversion), product)

    def price(rates: jax.Array, volatility: jax.Array, mean_reversion: jax.Array) -> Scalar:
        return settled(model(rates, volatility, mean_reversion), product).value

    arguments = (zero_rates, volatilities, reversion)
    bumps = 1.0 + 0.05 * jax.random.uniform(jax.random.key(SEED), (BATCH,))
    batch = tuple(bumps.reshape(-1, *[1] * part.ndim) * part for part in arguments)
    alone, together = jax.jit(price), jax.jit(jax.vmap(price))
    gradient = jax.value_and_grad(price, argnums=(0, 1, 2))
    both, many = jax.jit(gradient), jax.jit(jax.vmap(gradient))
    fixed = model(*arguments)
    return {
        "price": processor_seconds(lambda: alone(*arguments), 500),
        "price_and_40_sensitivities": processor_seconds(lambda: both(*arguments), 300),
        "batch_price": processor_seconds(lambda: together(*batch), 20) / BATCH,
        "batch_price_and_40_sensitivities": processor_seconds(lambda: many(*batch), 10) / BATCH,
        "price_with_error_estimate_as_called": processor_seconds(
            lambda: settled(fixed, product).value, 300
        ),
    }


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trades", type=int, default=1000)
    trades = parser.parse_args().trades
    use_one_core()
    results = {"speed_processor_seconds": speed(), "accuracy_per_unit_notional": accuracy(trades)}
    for section, figures in results.items():
        print(section)
        for name, figure in figures.items():
            print(f"  {name}: {figure}")
    print(f"saved to {save('reference', dict(results))}")


if __name__ == "__main__":
    main()
