"""A price that is no number, or is not known well enough, is a failure with a cause, never a row that says ok."""

from neuralrates.core.errors import RefusalError
from neuralrates.core.finite import fault_of_numbers
from neuralrates.core.units import basis_point
from neuralrates.desk.table import Row, failed
from neuralrates.engines.engine import LARGEST_ERROR


def sound(row: Row, largest_error: float = LARGEST_ERROR) -> Row:
    """The row; that of a failure where a number of it is none, or its error is too large to mean anything.

    Args:
        row: of a trade that was priced, or could not be
        largest_error: of the notional, beyond which it is too large

    Returns:
        The same row, or one that says why it cannot stand.
    """
    if row.reason is not None:
        return row
    reason = _fault(row, largest_error)
    return failed(row.trade, RefusalError(reason)) if reason else row


def _fault(row: Row, largest_error: float) -> str:
    numbers = {"value": row.value, "error_band": row.error_band, **row.greeks}
    chances = {f"exercise_probability {day}": p for day, p in (row.probabilities or {}).items()}
    if fault := fault_of_numbers(numbers, chances):
        return fault
    error = row.error_band / row.trade.notional
    if error <= largest_error:
        return ""
    return (
        f"the error band, {error / basis_point:.3g} bp of notional, exceeds {largest_error / basis_point:.3g} bp, to which a "
        "price is asked to be known"
    )
