"""What a certificate states: plain numbers, prices and errors as decimals per unit notional.

What its JSON says in full stands in `evidence`.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic
from pydantic import AfterValidator, Field

from neuralrates.certificates.evidence import (
    STRICT,
    Confidence,
    Evidence,
    KeyWords,
    Point,
    Share,
    Size,
)
from neuralrates.certificates.headline import CONSTANT, Headline
from neuralrates.core.schema import Count, Digest, Label, first_fault
from neuralrates.core.units import ROUNDING, basis_point


def _named(record: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(record.get("name"), str):
        raise ValueError("expected the name of a problem")
    return record


def _in_order(errors: "OutputErrors") -> "OutputErrors":
    rising = [errors.median, errors.quantile_95, errors.quantile_99]
    if sorted((*rising, errors.largest)) != [*rising, errors.largest]:
        raise ValueError("expected median, quantiles and largest error to rise")
    bounds = [errors.quantile_99, errors.bound_99]
    bounds += [] if errors.bound_999 is None else [errors.bound_999]
    if sorted(bounds) != bounds:
        raise ValueError("expected the bounds at or above the quantile that they bound, in order")
    return errors


def _with_band(outputs: tuple["OutputErrors", ...]) -> tuple["OutputErrors", ...]:
    if outputs[0].bound_99 < ROUNDING:
        raise ValueError(f"expected a band of the target of at least {ROUNDING:g}, its rounding")
    return outputs


Schema = Literal["neuralrates.certificate/1", "neuralrates.certificate/2"]
ProblemRecord = Annotated[dict[str, Any], AfterValidator(_named)]


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class GreekErrors:
    """Error of the derivatives to one input, in units of price per unit of the input.

    Args:
        input: name of the input
        mean_size: mean of the absolute derivative, by the reference
        mean_error: mean absolute error
        quantile_99: absolute error that 99 percent of the points stay below
    """

    input: Label
    mean_size: Size
    mean_error: Size
    quantile_99: Size

    @property
    def relative(self) -> float:
        """Mean error over mean size."""
        return self.mean_error / self.mean_size if self.mean_size > 0.0 else float("inf")


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class OutputErrors:
    """Absolute error of one output at the fresh points, per unit notional.

    Args:
        output: name of the output
        mean: mean absolute error
        root_mean_square: root of the mean squared error
        median: half the points stay below
        quantile_95: 95 percent of the points stay below
        quantile_99: 99 percent of the points stay below
        largest: at the worst point
        bound_99: with the stated confidence, 99 percent of the whole domain stays below
        bound_999: the same for 99.9 percent; None where the points are too few for it
        worst_point: inputs where the error is largest, raw units
        greeks: one entry per input; none where the surrogate has no useful derivatives
    """

    output: Label
    mean: Size
    root_mean_square: Size
    median: Size
    quantile_95: Size
    quantile_99: Size
    largest: Size
    bound_99: Size
    bound_999: Size | None
    worst_point: Point
    greeks: Annotated[tuple[GreekErrors, ...], Field(max_length=1000)]


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class ArbitrageCheck:
    """How often and how deeply a relation that holds without arbitrage is broken.

    Args:
        relation: in words
        fraction: share of the points broken by more than the tolerance
        bound: upper confidence bound of that share over the domain
        deepest: largest breach, per unit notional; zero where there is none
        tolerance: breach that is let pass, per unit notional
    """

    relation: Label
    fraction: Share
    bound: Share
    deepest: Size
    tolerance: Size


@pydantic.with_config(STRICT)
@dataclass(frozen=True)
class Certificate:
    """Evidence about one surrogate on one domain, measured at points it has never seen.

    Args:
        problem: name, domain and reference settings, as in `Problem.record`, and its `fingerprint` under `build`
        surrogate: SHA-256 of its arrays and of its record: architecture, activation, columns
        key: data of the key that drew the points
        num_samples: how many points
        confidence: of every bound
        reference_error: largest error estimate that the reference gave at the points
        outputs: errors, the target first
        arbitrage: relations checked
        schema: which fields there are
        evidence: what the second schema adds; None in the first
    """

    problem: ProblemRecord
    surrogate: Digest
    key: KeyWords
    num_samples: Count
    confidence: Confidence
    reference_error: Size
    outputs: Annotated[
        tuple[Annotated[OutputErrors, AfterValidator(_in_order)], ...],
        Field(min_length=1, max_length=1000),
        AfterValidator(_with_band),
    ]
    arbitrage: Annotated[tuple[ArbitrageCheck, ...], Field(max_length=1000)]
    schema: Schema = "neuralrates.certificate/1"
    evidence: Evidence | None = None

    @property
    def error_band(self) -> float:
        """Half-width of the band that goes with a served price: the target's `bound_99`."""
        return self.outputs[0].bound_99

    @property
    def headline(self) -> Headline:
        """What of it goes with every price."""
        band = None if self.evidence is None else self.evidence.band
        guard = None if self.evidence is None else self.evidence.guard
        return Headline(
            self.surrogate,
            self.problem,
            self.error_band,
            None if band is None else band.band,
            None if guard is None else guard.nearness,
            CONSTANT if band is None else band.coverage_low,
        )

    def to_json(self) -> str:
        """The certificate as a JSON text."""
        return _JSON.dump_json(self, indent=2).decode() + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Certificate":
        """The certificate that a JSON text states.

        Raises:
            InputError: naming the first field that is missing, of another type or out of its range
        """
        try:
            return _JSON.validate_json(text)
        except pydantic.ValidationError as error:
            raise first_fault(error) from None

    def summary(self) -> str:
        """The certificate on a few lines, errors in basis points of notional."""
        lines = [
            f"{self.problem['name']}: {self.num_samples} fresh points, confidence {self.confidence:g}"
        ]
        lines += [_summary_of(output) for output in self.outputs]
        lines += [
            f"{check.relation}: broken at {check.fraction:.2%} of the points, "
            f"deepest {check.deepest / basis_point:.3f} bp"
            for check in self.arbitrage
        ]
        return "\n".join(lines)


def _summary_of(output: OutputErrors) -> str:
    named = ("mean", "quantile_99", "largest", "bound_99")
    numbers = ", ".join(f"{name} {getattr(output, name) / basis_point:.3f} bp" for name in named)
    greeks = ", ".join(f"{greek.input} {greek.relative:.2%}" for greek in output.greeks)
    return f"{output.output}: {numbers}" + (f"; Greeks {greeks}" if greeks else "")


_JSON = pydantic.TypeAdapter(Certificate)
