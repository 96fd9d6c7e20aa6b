"""Numbers and words of the dossier as people read them."""

import math
import re

from markupsafe import Markup

from neuralrates.core.units import basis_point

_DIGITS = 2
_CODE = re.compile("`([^`]*)`")


def in_basis_points(size: float | None) -> str:
    """A price or an error per unit notional, in basis points with two significant digits.

    Example:
        >>> from neuralrates.certificates.dossier.numerals import in_basis_points
        >>> [in_basis_points(size) for size in (2.4e-05, 1.234e-07, 0.0123, 0.0, None)]
        ['0.24', '0.0012', '123', '0', '–']
    """
    return "–" if size is None else _significant(size / basis_point, _DIGITS)


def percent(share: float | None) -> str:
    """A share in percent; shares near one keep what sets them apart from it.

    Example:
        >>> from neuralrates.certificates.dossier.numerals import percent
        >>> [percent(share) for share in (0.5, 0.98765, 0.99995, 0.00012, 1.0)]
        ['50%', '98.77%', '99.995%', '0.012%', '100%']
    """
    if share is None:
        return "–"
    rest = min(share, 1.0 - share)
    if rest <= 0.0:
        return f"{100.0 * share:.0f}%"
    digits = max(2, 1 - math.floor(math.log10(100.0 * rest)))
    return _without_zeros(f"{100.0 * share:.{min(digits, 6)}f}") + "%"


def rough_percent(share: float) -> str:
    """An estimate of a share: whole percents."""
    return f"{100.0 * share:.0f}%"


def plain(value: float) -> str:
    """An input with three significant digits and a true minus sign.

    Example:
        >>> from neuralrates.certificates.dossier.numerals import plain
        >>> [plain(value) for value in (-0.012345, 3.0, 12345.678, 1e-9)]
        ['−0.0123', '3', '12,346', '1.00e−09']
    """
    return _without_zeros(_significant(value, 3))


def marked(words: str) -> Markup:
    """Words with what stands between backticks as code.

    Example:
        >>> from neuralrates.certificates.dossier.numerals import marked
        >>> print(marked("see `a.py` & more"))
        see <code>a.py</code> &amp; more
    """
    return Markup(_CODE.sub(r"<code>\1</code>", str(Markup.escape(words))))


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _significant(value: float, digits: int) -> str:
    """So many significant digits, written out where they are few enough to read."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else "–"
    power = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    written_out = f"{value:,.{max(digits - 1 - power, 0)}f}"
    text = written_out if -4 <= power <= 8 else f"{value:.{digits - 1}e}"
    return text.replace("-", "\u2212")
