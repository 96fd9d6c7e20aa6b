"""QuantLib's global evaluation date, held by one thread at a time."""

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date

_ALONE = threading.RLock()


@contextmanager
def evaluation_date(date: datetime.date | ql.Date) -> Iterator[None]:
    """QuantLib with this evaluation date, for this thread alone; all its settings are as before on leaving.

    The date is global to the process, and so are the fixings of QuantLib's indices: whatever depends on either is made, read
    and finished within this context, the only place that sets them. Other threads wait their turn.

    Args:
        date: evaluation date

    Example:
        >>> import datetime
        >>> import QuantLib as ql
        >>> from neuralrates.conventions import evaluation_date
        >>> with evaluation_date(datetime.date(2024, 3, 19)):
        ...     print(ql.Settings.instance().evaluationDate.ISO())
        2024-03-19
    """
    with _ALONE, ql.SavedSettings():
        ql.Settings.instance().evaluationDate = (
            quantlib_date(date) if isinstance(date, datetime.date) else date
        )
        yield
