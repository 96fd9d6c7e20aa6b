"""What a certificate states: plain numbers, prices and errors as decimals per unit notional."""

from dataclasses import dataclass
from typing import Any

import pydantic

from neuralrates.core.errors import InputError
from neuralrates.core.units import basis_point


@dataclass(frozen=True)
class GreekErrors:
    """Error of the derivatives to one input, in units of price per unit of the input.

    Args:
        input: name of the input
        mean_size: mean of the absolute derivative, by the reference
        mean_error: mean absolute error
        quantile_99: absolute error that 99 percent of the points stay below
    """

    input: str
    mean_size: float
    mean_error: float
    quantile_99: float

    @property
    def relative(self) -> float:
        """Mean error over mean size."""
        return self.mean_error / self.mean_size if self.mean_size > 0.0 else float("inf")


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

    output: str
    mean: float
    root_mean_square: float
    median: float
    quantile_95: float
    quantile_99: float
    largest: float
    bound_99: float
    bound_999: float | None
    worst_point: tuple[float, ...]
    greeks: tuple[GreekErrors, ...]


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

    relation: str
    fraction: float
    bound: float
    deepest: float
    tolerance: float


@dataclass(frozen=True)
class Certificate:
    """Evidence about one surrogate on one domain, measured at points it has never seen.

    Args:
        problem: name, domain and reference settings, as in `Problem.record`
        surrogate: SHA-256 of its arrays
        key: data of the key that drew the points
        num_samples: how many points
        confidence: of every bound
        reference_error: largest error estimate that the reference gave at the points
        outputs: errors, the target first
        arbitrage: relations checked
    """

    problem: dict[str, Any]
    surrogate: str
    key: tuple[int, ...]
    num_samples: int
    confidence: float
    reference_error: float
    outputs: tuple[OutputErrors, ...]
    arbitrage: tuple[ArbitrageCheck, ...]

    @property
    def error_band(self) -> float:
        """Half-width of the band that goes with a served price: the target's `bound_99`."""
        return self.outputs[0].bound_99

    def to_json(self) -> str:
        """The certificate as a JSON text."""
        return _JSON.dump_json(self, indent=2).decode() + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Certificate":
        """The certificate that a JSON text states."""
        try:
            return _JSON.validate_json(text)
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise InputError(f"certificate: {first['msg']}", column=field) from None

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
