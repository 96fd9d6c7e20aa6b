"""What of a certificate goes with every price: to be read without the rest of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neuralrates.core.units import ROUNDING

CONSTANT = 0.99
"""Share of the law that the constant band is the bound of."""


@dataclass(frozen=True)
class Headline:
    """What a bundle is served by and checked against.

    Args:
        surrogate: SHA-256 of its arrays and of its record
        problem: name, domain and reference settings, as in `Problem.record`
        error_band: half-width of the constant band, per unit notional
        band: SHA-256 of the band that varies; None where it is constant
        nearness: SHA-256 of the distance from the distribution; None where the box is all that is asked
        coverage: share of the certified law that lies within the band at least, at the certificate's confidence
    """

    surrogate: str
    problem: Mapping[str, Any]
    error_band: float
    band: str | None
    nearness: str | None
    coverage: float = CONSTANT

    @classmethod
    def of(cls, stated: Any) -> "Headline | None":
        """Of what the JSON of a certificate states, whose other fields nobody has checked; None where it cannot be read so."""
        try:
            evidence = stated.get("evidence") or {}
            band, guard = evidence.get("band"), evidence.get("guard")
            found = cls(
                stated["surrogate"],
                stated["problem"],
                stated["outputs"][0]["bound_99"],
                None if band is None else band["band"],
                None if guard is None else guard["nearness"],
                CONSTANT if band is None else band["coverage_low"],
            )
        except (AttributeError, IndexError, KeyError, TypeError):
            return None
        match found:
            case Headline(problem=dict(), error_band=float(band), coverage=float(share)):
                return found if ROUNDING <= band < math.inf and 0.0 < share < 1.0 else None
        return None
