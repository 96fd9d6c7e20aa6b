"""The judge: errors against the exact reference at fresh points, in basis points of notional."""

import functools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.learning import Labels
from neuralrates.problems import Domain, Problem
from neuralrates.surrogates import AbstractSurrogate

FRESH_KEY = 20_260_101
_BINS = 61


@functools.cache
def fresh(problem: Problem, domain: Domain, num_points: int, folder: Path) -> Labels:
    """Exact values and derivatives, of the target and its control prices, where nothing was trained."""
    return nr.learning.exact_labels(
        problem,
        jax.random.key(FRESH_KEY),
        num_points,
        joint=True,
        batch=min(1024, num_points),
        domain=domain,
        folder=folder,
    )


def errors(surrogate: AbstractSurrogate, truth: Labels) -> np.ndarray:
    """Prediction less truth of the target, in basis points."""
    predicted = jax.jit(lambda x: jax.lax.map(surrogate, x, batch_size=512))(truth.x)
    return np.asarray(predicted[:, 0] - truth.value[:, 0]) / nr.core.basis_point


def summary(missed: np.ndarray) -> dict[str, object]:
    """Mean, interval and histogram of errors in basis points; `centred`: mean size without the common level."""
    low, high = np.quantile(missed, [0.005, 0.995])
    limit = float(np.quantile(np.abs(missed), 0.999)) or 1.0
    counts, edges = np.histogram(missed, bins=_BINS, range=(-limit, limit))
    return {
        "mean_absolute_bp": float(np.mean(np.abs(missed))),
        "mean_bp": float(np.mean(missed)),
        "centred_bp": float(np.mean(np.abs(missed - np.mean(missed)))),
        "interval_99_bp": [float(low), float(high)],
        "within_99_bp": float(np.quantile(np.abs(missed), 0.99)),
        "largest_bp": float(np.max(np.abs(missed))),
        "histogram": {"counts": counts.tolist(), "limit_bp": float(edges[-1])},
    }


def greeks(surrogate: AbstractSurrogate, problem: Problem, truth: Labels) -> dict[str, object]:
    """Mean error of every derivative in units of its mean size, per output and input."""
    slopes = jax.jit(lambda x: jax.lax.map(jax.jacrev(surrogate), x, batch_size=64))(truth.x)
    assert truth.gradient is not None
    size = np.asarray(jnp.mean(jnp.abs(truth.gradient), axis=0))
    missed = np.asarray(jnp.mean(jnp.abs(slopes - truth.gradient), axis=0))
    typical = size * np.std(np.asarray(truth.x), axis=0)[None, :]
    matters = typical > 1e-9  # a derivative that moves nothing has no size to be measured by
    relative = {
        output: {
            name: float(missed[i, j] / size[i, j])
            for j, name in enumerate(problem.domain.names)
            if matters[i, j]
        }
        for i, output in enumerate(problem.output_names)
    }
    return {
        "relative": relative,
        "worst_target": max(relative["price"].values()),
        "worst_companion": max(
            max(row.values()) for name, row in relative.items() if name != "price" and row
        ),
    }


def control_prices(
    surrogate: AbstractSurrogate, problem: Problem, truth: Labels
) -> dict[str, float]:
    """Mean error of every control price in basis points."""
    predicted = jax.jit(lambda x: jax.lax.map(surrogate, x, batch_size=512))(truth.x)
    missed = np.mean(np.abs(np.asarray(predicted - truth.value)), axis=0) / nr.core.basis_point
    return dict(zip(problem.output_names[1:], missed[1:].tolist(), strict=True))
