"""Daily Treasury par yields from a long table of several currencies."""

import lzma
from pathlib import Path

import pandas as pd

from neuralrates.core.errors import InputError

_WANTED = ("DATE", "CURRENCY", "MONTHS", "VALUE")


def load_par_yields(path: str | Path, currency: str = "USD") -> pd.DataFrame:
    """Par yields of one currency by day and maturity.

    Args:
        path: CSV, also compressed with xz, with columns DATE, CURRENCY, MONTHS and VALUE; decimals, continuous, act/365
        currency: ISO code

    Returns:
        Decimals; a row per day, a column per maturity in months, NaN where a maturity has no value.

    Raises:
        InputError: naming the file, and the column that is missing or holds something else
    """
    try:
        table = pd.read_csv(path, usecols=list(_WANTED), dtype=str)
    except (OSError, ValueError, lzma.LZMAError, EOFError) as problem:
        reason = str(problem).partition("\n")[0]
        raise InputError(f"expected columns {', '.join(_WANTED)}: {reason}", file=path) from None
    chosen = table[(currency == table.CURRENCY) & (table.MONTHS != "0")]
    if chosen.empty:
        raise InputError(f"expected yields in {currency}, found none", file=path)
    days = pd.to_datetime(chosen.DATE, format="%Y-%m-%d", errors="coerce")
    months = pd.to_numeric(chosen.MONTHS, errors="coerce")
    values = pd.to_numeric(chosen.VALUE, errors="coerce")
    for name, column in (("DATE", days), ("MONTHS", months), ("VALUE", values)):
        if column.isna().any():
            line = int(chosen.index[column.isna()][0]) + 2
            raise InputError("expected a value", file=path, line=line, column=name)
    flat = pd.DataFrame({"Date": days, "months": months.astype(int), "value": values})
    return flat.pivot_table(index="Date", columns="months", values="value").sort_index()
