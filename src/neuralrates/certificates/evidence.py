"""What a certificate states since its second schema, under `evidence`: exact statements, regions, bands, floors, digests.

A certificate without `schema` is one of the first, `neuralrates.certificate/1`, and has no evidence. The second adds, all
prices and errors as decimals per unit notional, all points as in `worst_point`:

    {"schema": "neuralrates.certificate/2",
     ... every field of the first schema ...
     "evidence": {
       "distribution": "uniform over the box of its 10 inputs",          what every statement is about, in words
       "statements": [{"output": "price", "error": 1e-5, "failures": 3, "samples": 20000,
                       "confidence": 0.999, "bound": 0.0007}],           at most `bound` is off by more than `error`
       "regions": [{"coordinate": "moneyness", "low": -0.015, "high": -0.009, "samples": 4000, "mean": ..,
                    "quantile_99": .., "largest": .., "covered": 3972,
                    "coverage_low": .., "coverage_high": ..}],           share within the band, exact interval
       "band": {"band": "<sha256>", "level": 0.99, "covered": 19801, "coverage_low": .., "coverage_high": ..,
                "mean_width": .., "constant_width": ..,
                "walk_forward": [{"calibrated_until": 2004, "checked": 2005, "samples": 500, "covered": 497}]} or null,
       "guard": {"nearness": "<sha256>", "false_alarm_rate": 0.0001, "samples": 20000, "false_alarms": 2,
                 "bound": ..} or null,
       "floor": {"reference_error": 1.4e-8, "second_code": "QuantLib, Gaussian short rate by ..." or "",
                 "samples": 64, "median": .., "largest": .., "reason": "" or why no second code prices it},
       "probes": [{"point": [..], "reference": .., "surrogate": ..}],    to be found again anywhere
       "digests": {"architecture": "<sha256>", "weights": "<sha256>", "settings": "<sha256>", "code": "<sha256>"},
       "attack": {"key": [..], "starts": 64, "steps": 60, "findings": [{"point": [..], "error": .., "band": ..,
                  "place": "inside" or "face"}]} or null}}              the worst points that a search found
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import pydantic
from pydantic import ConfigDict, Field

from neuralrates.core.schema import Count, Digest, Label

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
"""Exact types, no further fields, finite numbers."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Size = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Confidence = Annotated[float, Field(gt=0.0, lt=1.0)]
Word = Annotated[int, Field(ge=0, lt=2**32)]
Seen = Annotated[int, Field(ge=0, le=10**9)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Text = Annotated[str, Field(max_length=1000)]
KeyWords = Annotated[tuple[Word, ...], Field(max_length=8)]
Point = Annotated[tuple[Number, ...], Field(max_length=1000)]


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Statement:
    """With this confidence, at most the fraction `bound` of the distribution is off by more than `error`.

    Args:
        output: name of the output
        error: per unit notional
        failures: points that were off by more
        samples: points looked at
        confidence: of the bound
        bound: Clopper and Pearson's, exact for independent points
    """

    output: Label
    error: Size
    failures: Seen
    samples: Count
    confidence: Confidence
    bound: Share


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Region:
    """Errors of the target where one coordinate lies between two values.

    Args:
        coordinate: such as moneyness or curve level
        low: smallest value in the region
        high: largest value in the region
        samples: points in it
        mean: mean absolute error
        quantile_99: 99 percent of its points stay below
        largest: at its worst point
        covered: points whose error lies within the band
        coverage_low: lower end of the exact interval of the share covered, at the certificate's confidence
        coverage_high: upper end
    """

    coordinate: Label
    low: Number
    high: Number
    samples: Count
    mean: Size
    quantile_99: Size
    largest: Size
    covered: Seen
    coverage_low: Share
    coverage_high: Share

    @property
    def coverage(self) -> float:
        """Share of the points within the band."""
        return self.covered / self.samples


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class YearAhead:
    """Coverage on the curves of a year by a band that was calibrated on the curves of all years before.

    Args:
        calibrated_until: last year of the calibration
        checked: the year that was checked
        samples: points on its curves
        covered: of them within the band
    """

    calibrated_until: Year
    checked: Year
    samples: Count
    covered: Seen


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class BandEvidence:
    """A band that varies from point to point, calibrated on draws of its own and checked at the certificate's points.

    Args:
        band: SHA-256 of the band, as the bundle keeps it
        level: share that it is made to cover
        covered: points of the certificate within it
        coverage_low: lower end of the exact interval of the share covered, at the certificate's confidence
        coverage_high: upper end
        mean_width: mean half-width at the points
        constant_width: half-width of the constant band, `bound_99` of the target
        walk_forward: the same through the history of curves, year by year; none where the inputs are no curve
    """

    band: Digest
    level: Confidence
    covered: Seen
    coverage_low: Share
    coverage_high: Share
    mean_width: Size
    constant_width: Size
    walk_forward: Annotated[tuple[YearAhead, ...], Field(max_length=200)] = ()


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class GuardEvidence:
    """How often a point of the distribution itself is taken for one far from it.

    Args:
        nearness: SHA-256 of the test
        false_alarm_rate: asked for
        samples: fresh points
        false_alarms: of them taken for far
        bound: upper confidence bound of the rate, at the certificate's confidence
    """

    nearness: Digest
    false_alarm_rate: Confidence
    samples: Count
    false_alarms: Seen
    bound: Share


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Floor:
    """Below which errors mean nothing: the reference's own, and its disagreement with a second code.

    Args:
        reference_error: largest that the reference stated at the fresh points
        second_code: what priced the same points, in words; empty where none can
        samples: points that it priced
        median: of the absolute differences
        largest: of them
        reason: why no second code prices the problem; empty where one does
    """

    reference_error: Size
    second_code: Text
    samples: Seen
    median: Size
    largest: Size
    reason: Text


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Probe:
    """A point with both prices, to be found again wherever the certificate is repeated."""

    point: Point
    reference: Number
    surrogate: Number


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Digests:
    """SHA-256 of everything that changes a result.

    Args:
        architecture: record of the surrogate
        weights: its arrays
        settings: record of the problem: domain, density, reference
        code: sources of the rooms that a price goes through
    """

    architecture: Digest
    weights: Digest
    settings: Digest
    code: Digest


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Finding:
    """A point that a search for large errors ended at.

    Args:
        point: in raw units
        error: absolute error there, per unit notional
        band: half-width of the band there
        place: in the midst of the domain, or just inside one of its faces
    """

    point: Point
    error: Size
    band: Size
    place: Literal["inside", "face"]


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class AttackEvidence:
    """What a search for large errors found.

    Args:
        key: data of the key that drew the starts
        starts: how many
        steps: of ascent from each
        findings: the worst, largest error first
    """

    key: KeyWords
    starts: Count
    steps: Count
    findings: Annotated[tuple[Finding, ...], Field(max_length=1000)]


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Evidence:
    """What goes beyond the first schema.

    Args:
        distribution: what all statements are about, in words
        statements: exact binomial ones, for several errors
        regions: errors and coverage by region
        band: of a band that varies; None where it is constant
        guard: of the distance from the distribution; None where the box is all that is asked
        floor: of the errors
        probes: points to find again
        digests: of everything that changes a result
        attack: None where nobody has searched
    """

    distribution: Text
    statements: Annotated[tuple[Statement, ...], Field(max_length=1000)]
    regions: Annotated[tuple[Region, ...], Field(max_length=1000)]
    band: BandEvidence | None
    guard: GuardEvidence | None
    floor: Floor
    probes: Annotated[tuple[Probe, ...], Field(max_length=1000)]
    digests: Digests
    attack: AttackEvidence | None = None
