"""The certificate of the learned correction: what fresh trades showed, held against the weights that it speaks of."""

import dataclasses
import functools
import hashlib
import json
from importlib import resources
from typing import Any

from neuralrates.certificates.certificate import Certificate
from neuralrates.core.digest import digest_of_arrays
from neuralrates.core.errors import RefusalError
from neuralrates.engines.forward_curve_correction import BASELINE, NAMES, Correction, shipped
from neuralrates.market.forward_curve import ForwardCurveParameters

FILE = "forward_curve_certificate.json"
PROBLEM = "forward_curve_correction"
BAND = "band_in_deviations_of_value"
"""Under `problem` of the certificate: half-width of the band, in units of a trade's largest product of annuity and deviation;
with the certificate's confidence 99 percent of its distribution lies within."""


def problem_record(correction: Correction) -> dict[str, Any]:
    """What a certificate is about: limits of the domain, the model's parameters, and how prices are computed."""
    limits = zip(NAMES, correction.low.tolist(), correction.high.tolist(), strict=True)
    return {
        "name": PROBLEM,
        "domain": [
            {"name": f"{name}, at each exercise", "unit": "none", "low": low, "high": high}
            for name, low, high in limits
        ],
        "most_exercises": correction.most_dates,
        "baseline_tolerance": BASELINE.tolerance,
        "forward_curve": dataclasses.asdict(ForwardCurveParameters()),
    }


def weights_digest(correction: Correction) -> str:
    """SHA-256 of the arrays of a correction."""
    return digest_of_arrays("", correction.weights._asdict())


def settings_digest(correction: Correction) -> str:
    """SHA-256 of what a certificate is about."""
    record = json.dumps(problem_record(correction), sort_keys=True)
    return hashlib.sha256(record.encode()).hexdigest()


def checked(certificate: Certificate, correction: Correction) -> Certificate:
    """A certificate that speaks of a correction.

    Raises:
        RefusalError: it speaks of other weights, or of other settings
    """
    stated = certificate.evidence and certificate.evidence.digests
    for what, found in (("weights", weights_digest), ("settings", settings_digest)):
        if stated is None or getattr(stated, what) != found(correction):
            raise RefusalError(
                f"the learned correction has no certificate of its own: {FILE} was made for other {what}"
            )
    return certificate


def certificate_of(correction: Correction) -> Certificate:
    """The certificate that comes with the package, held against a correction; errors are those of `checked`."""
    text = resources.files("neuralrates.engines").joinpath(FILE).read_text("utf-8")
    return checked(Certificate.from_json(text), correction)


@functools.cache
def band() -> float | RefusalError:
    """Half-width of the band of the shipped correction, in deviations of value; or why it has none."""
    try:
        return float(certificate_of(shipped()).problem[BAND])
    except RefusalError as reason:
        return reason
