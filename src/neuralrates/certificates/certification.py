"""`certify`: the judge. It draws fresh points, asks the reference, and writes down what it finds."""

import math
from collections.abc import Callable
from pathlib import Path

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from neuralrates.certificates.arbitrage import check_arbitrage
from neuralrates.certificates.bounds import tolerance_bound
from neuralrates.certificates.certificate import Certificate, GreekErrors, OutputErrors
from neuralrates.certificates.floor import SAMPLES
from neuralrates.certificates.gathering import Measured, gathered
from neuralrates.certificates.served import Served
from neuralrates.core.doors import door
from neuralrates.core.types import Inputs, Key, Outputs
from neuralrates.core.units import ROUNDING, basis_point
from neuralrates.problems.exact_labels import exact_labels
from neuralrates.problems.fingerprint import fingerprint
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate, digest

Progress = Callable[[int, int], None]
_BATCH_SIZE = 1024
_BARE = Served()
TOLERANCE = 0.1 * basis_point
"""Breach of a relation that is let pass where nothing else is said, per unit notional."""
_NOTHING = (
    1e-9  # a derivative that moves an output by no more of its spread has no size to be measured by
)


@door
def certify(
    surrogate: AbstractSurrogate,
    problem: Problem,
    *,
    key: Key,
    num_samples: int,
    confidence: float = 0.99,
    tolerance: float = TOLERANCE,
    served: Served = _BARE,
    by_second_code: int = SAMPLES,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Certificate:
    """Measure a surrogate against the reference of its problem, at fresh points of its domain.

    The points follow the domain's own distribution: its density where it has one, uniform where it has none. Every statement
    of the certificate is about that distribution.

    Args:
        surrogate: on trial; one output (the target), or the target and all control prices
        problem: domain, reference, and relations that hold without arbitrage
        key: of the points; one that training has never seen
        num_samples: how many points
        confidence: of every bound
        tolerance: breach of a relation that is let pass, per unit notional
        served: band and nearness that a bundle serves beside the surrogate, judged with it
        by_second_code: points that QuantLib prices too, where it can; a second or more each
        folder: where reference prices are kept, to go on from after an interruption
        progress: called with the number of reference prices done and to do

    Returns:
        The certificate.

    Raises:
        ValueError: where the surrogate's outputs are not the problem's or not finite, or the points
            too few to say anything about 99 percent of the domain

    Source: bounds by Wilks (1941) and by Clopper and Pearson (1934).
    """
    measured = measure(
        surrogate,
        problem,
        key=key,
        num_samples=num_samples,
        confidence=confidence,
        folder=folder,
        progress=progress,
    )
    return certificate_of(
        surrogate,
        problem,
        measured,
        key=key,
        tolerance=tolerance,
        served=served,
        by_second_code=by_second_code,
    )


def measure(
    surrogate: AbstractSurrogate,
    problem: Problem,
    *,
    key: Key,
    num_samples: int,
    confidence: float,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Measured:
    """The errors of a surrogate at fresh points; arguments and refusals are those of `certify`."""
    fewest = math.ceil(math.log1p(-confidence) / math.log(0.99))
    if num_samples < fewest:
        raise ValueError(
            f"Argument `num_samples` must be at least {fewest} for a bound of 99 percent of the "
            f"domain with confidence {confidence}, but is {num_samples}."
        )
    joint = _is_joint(surrogate, problem)
    labels = exact_labels(problem, key, num_samples, joint=joint, folder=folder, progress=progress)
    predicted = predict(surrogate, labels.x)
    names = problem.output_names if joint else problem.output_names[:1]
    outputs = tuple(
        _output_errors(name, index, problem, labels, predicted, confidence)
        for index, name in enumerate(names)
    )
    return Measured(labels, predicted, outputs, confidence)


def certificate_of(
    surrogate: AbstractSurrogate,
    problem: Problem,
    measured: Measured,
    *,
    key: Key,
    tolerance: float = TOLERANCE,
    served: Served = _BARE,
    by_second_code: int = SAMPLES,
) -> Certificate:
    """The certificate that states what was measured; arguments are those of `certify`."""
    labels = measured.labels
    return Certificate(
        problem=problem.record() | {"build": fingerprint(problem)},
        surrogate=digest(surrogate),
        key=tuple(int(word) for word in jax.random.key_data(key).reshape(-1)),
        num_samples=len(labels),
        confidence=measured.confidence,
        reference_error=float(np.max(labels.error)),
        outputs=measured.outputs,
        arbitrage=check_arbitrage(
            lambda x: predict(surrogate, x, slopes=False).value[:, 0],
            problem,
            labels.x,
            confidence=measured.confidence,
            tolerance=tolerance,
        ),
        schema="neuralrates.certificate/2",
        evidence=gathered(surrogate, problem, measured, served, by_second_code),
    )


def predict(
    surrogate: AbstractSurrogate, x: Float[Array, "samples inputs"], slopes: bool = True
) -> Labels:
    """A surrogate's outputs and, where it has any, its derivatives at many points."""
    return Labels.from_arrays(x, *_predict(surrogate, x, slopes and surrogate.differentiable))


@eqx.filter_jit
def _predict(surrogate: AbstractSurrogate, x: Array, slopes: bool) -> tuple[Array, Array | None]:
    def at(point: Inputs) -> tuple[Outputs, Array | None]:
        return surrogate(point), jax.jacrev(surrogate)(point) if slopes else None

    return jax.lax.map(at, x, batch_size=_BATCH_SIZE)


def _is_joint(surrogate: AbstractSurrogate, problem: Problem) -> bool:
    point = jax.ShapeDtypeStruct((len(problem.domain.axes),), jax.numpy.float64)
    (count,) = eqx.filter_eval_shape(surrogate, point).shape
    if count not in (1, len(problem.output_names)):
        raise ValueError(
            f"Argument `surrogate` must have 1 output or {len(problem.output_names)} "
            f"({', '.join(problem.output_names)}), but has {count}."
        )
    return count > 1


def _output_errors(
    name: str,
    index: int,
    problem: Problem,
    labels: Labels,
    predicted: Labels,
    confidence: float,
) -> OutputErrors:
    errors = np.abs(np.asarray(predicted.value - labels.value)[:, index])
    rare = tolerance_bound(errors, 0.999, confidence)
    return OutputErrors(
        output=name,
        mean=float(np.mean(errors)),
        root_mean_square=float(np.sqrt(np.mean(errors**2))),
        median=float(np.median(errors)),
        quantile_95=float(np.quantile(errors, 0.95)),
        quantile_99=float(np.quantile(errors, 0.99)),
        largest=float(np.max(errors)),
        bound_99=max(tolerance_bound(errors, 0.99, confidence), ROUNDING),
        bound_999=max(rare, ROUNDING) if math.isfinite(rare) else None,
        worst_point=tuple(float(v) for v in labels.x[int(np.argmax(errors))]),
        greeks=_greek_errors(index, problem, labels, predicted),
    )


def _greek_errors(
    index: int, problem: Problem, labels: Labels, predicted: Labels
) -> tuple[GreekErrors, ...]:
    if predicted.gradient is None or labels.gradient is None:
        return ()
    actual = np.asarray(labels.gradient)[:, index]
    moves = np.mean(np.abs(actual), axis=0) * np.std(np.asarray(labels.x), axis=0)
    matters = moves > _NOTHING * np.std(np.asarray(labels.value)[:, index])
    errors = np.abs(np.asarray(predicted.gradient)[:, index] - actual)
    return tuple(
        GreekErrors(
            input=name,
            mean_size=float(np.mean(np.abs(actual[:, i]))),
            mean_error=float(np.mean(errors[:, i])),
            quantile_99=float(np.quantile(errors[:, i], 0.99)),
        )
        for i, name in enumerate(problem.domain.names)
        if matters[i]
    )
