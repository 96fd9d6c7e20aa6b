"""How far two closed forms for caplets are from the model: what any network has to beat.

    python -m studies.mott_2026.baselines

Contracts are drawn as in section 6.2 of the paper: expiry up to five years, accrual from four to nine months, strikes on a
Chebyshev grid up to seven percent, curves from the filtered history. The model is simulated under the measure of the bond that
pays, where only the forwards of the accrual period matter, by Euler steps from Sobol points. Each formula's own law is
simulated by the same normals in the same steps, so that the difference of the two averages is the formula's error; what is left
of the time step's bias shows in the drift of the mean bond ratio.
"""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

import neuralrates as nr
from studies.mott_2026 import history

Array = np.ndarray[Any, np.dtype[np.float64]]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
HIGHEST_STRIKE, NUM_STRIKES = 0.07, 20
NUM_STEPS, NUM_POINTS, NUM_SEEDS = 64, 2**10, 8


@dataclass(frozen=True)
class Period:
    """What a simulation of the forwards of an accrual period needs of the model, at Gauss nodes of the period."""

    model: nr.models.ForwardCurve
    start: float
    end: float

    @property
    def maturities(self) -> Array:
        return self.start + 0.5 * (self.end - self.start) * (NODES + 1.0)

    @property
    def weights(self) -> Array:
        return 0.5 * (self.end - self.start) * WEIGHTS

    @property
    def forwards(self) -> Array:
        return np.asarray(self.model.forward_rates(jnp.asarray(self.maturities)))

    def volatility(self, times: Array) -> Array:
        """By time, factor and node."""
        tenors = self.maturities[None, :] - times[:, None]
        flat = np.asarray(self.model.volatility(jnp.asarray(tenors.ravel())))
        return np.moveaxis(flat.reshape(-1, len(times), len(NODES)), 0, 1)

    @property
    def integral_after(self) -> Array:
        """A row for each node: weights on all nodes that integrate from it to the end of the period."""
        powers = np.arange(len(NODES))
        moments = (1.0 - NODES[None, :] ** (powers[:, None] + 1.0)) / (powers[:, None] + 1.0)
        solved = np.linalg.solve(NODES[None, :] ** powers[:, None], moments).T
        return np.asarray(0.5 * (self.end - self.start) * solved, dtype=float)


@dataclass(frozen=True, eq=False)
class Ratios:
    """Bond ratios at the start of a period on each path: the model's, and those of the two formulas' laws."""

    model: Array
    frozen: Array
    square_root: Array


def simulate(period: Period, normals: Array) -> Ratios:
    """Bond ratios by Euler steps; the normals by path, step and factor."""
    today, weights, after = period.forwards, period.weights, period.integral_after
    num_steps = normals.shape[1]
    step = period.start / num_steps
    sigmas = period.volatility((np.arange(num_steps) + 0.5) * step)
    first = today @ weights
    rates = np.broadcast_to(today, (len(normals), len(today)))
    frozen, square = np.full(len(normals), first), np.full(len(normals), first)
    for k, sigma in enumerate(sigmas):
        normal = normals[:, k] * np.sqrt(step)
        scale = np.minimum(np.sqrt(np.maximum(rates, 0.0)), period.model.cap)
        drift = sum(scale * s * ((scale * s) @ after.T) for s in sigma)
        rates = rates - drift * step + scale * (normal @ sigma)
        loading = (sigma * np.sqrt(today)) @ weights
        shock, half_variance = normal @ loading, 0.5 * loading @ loading * step
        frozen = frozen + shock - half_variance
        level = np.maximum(square, 0.0) / first
        square = square + np.sqrt(level) * shock - level * half_variance
    return Ratios(np.exp(rates @ weights), np.exp(frozen), np.exp(square))


@dataclass(frozen=True, eq=False)
class Errors:
    """Error of each formula by strike, its standard error, and the drift of the mean ratio off the square-root law's."""

    frozen: Array
    frozen_deviation: Array
    square_root: Array
    square_root_deviation: Array
    drift: float


def errors(period: Period, strikes: Array) -> Errors:
    """Formula less model per unit notional, averaged over independent scrambles of the points."""
    discount = float(period.model.curve.discount_factor(period.end))
    levels = 1.0 + (period.end - period.start) * strikes

    def gain(ratio: Array) -> Array:
        return discount * np.maximum(ratio[:, None] - levels, 0.0).mean(axis=0)

    frozen, square, drift = [], [], []
    num_factors = period.model.volatility.coefficients.shape[0]
    for seed in range(NUM_SEEDS):
        points = qmc.Sobol(num_factors * NUM_STEPS, rng=np.random.default_rng(seed))
        normals = ndtri(points.random(NUM_POINTS)).reshape(NUM_POINTS, NUM_STEPS, num_factors)
        found = simulate(period, normals)
        frozen.append(gain(found.frozen) - gain(found.model))
        square.append(gain(found.square_root) - gain(found.model))
        drift.append(np.mean(found.model - found.square_root))
    root = np.sqrt(NUM_SEEDS)
    return Errors(
        np.mean(frozen, axis=0),
        np.std(frozen, axis=0, ddof=1) / root,
        np.mean(square, axis=0),
        np.std(square, axis=0, ddof=1) / root,
        float(np.mean(drift)),
    )


def report(folder: Path, num_contracts: int, seed: int = 0) -> str:
    """Errors over contracts drawn as in the paper, three strikes for each curve and period."""
    days = history.published(folder)
    kept = history.filtered(days).parameters
    found = history.volatility(history.proportional_changes(kept, days.index))
    generator = np.random.default_rng(seed)
    angles = np.pi * (np.arange(NUM_STRIKES) + 0.5) / NUM_STRIKES
    grid = 0.5 * HIGHEST_STRIKE * (1.0 - np.cos(angles))
    rows = []
    for row in kept.sample(num_contracts, random_state=seed).to_numpy(dtype=float):
        start, accrual = generator.uniform(0.0, 5.0), generator.uniform(1.0 / 3.0, 0.75)
        curve = nr.market.Svensson(*row)
        model = nr.models.ForwardCurve(curve, found.by_tenor)
        rows.append(errors(Period(model, start, start + accrual), generator.choice(grid, 3)))
    lines = [f"{num_contracts} periods, three strikes each; per unit notional"]
    for name in ("frozen", "square_root"):
        error = np.abs([getattr(r, name) for r in rows])
        noise = np.mean([getattr(r, f"{name}_deviation") for r in rows])
        tail = np.quantile(error, 0.99)
        lines.append(
            f"{name:12s} mean {error.mean():.2e}, 99 percent {tail:.2e}, largest {error.max():.2e}; "
            f"standard error {noise:.1e}"
        )
    lines.append(f"drift of the bond ratio: {np.max(np.abs([r.drift for r in rows])):.1e} at most")
    return "\n".join(lines)


def main() -> None:
    parser = ArgumentParser(prog="studies.mott_2026.baselines", description="The closed forms.")
    parser.add_argument("--data", type=Path, default=history.DATA / "gsw")
    parser.add_argument("--contracts", type=int, default=40)
    options = parser.parse_args()
    print(report(options.data, options.contracts))


if __name__ == "__main__":
    main()
