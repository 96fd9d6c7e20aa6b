"""What a comparison with QuantLib says, in words."""

import pandas as pd

from neuralrates.desk.writers import records

COMPARED = ("agrees", "differs")


def sentence(comparison: pd.DataFrame) -> str:
    """What the comparison says, in one line; a trade that could not be compared does not count as good."""
    compared = comparison[comparison["status"].isin(COMPARED)]
    if compared.empty:
        return "QuantLib could price none of the trades."
    worst = max(records(compared), key=lambda row: abs(row["difference"]))
    agree, left_out = int((compared["status"] == "agrees").sum()), len(comparison) - len(compared)
    return (
        f"{agree} of {len(comparison)} trades agree with QuantLib within {comparison.attrs['tolerance']:g} bp of notional; "
        f"largest difference {abs(worst['difference']):.4f} bp ({worst['trade_id']})"
        + (f"; {left_out} could not be compared" if left_out else "")
    )


def agrees(comparison: pd.DataFrame) -> bool:
    """Whether every trade was compared and agrees."""
    return bool((comparison["status"] == "agrees").all())


def objections(comparison: pd.DataFrame) -> list[str]:
    """A line for every priced trade that differs or could not be compared."""
    return [
        f"trade {row['trade_id']}: {_objection(row)}"
        for row in records(comparison)
        if row["status"] != "agrees" and not row["status"].startswith("not priced")
    ]


def _objection(row: dict) -> str:
    if row["status"] == "differs":
        return f"differs from QuantLib by {row['difference']:+.5f} bp of notional"
    return row["status"]
