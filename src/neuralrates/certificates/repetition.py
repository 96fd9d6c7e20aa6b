"""A certificate repeated: whether what it states holds at fresh points, with the code and the reference of today."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from neuralrates.certificates.bounds import proportion_bound
from neuralrates.certificates.certificate import Certificate
from neuralrates.certificates.certification import (
    Progress,
    certificate_of,
    measure,
    predict,
)
from neuralrates.certificates.digests import code_digest, digests
from neuralrates.certificates.evidence import Evidence
from neuralrates.certificates.gathering import Measured
from neuralrates.certificates.served import Served
from neuralrates.certificates.statements import CONFIDENCE
from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.core.units import basis_point
from neuralrates.problems.exact_labels import reference_values
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

_SAME, _SAME_SINGLE = 1e-5 * basis_point, 1e-2 * basis_point
"""Two computers price one point alike to within this; a surrogate may compute in single precision."""
_CONTENT = 0.99
_BY_SECOND_CODE = 2


class Repeated(NamedTuple):
    """What came of it.

    Args:
        certificate: made afresh
        complaints: what the stated certificate says and does not hold; none where all holds
        notes: what has changed since and need not matter
    """

    certificate: Certificate
    complaints: tuple[str, ...]
    notes: tuple[str, ...]


@door
def repeat(
    surrogate: AbstractSurrogate,
    problem: Problem,
    stated: Certificate,
    served: Served,
    *,
    key: Key,
    num_samples: int,
    progress: Progress | None = None,
) -> Repeated:
    """Certify again at fresh points and hold the result against what a certificate states.

    What is stated fails where the fresh points contradict it with a confidence of 99.9 percent, where the reference or the
    surrogate has another value at a point whose values were kept, or where a digest differs.

    Args:
        surrogate: that the certificate is of
        problem: with the reference of today
        stated: the certificate
        served: band and nearness that go with it
        key: of the fresh points
        num_samples: how many
        progress: called with the number of reference prices done and to do

    Returns:
        The fresh certificate, and what does not hold.
    """
    measured = measure(
        surrogate,
        problem,
        key=key,
        num_samples=num_samples,
        confidence=stated.confidence,
        progress=progress,
    )
    fresh = certificate_of(
        surrogate,
        problem,
        measured,
        key=key,
        served=served,
        by_second_code=_BY_SECOND_CODE,
    )
    complaints, notes = _of_bands(stated, measured, served), []
    if stated.evidence is not None:
        complaints += _of_digests(surrogate, problem, stated.evidence)
        complaints += _of_probes(surrogate, problem, stated.evidence)
        complaints += _of_statements(stated.evidence, measured)
        if stated.evidence.digests.code != code_digest():
            notes.append("the code has changed since the certificate was made")
    return Repeated(fresh, tuple(complaints), tuple(notes))


def refuted(failures: int, samples: int, share: float, confidence: float = CONFIDENCE) -> bool:
    """Whether so many failures contradict that at most this share fails.

    Args:
        failures: how many
        samples: out of how many independent points
        share: that is claimed at most
        confidence: of the contradiction

    Source: Clopper and Pearson (1934).

    Example:
        >>> from neuralrates.certificates.repetition import refuted
        >>> refuted(12, 1000, 0.01), refuted(40, 1000, 0.01)
        (False, True)
    """
    return 1.0 - proportion_bound(samples - failures, samples, confidence) > share


def _of_bands(stated: Certificate, measured: Measured, served: Served) -> list[str]:
    """Outputs whose stated band too many of the fresh points exceed; the target's local one too."""
    share, errors = 1.0 - _CONTENT, measured.errors
    counts = [
        (
            f"the band of {output.output}, {output.bound_99 / basis_point:.4f} bp,",
            errors[:, k] > output.bound_99,
        )
        for k, output in enumerate(stated.outputs)
    ]
    if served.band is not None:
        bands = served.bands(np.asarray(measured.labels.x), 0.0)
        counts.append(("the local band", errors[:, 0] > bands))
    return [
        f"{name} is exceeded at {np.mean(beyond):.2%} of the points, not at {share:.0%}"
        for name, beyond in counts
        if refuted(int(beyond.sum()), beyond.size, share)
    ]


def _of_statements(stated: Evidence, measured: Measured) -> list[str]:
    """Statements that too many of the fresh points contradict."""
    places = {output.output: k for k, output in enumerate(measured.outputs)}
    found = []
    for one in stated.statements:
        beyond = measured.errors[:, places[one.output]] > one.error
        if refuted(int(beyond.sum()), beyond.size, one.bound):
            found.append(
                f"{one.output} is off by more than {one.error / basis_point:g} bp at {np.mean(beyond):.2%} of the points, "
                f"not at {one.bound:.2%}"
            )
    return found


def _of_digests(surrogate: AbstractSurrogate, problem: Problem, stated: Evidence) -> list[str]:
    now = digests(surrogate, problem.record())
    parts = ("architecture", "weights", "settings")
    return [
        f"the digest of the {part} is another"
        for part in parts
        if getattr(now, part) != getattr(stated.digests, part)
    ]


def _of_probes(surrogate: AbstractSurrogate, problem: Problem, stated: Evidence) -> list[str]:
    """Points that were kept with their values, and have others now."""
    if not stated.probes:
        return []
    x = jnp.asarray([probe.point for probe in stated.probes])
    values = {
        "reference": reference_values(problem, x),
        "surrogate": predict(surrogate, x, slopes=False).value,
    }
    found = []
    for name, now in values.items():
        kept = np.array([getattr(probe, name) for probe in stated.probes])
        off = float(np.max(np.abs(np.asarray(now)[:, 0] - kept)))
        if off > (_SAME if name == "reference" else _SAME_SINGLE):
            found.append(
                f"the {name} is stale: at a point that was kept it was {off / basis_point:.6f} bp away from what it is now"
            )
    return found
