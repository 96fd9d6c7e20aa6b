"""Published rates of floating indices: files of fixings."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from neuralrates.conventions.swap import index_name, known_indices
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text
from neuralrates.market.files.ore_lines import read_line

_HEADER = ("date", "index", "fixing")
_LARGEST_RATE = 0.5


@door
@dataclass(frozen=True)
class IndexFixings:
    """Rates as they were published.

    Args:
        rates: decimals, by name of the index and date
        source: file they came from
    """

    rates: Mapping[str, Mapping[datetime.date, float]]
    source: str = "fixings"

    def rate(self, index: str, date: datetime.date) -> float | None:
        """Rate of an index published for a date, decimal; None where there is none."""
        return self.rates.get(index, {}).get(date)


@door
def load_fixings(path: str | Path) -> IndexFixings:
    """Published rates of a file.

    A line holds a date, the name of an index and its rate, a decimal, with commas, semicolons or spaces between them: a CSV
    with the header `date,index,fixing`, or the fixings of the Open Source Risk Engine. What is no floating rate known here
    (an equity, an inflation index) is read and never asked for.

    Args:
        path: file name

    Returns:
        The fixings.

    Raises:
        InputError: naming the line: malformed, a rate beyond 50 percent, or two rates for one date

    Example:
        >>> import datetime, pathlib, tempfile
        >>> import neuralrates as nr
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "fixings.csv"
        ...     _ = file.write_text("date,index,fixing\\n2024-03-18,USD-SOFR,0.0531\\n")
        ...     fixings = nr.market.load_fixings(file)
        >>> fixings.rate("USD-SOFR", datetime.date(2024, 3, 18))
        0.0531
    """
    path, rates = Path(path), dict[str, dict[datetime.date, float]]()
    first = True
    for number, raw in enumerate(read_text(path).split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if first and tuple(part.strip().lower() for part in line.split(",")) == _HEADER:
            first = False
            continue
        first = False
        try:
            _add(rates, line, number)
        except ValueError as problem:
            raise InputError(str(problem), file=path, line=number) from None
    if not rates:
        raise InputError("expected lines of date, index and rate, found none", file=path)
    return IndexFixings(rates, str(path))


def _add(rates: dict[str, dict[datetime.date, float]], line: str, number: int) -> None:
    """Add the rate of one line."""
    date, quote = read_line(line, number)
    index = index_name(quote.key)
    if index in known_indices() and abs(quote.value) > _LARGEST_RATE:
        raise ValueError(
            f"expected a decimal from -0.5 to 0.5 like 0.0531 for {index}, found {quote.value:g}"
        )
    known = rates.setdefault(index, {})
    if known.setdefault(date, quote.value) != quote.value:
        raise ValueError(
            f"expected one rate of {index} on {date}, found {known[date]:g} and {quote.value:g}"
        )
