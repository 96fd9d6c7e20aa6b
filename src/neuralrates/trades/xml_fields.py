"""Fields of a trade in XML, each read once: what is not read stops the trade by its name."""

import datetime
import math
import re

from neuralrates.core.errors import InputError
from neuralrates.core.xml import Element
from neuralrates.trades.fields import shown

_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_TRUE, _FALSE = ("true", "y", "yes", "1"), ("false", "n", "no", "0")


class Fields:
    """The children of an element, taken one by one.

    Args:
        element: of the file
        path: names of the elements around it, from that of the trade's data on
    """

    def __init__(self, element: Element, path: str = "") -> None:
        self.element = element
        self.path = f"{path}/{element.name}" if path else element.name
        self._left: dict[str, list[Element]] = {}
        for child in element.children:
            self._left.setdefault(child.name, []).append(child)

    def fault(self, name: str, expected: str) -> InputError:
        """The error of a field, in the words of what was expected."""
        return InputError(expected, column=f"{self.path}/{name}" if name else self.path)

    def has(self, name: str) -> bool:
        """Whether a child of a name is left to be read."""
        return name in self._left

    def elements(self, name: str) -> list[Element]:
        """All children of a name."""
        return self._left.pop(name, [])

    def inner(self, name: str) -> "Fields":
        """The one child of a name, as fields of its own; it must be there."""
        found = self.optional(name)
        if found is None:
            raise self.fault(name, "expected it once, found nothing")
        return found

    def optional(self, name: str) -> "Fields | None":
        """The one child of a name, as fields of its own; None where there is none."""
        found = self.elements(name)
        if len(found) > 1:
            raise self.fault(name, f"expected it once, found it {len(found)} times")
        return Fields(found[0], self.path) if found else None

    def text(self, name: str, default: str | None = None) -> str:
        """Text of the one child of a name, or a default where it is empty or missing."""
        found = self.optional(name)
        if found is not None and found.element.children:
            raise self.fault(name, "expected a value, found elements")
        value = "" if found is None else found.element.text
        if not value and default is None:
            raise self.fault(name, "expected a value, found nothing")
        return value or str(default)

    def number(self, name: str, default: float | None = None) -> float:
        """Number of the one child of a name."""
        value = self.text(name, None if default is None else repr(default))
        return self.as_number(name, value)

    def as_number(self, name: str, value: str) -> float:
        """A text of a field as a number."""
        if not re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?|[-+]?[0-9]+\.", value):
            raise self.fault(name, f"expected a number, found {shown(value)}")
        if not math.isfinite(float(value)):
            raise self.fault(name, f"expected a number, found {shown(value)}")
        return float(value)

    def whole(self, name: str) -> int:
        """Whole number of the one child of a name, of days or of months."""
        value = self.text(name)
        if not re.fullmatch(r"[-+]?[0-9]{1,4}", value):
            raise self.fault(name, f"expected a whole number, found {shown(value)}")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Truth of the one child of a name."""
        value = self.text(name, str(default)).lower()
        if value not in (*_TRUE, *_FALSE):
            raise self.fault(name, f"expected true or false, found {shown(value)}")
        return value in _TRUE

    def choice(self, name: str, choices: dict[str, str], default: str | None = None) -> str:
        """What the text of a field stands for among some, whatever its case."""
        value = self.text(name, default)
        known = {key.lower(): meaning for key, meaning in choices.items()}
        if value.lower() not in known:
            raise self.fault(name, f"expected {' or '.join(choices)}, found {shown(value)}")
        return known[value.lower()]

    def date(self, name: str) -> datetime.date:
        """Date of the one child of a name."""
        return self.as_date(name, self.text(name))

    def as_date(self, name: str, value: str) -> datetime.date:
        """A text of a field as a date, 2024-03-21 or 20240321."""
        found = _DATE.fullmatch(value)
        try:
            return datetime.date(*map(int, found.groups())) if found else self._no_date(name, value)
        except ValueError:
            return self._no_date(name, value)

    def own_date(self) -> datetime.date:
        """The element itself as a date."""
        self.done()
        return self.as_date("", self.element.text)

    def _no_date(self, name: str, value: str) -> datetime.date:
        raise self.fault(name, f"expected a date like 2024-03-21, found {shown(value)}")

    def nothing_of(self, *names: str, unless: tuple[str, ...] = ()) -> None:
        """Refuse fields that say something, other than some texts that change nothing."""
        for name in names:
            for element in self.elements(name):
                if element.children or (element.text and element.text.lower() not in unless):
                    found = shown(element.text) if element.text else "it"
                    raise self.fault(
                        name, f"this is not priced here: expected nothing, found {found}"
                    )

    def ignored(self, *names: str) -> None:
        """Fields that change no value."""
        for name in names:
            self.elements(name)

    def done(self) -> None:
        """Refuse what is left and says something."""
        self.nothing_of(*self._left)
