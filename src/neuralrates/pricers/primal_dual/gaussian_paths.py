"""Paths of Gaussian factors, by exact steps, in the unit of their own measure."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.primal_dual.right import Interval, Right, Step

_SAME_TIME = 1e-8


class GaussianLaw(NamedTuple):
    """State of several factors and the bonds that follow from it.

    Args:
        covariance: of the state at a time
        loadings: of log bonds by maturity and factor, years: the flow times, then the exercise times
        discount_factors: of the same maturities
    """

    covariance: Callable[[float], Float[np.ndarray, "factors factors"]]
    loadings: Float[np.ndarray, "maturities factors"]
    discount_factors: Float[np.ndarray, "maturities"]


def gaussian_paths(
    right: Right,
    law: GaussianLaw,
    steps_per_year: int,
    normals: Callable[[int], Float[np.ndarray, "factors paths"]],
) -> list[Interval]:
    """Simulate up to each exercise, measured in the bond that matures there.

    Args:
        right: what is exercised
        law: of the factors
        steps_per_year: at least so many; one step per exercise at least
        normals: number of factors to standard normals, fresh at each call

    Source: Hagan (2002), for the state; Glasserman (2004), section 3.3, for exact steps.
    """
    flows, count = right.flow_times.shape[0], law.loadings.shape[1]
    state, start = np.zeros_like(normals(count)), 0.0
    units = np.full(state.shape[1], law.discount_factors[flows])
    found: list[Interval] = []
    for number, end in enumerate(right.exercise_times.tolist()):
        steps = max(int(np.ceil((end - start) * steps_per_year - _SAME_TIME)), 1)
        times = np.linspace(start, end, steps + 1).tolist()
        taken, here = [], flows + number
        for before, after in zip(times[:-1], times[1:], strict=True):
            drawn, bonds = normals(count), _bonds(law, before, state, here)
            growth = law.covariance(after) - law.covariance(before)
            root = _root(growth)
            moves = (right.flows[number][:, None] * (law.loadings[here] - law.loadings[:flows])).T
            direction = root.T @ (moves @ bonds[:flows])
            taken.append(Step(right.features(number, bonds[:flows]), direction, drawn))
            state = state - (growth @ law.loadings[here])[:, None] + root @ drawn
        bonds = _bonds(law, end, state, here)
        last = number == right.exercise_times.shape[0] - 1
        following = np.ones_like(units) if last else bonds[here + 1]
        found.append(Interval(tuple(taken), right.flows[number] @ bonds[:flows], units, following))
        units, start = units * following, end
    return found


def _bonds(
    law: GaussianLaw, time: float, state: Float[np.ndarray, "factors paths"], unit: int
) -> Float[np.ndarray, "maturities paths"]:
    """Bonds in one of them."""
    spread = np.einsum("fi,ij,fj->f", law.loadings, law.covariance(time), law.loadings)
    logs = np.log(law.discount_factors) - 0.5 * spread
    found: np.ndarray = np.exp(
        (logs - logs[unit])[:, None] - (law.loadings - law.loadings[unit]) @ state
    )
    return found


def _root(covariance: Float[np.ndarray, "factors factors"]) -> Float[np.ndarray, "factors factors"]:
    """Square root; factors that move together have one too."""
    sizes, vectors = np.linalg.eigh(covariance)
    found: np.ndarray = vectors * np.sqrt(np.maximum(sizes, 0.0))
    return found
