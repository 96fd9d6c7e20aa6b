"""One Bermudan from sliders: price, band, ladder and exercise probabilities, exact or learned."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from neuralrates.core.schema import first_fault
from neuralrates.core.units import basis_point
from neuralrates.desk.pricing import price as price_book
from neuralrates.desk.writers import records
from neuralrates.server.desk_answers import DeskAnswer, again
from neuralrates.server.faults import bad, without_paths
from neuralrates.server.json_bodies import read_json, write_json
from neuralrates.server.slider_market import INDEX, NODES, SliderTrade
from neuralrates.trades.book import Book

_TOTALS = ("vega", "gamma", "theta", "mean_reversion")
_DELTA = "zero_delta"
_MODEL = "one_factor"


def price(body: bytes, demotion: Callable[[str], str]) -> DeskAnswer:
    """The answer to a request for the price of one trade.

    Args:
        body: JSON of a `SliderTrade`
        demotion: why the learned engines of a model may not answer; empty where they may

    Returns:
        The body of the answer, the desk's table it comes from, and the trade by the reference.

    Raises:
        FaultError: naming the field
        NeuralratesError: of the desk
    """
    asked = _asked(read_json(body))
    demoted = demotion(_MODEL) if asked.engine != "reference" else ""
    if demoted:
        asked = asked.model_copy(update={"engine": "reference"})
    book, market = Book((asked.trade(),)), asked.market()
    settings: dict[str, Any] = {"engine": asked.engine, "mean_reversion": asked.mean_reversion}
    table = price_book(book, market, greeks=asked.greeks, **settings)
    (row,) = records(table)
    reasons = [demoted] if demoted else table.attrs["passed_over"].get(row["trade_id"], ())
    content = {
        "valuation_date": asked.valuation_date.isoformat(),
        "kind": row["kind"],
        "side": asked.side,
        "notional": asked.notional,
        "value": row["value"],
        "value_bp": row["value"] / asked.notional / basis_point,
        "error_band": row["error_band"],
        "error_band_bp": row["error_band"] / asked.notional / basis_point,
        "engine": row["engine"],
        "in_domain": row["in_domain"],
        "passed_over": without_paths(reasons[-1]) if reasons else None,
        "exercise_probability": row["exercise_probability"],
        "greeks": {name: row[name] for name in _TOTALS if name in row},
        "curve": {"times": list(NODES), "zero_rates": np.ascontiguousarray(asked.zero_rates())},
        "units": _units(table),
    }
    if _DELTA in row:
        content["greeks"][_DELTA] = row[_DELTA]
        content["zero_deltas"] = _ladder(row)
    return DeskAnswer(write_json(content), table, again(book, market, **settings))


def _asked(document: Mapping[str, Any]) -> SliderTrade:
    try:
        return SliderTrade.model_validate(document)
    except ValidationError as error:
        fault = first_fault(error)
        raise bad(fault.expected, fault.column) from None


def _ladder(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Delta by node of the curve, in years."""
    deltas = (row[f"{_DELTA} {INDEX} zero rate {years:.4f}Y"] for years in NODES)
    return [{"years": t, "delta": d} for t, d in zip(NODES, deltas, strict=True)]


def _units(table: pd.DataFrame) -> dict[str, str]:
    units = table.attrs["units"]
    named = (*_TOTALS, _DELTA, "value", "error_band", "exercise_probability")
    in_bp = dict.fromkeys(("value_bp", "error_band_bp"), "basis points of notional")
    return {name: units[name] for name in named if name in units} | in_bp
