"""Points of a bundle's problem on the curves of a history: each day's curve, all else drawn from the domain."""

from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.histories.curve_history import load_gsw
from neuralrates.market.curves.nelson_siegel import Svensson
from neuralrates.problems.annual.inputs import AnnualInputs
from neuralrates.problems.problem import Problem

HISTORY = (
    Path(__file__).resolve().parents[3]
    / "shared"
    / "data"
    / "gsw"
    / "svensson_refit_2001_2025.csv.gz"
)
_TAUS = np.linspace(1.0, 4.0, 61)
_YEARS = np.arange(1.0, 11.0)
_LATEST_START = 5.0
_SHORTEST_START = 1.0

Place = Callable[[Problem, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def history_points(
    problem: Problem, draws: int, seed: int, history: Path = HISTORY
) -> tuple[np.ndarray, np.ndarray]:
    """Points on the curves of every day, and their years; only those in the domain.

    Args:
        problem: on Nelson-Siegel curves (`beta0`) or on annual forward rates (`forward_1`)
        draws: points a day
        seed: of everything but the curve
        history: Svensson curves by day
    """
    parameters = load_gsw(history).parameters.dropna()
    days = np.repeat(np.arange(len(parameters)), draws)
    x = np.array(problem.domain.sample(jax.random.key(seed), len(days)))
    place = _on_nelson_siegel if "beta0" in problem.domain.names else _on_forwards
    x = place(problem, x, parameters.to_numpy(dtype=float)[days], np.random.default_rng(seed))
    inside = np.asarray(jax.jit(jax.vmap(problem.domain.contains))(jnp.asarray(x)))
    return x[inside], parameters.index.year.to_numpy()[days][inside]


def _zero_rates(parameters: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Zero rates of each row's Svensson curve at its row of times."""
    one = jax.vmap(lambda row, at: jax.vmap(Svensson(*row).zero_rate)(at))
    return np.asarray(jax.jit(one)(jnp.asarray(parameters), jnp.asarray(times)))


def _on_nelson_siegel(
    problem: Problem, x: np.ndarray, parameters: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Least-squares curves through the zero rates of one to ten years, tau between one and four."""
    rates = _zero_rates(parameters, np.broadcast_to(_YEARS, (len(x), len(_YEARS))))
    best, least = np.zeros((len(x), 4)), np.full(len(x), np.inf)
    for tau in _TAUS:
        decay = (1.0 - np.exp(-_YEARS / tau)) / (_YEARS / tau)
        basis = np.stack([np.ones_like(_YEARS), decay, decay - np.exp(-_YEARS / tau)], axis=1)
        betas = rates @ np.linalg.pinv(basis).T
        residual = np.sum((betas @ basis.T - rates) ** 2, axis=1)
        better = residual < least
        least[better] = residual[better]
        best[better] = np.column_stack([betas[better], np.full(better.sum(), tau)])
    first = problem.domain.index("beta0")
    x[:, first : first + 4] = best
    return x


def _on_forwards(
    problem: Problem, x: np.ndarray, parameters: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Forward rates of the curve from a random start on, the strike as far from the swap rate as it was drawn."""
    start = np.exp(random.uniform(np.log(_SHORTEST_START), np.log(_LATEST_START), len(x)))

    def times(point: jax.Array) -> jax.Array:
        return AnnualInputs.of(point).times

    at = start[:, None] + np.asarray(jax.vmap(times)(jnp.asarray(x)))
    factors = np.exp(-_zero_rates(parameters, at) * at)

    def moved(point: jax.Array, factors: jax.Array) -> jax.Array:
        inputs = AnnualInputs.of(point)
        spread = inputs.strike - inputs.swap_rates[0]
        forwards = (factors[:-1] / factors[1:] - 1.0) / inputs.spacings
        on_curve = inputs._replace(forwards=forwards)
        return on_curve._replace(strike=on_curve.swap_rates[0] + spread).point

    return np.array(jax.vmap(moved)(jnp.asarray(x), jnp.asarray(factors)))
