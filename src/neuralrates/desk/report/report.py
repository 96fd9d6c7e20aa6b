"""The report: one HTML file that needs nothing else, for the eyes of whoever holds the book."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from neuralrates.core.files import atomic_write
from neuralrates.core.pages import page_environment
from neuralrates.desk.report.charts import ExerciseAxis, shade
from neuralrates.desk.report.content import (
    error_band_in_basis_points,
    ladders,
    matrices,
    present_totals,
    totals,
)
from neuralrates.desk.report.numerals import amount, signed, whole
from neuralrates.desk.run_record import RunRecord
from neuralrates.desk.writers import records


def render(table: pd.DataFrame, record: RunRecord, check: pd.DataFrame | None = None) -> str:
    """The report of a priced book.

    Args:
        table: one row a trade, as `neuralrates.price` returns it
        record: what it was made from
        check: comparison with QuantLib, as `verify` returns it, where it was made

    Returns:
        HTML with its style and drawings inside.
    """
    priced = table[table["status"] == "ok"]
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            record=record,
            trades=records(table),
            priced=len(priced),
            totals=totals(priced),
            largest_error=error_band_in_basis_points(priced) if len(priced) else None,
            engines=sorted(set(priced["engine"])),
            greeks=present_totals(table),
            units=table.attrs.get("units", {}),
            axis=ExerciseAxis.of(record.valuation_date, priced["exercise_probability"]),
            ladders=ladders(priced, "par_delta") or ladders(priced, "zero_delta"),
            ladder_name="Par deltas" if "par_delta" in table.columns else "Zero deltas",
            matrices=matrices(priced),
            check=None if check is None else records(check),
            tolerance=None if check is None else check.attrs["tolerance"],
        )
    )


def write_report(
    table: pd.DataFrame, record: RunRecord, path: str | Path, check: pd.DataFrame | None = None
) -> None:
    """Write the report of a priced book, whole or not at all."""
    atomic_write(path, render(table, record, check))


def _setting(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)


def _environment() -> jinja2.Environment:
    environment = page_environment("neuralrates.desk.report")
    environment.filters |= {"amount": amount, "whole": whole, "signed": signed, "setting": _setting}
    environment.globals |= {"shade": shade}
    return environment
