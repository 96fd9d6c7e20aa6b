"""A price that is no number, or is not known well enough, is a failure with a cause, never a row that says ok."""

from neuralrates.core.errors import RefusalError
from neuralrates.core.finite import fault_of_numbers
from neuralrates.core.units import basis_point
from neuralrates.desk.table import Row, failed

LARGEST_ERROR = 1.0 * basis_point
"""Of the notional; a price known less well is refused."""


def sound(row: Row) -> Row:
    """The row; that of a failure where a number of it is none, or its error is too large to mean anything.

    Args:
        row: of a trade that was priced, or could not be

    Returns:
        The same row, or one that says why it cannot stand.
    """
    if row.reason is not None:
        return row
    reason = _fault(row)
    return failed(row.trade, RefusalError(reason)) if reason else row


def _fault(row: Row) -> str:
    numbers = {"value": row.value, "error_band": row.error_band, **row.greeks}
    chances = {f"exercise_probability {day}": p for day, p in (row.probabilities or {}).items()}
    if fault := fault_of_numbers(numbers, chances):
        return fault
    error = row.error_band / row.trade.notional
    if error <= LARGEST_ERROR:
        return ""
    return (
        f"the numerical error, {error / basis_point:.3g} bp of notional, exceeds {LARGEST_ERROR / basis_point:.3g} bp on the "
        "finest grid"
    )
