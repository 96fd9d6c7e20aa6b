"""What a comparison with QuantLib says, in words."""

import pandas as pd

from neuralrates.desk.writers import records

COMPARED = ("agrees", "differs")
_BOUNDS = "bounds by simulation"


def sentence(comparison: pd.DataFrame) -> str:
    """What the comparison says, in one line; a trade that could not be compared does not count as good."""
    compared = comparison[comparison["status"].isin(COMPARED)]
    if compared.empty:
        return "QuantLib could price none of the trades."
    bounded = compared["method"].str.endswith(_BOUNDS)
    others = len(comparison) - int(bounded.sum())
    parts = [_by_quantlib(compared[~bounded], others, comparison.attrs["tolerance"])]
    parts += [_by_bounds(compared[bounded])]
    left_out = len(comparison) - len(compared)
    parts += [f"{left_out} could not be compared"] if left_out else []
    return "; ".join(filter(None, parts))


def _by_quantlib(compared: pd.DataFrame, trades: int, tolerance: float) -> str:
    if compared.empty:
        return ""
    worst = max(records(compared), key=lambda row: abs(row["difference"]))
    return (
        f"{_agreeing(compared)} of {trades} trades agree with QuantLib within {tolerance:g} bp of notional; largest difference "
        f"{abs(worst['difference']):.4f} bp ({worst['trade_id']})"
    )


def _by_bounds(compared: pd.DataFrame) -> str:
    """What is said of rights that no other code prices."""
    if compared.empty:
        return ""
    return (
        f"{_agreeing(compared)} of {len(compared)} rights on the forward curve, which QuantLib cannot price, agree with our "
        "own bounds by simulation within their bands and half of the gap"
    )


def _agreeing(compared: pd.DataFrame) -> int:
    return int((compared["status"] == "agrees").sum())


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
        other = "our bounds" if row["method"].endswith(_BOUNDS) else "QuantLib"
        return f"differs from {other} by {row['difference']:+.5f} bp of notional"
    return row["status"]
