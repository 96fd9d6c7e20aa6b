"""Small drawings for the report: bars on one time axis as inline SVG, shades for tables of numbers."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH, _HEIGHT, _BAR, _MARGIN = 250.0, 30.0, 4.0, 16.0
_MOST_TICKS = 7
_UP, _DOWN = "37, 99, 178", "190, 75, 35"


@dataclass(frozen=True)
class ExerciseAxis:
    """One axis of time and one of probability for the exercises of all trades, so that bars can be compared.

    Args:
        start: left end, the valuation date
        end: right end, the last exercise date of all
        top: largest probability of all
    """

    start: datetime.date
    end: datetime.date
    top: float

    @classmethod
    def of(
        cls, valuation_date: str, trades: Iterable[Mapping[str, float] | None]
    ) -> "ExerciseAxis":
        """Axes on which the probabilities of all trades find room."""
        start = datetime.date.fromisoformat(valuation_date)
        shown = [probabilities for probabilities in trades if probabilities]
        dates = [datetime.date.fromisoformat(date) for one in shown for date in one]
        top = max((chance for one in shown for chance in one.values()), default=1.0)
        return cls(start, max(dates, default=start), max(top, 1e-12))

    def bars(self, probabilities: Mapping[str, float]) -> Markup:
        """A bar per exercise date; each names its date and probability when pointed at."""
        drawn = [self._tick(year) for year in self._years()]
        drawn += [self._bar(date, chance) for date, chance in probabilities.items()]
        return _picture("exercise probabilities", _HEIGHT, drawn)

    def labels(self) -> Markup:
        """Years below which the bars stand."""
        text = '<text x="{}" y="11" text-anchor="middle">{}</text>'
        years = self._years()
        return _picture(
            "years", 14.0, [Markup(text).format(f"{self._at(_january(y)):.1f}", y) for y in years]
        )

    def _years(self) -> range:
        first, last = self.start.year + 1, self.end.year
        step = next(n for n in (1, 2, 5, 10, 20, 50) if (last - first) / n <= _MOST_TICKS)
        return range(first + (-first) % step, last + 1, step)

    def _at(self, date: datetime.date) -> float:
        length = max((self.end - self.start).days, 1)
        return _MARGIN + (_WIDTH - 2.0 * _MARGIN) * (date - self.start).days / length

    def _tick(self, year: int) -> Markup:
        line = '<line x1="{0}" x2="{0}" y1="0" y2="{1}"/>'
        return Markup(line).format(f"{self._at(_january(year)):.1f}", f"{_HEIGHT:.0f}")

    def _bar(self, date: str, chance: float) -> Markup:
        left = self._at(datetime.date.fromisoformat(date)) - 0.5 * _BAR
        height = max(1.0, chance / self.top * _HEIGHT)
        bar = '<rect x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
        places = (f"{number:.1f}" for number in (left, _HEIGHT - height, _BAR, height))
        return Markup(bar).format(*places, f"{date}: {chance:.1%}")


def shade(value: float, largest: float) -> str:
    """Background of a number: blue above zero, rust below, deeper where larger."""
    if not largest > 0.0 or value != value:
        return "transparent"
    depth = 0.06 + 0.6 * min(abs(value) / largest, 1.0) if value else 0.0
    return f"rgba({_UP if value > 0.0 else _DOWN}, {depth:.2f})"


def _january(year: int) -> datetime.date:
    return datetime.date(year, 1, 1)


def _picture(name: str, height: float, parts: list[Markup]) -> Markup:
    svg = '<svg class="bars" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    return Markup(svg).format(f"{_WIDTH:.0f}", f"{height:.0f}", name, Markup("").join(parts))
