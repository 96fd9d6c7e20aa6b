"""A price that is no number is a failure with a cause, never a row that says ok."""

import math

from neuralrates.core.errors import CalibrationError
from neuralrates.desk.table import Row, failed

_MOST_NAMED = 3
_ROUNDING = 1e-6


def finite(row: Row) -> Row:
    """The row; that of a failure where a number of it is not finite, or a probability is none.

    Args:
        row: of a trade that was priced, or could not be

    Returns:
        The same row, or one that names the numbers.
    """
    if row.reason is not None:
        return row
    numbers = {"value": row.value, "error_band": row.error_band, **row.greeks}
    bad = [name for name, number in numbers.items() if not math.isfinite(number)]
    chances = row.probabilities or {}
    bad += [
        f"exercise_probability {date}"
        for date, chance in chances.items()
        if not -_ROUNDING <= chance <= 1.0 + _ROUNDING
    ]
    if not bad:
        return row
    more = f" and {len(bad) - _MOST_NAMED} more" if len(bad) > _MOST_NAMED else ""
    cause = f"expected finite numbers and probabilities from 0 to 1, found none in {', '.join(bad[:_MOST_NAMED])}{more}"
    return failed(row.trade, CalibrationError(cause))
