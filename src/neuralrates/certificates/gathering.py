"""What a certificate of the second schema states beyond the first, from errors already measured."""

from dataclasses import dataclass

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from neuralrates.certificates.bounds import proportion_bound, proportion_interval
from neuralrates.certificates.certificate import OutputErrors
from neuralrates.certificates.digests import digests
from neuralrates.certificates.evidence import BandEvidence, Evidence, GuardEvidence, Probe
from neuralrates.certificates.floor import floor_of
from neuralrates.certificates.local_band import LocalBand
from neuralrates.certificates.nearness import Nearness
from neuralrates.certificates.regions import regions
from neuralrates.certificates.served import Served
from neuralrates.certificates.statements import statements
from neuralrates.problems.domain import Domain
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

_PROBES = 8


@dataclass(frozen=True)
class Measured:
    """Errors at a certificate's points.

    Args:
        labels: by the reference, all outputs
        predicted: by the surrogate
        outputs: what the first schema says of them
        confidence: of all intervals
    """

    labels: Labels
    predicted: Labels
    outputs: tuple[OutputErrors, ...]
    confidence: float

    @property
    def errors(self) -> Float[np.ndarray, "samples outputs"]:
        """Absolute errors of every output."""
        return np.abs(np.asarray(self.predicted.value - self.labels.value))


def gathered(
    surrogate: AbstractSurrogate,
    problem: Problem,
    measured: Measured,
    served: Served,
    by_second_code: int,
) -> Evidence:
    """Statements, regions, coverage, floor, probes and digests.

    Args:
        surrogate: on trial
        problem: what it stands for
        measured: errors at fresh points
        served: band and nearness that go with it
        by_second_code: points that QuantLib prices too

    Returns:
        The evidence; nobody has searched for worse yet.
    """
    x = np.asarray(measured.labels.x)
    errors, confidence = measured.errors, measured.confidence
    constant = measured.outputs[0].bound_99
    bands = served.bands(x, constant)
    return Evidence(
        distribution=describe(problem.domain),
        statements=tuple(
            statement
            for k, output in enumerate(measured.outputs)
            for statement in statements(output.output, errors[:, k])
        ),
        regions=regions(coordinate_values(problem, x), errors[:, 0], bands, confidence),
        band=_band_evidence(served.band, errors[:, 0], bands, constant, confidence),
        guard=_guard_evidence(served.nearness, x, confidence),
        floor=floor_of(problem, x, float(np.max(measured.labels.error)), by_second_code),
        probes=_probes(measured),
        digests=digests(surrogate, problem.record()),
    )


def describe(domain: Domain) -> str:
    """The distribution of a domain in words."""
    count = len(domain.axes)
    if domain.density is None:
        return f"uniform over the box of its {count} inputs"
    return f"drawn by the domain's density over {count} inputs: every point {domain.density.describe()}"


def coordinate_values(
    problem: Problem, x: Float[np.ndarray, "samples inputs"]
) -> dict[str, Float[np.ndarray, "samples"]]:
    """The problem's coordinates at many points."""
    found = _coordinates(problem, jax.numpy.asarray(x))
    return {name: np.asarray(values) for name, values in found.items()}


@eqx.filter_jit
def _coordinates(problem: Problem, x: Array) -> dict[str, Array]:
    return jax.lax.map(lambda point: dict(problem.coordinates_of(point)), x, batch_size=256)


def _band_evidence(
    band: LocalBand | None,
    errors: np.ndarray,
    bands: np.ndarray,
    constant: float,
    confidence: float,
) -> BandEvidence | None:
    if band is None:
        return None
    covered = int(np.sum(errors <= bands))
    low, high = proportion_interval(covered, errors.size, confidence)
    return BandEvidence(
        band=band.digest,
        level=band.record.level,
        covered=covered,
        coverage_low=low,
        coverage_high=high,
        mean_width=float(np.mean(bands)),
        constant_width=constant,
    )


def _guard_evidence(
    nearness: Nearness | None, x: np.ndarray, confidence: float
) -> GuardEvidence | None:
    if nearness is None:
        return None
    alarms = int(np.sum(~nearness(x)))
    return GuardEvidence(
        nearness=nearness.digest,
        false_alarm_rate=nearness.record.false_alarm_rate,
        samples=len(x),
        false_alarms=alarms,
        bound=proportion_bound(alarms, len(x), confidence),
    )


def _probes(measured: Measured) -> tuple[Probe, ...]:
    labels, predicted = (
        measured.labels.take(slice(_PROBES)),
        measured.predicted.take(slice(_PROBES)),
    )
    rows = zip(
        np.asarray(labels.x).tolist(),
        np.asarray(labels.value)[:, 0].tolist(),
        np.asarray(predicted.value)[:, 0].tolist(),
        strict=True,
    )
    return tuple(Probe(tuple(point), *prices) for point, *prices in rows)
