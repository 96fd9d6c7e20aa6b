"""What the models of an exposure run were calibrated to."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neuralrates.exposures.currency_model import coterminal_quotes
from neuralrates.exposures.prepared import Prepared
from neuralrates.market.market import Market

COLUMNS = (
    "netting_sets",
    "currency",
    "mean_reversion",
    "expiry",
    "tenor",
    "strike",
    "quoted_volatility",
    "short_rate_volatility",
)


def models_table(runs: Sequence[Prepared], market: Market) -> pd.DataFrame:
    """A row for each European swaption that a model meets: `all` netting sets, or the one whose trades it was calibrated for.

    Args:
        runs: one for all netting sets, or one for each
        market: that the models were calibrated to

    Returns:
        Expiries and tenors in years, volatilities per square root of year; the short rate's up to the expiry, that of the last
        also after it. A model that was stated has one row without a quote.
    """
    rows = []
    for run in runs:
        names = "all" if len(runs) == 1 else run.netting_sets[0].netting_set
        for currency, model in run.models.items():
            volatilities = np.asarray(model.model.volatility)
            head = (names, currency, model.mean_reversion)
            if currency in run.stated:
                rows.append((*head, *[np.nan] * 4, float(volatilities[0])))
                continue
            product, read = coterminal_quotes(
                market[currency], model.mean_reversion, model.calibrated_to
            )
            expiries = np.asarray(product.exercise_times)
            tenors = float(np.asarray(product.flow_times)[-1]) - expiries
            rows += [
                (*head, *map(float, own))
                for own in zip(
                    expiries,
                    tenors,
                    np.full(expiries.size, float(product.strike)),
                    read.value,
                    volatilities,
                    strict=True,
                )
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
