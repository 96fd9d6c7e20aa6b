"""Market quotes of linear instruments: what curves are built from and par deltas refer to."""

import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from neuralrates.core.checks import check_choice, check_decimal
from neuralrates.core.doors import door

QuoteKind: TypeAlias = Literal["deposit", "ois", "future", "fra", "swap", "basis"]
QUOTE_KINDS: tuple[str, ...] = get_args(QuoteKind)

_TENOR = re.compile(r"([1-9]\d?Y)?([1-9]\d{0,2}[DWM])?")
_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")
_LARGEST_RATE = 0.5
_PRICES = (50.0, 150.0)


FIXED = "fixed"
"""Says of a basis swap that it is two swaps, and its spread the difference of their fixed rates."""


@door
@dataclass(frozen=True)
class Quote:
    """One quoted price of a standard instrument.

    Args:
        kind: `deposit`, `ois`, `future` (on three months of an overnight rate, or on a term rate of three months), `fra`,
            `swap`, or `basis` (one floating rate plus spread against another)
        index: floating rate it refers to, such as `USD-SOFR`
        tenor: length of the instrument, such as `10Y`, `18M` or `1Y6M`
        value: decimal per year; for a future its price per 100
        start: for a FRA how long from spot to its start, such as `6M`; for a future the month in which its reference
            quarter begins, such as `2024-06`
        convexity: for a future, its rate minus the forward rate it stands for, decimal per year
        against: for a basis swap the other floating rate, such as `EUR-EURIBOR-6M`; for an overnight rate that which its
            basis is mostly quoted against, where not given
        spread_on: for a basis swap the one of the two rates that the spread is paid over, that of the shorter period where
            not given; or `fixed`, where it is the swap rate against the longer period less that against the shorter one

    Example:
        >>> import neuralrates as nr
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "10Y", 0.0392)
        >>> quote.name, quote.unit
        ('USD-SOFR OIS 10Y', 'decimal per year')
    """

    kind: QuoteKind
    index: str
    tenor: str
    value: float
    start: str = ""
    convexity: float = 0.0
    against: str = ""
    spread_on: str = ""

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, QUOTE_KINDS)
        check_tenor("tenor", self.tenor)
        self._check_start()
        self._check_basis()
        self._check_value()

    @property
    def name(self) -> str:
        """Unique within a curve system, such as `EUR-EURIBOR-6M FRA 3M+6M`."""
        kind = self.kind.upper() if self.kind in ("ois", "fra") else self.kind
        against = f" against {self.against}" if self.against else ""
        return f"{self.index} {kind} {self.start}{'+' if self.start else ''}{self.tenor}{against}"

    @property
    def unit(self) -> str:
        """Unit of the value."""
        return "price per 100" if self.kind == "future" else "decimal per year"

    def _check_start(self) -> None:
        if self.kind == "fra":
            check_tenor("start", self.start)
        elif self.kind == "future" and not _MONTH.fullmatch(self.start):
            raise ValueError(f"Argument `start` must be a month (2024-06), but is {self.start!r}.")
        elif self.kind != "future" and self.start:
            raise ValueError(f"Argument `start` must be empty for a quote of kind {self.kind!r}.")

    def _check_basis(self) -> None:
        for name in ("against", "spread_on"):
            if getattr(self, name) and self.kind != "basis":
                raise ValueError(
                    f"Argument `{name}` must be left out for a quote of kind {self.kind!r}: only basis swaps have one."
                )
        if self.against == self.index:
            raise ValueError(f"Argument `against` must be another rate than {self.index}.")

    def _check_value(self) -> None:
        if self.convexity and self.kind != "future":
            raise ValueError(
                f"Argument `convexity` must be left out for a quote of kind {self.kind!r}: only futures have one."
            )
        for name in ("value", "convexity"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"Argument `{name}` must be finite, but is {getattr(self, name)}.")
        if self.kind == "future" and not _PRICES[0] < self.value < _PRICES[1]:
            raise ValueError(f"Argument `value` must be a price per 100, but is {self.value}.")
        check_decimal("convexity", self.convexity, _LARGEST_RATE)
        if self.kind != "future":
            check_decimal("value", self.value, _LARGEST_RATE)


def check_tenor(name: str, tenor: str) -> None:
    """Raise unless the tenor is one, such as `10Y`, `18M`, `2W`, `1D` or `1Y6M`."""
    if not tenor or not _TENOR.fullmatch(tenor):
        raise ValueError(f"Argument `{name}` must be a tenor (10Y, 18M, 2W), but is {tenor!r}.")


def tenor_years(tenor: str) -> float:
    """Nominal length of a tenor in years: months are twelfths, weeks and days Act/365.

    Example:
        >>> from neuralrates.market.bootstrapping.quotes import tenor_years
        >>> tenor_years("1Y6M")
        1.5
    """
    check_tenor("tenor", tenor)
    years = {"Y": 1.0, "M": 1.0 / 12.0, "W": 7.0 / 365.0, "D": 1.0 / 365.0}
    return sum(int(count) * years[unit] for count, unit in re.findall(r"(\d+)([YMWD])", tenor))
