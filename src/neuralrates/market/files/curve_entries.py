"""Curves of a market file: quotes or nodes of one floating rate each."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from neuralrates.core.checks import check_decimal, check_increasing
from neuralrates.market.bootstrapping.quotes import Quote, QuoteKind
from neuralrates.market.bootstrapping.rate_helpers import known_curve_indices
from neuralrates.market.curves.compounding import Compounding
from neuralrates.market.curves.zero_curve import check_nodes_apart

_FEW = 5


class Entry(BaseModel):
    """Base of all entries: strict types, finite numbers, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                raise ValueError(f"unknown key {key!r}, expected {', '.join(known)}")
        return data


class QuoteEntry(Entry):
    """One quote; decimals per year, a future as its price per 100. See `Quote`."""

    kind: QuoteKind
    tenor: str
    value: float
    start: str = ""
    convexity: float | None = None
    against: str = ""
    spread_on: str = ""

    @model_validator(mode="after")
    def _is_a_quote(self) -> "QuoteEntry":
        if self.convexity is not None and self.kind != "future":
            raise ValueError(f"expected no convexity for a quote of kind {self.kind!r}")
        self.quote("XXX")
        return self

    def quote(self, index: str) -> Quote:
        """The quote of this entry, in a curve of this index."""
        given = (self.tenor, self.value, self.start, self.convexity or 0.0)
        return Quote(self.kind, index, *given, self.against, self.spread_on)


class CurveEntry(Entry):
    """A curve of one index: `quotes` to bootstrap, or nodes as `times` (years) and `zero_rates` with their `compounding`."""

    index: str
    quotes: list[QuoteEntry] = []
    times: list[float] = []
    zero_rates: list[float] = []
    compounding: Compounding | None = None

    @model_validator(mode="after")
    def _is_a_curve(self) -> "CurveEntry":
        if self.index not in known_curve_indices():
            known = ", ".join(known_curve_indices())
            raise ValueError(f"expected an index among {known}, found {self.index!r}")
        if bool(self.quotes) == bool(self.times):
            raise ValueError("expected either quotes, or times and zero_rates")
        if self.compounding and self.quotes:
            raise ValueError("expected compounding only beside times and zero_rates")
        _check_distinct([entry.quote(self.index).name for entry in self.quotes])
        _check_nodes(self.times, self.zero_rates)
        return self


def _listed(given: Any) -> Any:
    """One curve as a list of one."""
    if given is None:
        return []
    return [given] if isinstance(given, dict) else given


ProjectionEntries = Annotated[list[CurveEntry], BeforeValidator(_listed)]
"""One curve, or a list of curves."""


def _check_distinct(names: list[str]) -> None:
    if repeats := repeated(names):
        raise ValueError(f"expected each quote once, found {repeats} again")


def repeated(names: Iterable[str]) -> str:
    """Names that occur more than once, between commas; the first few of many."""
    found = sorted(name for name, count in Counter(names).items() if count > 1)
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return ", ".join(found[:_FEW]) + more


def _check_nodes(times: list[float], zero_rates: list[float]) -> None:
    if len(times) != len(zero_rates):
        raise ValueError(f"expected one zero rate per time, found {len(zero_rates)}, {len(times)}")
    check_increasing("times", times)
    check_decimal("zero_rates", zero_rates)
    if times and times[0] <= 0.0:
        raise ValueError("Argument `times` must be positive.")
    check_nodes_apart(times)
