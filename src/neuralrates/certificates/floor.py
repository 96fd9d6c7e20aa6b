"""The floor of what a certificate can see: the reference's own error, and how far a second code disagrees with it."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from neuralrates.certificates.evidence import Floor
from neuralrates.core.errors import RefusalError
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.cancellable import Cancellable
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.problems.problem import Problem
from neuralrates.products.cancellable import CancellableSwap
from neuralrates.products.swaption import Swaption

SAMPLES = 8
_GRID = 256
_SECOND_CODE = "QuantLib, Gaussian1dNonstandardSwaptionEngine on Gsr; contracts moved to whole days for both codes"


def floor_of(
    problem: Problem,
    x: Float[np.ndarray, "samples inputs"],
    reference_error: float,
    num_samples: int,
) -> Floor:
    """What a second code says at the first points: contracts on whole days, priced by both.

    Args:
        problem: whose reference
        x: points of its domain
        reference_error: largest that the reference stated
        num_samples: points for the second code

    Returns:
        The floor; where no second code prices the problem it says why.
    """
    try:
        found = np.array([_difference(problem, point) for point in x[:num_samples]])
    except RefusalError as refusal:
        return Floor(reference_error, "", 0, 0.0, 0.0, " ".join(str(refusal).split()))
    median, largest = float(np.median(found)), float(np.max(found))
    return Floor(reference_error, _SECOND_CODE, found.size, median, largest, "")


def _difference(problem: Problem, x: np.ndarray) -> float:
    """Absolute difference of both codes at one point."""
    from neuralrates.pricers.quantlib.days import snap_model_to_days, snap_to_days
    from neuralrates.pricers.quantlib.gaussian import QuantLibGaussian

    model, right, pricer = _swaption(problem, x)
    on_days, snapped = snap_model_to_days(model), snap_to_days(right)
    theirs = QuantLibGaussian(_GRID)(on_days, snapped).value
    return abs(float(pricer(on_days, snapped).value) - float(theirs))


def _swaption(problem: Problem, x: np.ndarray) -> tuple[HullWhite, Swaption, AbstractPricer]:
    """Model, right and its pricer at a point, where QuantLib knows them too."""
    match *_built(problem, jnp.asarray(x)), problem.pricer:
        case HullWhite() as model, Swaption() as right, pricer:
            return model, right, pricer
        case HullWhite() as model, CancellableSwap(
            right=Swaption() as right
        ), Cancellable() as whole:
            return model, right, whole.pricer
        case model, product, _:
            raise RefusalError(
                f"QuantLib is built here for swaptions under one Gaussian factor today; {problem.name} builds "
                f"{type(product).__name__} under {type(model).__name__}."
            )
    raise AssertionError


@eqx.filter_jit
def _built(problem: Problem, x: jax.Array) -> tuple:
    return problem.build(x)
