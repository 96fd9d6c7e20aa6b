"""A bundle at work: the surrogate where its certificate holds, the reference everywhere else."""

from typing import Literal

import numpy as np
import pandas as pd

from neuralrates.bundles.bundle import Bundle
from neuralrates.bundles.prices import fill_from_reference, price_rows, rows
from neuralrates.core.doors import door
from neuralrates.core.finite import fault_of_numbers
from neuralrates.core.requests import check_engine
from neuralrates.core.types import ArrayLike

Engine = Literal["auto", "learned", "surrogate", "reference"]


@door
def serve(bundle: Bundle, x: ArrayLike, engine: Engine = "auto") -> pd.DataFrame:
    """Values, error bands and derivatives of a bundle's problem at any points.

    Args:
        bundle: surrogate, problem and certificate
        x: points, one a row, in the order and units of `bundle.domain`
        engine: `reference` never uses the surrogate; `auto` and `learned` use it at every point of its domain, and the
            reference at the others

    Returns:
        One row a point: value and error_band (currency per unit notional), engine, in_domain, `d <input>` for the
        derivative to each input, and status: `ok`, or which numbers are none. The band of a surrogate's price is its
        certificate's: with the stated confidence 99 percent of the domain lies within it; that of a reference's is its own
        error, one standard error where it simulates. A point where no model exists (a negative volatility) has no value,
        and a status that says so.

    Example:
        >>> import jax, neuralrates as nr
        >>> bundle = nr.bundles.load("bermudan")
        >>> table = nr.bundles.serve(bundle, bundle.domain.sample(jax.random.key(0), 3))
        >>> list(table.engine), bool((table.error_band < 1e-4).all())
        (['learned', 'learned', 'learned'], True)
    """
    asked, points = check_engine(engine), rows(bundle, x)
    prices = price_rows(bundle, points)
    learned = prices.in_domain & (asked != "reference")
    if not learned.all():
        fill_from_reference(bundle, points, prices, ~learned)
    table = pd.DataFrame(
        {
            "value": prices.value,
            "error_band": prices.error_band,
            "engine": np.where(learned, "learned", "reference"),
            "in_domain": prices.in_domain,
        }
    )
    greeks = pd.DataFrame(prices.derivatives, columns=[f"d {name}" for name in bundle.names])
    whole = pd.concat([table, greeks], axis=1)
    numbers = whole.drop(columns=["engine", "in_domain"])
    return whole.assign(
        status=[fault_of_numbers(row) or "ok" for row in numbers.to_dict("records")]
    )
