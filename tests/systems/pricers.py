"""The pricers that are crossed with the systems, and what each of them promises."""

from collections.abc import Callable
from dataclasses import dataclass

import jax

import neuralrates as nr
from systems.catalogue import System


@dataclass(frozen=True)
class Entrant:
    """A pricer, the systems it takes, and its largest allowed errors.

    Args:
        name: name in the test's id
        pricer: settings for a system; the same settings compile once
        accepts: whether it takes a system
        tolerance: largest error of a value per unit notional, given the error that the pricer states
        gradient_tolerance: largest error of a derivative, relative to the largest; None where derivatives mean nothing
    """

    name: str
    pricer: Callable[[System], nr.pricers.AbstractPricer]
    accepts: Callable[[System], bool]
    tolerance: Callable[[float], float]
    gradient_tolerance: float | None


def _induction(system: System) -> nr.pricers.BackwardInduction:
    """More nodes than the default asks for; close exercise times ask for more."""
    return nr.pricers.BackwardInduction(1e-9, 224 if "a day apart" in system.name else 64)


ENTRANTS = [
    Entrant(
        "backward induction",
        _induction,
        accepts=lambda system: True,
        tolerance=lambda stated: min(1e-9, max(stated, 1e-12)),
        gradient_tolerance=1e-7,
    ),
    Entrant(
        "Jamshidian",
        lambda system: nr.pricers.Jamshidian(),
        accepts=lambda system: system.is_european,
        tolerance=lambda stated: 1e-13,
        gradient_tolerance=1e-11,
    ),
    Entrant(
        "Longstaff-Schwartz",
        lambda system: nr.pricers.LongstaffSchwartz(num_paths=16384, key=jax.random.key(0)),
        # Too few of these paths end far from the money for standard errors to mean anything there.
        accepts=lambda system: not (system.is_deterministic or "far from" in system.name),
        tolerance=lambda stated: 4.0 * stated,
        gradient_tolerance=None,
    ),
    Entrant(
        "stochastic grid bundling",
        lambda system: nr.pricers.StochasticGridBundling(jax.random.key(0)),
        # One side only: the other differs by a sign, and the gradient takes long to compile.
        accepts=lambda system: "receiver" in system.name and not system.is_deterministic,
        # Beside the standard error, the accuracy promised of the direct estimator: 0.3 bp.
        tolerance=lambda stated: 4.0 * stated + 0.3 * nr.core.basis_point,
        gradient_tolerance=0.02,
    ),
]
