"""What is known of one bundle at work: its checks, its alarms and its latest errors."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import pydantic
from pydantic import ConfigDict, Field

from neuralrates.certificates.sequential import log_evidence

FALSE_ALARM = 1e-3
"""Probability at most that a bundle which keeps its certificate's word is ever demoted; the same of an alarm of drift."""
OUTSIDE = 0.05
"""Share of points outside the domain from which the requests are no longer those that were certified for."""
ALARM = -math.log(FALSE_ALARM)
"""Logarithm of the evidence that is an alarm."""
LARGEST = sys.float_info.max
"""Error of a learned price that is no number: records are of finite numbers."""
_RECENT = 500
_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
Count = Annotated[int, Field(ge=0)]
Size = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(gt=0.0, lt=1.0)]


class Check(NamedTuple):
    """One price held against the reference.

    Args:
        when: seconds since 1970
        error: absolute difference, per unit notional; `LARGEST` where the learned price is no number
        allowed: the band, and the reference's own error
    """

    when: float
    error: float
    allowed: float


@pydantic.with_config(_STRICT)
@dataclass(frozen=True)
class Record:
    """Everything that is kept of a bundle.

    Args:
        surrogate: digest that its certificate states; another surrogate under the same name begins anew
        allowed: share of errors beyond the band that the certificate allows, as it was at the latest check
        checked: prices held against the reference
        beyond: of these, how many were off by more than allowed
        evidence: largest logarithm of the evidence against the certificate that there ever was
        demoted: when that reached the alarm, seconds since 1970; none where it has not
        rows: points that were asked for
        outside: of these, how many the domain or its guard did not let in
        drift: largest logarithm of the evidence that requests leave the domain too often
        drifted: when that reached the alarm; none where it has not
        recent: the latest checks: when, error, allowed
    """

    surrogate: str
    allowed: Share = 0.01
    checked: Count = 0
    beyond: Count = 0
    evidence: float = 0.0
    demoted: float | None = None
    rows: Count = 0
    outside: Count = 0
    drift: float = 0.0
    drifted: float | None = None
    recent: Annotated[tuple[tuple[float, Size, Size], ...], Field(max_length=_RECENT)] = ()

    def after(self, checks: Sequence[Check]) -> "Record":
        """The record with more checks; each is looked at by itself, as the test allows."""
        now = self
        for check in checks:
            beyond = now.beyond + (check.error > check.allowed)
            evidence = log_evidence(beyond, now.checked + 1, now.allowed)
            is_alarm = now.demoted is None and evidence >= ALARM
            now = replace(
                now,
                checked=now.checked + 1,
                beyond=beyond,
                evidence=max(now.evidence, evidence),
                demoted=check.when if is_alarm else now.demoted,
                recent=(*now.recent, (check.when, check.error, check.allowed))[-_RECENT:],
            )
        return now

    def asked(self, rows: int, outside: int, when: float) -> "Record":
        """The record with more points asked for, so many of them outside the domain."""
        rows, outside = self.rows + rows, self.outside + outside
        drift = log_evidence(outside, rows, OUTSIDE)
        is_alarm = self.drifted is None and drift >= ALARM
        return replace(
            self,
            rows=rows,
            outside=outside,
            drift=max(self.drift, drift),
            drifted=when if is_alarm else self.drifted,
        )

    @property
    def reason(self) -> str:
        """Why the bundle is demoted, in words; empty where it is not."""
        if self.demoted is None:
            return ""
        return (
            f"{self.beyond} of {self.checked} prices rechecked were beyond the certified band, which allows "
            f"{self.allowed:.2%} of them (false-alarm rate {FALSE_ALARM:g}); the reference answers"
        )
