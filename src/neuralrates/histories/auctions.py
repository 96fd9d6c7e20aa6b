"""Results of US Treasury auctions, and the index of floating rate notes that they set."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text

_COLUMNS = {
    "CUSIP": "cusip",
    "Security Type": "kind",
    "Security Term": "term",
    "Auction Date": "auction_date",
    "Issue Date": "issue_date",
    "Maturity Date": "maturity_date",
    "Price per $100": "price",
}
_DATES = ("auction_date", "issue_date", "maturity_date")
_PER_HUNDRED = 0.01


def load_auctions(path: str | Path) -> pd.DataFrame:
    """Auction results as TreasuryDirect names their columns.

    Args:
        path: CSV with the columns CUSIP, Security Type, Security Term, Auction Date, Issue Date, Maturity Date and Price per
            $100; others are passed over

    Returns:
        Columns `cusip`, `kind`, `term`, `auction_date`, `issue_date`, `maturity_date` and `price`, per unit face value and NaN
        where none is given; sorted by auction date.

    Raises:
        InputError: naming file, line and column

    Example:
        >>> import pathlib, tempfile, neuralrates as nr
        >>> names = "CUSIP,Security Type,Security Term,Auction Date,Issue Date,Maturity Date,Price per $100"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "auctions.csv"
        ...     _ = path.write_text(names + "\\nX,Bill,13-Week,2020-03-02,2020-03-05,2020-06-04,99.70804\\n")
        ...     auctions = nr.histories.load_auctions(path)
        >>> print(f"{auctions.price.iloc[0]:.7f} {nr.histories.bill_index(auctions).iloc[0]:.6f}")
        0.9970804 0.011584
    """
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(path), newline="")))
    except csv.Error as problem:
        raise InputError(f"cannot be read as CSV: {problem}", file=path) from None
    for name in _COLUMNS:
        if not rows or name not in rows[0]:
            raise InputError("expected this column and at least one row", file=path, column=name)
    read = [_row(row, path, line) for line, row in enumerate(rows, start=2)]
    return pd.DataFrame(read).sort_values("auction_date", kind="stable", ignore_index=True)


def _row(row: dict[str, str], path: str | Path, line: int) -> dict[str, object]:
    cells: dict[str, object] = {new: row[old] for old, new in _COLUMNS.items()}
    for old, new in _COLUMNS.items():
        if new in _DATES:
            cells[new] = pd.to_datetime(row[old], format="%Y-%m-%d", errors="coerce")
            if pd.isna(cells[new]):
                raise InputError(
                    f"expected a date such as 2020-03-02, found {row[old]!r}",
                    file=path,
                    line=line,
                    column=old,
                )
    text = row["Price per $100"]
    price = pd.to_numeric(text or "nan", errors="coerce")
    if (text and pd.isna(price)) or not (pd.isna(price) or 10.0 < price < 300.0):
        raise InputError(
            f"expected a price per 100, found {text!r}",
            file=path,
            line=line,
            column="Price per $100",
        )
    return cells | {"price": _PER_HUNDRED * price}


def bill_index(auctions: pd.DataFrame) -> pd.Series:
    """Index of Treasury floating rate notes: each 13-week bill auction's rate as simple interest, actual over 360.

    $(1/P - 1) \\cdot 360 / d$ for a bill of d days sold at P per unit.

    Args:
        auctions: as `load_auctions` reads them

    Returns:
        Decimals by auction date; auctions without a price are left out.

    Source: 31 CFR 356, appendix B, section I.D.
    """
    bills = auctions[(auctions.kind == "Bill") & (auctions.term == "13-Week")]
    bills = bills[bills.price.notna()]
    days = (bills.maturity_date - bills.issue_date).dt.days
    rates = (1.0 / bills.price - 1.0) * 360.0 / days
    index = pd.DatetimeIndex(bills.auction_date, name="Date")
    return pd.Series(np.asarray(rates), index=index, name="bill_13w")
